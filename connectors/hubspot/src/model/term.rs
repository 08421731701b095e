//! For how long a line is agreed: an ISO 8601 duration such as `P12M`.

use chrono::{Days, Months, NaiveDate};

/// A length of whole days, weeks, months and years.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Term {
    months: u32,
    days: u64,
}

impl Term {
    /// `None` for what is no such length, or none at all.
    pub(super) fn of(text: &str) -> Option<Self> {
        let mut rest = text.strip_prefix('P')?;
        let mut term = Self { months: 0, days: 0 };
        while !rest.is_empty() {
            let digits = rest.find(|character: char| !character.is_ascii_digit())?;
            let count: u32 = rest[..digits].parse().ok()?;
            match rest.as_bytes()[digits] {
                b'Y' => term.months = term.months.checked_add(count.checked_mul(12)?)?,
                b'M' => term.months = term.months.checked_add(count)?,
                b'W' => term.days += u64::from(count) * 7,
                b'D' => term.days += u64::from(count),
                _ => return None,
            }
            rest = &rest[digits + 1..];
        }
        (term.months > 0 || term.days > 0).then_some(term)
    }

    /// The first day that it no longer reaches, when it begins on a day.
    pub(super) fn end(self, from: NaiveDate) -> Option<NaiveDate> {
        from.checked_add_months(Months::new(self.months))?.checked_add_days(Days::new(self.days))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_counted_by_the_calendar() {
        let end = |text: &str, from: &str| {
            Term::of(text).and_then(|term| term.end(from.parse().unwrap())).map(|day| day.to_string())
        };
        assert_eq!(end("P12M", "2026-01-01").as_deref(), Some("2027-01-01"));
        assert_eq!(end("P1Y6M", "2026-01-31").as_deref(), Some("2027-07-31"));
        assert_eq!(end("P1M", "2026-01-31").as_deref(), Some("2026-02-28"));
        assert_eq!(end("P2W3D", "2026-01-01").as_deref(), Some("2026-01-18"));
        // HubSpot itself refuses a bare number.
        for text in ["24", "P", "P0M", "PT5H", "P1", "P99999999999M", "P1é"] {
            assert_eq!(Term::of(text), None, "{text}");
        }
    }
}
