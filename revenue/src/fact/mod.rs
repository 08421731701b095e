//! What a source says, in the product's own words: accounts, charges, discounts, attributes.
//!
//! A connector maps raw records to facts, purely and totally: what it can't read is a
//! [`Problem`] beside the facts, never an abort and never a silent zero.

mod charge;
mod discount;
mod doubt;
mod evidence;
mod identity;
mod problem;
mod standing;

use chrono::{DateTime, Utc};

pub use charge::Charge;
pub use discount::{Discount, DiscountScope, DiscountValue, Duration};
pub use doubt::Doubt;
pub use evidence::Evidence;
pub use identity::{Identity, IdentityKind};
pub use problem::Problem;
pub use standing::{Standing, Stood};

/// Everything that a source says about one of its accounts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountFacts {
    /// The account itself; `None` when the source names it but has no record of it.
    pub account: Option<Account>,
    /// Recurring charges, in any order.
    pub charges: Vec<Charge>,
    /// Discounts on those charges. The order within a scope is the order they apply in.
    pub discounts: Vec<Discount>,
    /// When contracts stood otherwise than active, in any order.
    pub stood: Vec<Stood>,
    /// Attributes with the time over which they hold.
    pub attributes: Vec<Attribute>,
    /// Who it is outside of this source, in any order.
    pub identities: Vec<Identity>,
    /// When nobody can know: listed, so that a guess is never taken for the truth.
    pub doubts: Vec<Doubt>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// A customer of the company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The source's own id.
    pub id: String,
    /// The name to show; the id when the source knows no better.
    pub name: String,
}

/// A property of an account such as its country, over a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// What it is called, in lower case: `country`.
    pub name: String,
    /// The value as the source has it.
    pub value: String,
    /// Since when; `None` when it holds as far back as anything is known.
    pub from: Option<DateTime<Utc>>,
    /// Until when, exclusive; `None` while it holds.
    pub until: Option<DateTime<Utc>>,
}
