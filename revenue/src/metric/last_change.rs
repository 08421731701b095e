//! When an account's MRR last changed, and how.

use super::{Membership, MetricError, Movements, MovementsState};
use crate::calendar::Day;
use crate::money::{Currency, Exchange, Rate};
use crate::timeline::Timeline;

/// The last change of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastChange {
    /// The first day on which it is in force.
    pub day: Day,
    /// The movement of that day.
    pub movements: Movements,
}

/// The last change up to the report's first day, at the rates of that day; `None` before there is
/// one.
pub fn last_change(timeline: Timeline<'_>, exchange: &Exchange) -> Result<Option<LastChange>, MetricError> {
    let until = *exchange.days().first().ok_or(MetricError::Days)?;
    let mut last = None;
    let mut rates: Vec<(Currency, Vec<Option<Rate>>)> = Vec::new();
    for steps in timeline.currencies() {
        let steps = steps?;
        if steps.currency == Currency::NONE {
            continue;
        }
        last = last.max(steps.iter().map(|(day, _)| day).filter(|day| *day <= until).max());
        let rate = exchange.rate(steps.currency, 0)?;
        rates.push((steps.currency, vec![Some(rate); 2]));
    }
    let Some(day) = last else { return Ok(None) };
    let ends = Exchange::new(exchange.target(), vec![day.before(), day], rates);
    let mut state = MovementsState::new(&ends)?;
    state.add(timeline, &ends, Membership::Always)?;
    Ok(state.sums(&ends)?.first().map(|movements| LastChange { day, movements: *movements }))
}
