//! The type `timeline`: its text form, its building from segments, and what can be read from one.

use std::ffi::CStr;

use pgrx::datum::{Date, Internal};
use pgrx::iter::TableIterator;
use pgrx::prelude::*;
use revenue::calendar::DayRange;
use revenue::metric::account_amount;
use revenue::money::{Amount, Currency, RunRate};
use revenue::timeline::{Timeline, TimelineBuilder, parse};

use crate::aggregate;
use crate::error::{OrReport, Sql, given};
use crate::{convert, exchange};

#[pg_extern(sql = false)]
fn timeline_in(text: &CStr) -> Sql<Vec<u8>> {
    parse(&text.to_string_lossy()).or_report()
}

#[pg_extern(sql = false)]
fn timeline_out(timeline: &[u8]) -> Sql<std::ffi::CString> {
    let text = Timeline::read(timeline).or_report()?.to_string();
    Ok(std::ffi::CString::new(text).unwrap_or_default())
}

/// Adds one segment.
#[pg_extern(sql = false)]
fn timeline_add(
    state: Internal,
    currency: Option<&str>,
    valid_from: Option<Date>,
    valid_until: Option<Date>,
    rate: Option<i64>,
    fcinfo: pg_sys::FunctionCallInfo,
) -> Sql<Internal> {
    // SAFETY: PostgreSQL hands back the state that this function made for the same aggregate.
    let builder = unsafe { aggregate::state_of::<TimelineBuilder>(state, fcinfo) }?;
    let from = convert::day(given(valid_from, "valid_from")?);
    let until = convert::day(given(valid_until, "valid_until")?);
    match given(currency, "currency")?.parse().or_report()? {
        Currency::NONE => builder.add_free(DayRange { from, until }),
        currency => builder.add(currency, DayRange { from, until }, RunRate(given(rate, "rate")?)).or_report()?,
    }
    Ok(aggregate::keep(builder))
}

#[pg_extern(sql = false)]
fn timeline_pack(state: Internal) -> Sql<Option<Vec<u8>>> {
    // SAFETY: as in `timeline_add`.
    unsafe { state.get::<TimelineBuilder>() }.map(|builder| builder.pack().or_report()).transpose()
}

/// The annual run rate at the end of the report's first day, in the report's currency.
#[pg_extern(sql = false)]
fn timeline_amount(timeline: &[u8], exchange: &[u8]) -> Sql<AnyNumeric> {
    let timeline = Timeline::read(timeline).or_report()?;
    convert::numeric(account_amount(timeline, &exchange::read(exchange)?, 0, 0).or_report()?)
}

/// Whether the account pays nothing at the end of a day and is a customer all the same.
#[pg_extern(sql = false)]
fn timeline_stays_free(timeline: &[u8], day: Date) -> Sql<bool> {
    Timeline::read(timeline).or_report()?.stays_free(convert::day(day)).or_report()
}

/// The first day with a rate above zero.
#[pg_extern(sql = false)]
fn timeline_first_day(timeline: &[u8]) -> Sql<Option<Date>> {
    let mut first = None;
    for steps in Timeline::read(timeline).or_report()?.currencies() {
        let day = steps.or_report()?.first_day();
        first = first.into_iter().chain(day).min();
    }
    Ok(first.map(convert::date))
}

/// The annual run rate at the end of a day, currency by currency, where it is not zero.
#[pg_extern(sql = false)]
fn timeline_at(
    timeline: &[u8],
    day: Date,
) -> Sql<TableIterator<'static, (name!(currency, String), name!(annual, AnyNumeric))>> {
    let day = convert::day(day);
    let mut rows = Vec::new();
    for steps in Timeline::read(timeline).or_report()?.currencies() {
        let steps = steps.or_report()?;
        let rate = steps.at(day);
        if rate != RunRate::ZERO && steps.currency != Currency::NONE {
            rows.push((steps.currency.to_string(), major(rate)?));
        }
    }
    Ok(TableIterator::new(rows))
}

/// By how much the annual run rate changes on each day.
#[pg_extern(sql = false)]
fn timeline_changes(
    timeline: &[u8],
) -> Sql<TableIterator<'static, (name!(currency, String), name!(day, Date), name!(change, AnyNumeric))>> {
    let mut rows = Vec::new();
    for steps in Timeline::read(timeline).or_report()?.currencies() {
        let steps = steps.or_report()?;
        let mut before = RunRate::ZERO;
        for (day, rate) in steps.iter() {
            let change = rate.checked_sub(before).or_report()?;
            rows.push((steps.currency.to_string(), convert::date(day), major(change)?));
            before = rate;
        }
    }
    Ok(TableIterator::new(rows))
}

/// A run rate in the major unit.
fn major(rate: RunRate) -> Sql<AnyNumeric> {
    convert::numeric(Amount(i128::from(rate.0) * 1_000_000_000_000))
}
