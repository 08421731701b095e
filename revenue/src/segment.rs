//! From charges and discounts to segments: what is in force on which days, at which run rate.

mod net;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use self::net::net_amounts;
use crate::calendar::{Day, DayRange, Interval, Zone};
use crate::fact::{AccountFacts, Charge, Discount, DiscountScope, Duration, Evidence, Problem};
use crate::money::RunRate;

/// One item of one contract, in force on the days of a half-open range at one run rate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Segment {
    /// The source's id of the contract.
    pub contract: String,
    /// The source's id of the item.
    pub item: String,
    /// The days it is in force.
    pub days: DayRange,
    /// The plan or product.
    pub plan: String,
    /// The currency of both run rates.
    pub currency: crate::money::Currency,
    /// The annual run rate before discounts.
    pub gross: RunRate,
    /// The annual run rate after discounts.
    pub net: RunRate,
    /// What one billing costs before discounts, in the major unit.
    pub amount: Decimal,
    /// Seats or units.
    pub quantity: Decimal,
    /// How often it is billed.
    pub interval: Interval,
    /// How this is known.
    pub evidence: Evidence,
    /// The raw records that say so.
    pub origin: Vec<String>,
}

/// Turns an account's charges and discounts into segments on the days of the book's zone.
///
/// The result does not depend on the order of the charges, and neighbouring days on which
/// nothing differs are one segment. A charge whose run rate can't be kept is a problem and no
/// segment; the problem is at the first record that the charge is from.
pub fn segments(facts: &AccountFacts, zone: Zone) -> (Vec<Segment>, Vec<Problem>) {
    let mut contracts: BTreeMap<&str, Vec<&Charge>> = BTreeMap::new();
    for charge in &facts.charges {
        contracts.entry(&charge.contract).or_default().push(charge);
    }
    let mut found = Vec::new();
    let mut problems = Vec::new();
    for (contract, charges) in contracts {
        contract_segments(contract, &charges, &facts.discounts, zone, &mut found, &mut problems);
    }
    // Each slice of a charge says it again.
    problems.sort();
    problems.dedup();
    (join_neighbours(found), problems)
}

fn contract_segments(
    contract: &str,
    charges: &[&Charge],
    discounts: &[Discount],
    zone: Zone,
    found: &mut Vec<Segment>,
    problems: &mut Vec<Problem>,
) {
    let on_days: Vec<(DayRange, &Charge)> = charges
        .iter()
        .map(|charge| (zone.days(charge.from, charge.until), *charge))
        .filter(|(days, _)| !days.is_empty())
        .collect();
    let discounts: Vec<(DayRange, &Discount)> = discounts
        .iter()
        .filter(|discount| discount.reduces_mrr() && discount.scope.contract() == contract)
        .map(|discount| (discount.days(zone), discount))
        .collect();

    // Between two borders nothing changes, so each slice is priced once.
    let borders: BTreeSet<Day> = (on_days.iter().map(|(days, _)| days))
        .chain(discounts.iter().map(|(days, _)| days))
        .flat_map(|days| [days.from, days.until])
        .collect();
    let borders: Vec<Day> = borders.into_iter().collect();
    for pair in borders.windows(2) {
        let slice = DayRange { from: pair[0], until: pair[1] };
        let mut in_force: Vec<&Charge> =
            on_days.iter().filter(|(days, _)| days.contains(slice.from)).map(|(_, charge)| *charge).collect();
        in_force.sort_by(|a, b| (&a.item, a.from, &a.plan).cmp(&(&b.item, b.from, &b.plan)));
        let applied: Vec<&Discount> =
            discounts.iter().filter(|(days, _)| days.contains(slice.from)).map(|(_, discount)| *discount).collect();
        let net = net_amounts(&in_force, &applied);
        for (charge, net) in in_force.into_iter().zip(net) {
            let rate =
                |amount: Decimal| RunRate::from_billing(amount, charge.interval).map_err(|error| error.to_string());
            let net = net.ok_or_else(|| "its amount after discounts is too large to be calculated with".to_owned());
            match rate(charge.amount).and_then(|gross| Ok((gross, rate(net?)?))) {
                Ok((gross, net)) => found.push(segment(charge, slice, gross, net)),
                Err(error) => problems.push(left_out(charge, &error)),
            }
        }
    }
}

fn left_out(charge: &Charge, why: &str) -> Problem {
    let origin = charge.origin.first().and_then(|origin| origin.split_once('/'));
    // Without an origin nobody can look it up; then the contract is as near as it gets.
    let (stream, record) = origin.unwrap_or(("contracts", &charge.contract));
    Problem {
        stream: stream.to_owned(),
        record: record.to_owned(),
        field: String::new(),
        message: format!("item {} of contract {}: {why}; the charge is left out", charge.item, charge.contract),
    }
}

fn segment(charge: &Charge, days: DayRange, gross: RunRate, net: RunRate) -> Segment {
    Segment {
        contract: charge.contract.clone(),
        item: charge.item.clone(),
        days,
        plan: charge.plan.clone(),
        currency: charge.currency,
        gross,
        net,
        amount: charge.amount,
        quantity: charge.quantity,
        interval: charge.interval,
        evidence: charge.evidence,
        origin: charge.origin.clone(),
    }
}

impl Discount {
    /// Whether MRR is net of it: of forever and repeating discounts, not of one-time ones.
    fn reduces_mrr(&self) -> bool {
        !matches!(self.duration, Duration::Once)
    }

    fn reaches(&self, charge: &Charge) -> bool {
        match &self.scope {
            DiscountScope::Contract(contract) => *contract == charge.contract,
            DiscountScope::Items { contract, items } => *contract == charge.contract && items.contains(&charge.item),
            DiscountScope::Item { contract, item } => *contract == charge.contract && *item == charge.item,
        }
    }

    fn days(&self, zone: Zone) -> DayRange {
        DayRange {
            from: self.from.map_or(Day::START, |from| zone.day_of(from)),
            until: self.until.map_or(Day::END, |until| zone.day_of(until)),
        }
    }
}

impl DiscountScope {
    fn contract(&self) -> &str {
        match self {
            Self::Contract(contract) | Self::Items { contract, .. } | Self::Item { contract, .. } => contract,
        }
    }
}

/// Joins segments that touch and differ in nothing but their days and origins; the joined one
/// keeps all origins.
fn join_neighbours(mut found: Vec<Segment>) -> Vec<Segment> {
    found.sort_by(|a, b| (&a.contract, &a.item, a.days, &a.plan).cmp(&(&b.contract, &b.item, b.days, &b.plan)));
    let mut joined: Vec<Segment> = Vec::with_capacity(found.len());
    for next in found {
        match joined.last_mut() {
            Some(last) if last.days.until == next.days.from && last.same_charge(&next) => {
                last.days.until = next.days.until;
                for origin in next.origin {
                    if !last.origin.contains(&origin) {
                        last.origin.push(origin);
                    }
                }
            }
            _ => joined.push(next),
        }
    }
    joined
}

impl Segment {
    /// Whether two segments differ in nothing but their days and origins. Different evidence
    /// keeps them apart: what was rebuilt must not look observed.
    fn same_charge(&self, other: &Self) -> bool {
        let amounts = |segment: &Self| (segment.gross, segment.net, segment.amount, segment.quantity);
        self.contract == other.contract
            && self.item == other.item
            && self.plan == other.plan
            && self.currency == other.currency
            && self.interval == other.interval
            && self.evidence == other.evidence
            && amounts(self) == amounts(other)
    }
}
