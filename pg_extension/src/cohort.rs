//! Cohorts: their text, taken apart; their days; and what somebody may have meant.

use pgrx::datum::{Array, Date};
use pgrx::iter::TableIterator;
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::prelude::*;
use revenue::calendar::{Day, DayRange};
use revenue::cohort::{self, CohortError, Dimension};

use crate::convert;
use crate::error::{IntoReport, OrReport, Sql, given, report};

impl IntoReport for CohortError {
    fn into_report(self) -> ErrorReport {
        report(PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE, self.to_string(), self.hint())
    }
}

/// The terms of a cohort; `name` is an attribute's.
#[pg_extern(sql = false)]
#[expect(clippy::type_complexity, reason = "pgrx reads the columns from the written-out type")]
fn cohort_terms(
    cohort: Option<&str>,
) -> Sql<
    TableIterator<
        'static,
        (name!(place, i32), name!(dimension, &'static str), name!(name, Option<String>), name!(values, Vec<String>)),
    >,
> {
    let terms = cohort::parse(given(cohort, "cohort")?).or_report()?;
    Ok(TableIterator::new(terms.into_iter().map(|term| {
        let word = term.dimension.word();
        let name = if let Dimension::Attribute(name) = term.dimension { Some(name) } else { None };
        (i32::try_from(term.position).unwrap_or(i32::MAX), word, name, term.values)
    })))
}

/// The hint for a name or a value that is not among the known ones.
#[pg_extern(sql = false)]
fn cohort_hint(written: &str, known: Array<'_, &str>) -> String {
    cohort::hint(written, &known.iter().flatten().collect::<Vec<_>>())
}

/// A day as `2026-03-31`, and nothing else that PostgreSQL would take for a date.
#[pg_extern(sql = false)]
fn cohort_day(at: &str) -> Sql<Date> {
    let digits = |place: usize, byte: u8| if matches!(place, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    let written = at.len() == 10 && at.bytes().enumerate().all(|(place, byte)| digits(place, byte));
    match at.parse() {
        Ok(date) if written => Ok(convert::date(Day::from_date(date))),
        _ => Err(report(
            PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE,
            format!("at \"{}\" can't be read", at.chars().take(60).collect::<String>()),
            "Write then, now or a date such as 2026-03-31.",
        )),
    }
}

/// The membership of ranges that come as their first days and the days after their last ones, in
/// any order. One call an account: by the row it would cost more than reading the rows.
#[pg_extern(sql = false)]
fn membership_of(firsts: Array<'_, Date>, ends: Array<'_, Date>) -> Vec<Date> {
    let days = firsts.iter().flatten().zip(ends.iter().flatten());
    let ranges: Vec<_> =
        days.map(|(from, until)| DayRange { from: convert::day(from), until: convert::day(until) }).collect();
    flat(&cohort::either(&ranges, &[]))
}

/// The days that are in either of two memberships.
#[pg_extern(sql = false)]
fn membership_or(a: Array<'_, Date>, b: Array<'_, Date>) -> Vec<Date> {
    flat(&cohort::either(&convert::ranges_of(&a), &convert::ranges_of(&b)))
}

/// The days that are in both of two memberships; null when there is none.
#[pg_extern(sql = false)]
fn membership_and(a: Array<'_, Date>, b: Array<'_, Date>) -> Option<Vec<Date>> {
    let common = cohort::both(&convert::ranges_of(&a), &convert::ranges_of(&b));
    (!common.is_empty()).then(|| flat(&common))
}

/// Ranges as SQL lists them: first day, day after the last, and so on.
fn flat(ranges: &[DayRange]) -> Vec<Date> {
    ranges.iter().flat_map(|range| [range.from, range.until]).map(convert::date).collect()
}
