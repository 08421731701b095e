//! NRR and GRR over a set of timelines: one state, two results.

use std::borrow::Cow;

use pgrx::datum::{Date, FromDatum, Internal, Range, RangeBound};
use pgrx::prelude::*;
use revenue::calendar::Day;
use revenue::metric::{MetricError, Retention, RetentionState, gross_retention, net_retention};
use revenue::money::{Amount, Exchange};
use revenue::timeline::Timeline;

use crate::aggregate::{self, Begun, Report, Sums};
use crate::convert;
use crate::error::{OrReport, Sql, given, report};

impl Sums for RetentionState {
    fn new(exchange: &Exchange) -> Result<Self, MetricError> {
        Self::new(exchange)
    }

    fn merge(&mut self, other: &Self) -> Result<(), MetricError> {
        self.merge(other)
    }

    fn write(&self, exchange: &Exchange, out: &mut Vec<i128>) -> Result<(), MetricError> {
        let Retention { opening, closing, kept, accounts, lost } = self.sums(exchange)?;
        out.extend(aggregate::fields([opening, closing, kept]));
        out.extend([i128::from(accounts), i128::from(lost)]);
        Ok(())
    }

    fn read(exchange: &Exchange, fields: &[i128]) -> Option<Self> {
        let [opening, closing, kept, accounts, lost] = *fields else { return None };
        let sums = Retention {
            opening: Amount(opening),
            closing: Amount(closing),
            kept: Amount(kept),
            accounts: u64::try_from(accounts).ok()?,
            lost: u64::try_from(lost).ok()?,
        };
        Self::settled(exchange, sums).ok()
    }
}

/// Takes one account: the arguments are a timeline and the packed rates of the day before the
/// period and the period's last day.
#[pg_extern(sql = false)]
fn retention_add(fcinfo: pg_sys::FunctionCallInfo) -> Internal {
    aggregate::take_at_rates(fcinfo, |sums: &mut RetentionState, timeline, exchange, _| sums.add(timeline, exchange))
}

/// Takes one account of a set that has one currency, so that no rates are needed: the currency
/// is the first that is seen, and another one is an error. The arguments are a timeline and a
/// daterange.
#[pg_extern(sql = false)]
fn retention_add_period(fcinfo: pg_sys::FunctionCallInfo) -> Internal {
    aggregate::take(fcinfo, packed_period, |sums: &mut RetentionState, timeline, exchange, _| {
        sums.add(timeline, exchange)
    })
}

/// The rates of a set that has one currency: none are needed for that of its first timeline.
pub fn packed_period<'a, S>(
    period: Option<pg_sys::Datum>,
    timeline: Timeline<'a>,
    begun: Option<&Begun<S>>,
) -> Sql<Option<Cow<'a, [u8]>>> {
    // SAFETY: the argument is a daterange.
    let period = unsafe { Range::<Date>::from_datum(given(period, "period")?, false) };
    let days = ends(&given(period, "period")?)?;
    let target = match begun {
        Some(begun) => Some(begun.exchange.target()),
        None => timeline.currencies().next().transpose().or_report()?.map(|steps| steps.currency),
    };
    Ok(target.map(|target| Exchange::new(target, days.to_vec(), Vec::new()).pack().into()))
}

/// The days at whose ends a period opens and closes.
fn ends(period: &Range<Date>) -> Sql<[Day; 2]> {
    let refused = |message: &str| {
        Err(report(
            PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE,
            message,
            "Ranges are half-open: the first quarter of 2026 is [2026-01-01,2026-04-01).",
        ))
    };
    // PostgreSQL keeps a daterange in its canonical form, with the end exclusive.
    match (period.lower(), period.upper()) {
        (Some(RangeBound::Inclusive(from)), Some(RangeBound::Exclusive(until))) => {
            let (from, until) = (convert::day(*from), convert::day(*until));
            match (from == Day::START, until == Day::END) {
                (false, false) => Ok([from.before(), until.before()]),
                _ => refused("the period must have a first and a last day"),
            }
        }
        (None, None) => refused("the period has no day"),
        _ => refused("the period must have a first and a last day"),
    }
}

#[pg_extern(sql = false)]
fn nrr_result(state: Internal) -> Sql<Option<AnyNumeric>> {
    // SAFETY: PostgreSQL hands back the state that `retention_add` made.
    of_sums(unsafe { state.get::<Report<RetentionState>>() }, |sums| Ok(net_retention(sums)))
}

#[pg_extern(sql = false)]
fn grr_result(state: Internal) -> Sql<Option<AnyNumeric>> {
    // SAFETY: as above.
    of_sums(unsafe { state.get::<Report<RetentionState>>() }, |sums| Ok(gross_retention(sums)))
}

/// What follows from the sums; null when no account was taken.
pub fn of_sums(
    state: Option<&Report<RetentionState>>,
    of: impl FnOnce(&Retention) -> Result<Option<Amount>, MetricError>,
) -> Sql<Option<AnyNumeric>> {
    let Some(begun) = state.and_then(Report::begun) else { return Ok(None) };
    let sums = begun.sums.sums(&begun.exchange).or_report()?;
    of(&sums).or_report()?.map(convert::numeric).transpose()
}

aggregate::parallel!(RetentionState, retention_combine, retention_serialize, retention_deserialize);
