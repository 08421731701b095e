//! What was in force before the first known state, from the lines of invoices.
//!
//! A line names price, quantity and time; a line that begins inside of a term begins a change, and a credit that no line
//! follows ends an item. What no line dates is in doubt from the last line that shows it otherwise.

mod discount;

use std::collections::BTreeSet;

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

/// A month of the site's days may be shorter than one of UTC's by a day at its end and an hour when the clocks change.
const ZONES: TimeDelta = TimeDelta::hours(25);

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

/// When an item was of which price: what a coupon for some items works on.
struct Term {
    key: String,
    price: String,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
}

impl Contract<'_> {
    /// `None` when the subscription is known from its first day on.
    pub(super) fn rebuilt(&self, problems: &mut Vec<Problem>) -> Option<Rebuilt> {
        let (start, known) = self.unknown()?;
        let before = Before { start, known, first: self.entries.first()? };
        let mut rebuilt = Rebuilt::default();
        let mut keys: BTreeSet<&str> = self.told.bills.iter().map(|(line, _)| line.key.as_str()).collect();
        keys.extend(before.items().map(|item| item.key.as_str()));
        let mut terms = Vec::new();
        for key in keys {
            let stretches = self.stretches(key, &before, &mut rebuilt);
            for stretch in stretches.into_iter().filter(|stretch| stretch.from < stretch.until) {
                let (from, until) = (stretch.from, stretch.until);
                terms.push(Term { key: key.to_owned(), price: stretch.price.clone(), from, until });
                match self.charge_of(key, stretch, &before) {
                    Ok(charge) => rebuilt.charges.push(charge),
                    Err(problem) => problems.push(problem),
                }
            }
        }
        self.rebuild_discounts(&before, &terms, &mut rebuilt, problems);
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
        let own = line.amount.normalize();
        let short = self.short_by(line, before);
        if short <= TimeDelta::zero() {
            return Some(own);
        }
        let like = |other: &&Line| {
            (&other.price, other.quantity) == (&line.price, line.quantity)
                && self.short_by(other, before) <= TimeDelta::zero()
        };
        let billed = self.told.bills.iter().map(|(line, _)| line).find(like).map(|line| line.amount.normalize());
        let now = before.items().find(|item| (&item.price, item.quantity) == (&line.price, line.quantity));
        billed.or_else(|| now?.amount).or_else(|| (short <= ZONES).then_some(own))
    }

    /// Whether a line bills no less than a whole period.
    fn is_whole(&self, line: &Line, before: &Before<'_>) -> bool {
        if let Some(whole) = line.whole {
            // An exact price is billed to the cent.
            let less = whole - line.amount;
            return less <= Decimal::new(1, 2) || less <= whole * Decimal::new(1, 2);
        }
        self.short_by(line, before) <= ZONES
    }

    /// How much shorter a line's time is than a period; not above zero where it is whole.
    fn short_by(&self, line: &Line, before: &Before<'_>) -> TimeDelta {
        let kind = if line.key == PLAN { Kind::Plan } else { Kind::Addon };
        let listed = self.book.price(kind, &line.price).and_then(|price| price.interval);
        let interval = listed.or(before.first.subscription.interval);
        let end = interval.and_then(|interval| after(line.from, interval));
        end.map_or(TimeDelta::zero(), |end| end - line.to)
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

/// A period later.
fn after(from: DateTime<Utc>, interval: Interval) -> Option<DateTime<Utc>> {
    let count = interval.count().get();
    match interval.unit() {
        IntervalUnit::Day => from.checked_add_signed(TimeDelta::days(i64::from(count))),
        IntervalUnit::Week => from.checked_add_signed(TimeDelta::days(7 * i64::from(count))),
        IntervalUnit::Month => from.checked_add_months(Months::new(count)),
        IntervalUnit::Year => from.checked_add_months(Months::new(count.checked_mul(12)?)),
    }
}
