//! Discounts before the first known state: by the bills that name them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use revenue::fact::{Discount, DiscountScope, Duration, Problem};

use super::super::contract::Contract;
use super::super::discount::{InOrder, discount};
use super::{Before, Rebuilt, Term, after};
use crate::model::{On, PLAN};

/// Until when a bill reaches, the coupons that it names, and the record.
type Bill<'a> = (DateTime<Utc>, Vec<&'a str>, &'a str);

impl Contract<'_> {
    /// A coupon holds for the term whose bill names it. Where two bills differ, or the last one and what is known, it
    /// came or went on a day between that nothing says.
    pub(super) fn rebuild_discounts(
        &self,
        before: &Before<'_>,
        terms: &[Term],
        rebuilt: &mut Rebuilt,
        problems: &mut Vec<Problem>,
    ) {
        let mut bills: BTreeMap<DateTime<Utc>, Bill<'_>> = BTreeMap::new();
        for (line, origin) in self.told.bills.iter().filter(|(line, _)| line.from < before.known) {
            if self.is_whole(line, before) {
                let bill = bills.entry(line.from).or_insert((line.to, Vec::new(), origin));
                for id in &line.coupons {
                    if !bill.1.contains(&id.as_str()) {
                        bill.1.push(id);
                    }
                }
            }
        }
        // Where one is named first, it began, or so bills say.
        let mut begun: BTreeMap<&str, DateTime<Utc>> = BTreeMap::new();
        let mut last: Option<(DateTime<Utc>, &[&str])> = None;
        let mut found_all = InOrder::default();
        let still: Vec<&str> =
            before.first.subscription.reductions.iter().map(|reduction| reduction.id.as_str()).collect();
        let starts: Vec<DateTime<Utc>> = bills.keys().copied().collect();
        for (place, (from, (to, named, origin))) in bills.iter().enumerate() {
            if let Some((was, _)) = last.filter(|(_, named_then)| self.lasting(named_then) != self.lasting(named)) {
                let reason = "a discount came or went between two bills, and nothing says on which day".to_owned();
                rebuilt.doubts.push(self.doubt(was, Some(*from), reason, (*origin).to_owned()));
            }
            // A new rhythm begins a new term before the old one is over.
            let next = starts.get(place + 1).copied();
            for (order, id) in named.iter().enumerate() {
                // What the newest bill names and the subscription still has, it had all along.
                let until = match next {
                    Some(next) => next.min(*to).min(before.known),
                    None if still.contains(id) => before.known,
                    None => (*to).min(before.known),
                };
                let begun = *begun.entry(*id).or_insert(*from);
                let until = self.over(id, begun).map_or(until, |over| over.min(until)).max(*from);
                if until == *from {
                    continue;
                }
                match self.named(id, before, terms, (*from, until)) {
                    Ok(found) => {
                        found.into_iter().for_each(|discount| found_all.add(order, discount));
                    }
                    Err(message) => {
                        let (stream, record) = origin.split_once('/').unwrap_or(("invoices", origin));
                        problems.push(Problem {
                            stream: stream.to_owned(),
                            record: record.to_owned(),
                            field: "line_item_discounts".into(),
                            message: format!("{message}; the discount is ignored"),
                        });
                        rebuilt.doubts.push(self.doubt(*from, Some(until), message, (*origin).to_owned()));
                    }
                }
            }
            last = Some((*from, named));
        }
        rebuilt.discounts.extend(found_all.all());
        if let Some((was, _)) = last.filter(|(_, named)| self.lasting(named) != self.lasting(&still)) {
            let reason = "a discount came or went after the last bill, and nothing says on which day".to_owned();
            let origin = format!("subscriptions/{}", self.id);
            rebuilt.doubts.push(self.doubt(was, Some(before.known), reason, origin));
        }
    }

    /// When a coupon for a limited time is over that began on a day.
    fn over(&self, id: &str, begun: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let Some(Ok(coupon)) = self.book.coupon(id) else { return None };
        after(begun, coupon.limit?)
    }

    /// Those of some coupons that work for more than one bill.
    fn lasting<'n>(&self, ids: &[&'n str]) -> BTreeSet<&'n str> {
        let once = |id: &str| matches!(self.book.coupon(id), Some(Ok(coupon)) if coupon.duration == Duration::Once);
        ids.iter().copied().filter(|id| !once(id)).collect()
    }

    /// A coupon or discount that a bill names: as the subscription has it still, else as the coupon says. One for some
    /// items works while they are of a price that it is for.
    fn named(
        &self,
        id: &str,
        before: &Before<'_>,
        terms: &[Term],
        (from, until): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<Vec<Discount>, String> {
        let still = before.first.subscription.reductions.iter().find(|reduction| reduction.id == id);
        if let Some(reduction) = still.filter(|reduction| reduction.on != On::Coupon) {
            // What is told of an item goes along with it, whatever its price was.
            return self.applied(before.first, reduction, (from, Some(until)));
        }
        let coupon = self.coupon(id)?;
        let Some(value) = &coupon.value else { return Ok(Vec::new()) };
        let on = |scope, span| discount(id, scope, value, coupon.duration, span);
        let contract = || self.id.to_owned();
        if !coupon.each {
            return Ok(vec![on(DiscountScope::Contract(contract()), (from, Some(until)))]);
        }
        let kind = |term: &Term| if term.key == PLAN { "plan" } else { "addon" };
        let works = |term: &&Term| term.from < until && from < term.until && coupon.is_for(kind(term), &term.price);
        let piece = |term: &Term| {
            let scope = DiscountScope::Items { contract: contract(), items: vec![term.key.clone()] };
            on(scope, (term.from.max(from), Some(term.until.min(until))))
        };
        Ok(terms.iter().filter(works).map(piece).collect())
    }
}
