//! Churn over a set of timelines: further results of the state under NRR and GRR.

use pgrx::datum::Internal;
use pgrx::prelude::*;
use revenue::metric::{Retention, RetentionState, gross_churn, lifetime, logo_churn, net_churn};

use crate::aggregate::Report;
use crate::convert;
use crate::error::{OrReport, Sql};
use crate::retention::of_sums;

#[pg_extern(sql = false)]
fn gross_churn_result(state: Internal) -> Sql<Option<AnyNumeric>> {
    // SAFETY: PostgreSQL hands back the state that `retention_add` made.
    of_sums(unsafe { state.get::<Report<RetentionState>>() }, gross_churn)
}

#[pg_extern(sql = false)]
fn net_churn_result(state: Internal) -> Sql<Option<AnyNumeric>> {
    // SAFETY: as above.
    of_sums(unsafe { state.get::<Report<RetentionState>>() }, net_churn)
}

#[pg_extern(sql = false)]
fn logo_churn_result(state: Internal) -> Sql<Option<AnyNumeric>> {
    // SAFETY: as above.
    of_sums(unsafe { state.get::<Report<RetentionState>>() }, |sums| Ok(logo_churn(sums)))
}

#[pg_extern(sql = false)]
fn lifetime_result(state: Internal) -> Sql<Option<AnyNumeric>> {
    // SAFETY: as above.
    of_sums(unsafe { state.get::<Report<RetentionState>>() }, |sums| Ok(lifetime(sums)))
}

/// The sums themselves, for several ratios from one scan.
#[pg_extern(sql = false)]
fn retention_sums_result(state: Internal) -> Sql<Option<Vec<AnyNumeric>>> {
    // SAFETY: as above.
    let state = unsafe { state.get::<Report<RetentionState>>() };
    let Some(begun) = state.and_then(Report::begun) else { return Ok(None) };
    let Retention { opening, closing, kept, accounts, lost } = begun.sums.sums(&begun.exchange).or_report()?;
    let amounts = [opening, closing, kept].map(convert::numeric);
    let counts = [accounts, lost].map(|count| Ok(AnyNumeric::from(count)));
    amounts.into_iter().chain(counts).collect::<Sql<_>>().map(Some)
}
