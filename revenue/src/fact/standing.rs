//! How a contract stands while it is in force.

use std::fmt;

use chrono::{DateTime, Utc};

/// A time over which a contract stands otherwise than active. By default what is on trial or paused
/// does not count and all else does; a policy may say otherwise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stood {
    /// The source's id of the contract.
    pub contract: String,
    /// How it stands.
    pub standing: Standing,
    /// Since when.
    pub from: DateTime<Utc>,
    /// Until when, exclusive; `None` while no end is known.
    pub until: Option<DateTime<Utc>>,
}

/// How a contract stands. What is on trial is neither paused nor past due, and what is paused is
/// not past due; [`Standing::Ending`] and [`Standing::Refunded`] may come with any of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// It is billed elsewhere: a contract of a CRM. Whatever else may be said of it, it counts nowhere.
    Contracted,
    /// Nothing is owed yet.
    Trial,
    /// Nothing is collected for a while, on purpose.
    Paused,
    /// A payment is late; the source still tries to collect it.
    PastDue,
    /// The end was asked for and is yet to come.
    Ending,
    /// What was paid for this time was given back in full, and its end is known.
    Refunded,
}

impl Standing {
    /// Whether charges count by default while a contract stands so.
    pub fn counts(self) -> bool {
        matches!(self, Self::PastDue | Self::Ending | Self::Refunded)
    }

    /// The name in tables and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Contracted => "contracted",
            Self::Trial => "trial",
            Self::Paused => "paused",
            Self::PastDue => "past_due",
            Self::Ending => "ending",
            Self::Refunded => "refunded",
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}
