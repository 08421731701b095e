//! Between PostgreSQL's values and the core's.

use pgrx::datum::{Array, Date};
use pgrx::prelude::{AnyNumeric, PgSqlErrorCode};
use revenue::calendar::{Day, DayRange};
use revenue::metric::Membership;
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

/// An amount as numeric, exactly. Through text: once a result, never once a row.
pub fn numeric(amount: Amount) -> Sql<AnyNumeric> {
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

/// Hands on a membership that SQL lists as first day, day after the last, and so on; null is
/// always.
pub fn membership<T>(days: Option<&Array<'_, Date>>, then: impl FnOnce(Membership<'_>) -> T) -> T {
    let Some(days) = days else { return then(Membership::Always) };
    then(Membership::On(&ranges(days)))
}

/// The ranges of a membership.
pub fn ranges(days: &Array<'_, Date>) -> Vec<DayRange> {
    let days: Vec<Day> = days.iter().flatten().map(day).collect();
    days.as_chunks::<2>().0.iter().map(|[from, until]| DayRange { from: *from, until: *until }).collect()
}
