//! How a fact is known.

use std::fmt;
use std::str::FromStr;

/// How a fact is known, from the strongest to the weakest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// Seen in the source's present state by a sync or a webhook.
    Observed,
    /// From the source's own log of changes.
    History,
    /// Rebuilt from the service periods of invoices.
    Invoice,
    /// The present state carried back in time, because nothing says otherwise.
    Projected,
}

impl Evidence {
    /// The name in tables and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Observed => "observed",
            Self::History => "history",
            Self::Invoice => "invoice",
            Self::Projected => "projected",
        }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl FromStr for Evidence {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Observed, Self::History, Self::Invoice, Self::Projected]
            .into_iter()
            .find(|evidence| evidence.as_str() == text)
            .ok_or_else(|| format!("`{text}` is not a grade of evidence"))
    }
}
