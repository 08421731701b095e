//! GRR in its path form: what was lost on the way counts, also when it came back.

use super::MetricError;
use crate::calendar::Day;
use crate::money::{Amount, Exchange};
use crate::timeline::{Steps, Timeline};

/// Collects the opening run rate of accounts, and what of it was never lost between two days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PathState {
    /// The annual run rate at the opening.
    pub opening: Amount,
    /// The opening less every contraction and churn up to the closing, account by account, and
    /// never below nothing.
    pub kept: Amount,
}

impl PathState {
    /// Takes one account. `exchange` holds the day before the period and its last day; all is
    /// converted at the rates of the first.
    pub fn add(&mut self, timeline: Timeline<'_>, exchange: &Exchange) -> Result<(), MetricError> {
        let &[opens, closes] = exchange.days() else { return Err(MetricError::Days) };
        if opens >= closes {
            return Err(MetricError::Days);
        }
        let currencies: Vec<Steps<'_>> = timeline.currencies().collect::<Result<_, _>>()?;
        let at = |day: Day| -> Result<Amount, MetricError> {
            currencies.iter().try_fold(Amount::ZERO, |sum, steps| {
                Ok(sum.checked_add(exchange.convert(steps.at(day), steps.currency, 0)?)?)
            })
        };
        let opening = at(opens)?;
        if opening <= Amount::ZERO {
            return Ok(());
        }
        let changes = currencies.iter().flat_map(|steps| steps.iter().map(|(day, _)| day));
        let mut days: Vec<Day> = changes.filter(|day| opens < *day && *day <= closes).collect();
        days.sort_unstable();
        days.dedup();
        let (mut last, mut kept) = (opening, opening);
        for day in days {
            let now = at(day)?;
            if now < last {
                kept = kept.checked_sub(last.checked_sub(now)?)?;
            }
            last = now;
        }
        self.merge(&Self { opening, kept: kept.max(Amount::ZERO) })
    }

    /// Takes what another state has summed up.
    pub fn merge(&mut self, other: &Self) -> Result<(), MetricError> {
        self.opening = self.opening.checked_add(other.opening)?;
        self.kept = self.kept.checked_add(other.kept)?;
        Ok(())
    }

    /// What was kept of the opening; `None` when there was none.
    pub fn retention(&self) -> Option<Amount> {
        self.kept.ratio(self.opening)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::parse;

    fn kept(timeline: &str) -> String {
        let day = |text: &str| Day::from_date(text.parse().unwrap());
        let usd = ("USD".parse().unwrap(), vec![Some(crate::money::Rate(500_000_000_000)); 2]);
        let days = vec![day("2024-12-31"), day("2025-12-31")];
        let exchange = Exchange::new("EUR".parse().unwrap(), days, vec![usd]);
        let packed = parse(timeline).unwrap();
        let mut state = PathState::default();
        state.add(Timeline::read(&packed).unwrap(), &exchange).unwrap();
        state.retention().map_or("none".to_owned(), |kept| kept.to_string())
    }

    #[test]
    fn every_loss_on_the_way_counts_once() {
        for (timeline, expect) in [
            // V23.
            ("EUR 2024-06-01 100, 2025-03-01 150, 2025-09-01 120", "0.7"),
            ("EUR 2024-06-01 100, 2025-03-01 0, 2025-04-01 100", "0"),
            ("EUR 2024-06-01 100, 2025-03-01 40, 2025-04-01 100, 2025-05-01 30", "0"),
            ("EUR 2024-06-01 100, 2026-01-01 10", "1"),
            ("EUR 2025-01-01 100, 2025-06-01 10", "none"),
            // Moved from dollars to as much in euros on one day: nothing is lost.
            ("EUR 2025-05-01 50; USD 2024-06-01 100, 2025-05-01 0", "1"),
            ("EUR 2024-06-01 50; USD 2024-06-01 100, 2025-05-01 0", "0.5"),
        ] {
            assert_eq!(kept(timeline), expect, "{timeline}");
        }
    }
}
