//! Accounts with a label each: what a cohort or a dimension says of them on one day, to be looked
//! up while timelines are read.

use pgrx::datum::Internal;
use pgrx::prelude::*;
use revenue::cohort::{Damaged, Labels, PackedLabels};

use crate::aggregate::{keep, state_of};
use crate::argument;
use crate::error::{IntoReport, OrReport, Sql, report};

impl IntoReport for Damaged {
    fn into_report(self) -> pgrx::pg_sys::panic::ErrorReport {
        report(
            PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE,
            "labels can't be read",
            "Pass what the aggregate account_labels made.",
        )
    }
}

/// Takes one account, read where PostgreSQL keeps it: this runs for every row of a dimension.
#[pg_extern(sql = false)]
fn labels_add(fcinfo: pg_sys::FunctionCallInfo) -> Sql<Internal> {
    // SAFETY: PostgreSQL calls with the arguments that the aggregate declares, and hands back the
    // state that this function made.
    let (labels, account, label) = unsafe {
        (
            state_of::<Labels>(Internal::from(argument::get(fcinfo, 0)), fcinfo)?,
            argument::get(fcinfo, 1).map(|account| account.value() as i64),
            argument::get(fcinfo, 2).map(|label| argument::bytes(label)),
        )
    };
    if let (Some(account), Some(Ok(label))) = (account, label.map(std::str::from_utf8)) {
        labels.add(account, label);
    }
    Ok(keep(labels))
}

/// The packed form; null when there was no account.
#[pg_extern(sql = false)]
fn labels_result(state: Internal) -> Option<Vec<u8>> {
    // SAFETY: as in `labels_add`.
    unsafe { state.get::<Labels>() }.map(Labels::pack)
}

#[pg_extern(sql = false)]
fn labels_combine(state: Internal, other: Internal, fcinfo: pg_sys::FunctionCallInfo) -> Sql<Internal> {
    // SAFETY: both states come from this aggregate's own functions.
    let (mine, theirs) = unsafe { (state_of::<Labels>(state, fcinfo)?, other.get::<Labels>()) };
    theirs.into_iter().for_each(|theirs| mine.merge(theirs));
    Ok(keep(mine))
}

#[pg_extern(sql = false)]
fn labels_serialize(state: Internal) -> Vec<u8> {
    // SAFETY: as above.
    unsafe { state.get::<Labels>() }.map(Labels::write).unwrap_or_default()
}

#[pg_extern(sql = false)]
fn labels_deserialize(bytes: &[u8], _unused: Internal, fcinfo: pg_sys::FunctionCallInfo) -> Sql<Internal> {
    // SAFETY: a null state is made anew.
    let labels = unsafe { state_of::<Labels>(Internal::default(), fcinfo) }?;
    if !bytes.is_empty() {
        *labels = Labels::read(bytes).or_report()?;
    }
    Ok(keep(labels))
}

/// The code of an account's label; null without one.
#[pg_extern(sql = false)]
fn account_label(fcinfo: pg_sys::FunctionCallInfo) -> Option<i32> {
    // SAFETY: PostgreSQL calls with a bytea and a bigint, and not with null: the function is strict.
    let (labels, account) = unsafe { (argument::get(fcinfo, 0)?, argument::get(fcinfo, 1)?) };
    let labels = match PackedLabels::read(unsafe { argument::bytes(labels) }) {
        Ok(labels) => labels,
        Err(damaged) => argument::raise(damaged.into_report()),
    };
    labels.code(account.value() as i64).and_then(|code| i32::try_from(code).ok())
}

/// How many labels there are.
#[pg_extern(sql = false)]
fn account_label_count(labels: &[u8]) -> Sql<i32> {
    let labels = PackedLabels::read(labels).or_report()?;
    Ok(i32::try_from(labels.count()).unwrap_or(i32::MAX))
}

/// The label with a code.
#[pg_extern(sql = false)]
fn account_label_name(labels: &[u8], label: i32) -> Sql<Option<String>> {
    let labels = PackedLabels::read(labels).or_report()?;
    Ok(u32::try_from(label).ok().and_then(|code| labels.name(code)).map(str::to_owned))
}
