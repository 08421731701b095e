//! The documented filters of each list, read from the query into tags.

use super::query::Query;
use super::refusal::Refusal;
use super::shelf::{Shelf, Tag};

/// What a list path takes besides paging.
pub(super) struct Filters {
    pub tags: Vec<Tag>,
    pub created: Option<(i64, i64)>,
}

impl Filters {
    /// Takes `created` and the filters that compare one value each.
    pub fn take(query: &mut Query, values: &[&'static str]) -> Result<Self, Refusal> {
        let created = query.take_range("created")?;
        let mut tags = Vec::new();
        for &name in values {
            if let Some(value) = query.take(name) {
                tags.push((name, value));
            }
        }
        Ok(Self { tags, created })
    }

    /// Takes a filter whose values the API enumerates.
    pub fn take_choice(&mut self, query: &mut Query, name: &'static str, allowed: &[&str]) -> Result<(), Refusal> {
        if let Some(value) = query.take(name) {
            if !allowed.contains(&value.as_str()) {
                return Err(Refusal::invalid_value(name, &allowed.join(", ")));
            }
            self.tags.push((name, value));
        }
        Ok(())
    }

    /// The places of a shelf that the range of creation allows.
    pub fn span<T: Copy>(&self, shelf: &Shelf<T>) -> (u32, u32) {
        match self.created {
            Some((since, before)) => shelf.created_within(since, before),
            None => (0, shelf.len() as u32),
        }
    }
}

/// `true` and `false`.
pub(super) const BOOLEAN: &[&str] = &["true", "false"];

/// How invoices are collected.
pub(super) const COLLECTION: &[&str] = &["charge_automatically", "send_invoice"];

/// What an invoice can be.
pub(super) const INVOICE_STATUS: &[&str] = &["draft", "open", "paid", "uncollectible", "void"];

/// What subscriptions can be asked for.
pub(super) const SUBSCRIPTION_STATUS: &[&str] = &[
    "active",
    "all",
    "canceled",
    "ended",
    "incomplete",
    "incomplete_expired",
    "past_due",
    "paused",
    "trialing",
    "unpaid",
];

/// The subscriptions that are listed when no status is asked for: all but the canceled.
pub(super) const UNENDED: &[&str] =
    &["active", "incomplete", "incomplete_expired", "past_due", "paused", "trialing", "unpaid"];
