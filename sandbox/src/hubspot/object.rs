//! A record of the CRM, whatever it is about: properties with their histories, and what it is associated with.

use std::collections::BTreeMap;

use super::stamp::Stamp;

/// The kinds of records that are served.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    Company,
    Deal,
    LineItem,
    Feedback,
}

impl Kind {
    /// By its name in a path, or its number.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "companies" | "company" | "0-2" => Some(Self::Company),
            "deals" | "deal" | "0-3" => Some(Self::Deal),
            "line_items" | "line_item" | "0-8" => Some(Self::LineItem),
            "feedback_submissions" | "0-19" => Some(Self::Feedback),
            _ => None,
        }
    }

    /// Its name in a path.
    pub fn path(self) -> &'static str {
        match self {
            Self::Company => "companies",
            Self::Deal => "deals",
            Self::LineItem => "line_items",
            Self::Feedback => "feedback_submissions",
        }
    }

    /// Its name among a record's associations.
    pub fn among(self) -> &'static str {
        match self {
            Self::LineItem => "line items",
            other => other.path(),
        }
    }

    /// As in `deal_to_company`.
    pub fn one(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::Deal => "deal",
            Self::LineItem => "line_item",
            Self::Feedback => "feedback_submission",
        }
    }
}

/// A property's history, oldest first; an empty text is none.
pub type History = Vec<(Stamp, String)>;

/// A record.
#[derive(Clone, Debug)]
pub struct Object {
    pub id: u64,
    pub created: Stamp,
    pub archived: Option<Stamp>,
    pub properties: BTreeMap<&'static str, History>,
    /// Properties that HubSpot works out itself: they change without a stamp.
    pub calculated: BTreeMap<&'static str, String>,
    pub associations: BTreeMap<Kind, Vec<u64>>,
}

impl Object {
    /// One without properties yet.
    pub fn new(id: u64, created: Stamp) -> Self {
        let (properties, calculated, associations) = Default::default();
        let mut object = Self { id, created, archived: None, properties, calculated, associations };
        object.fix("hs_object_id", &id.to_string());
        object.fix("createdate", &created.iso());
        object
    }

    /// A property that never changes.
    pub fn fix(&mut self, name: &'static str, value: &str) {
        self.properties.insert(name, vec![(self.created, value.to_owned())]);
    }

    /// Every time at which it was changed, in order. Putting it away is none.
    pub fn changes(&self) -> Vec<Stamp> {
        let mut all: Vec<Stamp> = self.properties.values().flatten().map(|(at, _)| *at).collect();
        all.push(self.created);
        all.sort_unstable();
        all.dedup();
        all
    }

    /// When it was changed last.
    pub fn updated(&self) -> Stamp {
        self.changes().last().copied().unwrap_or(self.created)
    }

    /// What a property says; `None` when there is no such property.
    pub fn value(&self, name: &str) -> Option<String> {
        match name {
            "hs_lastmodifieddate" => Some(self.updated().iso()),
            _ => {
                let noted = || Some(self.properties.get(name)?.last()?.1.clone());
                self.calculated.get(name).cloned().or_else(noted)
            }
        }
    }
}
