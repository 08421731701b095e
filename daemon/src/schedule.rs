//! When a source is synced: six cron fields in the book's time zone.
//!
//! The rule on days with a change of clocks, which cron crates don't agree on: fields are matched
//! against the local calendar. A local time that the clocks skip runs once, at the first instant
//! behind the gap. A local time that comes twice runs at its first coming only, unless the hour
//! field is `*`: who runs every hour, or more often, runs in each real hour. Day of month and day
//! of week must both match.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Duration, LocalResult, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use cron::TimeUnitSpec;

/// A cron expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    fields: cron::Schedule,
    every_hour: bool,
}

/// Text that is no schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{written}` is not a schedule: {reason}")]
pub struct ScheduleError {
    written: String,
    reason: String,
}

/// No change of clocks moves a local time by more: a country may skip a day at the date line.
const LARGEST_CHANGE: Duration = Duration::hours(26);

/// No local time of our days comes a second time after longer than this.
const LARGEST_REPEAT: Duration = Duration::hours(3);

impl Schedule {
    /// The first instant after `after` at which it is due in a zone; `None` when it never is again.
    pub fn next(&self, after: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        // Matching is done on local wall clocks written as if they were UTC, which have no gaps;
        // the zone comes in only when a match becomes an instant. A match a little before the
        // local time of `after` may still lie ahead, as its second coming or behind a gap.
        let local = after.with_timezone(&zone).naive_local();
        let mut found: Option<DateTime<Utc>> = None;
        let from = if self.quiet(after, zone) { local } else { local - LARGEST_REPEAT };
        let from = from - Duration::seconds(1);
        for wall in self.fields.after(&from.and_utc()).map(|wall| wall.naive_utc()) {
            if let Some(instant) = self.instants(wall, zone).into_iter().flatten().filter(|at| *at > after).min() {
                found = Some(found.map_or(instant, |earlier| earlier.min(instant)));
            }
            // A later wall clock can only come earlier in the second pass of a repeated hour.
            if found.is_some_and(|at| at.with_timezone(&zone).naive_local() + LARGEST_REPEAT < wall)
                || found.is_some() && self.quiet(after, zone)
            {
                break;
            }
        }
        found
    }

    /// Whether the zone's clocks don't change around an instant.
    fn quiet(&self, at: DateTime<Utc>, zone: Tz) -> bool {
        use chrono::Offset;
        let offset = |at: DateTime<Utc>| zone.offset_from_utc_datetime(&at.naive_utc()).fix();
        offset(at - LARGEST_CHANGE) == offset(at + LARGEST_CHANGE) && offset(at) == offset(at + LARGEST_CHANGE)
    }

    /// The instants at which a local time comes.
    fn instants(&self, wall: NaiveDateTime, zone: Tz) -> [Option<DateTime<Utc>>; 2] {
        match zone.from_local_datetime(&wall) {
            LocalResult::Single(at) => [Some(at.to_utc()), None],
            LocalResult::Ambiguous(first, second) => [Some(first.to_utc()), self.every_hour.then(|| second.to_utc())],
            LocalResult::None => [behind_gap(wall, zone), None],
        }
    }
}

/// The first instant behind the gap in which a local time lies.
fn behind_gap(wall: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    // Two instants around the gap, closed in on to the second.
    let around = |wall: NaiveDateTime| zone.from_local_datetime(&wall).earliest().map(|at| at.timestamp());
    let mut before = around(wall - LARGEST_CHANGE)?;
    let mut behind = around(wall + LARGEST_CHANGE)?;
    let shows = |at: i64| DateTime::from_timestamp(at, 0).map(|at| at.with_timezone(&zone).naive_local());
    while behind - before > 1 {
        let middle = before + (behind - before) / 2;
        if shows(middle)? < wall {
            before = middle;
        } else {
            behind = middle;
        }
    }
    DateTime::from_timestamp(behind, 0)
}

impl FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = |reason: String| ScheduleError { written: text.chars().take(60).collect(), reason };
        let fields = text.split_whitespace().count();
        if text.trim_start().starts_with('@') {
            return Err(refused("write six fields such as `0 15 2 * * *` for 02:15:00 every day".into()));
        }
        if fields == 5 {
            return Err(refused(format!("it has no seconds; write `0 {}`", text.trim())));
        }
        if fields != 6 {
            return Err(refused(
                "write six fields: second, minute, hour, day of month, month, day of week, such as `0 15 2 * * *`"
                    .into(),
            ));
        }
        let parsed = cron::Schedule::from_str(text.trim()).map_err(|_| {
            refused("write six fields of numbers, `*`, lists, ranges or steps, such as `0 15 2 * * *`".into())
        })?;
        // Leap days and weekdays repeat within 28 years, so a century without a match is never.
        let start = DateTime::from_timestamp(0, 0).unwrap_or_default();
        if parsed.after(&start).next().is_none() {
            return Err(refused("there is no such day; correct day of month and month".into()));
        }
        let every_hour = parsed.hours().is_all();
        Ok(Self { fields: parsed, every_hour })
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.fields.source())
    }
}
