//! The readable form: `EUR 2025-01-01 1200, 2025-03-01 0; USD 2025-02-01 599.95`.

use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::{Timeline, TimelineBuilder};
use crate::calendar::{Day, DayRange};
use crate::money::{Currency, RunRate};

/// Text that is no timeline.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a timeline: write `EUR 2025-01-01 1200, 2025-03-01 0` with days ascending and annual run rates, and `;` between currencies"
)]
pub struct TimelineTextError(String);

impl fmt::Display for Timeline<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, steps) in self.currencies().enumerate() {
            let Ok(steps) = steps else { return out.write_str("damaged") };
            write!(out, "{}{}", if place > 0 { "; " } else { "" }, steps.currency)?;
            for (place, (day, rate)) in steps.iter().enumerate() {
                let rate = Decimal::from_i128_with_scale(i128::from(rate.0), 6).normalize();
                write!(out, "{} {day} {rate}", if place > 0 { "," } else { "" })?;
            }
        }
        Ok(())
    }
}

/// Packs a timeline from its readable form.
pub fn parse(text: &str) -> Result<Vec<u8>, TimelineTextError> {
    read(text).ok_or_else(|| TimelineTextError(text.chars().take(60).collect()))
}

fn read(text: &str) -> Option<Vec<u8>> {
    let mut builder = TimelineBuilder::default();
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (code, steps) = part.split_once(' ')?;
        let currency: Currency = code.parse().ok()?;
        let steps: Vec<(Day, RunRate)> = steps.split(',').map(step).collect::<Option<_>>()?;
        for (index, (from, rate)) in steps.iter().enumerate() {
            let until = steps.get(index + 1).map_or(Day::END, |(day, _)| *day);
            if until <= *from {
                return None;
            }
            builder.add(currency, DayRange { from: *from, until }, *rate).ok()?;
        }
    }
    builder.pack().ok()
}

fn step(text: &str) -> Option<(Day, RunRate)> {
    let (day, rate) = text.trim().split_once(' ')?;
    let day = if day == "-infinity" { Day::START } else { Day::from_date(day.parse().ok()?) };
    let units = rate.trim().parse::<Decimal>().ok()?.checked_mul(Decimal::from(RunRate::PER_MAJOR))?;
    (units.fract().is_zero()).then_some((day, RunRate(units.to_i64()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_packed_form_say_the_same() {
        for text in ["", "EUR 2025-01-01 1200", "EUR 2024-02-29 0.000001, 2025-03-01 0; USD 1999-12-31 599.95"] {
            let packed = parse(text).unwrap();
            assert_eq!(Timeline::read(&packed).unwrap().to_string(), text);
        }
    }

    #[test]
    fn text_that_is_none_is_refused() {
        for text in
            ["EUR", "EUR 2025-01-01", "EUR 2025-02-30 1", "EUR 2025-02-01 1, 2025-01-01 2", "EUR 2025-01-01 0.0000001"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
