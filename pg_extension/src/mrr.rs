//! The states of a set of timelines, and the twelfth that turns ARR into MRR.

use pgrx::datum::Internal;
use pgrx::prelude::*;
use revenue::metric::{MetricError, States};
use revenue::money::{Amount, Exchange};

use crate::aggregate::{self, Report, Sums};
use crate::convert;
use crate::error::{OrReport, Sql};

/// A twelfth of an annual amount, rounded once at the eighteenth decimal.
#[pg_extern(sql = false)]
fn mrr_monthly(annual: AnyNumeric) -> Sql<AnyNumeric> {
    convert::numeric(convert::amount(&annual)?.monthly())
}

impl Sums for States {
    fn new(exchange: &Exchange) -> Result<Self, MetricError> {
        Self::new(exchange)
    }

    fn merge(&mut self, other: &Self) -> Result<(), MetricError> {
        self.merge(other)
    }

    fn write(&self, exchange: &Exchange, out: &mut Vec<i128>) -> Result<(), MetricError> {
        out.extend(self.sums(exchange)?.iter().map(|annual| annual.0));
        Ok(())
    }

    fn read(exchange: &Exchange, fields: &[i128]) -> Option<Self> {
        Self::settled(exchange, fields.iter().copied().map(Amount).collect()).ok()
    }
}

/// Takes one account: the arguments are those of `movements_add`.
#[pg_extern(sql = false)]
fn states_add(fcinfo: pg_sys::FunctionCallInfo) -> Internal {
    aggregate::take_at_rates(fcinfo, |sums: &mut States, timeline, _, membership| sums.add(timeline, membership))
}

/// One amount a day; null when there was no account.
#[pg_extern(sql = false)]
fn states_result(state: Internal) -> Sql<Option<Vec<AnyNumeric>>> {
    // SAFETY: as in `states_add`.
    let Some(begun) = unsafe { state.get::<Report<States>>() }.and_then(Report::begun) else { return Ok(None) };
    let sums = begun.sums.sums(&begun.exchange).or_report()?;
    sums.into_iter().map(convert::numeric).collect::<Sql<_>>().map(Some)
}

aggregate::parallel!(States, states_combine, states_serialize, states_deserialize);
