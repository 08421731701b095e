//! What was in force before the first known state, from the lines of invoices.
//!
//! A line names price, quantity and time; a line that begins inside of a term begins a change, and a credit that no line
//! follows ends an item. What no line dates is in doubt from the last line that shows it otherwise.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Months, TimeDelta, Utc};
use revenue::calendar::{Interval, IntervalUnit};
use revenue::fact::{Charge, Discount, Doubt, Evidence, Problem};
use rust_decimal::Decimal;

use super::contract::Contract;
use super::history::Entry;
use crate::model::{Item, Kind, Line, PLAN};

/// What was rebuilt.
#[derive(Default)]
pub(super) struct Rebuilt {
    pub(super) charges: Vec<Charge>,
    pub(super) discounts: Vec<Discount>,
    pub(super) doubts: Vec<Doubt>,
}

/// A line may end some hours before the next begins.
const SEAM: TimeDelta = TimeDelta::days(1);

/// The time that is rebuilt, and what is known right after it.
pub(super) struct Before<'a> {
    pub(super) start: DateTime<Utc>,
    pub(super) known: DateTime<Utc>,
    pub(super) first: &'a Entry,
}

/// One item over a time.
#[derive(Clone)]
struct Stretch {
    from: DateTime<Utc>,
    /// The last day on which something tells that it was so.
    told: DateTime<Utc>,
    until: DateTime<Utc>,
    price: String,
    quantity: Decimal,
    amount: Decimal,
    origin: String,
}

/// Until when a bill reaches, the coupons that it names, and the record.
type Bill<'a> = (DateTime<Utc>, BTreeSet<&'a str>, &'a str);

impl Contract<'_> {
    /// `None` when the subscription is known from its first day on.
    pub(super) fn rebuilt(&self, problems: &mut Vec<Problem>) -> Option<Rebuilt> {
        let (start, known) = self.unknown()?;
        let before = Before { start, known, first: self.entries.first()? };
        let mut rebuilt = Rebuilt::default();
        let mut keys: BTreeSet<&str> = self.told.bills.iter().map(|(line, _)| line.key.as_str()).collect();
        keys.extend(before.items().map(|item| item.key.as_str()));
        for key in keys {
            let stretches = self.stretches(key, &before, &mut rebuilt);
            for stretch in stretches.into_iter().filter(|stretch| stretch.from < stretch.until) {
                match self.charge_of(key, stretch, &before) {
                    Ok(charge) => rebuilt.charges.push(charge),
                    Err(problem) => problems.push(problem),
                }
            }
        }
        self.rebuild_discounts(&before, &mut rebuilt, problems);
        Some(rebuilt)
    }

    /// The lines of an item before the first known state, oldest first.
    fn lines(&self, key: &str, before: &Before<'_>) -> Vec<(&Line, &str)> {
        let of_item = self.told.bills.iter().filter(|(line, _)| line.key == key && line.from < before.known);
        let mut lines: Vec<(&Line, &str)> = of_item.map(|(line, origin)| (line, origin.as_str())).collect();
        lines.sort_by(|a, b| (a.0.from, a.0.to, a.1).cmp(&(b.0.from, b.0.to, b.1)));
        lines
    }

    fn stretches(&self, key: &str, before: &Before<'_>, rebuilt: &mut Rebuilt) -> Vec<Stretch> {
        let lines = self.lines(key, before);
        let item = before.items().find(|item| item.key == key);
        let mut all: Vec<Stretch> = Vec::new();
        let mut doubt = |from, until, reason: &str, origin: &str| {
            if from < until {
                rebuilt.doubts.push(self.doubt(from, Some(until), reason.to_owned(), origin.to_owned()));
            }
        };
        for (line, origin) in &lines {
            let amount = self.full_amount(line, before);
            if amount.is_none() {
                doubt(
                    line.from,
                    line.to.min(before.known),
                    "only a part of a period was billed at a price in tiers",
                    origin,
                );
            }
            let next = Stretch {
                from: line.from,
                told: line.from,
                until: line.to,
                price: line.price.clone(),
                quantity: line.quantity,
                amount: amount.unwrap_or(line.amount),
                origin: (*origin).to_owned(),
            };
            if let Some(last) = all.last_mut() {
                let same = (&last.price, last.quantity, last.amount) == (&next.price, next.quantity, next.amount);
                if last.until > next.from {
                    last.until = next.from;
                } else if next.from - last.until > SEAM {
                    doubt(
                        last.told,
                        next.from,
                        "nothing was billed for a while, and nothing says since which day",
                        origin,
                    );
                } else if same {
                    (last.told, last.until) = (next.from, next.until);
                    continue;
                } else {
                    last.until = next.from;
                    doubt(last.told, next.from, "it was changed without a line that says on which day", origin);
                }
            }
            all.push(next);
        }
        self.credited(key, &lines, &mut all);
        let origin = format!("subscriptions/{}", self.id);
        match (all.first(), item) {
            (None, Some(item)) => {
                let stretch = before.projected(item, before.start, before.known, &origin);
                doubt(before.start, before.known, "nothing was billed for it before it was first seen", &origin);
                all.extend(stretch);
            }
            (Some(first), _) if first.from - before.start > SEAM && key == PLAN => {
                let trial = before.first.subscription.trial.map(|(_, end)| end);
                if trial.is_none_or(|end| first.from - end > SEAM) {
                    doubt(before.start, first.from, "service began before anything was billed", &first.origin);
                }
            }
            _ => {}
        }
        if let (Some(last), Some(item)) = (all.last_mut(), item) {
            let same = last.price == item.price && last.quantity == item.quantity && Some(last.amount) == item.amount;
            if !same {
                doubt(
                    last.told,
                    before.known,
                    "it is not as it was last billed, and nothing says since which day",
                    &last.origin,
                );
            } else if before.known - last.until > SEAM {
                doubt(last.until, before.known, "it was not billed again before it was first seen", &last.origin);
            }
            last.until = before.known;
        } else if let Some(last) = all.last_mut() {
            // What is gone when it is first seen ended with a credit, with its term, or on a day that nothing says.
            let told = last.until < before.known || before.first.subscription.cancelled == Some(before.known);
            if !told {
                doubt(last.told, before.known, "it is gone, and nothing says since which day", &last.origin);
            }
            last.until = last.until.min(before.known);
        }
        all
    }

    /// Ends what was credited where no line goes on.
    fn credited(&self, key: &str, lines: &[(&Line, &str)], all: &mut [Stretch]) {
        for credit in self.told.credits.iter().filter(|credit| credit.key == key) {
            let goes_on = lines.iter().any(|(line, _)| line.from == credit.from);
            let covering = all.iter_mut().find(|stretch| stretch.from < credit.from && credit.from < stretch.until);
            if let (false, Some(stretch)) = (goes_on, covering) {
                stretch.until = credit.from;
            }
        }
    }

    /// What a whole period of a line's item costs; `None` where only a part of one was billed in tiers.
    fn full_amount(&self, line: &Line, before: &Before<'_>) -> Option<Decimal> {
        if line.whole.is_some() {
            return line.whole;
        }
        if self.is_whole(line, before) {
            return Some(line.amount.normalize());
        }
        let like = |other: &&Line| {
            (&other.price, other.quantity) == (&line.price, line.quantity) && self.is_whole(other, before)
        };
        let billed = self.told.bills.iter().map(|(line, _)| line).find(like).map(|line| line.amount.normalize());
        let now = before.items().find(|item| (&item.price, item.quantity) == (&line.price, line.quantity));
        billed.or_else(|| now?.amount)
    }

    /// Whether a line bills no less than a whole period.
    fn is_whole(&self, line: &Line, before: &Before<'_>) -> bool {
        if let Some(whole) = line.whole {
            // An exact price is billed to the cent.
            let less = whole - line.amount;
            return less <= Decimal::new(1, 2) || less <= whole * Decimal::new(1, 2);
        }
        let kind = if line.key == PLAN { Kind::Plan } else { Kind::Addon };
        let listed = self.book.price(kind, &line.price).and_then(|price| price.interval);
        let interval = listed.or(before.first.subscription.interval);
        interval.is_none_or(|interval| line.to - line.from >= shortest(interval))
    }

    fn charge_of(&self, key: &str, stretch: Stretch, before: &Before<'_>) -> Result<Charge, Problem> {
        let item = Item {
            key: key.to_owned(),
            price: stretch.price,
            kind: if key == PLAN { Kind::Plan } else { Kind::Addon },
            metered: false,
            quantity: stretch.quantity,
            amount: Some(stretch.amount),
            interval: None,
            path: String::new(),
        };
        let listed = self.book.price(item.kind, &item.price).and_then(|price| price.interval);
        // The plan of that time may have had another rhythm than the one that is known.
        let item = Item { interval: listed, ..item };
        let charge =
            self.charge(before.first, &item, (stretch.from, Some(stretch.until))).map_err(|message| Problem {
                stream: "subscriptions".into(),
                record: self.id.to_owned(),
                field: String::new(),
                message: format!("{message}; what was billed by {} is left out", stretch.origin),
            })?;
        Ok(Charge { evidence: Evidence::Invoice, origin: vec![stretch.origin], ..charge })
    }

    /// A coupon holds for the term whose bill names it. Where two bills differ, or the last one and what is known, it
    /// came or went on a day between that nothing says.
    fn rebuild_discounts(&self, before: &Before<'_>, rebuilt: &mut Rebuilt, problems: &mut Vec<Problem>) {
        let mut bills: BTreeMap<DateTime<Utc>, Bill<'_>> = BTreeMap::new();
        for (line, origin) in self.told.bills.iter().filter(|(line, _)| line.from < before.known) {
            if self.is_whole(line, before) {
                let bill = bills.entry(line.from).or_insert((line.to, BTreeSet::new(), origin));
                bill.1.extend(line.coupons.iter().map(String::as_str));
            }
        }
        // Where one is named first, it began, or so bills say.
        let mut begun: BTreeMap<&str, DateTime<Utc>> = BTreeMap::new();
        let mut last: Option<(DateTime<Utc>, &BTreeSet<&str>)> = None;
        let still: BTreeSet<&str> =
            before.first.subscription.reductions.iter().map(|reduction| reduction.id.as_str()).collect();
        let starts: Vec<DateTime<Utc>> = bills.keys().copied().collect();
        for (place, (from, (to, named, origin))) in bills.iter().enumerate() {
            if let Some((was, _)) = last.filter(|(_, named_then)| self.lasting(named_then) != self.lasting(named)) {
                let reason = "a discount came or went between two bills, and nothing says on which day".to_owned();
                rebuilt.doubts.push(self.doubt(was, Some(*from), reason, (*origin).to_owned()));
            }
            // A new rhythm begins a new term before the old one is over.
            let next = starts.get(place + 1).copied();
            for id in named {
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
                match self.named(id, before, (*from, Some(until))) {
                    Ok(found) => {
                        found.into_iter().for_each(|discount| super::discount::join(&mut rebuilt.discounts, discount));
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
        if let Some((was, _)) = last.filter(|(_, named)| self.lasting(named) != self.lasting(&still)) {
            let reason = "a discount came or went after the last bill, and nothing says on which day".to_owned();
            let origin = format!("subscriptions/{}", self.id);
            rebuilt.doubts.push(self.doubt(was, Some(before.known), reason, origin));
        }
    }

    /// When a coupon for a limited time is over that began on a day.
    fn over(&self, id: &str, begun: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let Some(Ok(coupon)) = self.book.coupon(id) else { return None };
        let limit = coupon.limit?;
        let count = limit.count().get();
        match limit.unit() {
            IntervalUnit::Day => begun.checked_add_signed(TimeDelta::days(i64::from(count))),
            IntervalUnit::Week => begun.checked_add_signed(TimeDelta::days(7 * i64::from(count))),
            IntervalUnit::Month => begun.checked_add_months(Months::new(count)),
            IntervalUnit::Year => begun.checked_add_months(Months::new(count.checked_mul(12)?)),
        }
    }

    /// Those of some coupons that work for more than one bill.
    fn lasting<'n>(&self, ids: &BTreeSet<&'n str>) -> BTreeSet<&'n str> {
        let once = |id: &str| matches!(self.book.coupon(id), Some(Ok(coupon)) if coupon.duration == revenue::fact::Duration::Once);
        ids.iter().copied().filter(|id| !once(id)).collect()
    }

    /// A coupon or discount that a bill names: as the subscription has it still, else as the coupon says.
    fn named(&self, id: &str, before: &Before<'_>, span: crate::model::Span) -> Result<Vec<Discount>, String> {
        let still = before.first.subscription.reductions.iter().find(|reduction| reduction.id == id);
        if let Some(reduction) = still {
            return self.applied(before.first, reduction, span);
        }
        let coupon = self.coupon(id)?;
        let Some(value) = coupon.value.clone() else { return Ok(Vec::new()) };
        let scopes = self.scopes(coupon, &value, before.first.subscription.items.iter());
        Ok(scopes
            .into_iter()
            .map(|scope| super::discount::discount(id, scope, &value, coupon.duration, span))
            .collect())
    }
}

impl Before<'_> {
    /// What is charged for when it is first seen, or was when it ended.
    fn items(&self) -> impl Iterator<Item = &Item> {
        self.first.subscription.items.iter().filter(|item| !item.metered && item.kind != Kind::Charge)
    }

    fn projected(&self, item: &Item, from: DateTime<Utc>, until: DateTime<Utc>, origin: &str) -> Option<Stretch> {
        let (price, quantity) = (item.price.clone(), item.quantity);
        Some(Stretch { from, told: from, until, price, quantity, amount: item.amount?, origin: origin.to_owned() })
    }
}

/// No whole period is shorter.
fn shortest(interval: Interval) -> TimeDelta {
    let days = match interval.unit() {
        IntervalUnit::Day => 1,
        IntervalUnit::Week => 7,
        IntervalUnit::Month => 28,
        IntervalUnit::Year => 365,
    };
    TimeDelta::days(days * i64::from(interval.count().get()))
}
