//! GRR in its path form over a set of timelines.

use pgrx::datum::Internal;
use pgrx::prelude::*;
use revenue::metric::{MetricError, PathState};
use revenue::money::{Amount, Exchange};

use crate::aggregate::{self, Report, Sums};
use crate::convert;
use crate::error::Sql;
use crate::retention::packed_period;

impl Sums for PathState {
    fn new(_: &Exchange) -> Result<Self, MetricError> {
        Ok(Self::default())
    }

    fn merge(&mut self, other: &Self) -> Result<(), MetricError> {
        self.merge(other)
    }

    fn write(&self, _: &Exchange, out: &mut Vec<i128>) -> Result<(), MetricError> {
        out.extend(aggregate::fields([self.opening, self.kept]));
        Ok(())
    }

    fn read(_: &Exchange, fields: &[i128]) -> Option<Self> {
        let [opening, kept] = *fields else { return None };
        Some(Self { opening: Amount(opening), kept: Amount(kept) })
    }
}

/// Takes one account: the arguments are a timeline and the packed rates of the day before the
/// period and the period's last day.
#[pg_extern(sql = false)]
fn path_add(fcinfo: pg_sys::FunctionCallInfo) -> Internal {
    aggregate::take_at_rates(fcinfo, |sums: &mut PathState, timeline, exchange, _| sums.add(timeline, exchange))
}

/// Takes one account of a set that has one currency. The arguments are a timeline and a daterange.
#[pg_extern(sql = false)]
fn path_add_period(fcinfo: pg_sys::FunctionCallInfo) -> Internal {
    aggregate::take(fcinfo, packed_period, |sums: &mut PathState, timeline, exchange, _| sums.add(timeline, exchange))
}

#[pg_extern(sql = false)]
fn grr_path_result(state: Internal) -> Sql<Option<AnyNumeric>> {
    // SAFETY: PostgreSQL hands back the state that `path_add` made.
    let state = unsafe { state.get::<Report<PathState>>() };
    state.and_then(Report::begun).and_then(|begun| begun.sums.retention()).map(convert::numeric).transpose()
}

aggregate::parallel!(PathState, path_combine, path_serialize, path_deserialize);
