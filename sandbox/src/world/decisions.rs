//! What a customer decides about a subscription, one decision a function.

use super::catalogue::{ProductKind, ProductNumber};
use super::clock::Moment;
use super::contract::Contract;
use super::cycle::Cycle;
use super::life::Life;
use super::subscription::{Act, Change, Edit, Item, Settlement};

/// No subscription grows beyond this many items.
const MOST_ITEMS: usize = 14;

impl Life<'_> {
    /// More or fewer units of an item; an account with many items sometimes changes two in one go.
    pub(super) fn change_seats(&mut self, contract: &Contract) -> Act {
        let first = self.random.below(contract.items.len() as u64) as usize;
        let mut edits = vec![self.seats(&contract.items[first])];
        if contract.items.len() > 2 && self.random.per_mille(300) {
            let second = (first + 1) % contract.items.len();
            edits.push(self.seats(&contract.items[second]));
        }
        self.amended(edits)
    }

    /// The plan item moves to another plan's present price.
    pub(super) fn move_plan(&mut self, contract: &Contract, at: Moment) -> Act {
        let item = &contract.items[0];
        let mut plans = self.catalogue.products_of(ProductKind::Plan);
        plans.retain(|&plan| plan != self.product_of(item));
        let plan = *self.random.one_of(&plans);
        let price = self.catalogue.price_on_offer(plan, contract.cycle.interval, self.subscription.currency, at);
        self.amended(vec![Edit::Price { item: item.number, price }])
    }

    /// The same products at the prices of the other interval; billing starts afresh.
    pub(super) fn switch_interval(&mut self, contract: &Contract, at: Moment) -> Act {
        let cycle = Cycle { anchor: at, interval: contract.cycle.interval.other() };
        let currency = self.subscription.currency;
        let other = |item: &Item| Item {
            price: self.catalogue.price_on_offer(self.product_of(item), cycle.interval, currency, at),
            ..item.clone()
        };
        Act::Switched { cycle, items: contract.items.iter().map(other).collect() }
    }

    /// An add-on comes or goes. The plan, item 0, always stays.
    pub(super) fn add_or_remove(&mut self, contract: &Contract, at: Moment) -> Act {
        let mut free = self.catalogue.products_of(ProductKind::AddOn);
        free.retain(|&product| contract.items.iter().all(|item| self.product_of(item) != product));
        let may_add = !free.is_empty() && contract.items.len() < MOST_ITEMS;
        let may_remove = contract.items.len() > 1;
        if may_remove && (!may_add || self.random.per_mille(400)) {
            let chosen = 1 + self.random.below(contract.items.len() as u64 - 1) as usize;
            return self.amended(vec![Edit::Remove { item: contract.items[chosen].number }]);
        }
        let product = *self.random.one_of(&free);
        let currency = self.subscription.currency;
        let item = Item {
            number: self.next_item_number(),
            price: self.catalogue.price_on_offer(product, contract.cycle.interval, currency, at),
            quantity: self.random.between(1, 8) as u32,
            added: at,
        };
        self.amended(vec![Edit::Add(item)])
    }

    /// Asks for the end with the running period, and then either lets it come or thinks better of it.
    pub(super) fn request_end(&mut self, contract: &Contract, at: Moment) -> Vec<Change> {
        let end = contract.cycle.period_at(at).to;
        let mut changes = vec![Change { at, act: Act::EndRequested }];
        let room = end.min(self.horizon.now).0 - at.0;
        if room > 2 && self.random.per_mille(150) {
            let withdrawn = at.plus_seconds(self.random.between(1, room - 1));
            changes.push(Change { at: withdrawn, act: Act::EndWithdrawn });
        } else if end < self.horizon.now {
            changes.push(Change { at: end, act: Act::EndedWithPeriod });
        }
        changes
    }

    fn amended(&mut self, edits: Vec<Edit>) -> Act {
        let at_once = self.random.per_mille(350);
        let settlement = if at_once { Settlement::AtOnce } else { Settlement::NextCycle };
        Act::Amended { edits, settlement }
    }

    fn seats(&mut self, item: &Item) -> Edit {
        let now = i64::from(item.quantity);
        let quantity = if now == 1 || self.random.per_mille(650) {
            now + self.random.between(1, 2 + now / 2)
        } else {
            now - self.random.between(1, (now / 2).max(1))
        };
        Edit::Quantity { item: item.number, quantity: quantity as u32 }
    }

    fn product_of(&self, item: &Item) -> ProductNumber {
        self.catalogue.price(item.price).product
    }

    /// Numbers of removed items are never used again, so all items of the history count.
    fn next_item_number(&self) -> u16 {
        let numbers = self.subscription.history.iter().flat_map(|change| match &change.act {
            Act::Started { items, .. } => items.iter().map(|item| item.number).collect(),
            Act::Amended { edits, .. } => edits.iter().filter_map(added_number).collect(),
            _ => Vec::new(),
        });
        numbers.max().map_or(0, |highest| highest + 1)
    }
}

fn added_number(edit: &Edit) -> Option<u16> {
    match edit {
        Edit::Add(item) => Some(item.number),
        _ => None,
    }
}
