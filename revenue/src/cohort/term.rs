//! What the text of a cohort says, term by term.

/// One term: the accounts that have any of the values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Where it begins in the text, in characters from 1.
    pub position: usize,
    /// What the values are values of.
    pub dimension: Dimension,
    /// The values as written, without their quotes; for [`Dimension::Signup`] the days of the
    /// period as PostgreSQL writes a `daterange`, for [`Dimension::All`] none.
    pub values: Vec<String>,
}

/// What a value is a value of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dimension {
    /// Every account.
    All,
    /// The plan of an item in force.
    Plan,
    /// The currency of an item in force.
    Currency,
    /// The period of the first MRR above zero.
    Signup,
    /// A cohort that an admin has made.
    Cohort,
    /// An attribute of the account, by its name.
    Attribute(String),
}

impl Dimension {
    /// The dimension that a bare word names: what is not a dimension of its own is an attribute.
    pub fn named(word: &str) -> Self {
        match word.to_lowercase().as_str() {
            "plan" => Self::Plan,
            "currency" => Self::Currency,
            "signup" => Self::Signup,
            "cohort" => Self::Cohort,
            _ => Self::Attribute(word.to_owned()),
        }
    }

    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Plan => "plan",
            Self::Currency => "currency",
            Self::Signup => "signup",
            Self::Cohort => "cohort",
            Self::Attribute(_) => "attribute",
        }
    }
}
