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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn check(schedule: &str, zone: &str, after: &str, expect: &[&str]) {
        let schedule: Schedule = schedule.parse().unwrap();
        let zone: Tz = zone.parse().unwrap();
        let mut now = at(after);
        for expect in expect {
            now = schedule.next(now, zone).unwrap();
            assert_eq!(now, at(expect), "{schedule} in {zone} after {after}");
        }
    }

    #[test]
    fn fields_are_local_time() {
        let nightly = ["2026-07-01T00:15:00Z", "2026-07-02T00:15:00Z"];
        check("0 15 2 * * *", "Europe/Berlin", "2026-06-30T12:00:00Z", &nightly);
        check("0 15 2 * * *", "UTC", "2026-07-01T02:15:00Z", &["2026-07-02T02:15:00Z"]);
        check("0 0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", &["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"]);
    }

    #[test]
    fn a_skipped_time_runs_once_behind_the_gap() {
        // On 2026-03-29 Berlin's clocks go from 02:00 to 03:00, which is 01:00 UTC.
        let days = ["2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"];
        check("0 30 2 * * *", "Europe/Berlin", "2026-03-27T12:00:00Z", &days);
        // Two skipped times are one run.
        let quarters = ["2026-03-29T01:00:00Z", "2026-03-30T00:15:00Z"];
        check("0 15,45 2 * * *", "Europe/Berlin", "2026-03-28T02:00:00Z", &quarters);
    }

    #[test]
    fn a_repeated_time_runs_once_a_day_but_in_each_real_hour() {
        // On 2026-10-25 Berlin's clocks go from 03:00 back to 02:00, which is 01:00 UTC.
        let days = ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"];
        check("0 30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", &days);
        let hours = ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"];
        check("0 30 * * * *", "Europe/Berlin", "2026-10-25T00:00:00Z", &hours);
        let tens = ["2026-10-25T00:50:00Z", "2026-10-25T01:00:00Z", "2026-10-25T01:10:00Z"];
        check("0 */10 * * * *", "Europe/Berlin", "2026-10-25T00:40:00Z", &tens);
    }

    #[test]
    fn text_that_is_no_schedule_is_refused_with_what_to_write() {
        for (text, expect) in [
            ("15 2 * * *", "it has no seconds; write `0 15 2 * * *`"),
            ("@daily", "write six fields such as"),
            ("0 0 0 30 2 *", "there is no such day"),
            ("0 0 0 31 4,6 *", "there is no such day"),
            ("0 61 * * * *", "write six fields of numbers"),
            ("", "write six fields: second"),
            ("0 0 0 1 1 * 2030", "write six fields: second"),
        ] {
            let error = text.parse::<Schedule>().unwrap_err().to_string();
            assert!(error.contains(expect), "{text}: {error}");
        }
    }

    /// Every second of some days, matched by the rule as it is written on the module.
    fn brute_force(schedule: &Schedule, zone: Tz, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let matches = |wall: NaiveDateTime| schedule.fields.includes(wall.and_utc());
        let mut found = Vec::new();
        let mut instant = from;
        let mut last = instant.with_timezone(&zone).naive_local() - Duration::seconds(1);
        let mut highest = last;
        while instant < until {
            let wall = instant.with_timezone(&zone).naive_local();
            let skipped = (1..).map(|step| last + Duration::seconds(step)).take_while(|skipped| *skipped < wall);
            let repeated = wall <= highest;
            if skipped.into_iter().any(matches) || matches(wall) && (!repeated || schedule.every_hour) {
                found.push(instant);
            }
            last = wall;
            highest = highest.max(wall);
            instant += Duration::seconds(1);
        }
        found
    }

    #[test]
    fn the_rule_holds_around_changes_of_clocks() {
        let changes = [
            ("Europe/Berlin", "2026-03-28T20:00:00Z"),
            ("Europe/Berlin", "2026-10-24T20:00:00Z"),
            ("America/New_York", "2026-03-07T20:00:00Z"),
            ("America/New_York", "2026-10-31T20:00:00Z"),
            ("Australia/Lord_Howe", "2026-04-04T03:00:00Z"), // by half an hour
            ("Australia/Lord_Howe", "2026-10-03T03:00:00Z"),
            ("America/Sao_Paulo", "2018-11-03T20:00:00Z"), // at midnight
            ("Asia/Kathmandu", "2026-06-01T00:00:00Z"),
        ];
        for (zone, from) in changes {
            let (zone, from): (Tz, _) = (zone.parse().unwrap(), at(from));
            let until = from + Duration::hours(36);
            for text in ["0 30 2 * * *", "0 0 0 * * *", "0 15 * * * *", "0 */20 1,2 * * *", "30 59 1-3 * * *"] {
                let schedule: Schedule = text.parse().unwrap();
                let mut found = Vec::new();
                let mut now = from - Duration::seconds(1);
                while let Some(next) = schedule.next(now, zone).filter(|next| *next < until) {
                    found.push(next);
                    now = next;
                }
                assert_eq!(found, brute_force(&schedule, zone, from, until), "{text} in {zone} from {from}");
            }
        }
    }
}
