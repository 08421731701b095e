//! The states of a set of timelines, and the twelfth that turns ARR into MRR.

use pgrx::datum::{Array, Date, Internal};
use pgrx::prelude::*;
use revenue::metric::States;
use revenue::money::Amount;

use crate::aggregate::{self, Report, Sums};
use crate::convert;
use crate::error::{OrReport, Sql};

/// A twelfth of an annual amount, rounded once at the eighteenth decimal.
#[pg_extern(sql = false)]
fn mrr_monthly(annual: AnyNumeric) -> Sql<AnyNumeric> {
    convert::numeric(convert::amount(&annual)?.monthly())
}

impl Sums for States {
    fn merge(&mut self, other: &Self) -> Sql<()> {
        States::merge(self, other).or_report()
    }

    fn write(&self, out: &mut Vec<i128>) {
        out.extend(self.0.iter().map(|annual| annual.0));
    }

    fn read(fields: &[i128]) -> Option<Self> {
        Some(Self(fields.iter().copied().map(Amount).collect()))
    }
}

/// Takes one account. `membership` are the days on which it belongs to the cohort, as pairs of a
/// first day and the day after the last one; null for always.
#[pg_extern(sql = false)]
fn states_add(
    state: Internal,
    timeline: Option<&[u8]>,
    exchange: Option<&[u8]>,
    membership: Option<Array<'_, Date>>,
    fcinfo: pg_sys::FunctionCallInfo,
) -> Sql<Internal> {
    aggregate::take(state, timeline, exchange, membership.as_ref(), fcinfo, States::add)
}

/// One amount a day; null when there was no account.
#[pg_extern(sql = false)]
fn states_result(state: Internal) -> Sql<Option<Vec<AnyNumeric>>> {
    // SAFETY: as in `states_add`.
    let report = unsafe { state.get::<Report<States>>() }.filter(|report| report.started());
    report.map(|report| report.sums.0.iter().copied().map(convert::numeric).collect()).transpose()
}

aggregate::parallel!(States, states_combine, states_serialize, states_deserialize);
