//! A property over time.

use crate::world::clock::Moment;

/// What a property was set to and when, in the order of time; `None` empties it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Track(Vec<(Moment, Option<String>)>);

impl Track {
    /// Sets it from a moment on. What is set to what it is already, or before what was set last, is left alone.
    pub fn set(&mut self, at: Moment, value: Option<String>) {
        let (last, held) = self.0.last().map_or((None, &None), |(at, value)| (Some(*at), value));
        if last.is_none_or(|last| last < at) && *held != value {
            self.0.push((at, value));
        }
    }

    /// What was set when.
    pub fn steps(&self) -> &[(Moment, Option<String>)] {
        &self.0
    }

    /// What it is at a moment: what was set before it.
    pub fn before(&self, moment: Moment) -> Option<&str> {
        self.0.iter().rev().find(|(at, _)| *at < moment).and_then(|(_, value)| value.as_deref())
    }
}
