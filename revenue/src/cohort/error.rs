//! A cohort that can't be read, and what to write instead.

use super::parse::{MOST_CHARACTERS, MOST_TERMS, MOST_VALUES};

/// A cohort that can't be read. Positions are in characters from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CohortError {
    /// Nothing is written.
    #[error("the cohort is empty")]
    Empty,
    /// More text than anybody writes.
    #[error("the cohort has {0} characters, more than {MOST_CHARACTERS}")]
    TooLong(usize),
    /// Too many terms.
    #[error("the cohort has more than {MOST_TERMS} terms")]
    TooManyTerms,
    /// Too many values.
    #[error("the cohort has more than {MOST_VALUES} values")]
    TooManyValues,
    /// A separator with nothing on one of its sides.
    #[error("the cohort has no term at position {0}")]
    NoTerm(usize),
    /// A colon with nothing before it.
    #[error("the cohort has no dimension before the colon at position {0}")]
    NoDimension(usize),
    /// A colon or a comma with nothing behind it.
    #[error("{0} has no value at position {1} of the cohort")]
    NoValue(String, usize),
    /// A quote that is not closed.
    #[error("the quote at position {0} of the cohort is not closed")]
    OpenQuote(usize),
    /// A quote in the middle of a word.
    #[error("stray quote at position {0} of the cohort")]
    StrayQuote(usize),
    /// Something behind a closing quote.
    #[error("stray text after the quote before position {0} of the cohort")]
    AfterQuote(usize),
    /// A colon within a value.
    #[error("stray colon at position {0} of the cohort")]
    StrayColon(usize),
    /// A comma in a term without a dimension.
    #[error("stray comma at position {0} of the cohort")]
    StrayComma(usize),
    /// A period that is none.
    #[error("signup period \"{0}\" at position {1} of the cohort can't be read")]
    Signup(String, usize),
}

impl CohortError {
    /// The remedy.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Empty | Self::NoTerm(_) | Self::NoDimension(_) | Self::NoValue(..) => {
                "Write all, plan:Pro, country:DE,AT or the name of a cohort; join terms with and: plan:Pro and country:DE."
            }
            Self::TooLong(_) | Self::TooManyTerms | Self::TooManyValues => {
                "Give a part of it a name with create_cohort(name, definition), or make it an attribute of the accounts."
            }
            Self::OpenQuote(_) | Self::StrayQuote(_) | Self::AfterQuote(_) => {
                "Double quotes go around a whole name or value, and one inside of them is doubled: csm:\"Ana \"\"Mia\"\" Roth\"."
            }
            Self::StrayColon(_) => {
                "Join terms with and: plan:Pro and country:DE. A value with a colon takes quotes: plan:\"Pro: yearly\"."
            }
            Self::StrayComma(_) => {
                "Values stand behind a dimension: plan:Pro,Solo. A name or a value with a comma takes quotes: csm:\"Ana, Maria\"."
            }
            Self::Signup(..) => {
                "Write the year, quarter or month of the first MRR: signup:2025, signup:2025-q3 or signup:2025-07."
            }
        }
    }
}
