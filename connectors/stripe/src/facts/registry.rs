//! Discounts by their ids. Most records name a discount by its id alone; what it is stands
//! elsewhere: where it was expanded, or in an event about it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::model::{About, Applied, Attached, CouponSource, Event, Problems};

/// All discounts of an account that are whole anywhere.
#[derive(Default)]
pub(super) struct Registry {
    discounts: BTreeMap<String, Entry>,
    /// Discounts of the customer itself, each time it was read: which one it had, if any.
    pub(super) of_customer: Vec<(DateTime<Utc>, Option<String>)>,
    /// Events: when a discount came or went.
    pub(super) events: Vec<Happening>,
}

/// A discount, and the record in which it is whole.
pub(super) struct Entry {
    pub(super) applied: Applied,
    pub(super) stream: String,
    pub(super) record: String,
}

impl Entry {
    /// The record that tells of it, as `stream/id`.
    pub(super) fn origin(&self) -> String {
        format!("{}/{}", self.stream, self.record)
    }
}

/// A discount came or went.
pub(super) struct Happening {
    pub(super) id: String,
    pub(super) at: DateTime<Utc>,
    pub(super) came: bool,
    pub(super) origin: String,
}

impl Registry {
    /// Takes in discounts that stand in a record. What is known later is more right, unless it
    /// knows its coupon by name only.
    pub(super) fn learn<'a>(&mut self, stream: &str, record: &str, attached: impl Iterator<Item = &'a Attached>) {
        for applied in attached.filter_map(|attached| attached.applied.as_ref()) {
            let less = matches!(applied.coupon, CouponSource::Named(_));
            let more = |entry: &Entry| matches!(entry.applied.coupon, CouponSource::Embedded(_));
            if less && self.discounts.get(&applied.id).is_some_and(more) {
                continue;
            }
            let (applied, stream, record) = (applied.clone(), stream.to_owned(), record.to_owned());
            self.discounts.insert(applied.id.clone(), Entry { applied, stream, record });
        }
    }

    /// Takes in an event about a discount.
    pub(super) fn happened(&mut self, event: &Event<'_>, problems: &mut Problems<'_>) {
        let Some(applied) = problems.keep(Applied::read(&event.object), "the discount is ignored") else { return };
        let came = event.about != About::DiscountGone;
        let (id, origin) = (applied.id.clone(), event.origin());
        let attached = Attached { id: id.clone(), path: applied.path.clone(), applied: Some(applied) };
        self.learn("events", event.id, [&attached].into_iter());
        self.events.push(Happening { id, at: event.at, came, origin });
    }

    pub(super) fn get(&self, id: &str) -> Option<&Entry> {
        self.discounts.get(id)
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.discounts.values()
    }
}
