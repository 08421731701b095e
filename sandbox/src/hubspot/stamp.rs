//! Instants as HubSpot stamps them: milliseconds.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::random::{Purpose, mix};
use crate::world::clock::Moment;

/// Milliseconds since 1970.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Stamp(pub i64);

impl Stamp {
    /// A moment of the world with the milliseconds that it has here: what happens in one second of the world happens in
    /// one millisecond.
    pub fn of(moment: Moment) -> Self {
        let part = mix(0, Purpose::Crm, &[moment.0.unsigned_abs()]) % 1000;
        Self(moment.0 * 1000 + part as i64)
    }

    /// `2026-03-31T10:00:00.123Z`.
    pub fn iso(self) -> String {
        let at = DateTime::<Utc>::from_timestamp_millis(self.0).expect("virtual time stays within a few years of 2026");
        at.to_rfc3339_opts(SecondsFormat::Millis, true)
    }
}
