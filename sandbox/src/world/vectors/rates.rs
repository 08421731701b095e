//! Rates that a person can calculate with: the same on every working day, but that the dollar falls once.

use std::fmt::Write as _;

use chrono::{Datelike, Weekday};

use super::script::{MONTHS, at};
use crate::world::clock::{DAY, Horizon};

/// One euro in other currencies, in ten-thousandths.
const RATES: [(&str, u32); 6] =
    [("USD", 12_500), ("JPY", 1_600_000), ("KWD", 3_200), ("KRW", 16_000_000), ("BHD", 4_000), ("ISK", 1_250_000)];

/// What a euro is in dollars from a Monday on.
const FALLEN: u32 = 16_000;

/// The rates in the layout of the European Central Bank's history file.
pub(in crate::world) fn rates_csv() -> String {
    let horizon = Horizon::of_months(MONTHS);
    let falls = at("2025-06-16 00:00");
    let mut csv = String::from("Date,");
    RATES.iter().for_each(|(code, _)| csv += &format!("{code},"));
    csv.push('\n');
    let mut day = horizon.now.plus_seconds(-DAY);
    while day >= horizon.begin.plus_seconds(-14 * DAY) {
        let date = day.utc().date_naive();
        if !matches!(date.weekday(), Weekday::Sat | Weekday::Sun) {
            let _ = write!(csv, "{date},");
            for (code, rate) in RATES {
                let rate = if code == "USD" && day >= falls { FALLEN } else { rate };
                let _ = write!(csv, "{}.{:04},", rate / 10_000, rate % 10_000);
            }
            csv.push('\n');
        }
        day = day.plus_seconds(-DAY);
    }
    csv
}
