//! Rows of schema revenue without their known time, and what differs between two sets of them.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use chrono::{DateTime, Utc};
use revenue::calendar::{Day, Zone};
use revenue::fact::{Attribute, Doubt, Standing};
use revenue::money::RunRate;
use revenue::segment::Segment;
use rust_decimal::Decimal;

use super::account::Derived;
use crate::engine::problem::ProblemRow;
use crate::store::text;

const LONGEST: usize = 500;

/// A row of revenue.segment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SegmentRow {
    pub contract: String,
    pub item: String,
    pub plan: String,
    pub currency: String,
    pub from: Day,
    pub until: Day,
    pub gross: i64,
    pub net: i64,
    pub standing: String,
    pub stood_from: Option<Day>,
    pub ending: bool,
    pub refunded: bool,
    pub usage: bool,
    pub policies: PolicyRates,
    pub amount: Decimal,
    pub quantity: Decimal,
    pub interval: String,
    pub evidence: String,
    pub origin: Vec<String>,
}

/// The columns for other policies than the default: what differs from gross or net.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PolicyRates {
    pub list: Option<i64>,
    pub net_forever: Option<i64>,
    pub net_running: Option<i64>,
    pub net_all: Option<i64>,
}

/// A row of revenue.attribute.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttributeRow {
    pub name: String,
    pub value: String,
    pub from: Day,
    pub until: Day,
}

/// A row of revenue.doubt.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DoubtRow {
    pub contract: String,
    pub from: Day,
    pub until: Day,
    pub reason: String,
    pub origin: Vec<String>,
}

impl DoubtRow {
    /// A doubt on the days at whose ends it holds; `None` when there is no such day.
    pub fn on_days(doubt: &Doubt, zone: Zone) -> Option<Self> {
        let from = zone.day_of(doubt.from);
        let until = doubt.until.map_or(Day::END, |until| zone.day_of(until));
        (from < until).then(|| Self {
            contract: text(&doubt.contract, LONGEST),
            from,
            until,
            reason: text(&doubt.reason, LONGEST),
            origin: doubt.origin.iter().map(|from| text(from, LONGEST)).collect(),
        })
    }
}

impl From<&Segment> for SegmentRow {
    fn from(segment: &Segment) -> Self {
        let kept = |from: &String| text(from, LONGEST);
        let unless = |stored: RunRate, rate: RunRate| (rate != stored).then_some(rate.0);
        let rates = segment.rates;
        Self {
            contract: kept(&segment.contract),
            item: kept(&segment.item),
            plan: kept(&segment.plan),
            currency: segment.currency.to_string(),
            from: segment.days.from,
            until: segment.days.until,
            gross: segment.gross.0,
            net: segment.net.0,
            standing: segment.standing.map_or("active", Standing::as_str).to_owned(),
            stood_from: segment.stood_from,
            ending: segment.ending,
            refunded: segment.refunded,
            usage: segment.usage,
            policies: PolicyRates {
                list: unless(segment.gross, rates.list),
                net_forever: unless(segment.net, rates.forever),
                net_running: unless(segment.net, rates.running),
                net_all: unless(segment.net, rates.all),
            },
            amount: segment.amount,
            quantity: segment.quantity,
            interval: segment.interval.to_string(),
            evidence: segment.evidence.to_string(),
            origin: segment.origin.iter().map(kept).collect(),
        }
    }
}

impl AttributeRow {
    /// An attribute on the days on which it holds; `None` when there is no such day.
    pub fn on_days(attribute: &Attribute, zone: Zone) -> Option<Self> {
        let from = attribute.from.map_or(Day::START, |from| zone.day_of(from));
        let until = attribute.until.map_or(Day::END, |until| zone.day_of(until));
        (from < until).then(|| Self {
            name: text(&attribute.name, LONGEST),
            value: text(&attribute.value, LONGEST),
            from,
            until,
        })
    }
}

/// What the database holds of some accounts now, by key, whatever they are counted as; problems by the source's id.
#[derive(Debug, Default)]
pub struct Current {
    pub segments: HashMap<i64, Vec<(i64, SegmentRow)>>,
    /// With the account that each is counted as.
    pub attributes: HashMap<i64, Vec<(i64, AttributeRow)>>,
    pub doubts: HashMap<i64, Vec<DoubtRow>>,
    pub problems: HashMap<String, Vec<ProblemRow>>,
}

/// What has to be written so that the database says what was derived.
#[derive(Debug, Default)]
pub struct Closing<'a> {
    pub closed_segments: Vec<(i64, DateTime<Utc>)>,
    pub new_segments: Vec<(i64, &'a SegmentRow, DateTime<Utc>)>,
    /// By the account that each is counted as, and the one that it is of.
    pub closed_attributes: Vec<((i64, i64), &'a AttributeRow, DateTime<Utc>)>,
    pub new_attributes: Vec<(i64, &'a AttributeRow, DateTime<Utc>)>,
    pub gone_doubts: Vec<(i64, &'a DoubtRow)>,
    pub new_doubts: Vec<(i64, &'a DoubtRow)>,
    pub gone_problems: Vec<(&'a str, &'a ProblemRow)>,
    pub new_problems: Vec<(&'a str, &'a ProblemRow)>,
    /// The accounts whose segments changed, sorted.
    pub changed: Vec<i64>,
    /// The accounts whose attributes changed.
    pub attributed: Vec<i64>,
}

impl<'a> Closing<'a> {
    /// Compares. `known` says from when on what is new of an account is known.
    pub fn between(
        current: &'a Current,
        found: &'a BTreeMap<String, Derived>,
        keys: &BTreeMap<String, i64>,
        known: &HashMap<i64, DateTime<Utc>>,
    ) -> Self {
        let mut closing = Self::default();
        for (account, derived) in found {
            closing.problems(account, current, derived);
            let (Some(rows), Some(&key)) = (&derived.rows, keys.get(account)) else { continue };
            let since = known.get(&key).copied().unwrap_or(derived.landed_at);

            let stored = current.segments.get(&key).map_or(&[][..], Vec::as_slice);
            let (gone, new) = difference(stored.iter().map(|(id, row)| (row, *id)), &rows.segments);
            if !gone.is_empty() || !new.is_empty() {
                closing.changed.push(key);
            }
            closing.closed_segments.extend(gone.into_iter().map(|id| (id, since)));
            closing.new_segments.extend(new.into_iter().map(|row| (key, row, since)));

            let stored = current.attributes.get(&key).map_or(&[][..], Vec::as_slice);
            let (gone, new) = difference(stored.iter().map(|(at, row)| (row, (*at, row))), &rows.attributes);
            if !gone.is_empty() || !new.is_empty() {
                closing.attributed.push(key);
            }
            closing.closed_attributes.extend(gone.into_iter().map(|(at, row)| ((at, key), row, since)));
            closing.new_attributes.extend(new.into_iter().map(|row| (key, row, since)));

            let stored = current.doubts.get(&key).map_or(&[][..], Vec::as_slice);
            let (gone, new) = difference(stored.iter().map(|row| (row, row)), &rows.doubts);
            closing.gone_doubts.extend(gone.into_iter().map(|row| (key, row)));
            closing.new_doubts.extend(new.into_iter().map(|row| (key, row)));
        }
        closing.changed.sort_unstable();
        closing
    }

    /// A problem that persists stays untouched and keeps the time at which it was found.
    fn problems(&mut self, account: &'a str, current: &'a Current, derived: &'a Derived) {
        let stored = current.problems.get(account).map_or(&[][..], Vec::as_slice);
        let (gone, new) = difference(stored.iter().map(|row| (row, row)), &derived.problems);
        self.gone_problems.extend(gone.into_iter().map(|row| (account, row)));
        self.new_problems.extend(new.into_iter().map(|row| (account, row)));
    }
}

/// The stored rows that are not wanted any more, by their handles, and the wanted ones that are
/// not stored. Equal rows are matched one to one.
fn difference<'a, Row: Eq + Hash, Handle>(
    stored: impl Iterator<Item = (&'a Row, Handle)>,
    wanted: &'a [Row],
) -> (Vec<Handle>, Vec<&'a Row>) {
    let mut missing: HashMap<&Row, usize> = HashMap::new();
    for row in wanted {
        *missing.entry(row).or_default() += 1;
    }
    let mut gone = Vec::new();
    for (row, handle) in stored {
        match missing.get_mut(row) {
            Some(left) if *left > 0 => *left -= 1,
            _ => gone.push(handle),
        }
    }
    // From the end, so that of equal rows the first ones count as stored; the order is kept.
    let mut new: Vec<&Row> = wanted
        .iter()
        .rev()
        .filter(|row| match missing.get_mut(*row) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        })
        .collect();
    new.reverse();
    (gone, new)
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn equal_rows_are_matched_one_to_one() {
        let check = |stored: &[i32], wanted: &[i32], gone: &[usize], new: &[i32]| {
            let (found_gone, found_new) = difference(stored.iter().enumerate().map(|(at, row)| (row, at)), wanted);
            assert_eq!(found_gone, gone, "{stored:?} {wanted:?}");
            assert_eq!(found_new.into_iter().copied().collect::<Vec<_>>(), new, "{stored:?} {wanted:?}");
        };
        check(&[], &[], &[], &[]);
        check(&[1, 2], &[2, 1], &[], &[]);
        check(&[1, 1], &[1], &[1], &[]);
        check(&[1], &[1, 1, 3], &[], &[1, 3]);
        check(&[1, 2], &[3], &[0, 1], &[3]);
    }
}
