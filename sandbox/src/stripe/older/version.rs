//! Which versions there are, and in which one an event is rendered.

use std::fmt;
use std::str::FromStr;

use clap::ValueEnum;

use crate::delivery::fold;

/// An API version that events can be rendered in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, ValueEnum)]
pub enum Version {
    /// Before subscriptions lost their period and invoices their subscription.
    #[value(name = "2024-06-20")]
    Y2024,
    /// Items have periods, invoices and lines have parents, discounts still embed coupons.
    #[value(name = "2025-03-31.basil")]
    Basil,
    /// Discounts have sources.
    #[value(name = "2025-09-30.clover")]
    Clover,
    /// The version that is served.
    #[default]
    #[value(name = "2026-05-27.dahlia")]
    Dahlia,
}

impl Version {
    /// All of them, the oldest first.
    const ALL: [Self; 4] = [Self::Y2024, Self::Basil, Self::Clover, Self::Dahlia];

    /// As it is spelled in `api_version`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Y2024 => "2024-06-20",
            Self::Basil => "2025-03-31.basil",
            Self::Clover => "2025-09-30.clover",
            Self::Dahlia => crate::stripe::VERSION,
        }
    }
}

/// The version of the events that are listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Listed {
    /// One for all.
    One(Version),
    /// As an account's events look that has changed its version now and then: each event has its own.
    Mixed,
}

impl Default for Listed {
    fn default() -> Self {
        Self::One(Version::default())
    }
}

impl Listed {
    /// The version of the event with an id.
    pub(in crate::stripe) fn of(self, event: &str) -> Version {
        match self {
            Self::One(version) => version,
            Self::Mixed => Version::ALL[(fold(event) % 4) as usize],
        }
    }
}

impl FromStr for Listed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "mixed" {
            return Ok(Self::Mixed);
        }
        let known = || Version::ALL.map(Version::name).join(", ");
        Version::from_str(text, false).map(Self::One).map_err(|_| format!("{text} is none of {}, mixed", known()))
    }
}

impl fmt::Display for Listed {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::One(version) => version.name(),
            Self::Mixed => "mixed",
        })
    }
}
