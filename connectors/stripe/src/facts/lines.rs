//! All lines of an account's invoices, each once, by subscription.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Applied, Invoice, Line};

/// What invoices and pending invoice items say.
#[derive(Default)]
pub(super) struct Evidence {
    lines: Vec<Line>,
    items: Vec<Line>,
    discounts: BTreeMap<String, Applied>,
}

/// What they say about one subscription.
#[derive(Default)]
pub(super) struct ContractLines {
    /// In the order in which things happened.
    pub(super) lines: Vec<Line>,
    /// Discounts that took something off those lines, by id.
    pub(super) discounts: BTreeMap<String, Applied>,
}

impl Evidence {
    pub(super) fn add_invoice(&mut self, invoice: Invoice) {
        self.lines.extend(invoice.lines);
        for discount in invoice.discounts {
            self.discounts.entry(discount.id.clone()).or_insert(discount);
        }
    }

    pub(super) fn add_item(&mut self, item: Line) {
        self.items.push(item);
    }

    /// The lines of each subscription that is known or named, but for those of `without`.
    ///
    /// An invoice item is used as the line that it became, or by itself while it waits, or when
    /// its invoice is a draft or void: the change that it speaks of happened all the same.
    pub(super) fn by_subscription<'a>(
        self,
        known: impl Iterator<Item = &'a str>,
        without: &BTreeSet<&str>,
    ) -> BTreeMap<String, ContractLines> {
        let mut contracts: BTreeMap<String, ContractLines> =
            known.map(|id| (id.to_owned(), ContractLines::default())).collect();
        let mut lines = self.lines;
        lines.sort_by(|a, b| (&a.order, &a.id).cmp(&(&b.order, &b.id)));
        let mut used_lines = BTreeSet::new();
        let mut used_items = BTreeSet::new();
        for line in lines.into_iter().chain(self.items) {
            // Ids of lines were reused by old versions, but never within one invoice.
            let again = !used_lines.insert((line.origin.clone(), line.id.clone()))
                || line.invoice_item.as_ref().is_some_and(|item| !used_items.insert(item.clone()));
            if again || without.contains(line.subject.subscription.as_str()) {
                continue;
            }
            let contract = contracts.entry(line.subject.subscription.clone()).or_default();
            for id in &line.discounts {
                if let Some(discount) = self.discounts.get(id) {
                    contract.discounts.insert(id.clone(), discount.clone());
                }
            }
            contract.lines.push(line);
        }
        for contract in contracts.values_mut() {
            contract.lines.sort_by(|a, b| (a.start, &a.order, &a.id).cmp(&(b.start, &b.order, &b.id)));
        }
        contracts
    }
}
