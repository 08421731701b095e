//! MRR of a day over a set of timelines, and the twelfth that turns ARR into MRR.

use pgrx::datum::Internal;
use pgrx::prelude::*;
use revenue::metric::MrrState;
use revenue::money::Amount;
use revenue::timeline::Timeline;

use crate::aggregate::{self, Report, Sums};
use crate::convert;
use crate::error::{OrReport, Sql, given};

/// A twelfth of an annual amount, rounded once at the eighteenth decimal.
#[pg_extern(sql = false)]
fn mrr_monthly(annual: AnyNumeric) -> Sql<AnyNumeric> {
    convert::numeric(convert::amount(&annual)?.monthly())
}

impl Sums for MrrState {
    fn merge(&mut self, other: &Self) -> Sql<()> {
        MrrState::merge(self, other).or_report()
    }

    fn write(&self, out: &mut Vec<i128>) {
        out.extend([self.annual.0, i128::from(self.active)]);
    }

    fn read(fields: &[i128]) -> Option<Self> {
        let [annual, active] = fields else { return None };
        Some(Self { annual: Amount(*annual), active: u64::try_from(*active).ok()? })
    }
}

#[pg_extern(sql = false)]
fn arr_add(
    state: Internal,
    timeline: Option<&[u8]>,
    exchange: Option<&[u8]>,
    fcinfo: pg_sys::FunctionCallInfo,
) -> Sql<Internal> {
    // SAFETY: PostgreSQL hands back the state that this function made for the same aggregate.
    let report = unsafe { aggregate::state_of::<Report<MrrState>>(state, fcinfo) }?;
    if let Some(timeline) = timeline {
        let (exchange, sums) = report.with_exchange(given(exchange, "exchange")?)?;
        sums.add(Timeline::read(timeline).or_report()?, exchange).or_report()?;
    }
    Ok(aggregate::keep(report))
}

#[pg_extern(sql = false)]
fn arr_result(state: Internal) -> Sql<AnyNumeric> {
    // SAFETY: as in `arr_add`.
    let sums = unsafe { state.get::<Report<MrrState>>() }.map_or(Amount::ZERO, |report| report.sums.annual);
    convert::numeric(sums)
}

aggregate::parallel!(MrrState, arr_combine, arr_serialize, arr_deserialize);
