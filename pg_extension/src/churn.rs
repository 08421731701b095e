//! Churn over a set of timelines: further results of the state under NRR and GRR.

use pgrx::datum::Internal;
use pgrx::prelude::*;
use revenue::metric::{Retention, RetentionState, gross_churn, lifetime, logo_churn, net_churn};

use crate::aggregate::Report;
use crate::convert;
use crate::error::{OrReport, Sql};

#[pg_extern(sql = false)]
fn gross_churn_result(state: Internal) -> Sql<Option<AnyNumeric>> {
    // SAFETY: PostgreSQL hands back the state that `retention_add` made.
    let Some(report) = (unsafe { state.get::<Report<RetentionState>>() }) else { return Ok(None) };
    gross_churn(&report.sums.0).or_report()?.map(convert::numeric).transpose()
}

#[pg_extern(sql = false)]
fn net_churn_result(state: Internal) -> Sql<Option<AnyNumeric>> {
    // SAFETY: as above.
    let Some(report) = (unsafe { state.get::<Report<RetentionState>>() }) else { return Ok(None) };
    net_churn(&report.sums.0).or_report()?.map(convert::numeric).transpose()
}

#[pg_extern(sql = false)]
fn logo_churn_result(state: Internal) -> Sql<Option<AnyNumeric>> {
    // SAFETY: as above.
    let state = unsafe { state.get::<Report<RetentionState>>() };
    state.and_then(|report| logo_churn(&report.sums.0)).map(convert::numeric).transpose()
}

#[pg_extern(sql = false)]
fn lifetime_result(state: Internal) -> Sql<Option<AnyNumeric>> {
    // SAFETY: as above.
    let state = unsafe { state.get::<Report<RetentionState>>() };
    state.and_then(|report| lifetime(&report.sums.0)).map(convert::numeric).transpose()
}

/// The sums themselves, for several ratios from one scan.
#[pg_extern(sql = false)]
fn retention_sums_result(state: Internal) -> Sql<Option<Vec<AnyNumeric>>> {
    // SAFETY: as above.
    let Some(report) = (unsafe { state.get::<Report<RetentionState>>() }) else { return Ok(None) };
    let Retention { opening, closing, kept, accounts, lost } = report.sums.0;
    let amounts = [opening, closing, kept].map(convert::numeric);
    let counts = [accounts, lost].map(|count| Ok(AnyNumeric::from(count)));
    amounts.into_iter().chain(counts).collect::<Sql<_>>().map(Some)
}
