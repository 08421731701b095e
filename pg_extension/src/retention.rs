//! NRR and GRR over a set of timelines: one state, two results.

use pgrx::datum::{Date, Internal, Range, RangeBound};
use pgrx::prelude::*;
use revenue::calendar::Day;
use revenue::metric::{Retention, RetentionState, gross_retention, net_retention};
use revenue::money::{Amount, Exchange};
use revenue::timeline::Timeline;

use crate::aggregate::{self, Report, Sums};
use crate::convert;
use crate::error::{OrReport, Sql, given, report};

impl Sums for RetentionState {
    fn merge(&mut self, other: &Self) -> Sql<()> {
        RetentionState::merge(self, other).or_report()
    }

    fn write(&self, out: &mut Vec<i128>) {
        let Retention { opening, closing, kept, accounts, lost } = self.0;
        out.extend(aggregate::fields([opening, closing, kept]));
        out.extend([i128::from(accounts), i128::from(lost)]);
    }

    fn read(fields: &[i128]) -> Option<Self> {
        let [opening, closing, kept, accounts, lost] = *fields else { return None };
        Some(Self(Retention {
            opening: Amount(opening),
            closing: Amount(closing),
            kept: Amount(kept),
            accounts: u64::try_from(accounts).ok()?,
            lost: u64::try_from(lost).ok()?,
        }))
    }
}

/// Takes one account; the exchange holds the day before the period and the period's last day.
#[pg_extern(sql = false)]
fn retention_add(
    state: Internal,
    timeline: Option<&[u8]>,
    exchange: Option<&[u8]>,
    fcinfo: pg_sys::FunctionCallInfo,
) -> Sql<Internal> {
    aggregate::take(state, timeline, exchange, None, fcinfo, |sums: &mut RetentionState, timeline, exchange, _| {
        sums.add(timeline, exchange)
    })
}

/// Takes one account of a set that has one currency, so that no rates are needed: the currency
/// is the first that is seen, and another one is an error.
#[pg_extern(sql = false)]
fn retention_add_period(
    state: Internal,
    timeline: Option<&[u8]>,
    period: Option<Range<Date>>,
    fcinfo: pg_sys::FunctionCallInfo,
) -> Sql<Internal> {
    // SAFETY: as above.
    let collected = unsafe { aggregate::state_of::<Report<RetentionState>>(state, fcinfo) }?;
    let Some(timeline) = timeline else { return Ok(aggregate::keep(collected)) };
    let timeline = Timeline::read(timeline).or_report()?;
    let days = ends(&given(period, "period")?)?;
    let target = match collected.target() {
        Some(target) => Some(target),
        None => timeline.currencies().next().transpose().or_report()?.map(|steps| steps.currency),
    };
    if let Some(target) = target {
        let packed = Exchange::new(target, days.to_vec(), Vec::new()).pack();
        let (exchange, sums) = collected.with_exchange(&packed)?;
        sums.add(timeline, exchange).or_report()?;
    }
    Ok(aggregate::keep(collected))
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
    // SAFETY: as above.
    let state = unsafe { state.get::<Report<RetentionState>>() };
    state.and_then(|report| net_retention(&report.sums.0)).map(convert::numeric).transpose()
}

#[pg_extern(sql = false)]
fn grr_result(state: Internal) -> Sql<Option<AnyNumeric>> {
    // SAFETY: as above.
    let state = unsafe { state.get::<Report<RetentionState>>() };
    state.and_then(|report| gross_retention(&report.sums.0)).map(convert::numeric).transpose()
}

aggregate::parallel!(RetentionState, retention_combine, retention_serialize, retention_deserialize);
