//! From charges and discounts to segments: what is in force on which days, at which run rate.

mod net;
mod rates;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

pub use self::rates::Rates;
use crate::calendar::{Day, DayRange, Interval, Zone};
use crate::fact::{AccountFacts, Charge, Discount, DiscountScope, Evidence, Problem, Standing, Stood};
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
    /// The annual run rate before discounts; nothing where it does not count by default.
    pub gross: RunRate,
    /// The annual run rate after running discounts; nothing where it does not count by default.
    pub net: RunRate,
    /// The run rates that policies choose from, whether it counts or not.
    pub rates: Rates,
    /// How its contract stands on these days; `None` for active.
    pub standing: Option<Standing>,
    /// The first day on which it stood so.
    pub stood_from: Option<Day>,
    /// Whether the end of its contract has been asked for.
    pub ending: bool,
    /// Whether its contract is to end and what was paid for these days was given back.
    pub refunded: bool,
    /// Whether it is what was used, which does not count by default.
    pub usage: bool,
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
        let of_contract = Terms::of(contract, facts, zone);
        of_contract.segments(&charges, zone, &mut found, &mut problems);
    }
    // Each slice of a charge says it again.
    problems.sort();
    problems.dedup();
    (join_neighbours(found), problems)
}

/// What bears on the charges of one contract, on the days on which it does.
struct Terms<'a> {
    discounts: Vec<(DayRange, &'a Discount)>,
    stood: Vec<(DayRange, &'a Stood)>,
}

impl<'a> Terms<'a> {
    fn of(contract: &str, facts: &'a AccountFacts, zone: Zone) -> Self {
        let discounts = facts.discounts.iter().filter(|discount| discount.scope.contract() == contract);
        let stood = facts.stood.iter().filter(|stood| stood.contract == contract);
        Self {
            discounts: discounts.map(|discount| (discount.days(zone), discount)).collect(),
            stood: stood.map(|stood| (zone.days(stood.from, stood.until), stood)).collect(),
        }
    }

    fn segments(&self, charges: &[&Charge], zone: Zone, found: &mut Vec<Segment>, problems: &mut Vec<Problem>) {
        let on_days: Vec<(DayRange, &Charge)> = charges
            .iter()
            .map(|charge| (zone.days(charge.from, charge.until), *charge))
            .filter(|(days, _)| !days.is_empty())
            .collect();
        // Between two borders nothing changes, so each slice is priced once.
        let borders: BTreeSet<Day> = (on_days.iter().map(|(days, _)| days))
            .chain(self.discounts.iter().map(|(days, _)| days))
            .chain(self.stood.iter().map(|(days, _)| days))
            .flat_map(|days| [days.from, days.until])
            .collect();
        let borders: Vec<Day> = borders.into_iter().collect();
        for pair in borders.windows(2) {
            let slice = DayRange { from: pair[0], until: pair[1] };
            let mut in_force: Vec<&Charge> =
                on_days.iter().filter(|(days, _)| days.contains(slice.from)).map(|(_, charge)| *charge).collect();
            in_force.sort_by(|a, b| (&a.item, a.from, &a.plan).cmp(&(&b.item, b.from, &b.plan)));
            let on_slice = self.discounts.iter().filter(|(days, _)| days.contains(slice.from));
            let discounts: Vec<&Discount> = on_slice.map(|(_, discount)| *discount).collect();
            let (used, agreed): (Vec<&Charge>, Vec<&Charge>) = in_force.into_iter().partition(|charge| charge.usage);
            let rates = rates::of(&agreed, &discounts).into_iter().chain(rates::of(&used, &[]));
            for (charge, rates) in agreed.iter().chain(&used).zip(rates) {
                match rates {
                    Ok(rates) => found.push(self.segment(charge, slice, rates)),
                    Err(error) => problems.push(left_out(charge, &error)),
                }
            }
        }
    }

    fn segment(&self, charge: &Charge, days: DayRange, rates: Rates) -> Segment {
        let stood: Vec<&(DayRange, &Stood)> = self.stood.iter().filter(|(on, _)| on.contains(days.from)).collect();
        let is = |standing: Standing| stood.iter().any(|(_, stood)| stood.standing == standing);
        let comes_with_any = |standing: Standing| matches!(standing, Standing::Ending | Standing::Refunded);
        let standing = stood.iter().filter(|(_, stood)| !comes_with_any(stood.standing));
        let standing = standing.min_by_key(|(on, stood)| (stood.standing, on.from));
        let counts = !charge.usage && standing.is_none_or(|(_, stood)| stood.standing.counts());
        let if_it_counts = |rate: RunRate| if counts { rate } else { RunRate(0) };
        Segment {
            contract: charge.contract.clone(),
            item: charge.item.clone(),
            days,
            plan: charge.plan.clone(),
            currency: charge.currency,
            gross: if_it_counts(rates.list),
            net: if_it_counts(rates.running),
            rates,
            standing: standing.map(|(_, stood)| stood.standing),
            stood_from: standing.map(|(on, _)| on.from),
            ending: is(Standing::Ending),
            refunded: is(Standing::Refunded),
            usage: charge.usage,
            amount: charge.amount,
            quantity: charge.quantity,
            interval: charge.interval,
            evidence: charge.evidence,
            origin: charge.origin.clone(),
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

impl Discount {
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
        let amounts = |segment: &Self| (segment.rates, segment.amount, segment.quantity);
        let stands = |segment: &Self| (segment.standing, segment.stood_from, segment.ending, segment.refunded);
        self.contract == other.contract
            && self.item == other.item
            && self.plan == other.plan
            && self.usage == other.usage
            && self.currency == other.currency
            && self.interval == other.interval
            && self.evidence == other.evidence
            && amounts(self) == amounts(other)
            && stands(self) == stands(other)
    }
}
