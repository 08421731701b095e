//! The periods of `signup:`.

use chrono::{Months, NaiveDate};

use crate::calendar::{Day, DayRange};

/// The days of `2025`, `2025-q3` or `2025-07`; `None` for anything else.
pub fn period(text: &str) -> Option<DayRange> {
    let (year, part) = text.split_once('-').map_or((text, None), |(year, part)| (year, Some(part)));
    let (month, months) = match part.map(str::as_bytes) {
        None => (1, 12),
        Some([b'q' | b'Q', quarter @ b'1'..=b'4']) => (u32::from(quarter - b'1') * 3 + 1, 3),
        Some([tens @ b'0'..=b'1', ones @ b'0'..=b'9']) => (u32::from(tens - b'0') * 10 + u32::from(ones - b'0'), 1),
        Some(_) => return None,
    };
    let digits = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()) && year != "0000";
    let from = NaiveDate::from_ymd_opt(year.parse().ok().filter(|_| digits)?, month, 1)?;
    Some(DayRange { from: Day::from_date(from), until: Day::from_date(from.checked_add_months(Months::new(months))?) })
}

/// A period as PostgreSQL writes a `daterange`.
pub fn range_text(DayRange { from, until }: DayRange) -> String {
    // chrono marks years beyond 9999 with a sign that PostgreSQL does not read.
    format!("[{from},{})", until.to_string().trim_start_matches('+'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_quarters_and_months_are_periods() {
        for (text, range) in [
            ("2025", "[2025-01-01,2026-01-01)"),
            ("2025-q1", "[2025-01-01,2025-04-01)"),
            ("2025-Q4", "[2025-10-01,2026-01-01)"),
            ("2024-02", "[2024-02-01,2024-03-01)"),
            ("2025-12", "[2025-12-01,2026-01-01)"),
            ("9999-12", "[9999-12-01,10000-01-01)"),
        ] {
            assert_eq!(period(text).map(range_text).as_deref(), Some(range), "{text}");
        }
        for text in [
            "",
            "-",
            "25",
            "0000",
            "2025-",
            "2025-0",
            "2025-00",
            "2025-13",
            "2025-q0",
            "2025-q5",
            "2025-07-01",
            "+202-1",
            "٢٠٢٥",
        ] {
            assert_eq!(period(text), None, "{text}");
        }
    }
}
