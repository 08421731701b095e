//! Between PostgreSQL's values and the core's.

use pgrx::datum::{Array, Date};
use pgrx::prelude::{AnyNumeric, PgSqlErrorCode};
use revenue::calendar::{Day, DayRange};
use revenue::money::{Amount, AmountError, Rate};

use crate::error::{OrReport, Sql, report};

/// A date as a day; infinities become the calendar's ends.
pub fn day(date: Date) -> Day {
    Day(date.into_inner())
}

/// A day as a date.
pub fn date(day: Day) -> Date {
    Date::saturating_from_raw(day.0)
}

/// An amount as numeric, exactly. Through text: once a result, never once a row. Whoever makes very
/// many can be stopped here.
pub fn numeric(amount: Amount) -> Sql<AnyNumeric> {
    pgrx::check_for_interrupts!();
    AnyNumeric::try_from(amount.to_string().as_str()).map_err(|_| AmountError).or_report()
}

/// A numeric as an amount. Refuses NaN, infinity, and what does not fit.
pub fn amount(value: &AnyNumeric) -> Sql<Amount> {
    value.normalize().parse::<Amount>().map_err(|_| {
        report(
            PgSqlErrorCode::ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
            format!("{} is out of range for an amount", value.normalize()),
            "Amounts have at most 18 decimals and 20 digits before the point.",
        )
    })
}

/// A numeric as an exchange rate, already rounded to the rate's decimals.
pub fn rate(value: &AnyNumeric) -> Sql<Rate> {
    const SHIFT: i128 = 10i128.pow(18 - Rate::SCALE);
    let exact = amount(value)?;
    if exact.0 <= 0 || exact.0 % SHIFT != 0 {
        return Err(report(
            PgSqlErrorCode::ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
            format!("{} is not an exchange rate: it must be above 0 with at most 12 decimals", value.normalize()),
            "",
        ));
    }
    Ok(Rate(exact.0 / SHIFT))
}

/// How many decimals amounts are shown with.
pub fn decimals(decimals: i32) -> Sql<u32> {
    u32::try_from(decimals).ok().filter(|decimals| *decimals <= 18).ok_or_else(|| {
        report(
            PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE,
            format!("decimals must be between 0 and 18, not {decimals}"),
            "Leave it out for all that there are.",
        )
    })
}

/// The ranges of a membership that SQL lists as first day, day after the last, and so on.
pub fn ranges(days: impl Iterator<Item = Day>, ranges: &mut Vec<DayRange>) {
    ranges.clear();
    let mut days = days;
    while let (Some(from), Some(until)) = (days.next(), days.next()) {
        ranges.push(DayRange { from, until });
    }
}

/// The same of an array.
pub fn ranges_of(days: &Array<'_, Date>) -> Vec<DayRange> {
    let mut found = Vec::new();
    ranges(days.iter().flatten().map(day), &mut found);
    found
}

/// The days of an array of dates without nulls, given as its bytes: number of dimensions, place
/// of the data when there are nulls, type, length, lower bound, and the days. `None` for an array
/// of another shape.
pub fn plain_days(array: &[u8]) -> Option<impl Iterator<Item = Day>> {
    let days = match array.as_chunks::<4>().0 {
        [dimensions, nulls, _, _, _, days @ ..] if (number(dimensions), number(nulls)) == (1, 0) => days,
        [dimensions, ..] if number(dimensions) == 0 => &[],
        _ => return None,
    };
    Some(days.iter().map(|bytes| Day(number(bytes))))
}

fn number(bytes: &[u8; 4]) -> i32 {
    i32::from_ne_bytes(*bytes)
}
