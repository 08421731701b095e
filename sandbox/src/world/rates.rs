//! Euro reference rates: a seeded walk around 1.08 dollars for one euro, working days only.

use std::fmt::Write as _;

use chrono::{Datelike, Weekday};

use super::clock::{DAY, Horizon, Moment};
use crate::random::{Purpose, Random};

/// Days before the world's beginning from which there are rates, so that the first day has one to carry forward.
const LEAD_DAYS: i64 = 14;

/// The rates in the layout of the European Central Bank's history file: newest first, a comma at each line's end.
pub fn history_csv(seed: u64, horizon: Horizon) -> String {
    let mut random = Random::stream(seed, Purpose::Rates, 0);
    let mut rows = Vec::new();
    let mut rate: i64 = 10_800; // In ten-thousandths of a dollar.
    let mut day = Moment(horizon.begin.0 - LEAD_DAYS * DAY).day_start();
    while day < horizon.now {
        let date = day.utc().date_naive();
        if !matches!(date.weekday(), Weekday::Sat | Weekday::Sun) {
            // A pull back to the middle keeps years of random steps within a believable range.
            rate += random.between(-60, 60) - (rate - 10_800) / 100;
            rows.push((date, rate));
        }
        day = day.plus_seconds(DAY);
    }
    let mut csv = String::from("Date,USD,\n");
    for (date, rate) in rows.iter().rev() {
        let _ = writeln!(csv, "{date},{}.{:04},", rate / 10_000, rate % 10_000);
    }
    csv
}
