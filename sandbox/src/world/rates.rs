//! Euro reference rates: a seeded walk around 1.08 dollars for one euro, working days only.
//!
//! The full repertoire also bills in yen and in dinar. The European Central Bank publishes no rate for the dinar; a
//! column of its layout is made up for it, so that a sum over all accounts can be asked for.

use std::fmt::Write as _;

use chrono::{Datelike, NaiveDate, Weekday};

use super::Repertoire;
use super::clock::{DAY, Horizon, Moment};
use super::money::Currency;
use super::vectors;
use crate::random::{Purpose, Random};

/// Days before the world's beginning from which there are rates, so that the first day has one to carry forward.
const LEAD_DAYS: i64 = 14;

/// A column: the currency, and the middle of its walk in ten-thousandths.
const COLUMNS: [(Currency, i64); 3] = [(Currency::Usd, 10_800), (Currency::Jpy, 1_600_000), (Currency::Kwd, 3_320)];

/// The rates in the layout of the European Central Bank's history file: newest first, a comma at each line's end.
pub fn history_csv(seed: u64, horizon: Horizon, repertoire: Repertoire) -> String {
    let columns = match repertoire {
        Repertoire::Plain => &COLUMNS[..1],
        Repertoire::Full => &COLUMNS[..],
        Repertoire::Vectors => return vectors::rates_csv(),
    };
    let mut lines: Vec<String> = Vec::new();
    for (n, &(currency, middle)) in columns.iter().enumerate() {
        let walk = walk(&mut Random::stream(seed, Purpose::Rates, n as u64), middle, horizon);
        if n == 0 {
            lines.push("Date,".into());
            lines.extend(walk.iter().rev().map(|(date, _)| format!("{date},")));
        }
        let _ = write!(lines[0], "{},", currency.code());
        for (line, (_, rate)) in lines[1..].iter_mut().zip(walk.iter().rev()) {
            let _ = write!(line, "{}.{:04},", rate / 10_000, rate % 10_000);
        }
    }
    lines.join("\n") + "\n"
}

/// One rate for each working day, oldest first.
fn walk(random: &mut Random, middle: i64, horizon: Horizon) -> Vec<(NaiveDate, i64)> {
    let mut rows = Vec::new();
    let mut rate = middle;
    let step = (middle / 180).max(1);
    let mut day = Moment(horizon.begin.0 - LEAD_DAYS * DAY).day_start();
    while day < horizon.now {
        let date = day.utc().date_naive();
        if !matches!(date.weekday(), Weekday::Sat | Weekday::Sun) {
            // A pull back to the middle keeps years of random steps within a believable range.
            rate += random.between(-step, step) - (rate - middle) / 100;
            rows.push((date, rate));
        }
        day = day.plus_seconds(DAY);
    }
    rows
}
