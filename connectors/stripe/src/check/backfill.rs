//! What the lengths of all lists come to, in words.

use super::size::Size;
use crate::config::Config;

/// How many requests the lists of a first sync take, and how long within the budget.
pub(super) fn requests(sizes: &[Size], config: &Config) -> String {
    let requests: i64 = sizes.iter().map(|size| size.records / 100 + 1).sum();
    let a_second = config.budget.requests_per_second;
    let time = match requests / i64::from(a_second.max(1)) + 1 {
        1 => "a second".to_owned(),
        seconds @ 2..120 => format!("{seconds} seconds"),
        seconds @ 120..7_200 => format!("{} minutes", seconds / 60),
        seconds => format!("{} hours", seconds / 3_600),
    };
    let about = if sizes.iter().all(|size| size.exact) { "" } else { "about " };
    format!(
        "{about}{} requests for the lists, so {time} or more at {a_second} a second; what changes meanwhile and long \
         lists inside of records are read one by one",
        grouped(requests)
    )
}

/// A list's length in words.
pub(super) fn records(size: Size) -> String {
    let noun = if size.records == 1 { "record" } else { "records" };
    // Two digits are all that an estimate is worth.
    let digits = size.records.checked_ilog10().unwrap_or(0).saturating_sub(1);
    let unit = 10_i64.saturating_pow(digits);
    if size.exact {
        format!("{} {noun}", grouped(size.records))
    } else {
        format!("about {} {noun}", grouped((size.records + unit / 2) / unit * unit))
    }
}

/// With commas between thousands.
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
