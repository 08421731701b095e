//! Events: what happened, told as Stripe tells it, with the object as it was right afterwards.
//!
//! The world keeps no events. They follow from it: an account is looked at as of each second in which something may
//! have changed ([`crate::moments`]), it is rendered as it stood before and after ([`scene`]), and what differs is what
//! happened ([`compare`]). An event depends on the world's past alone, so it is the same whenever it is asked for.

mod catalogue;
mod chronicle;
mod compare;
mod difference;
mod documents;
mod list;
mod redemptions;
mod scene;

use serde_json::{Value, json};

pub(super) use chronicle::{Chronicle, Versions};
pub(super) use list::Recent;

use super::expand::Kind;
use super::older::Version;
use crate::world::clock::{DAY, Moment};

/// For how long events can be listed and retrieved.
pub(super) const KEPT_SECONDS: i64 = 30 * DAY;

/// One thing that happened to one object.
pub(super) struct Happening {
    /// The event's type, such as `invoice.paid`.
    pub event: &'static str,
    pub kind: Kind,
    /// The object as it was before, where the event tells what changed.
    pub before: Option<Value>,
    /// The object that the event shows: as it was right afterwards, or as it last was if it is gone.
    pub object: Value,
}

impl Happening {
    /// Something that is shown as it is.
    fn shown(event: &'static str, kind: Kind, object: &Value) -> Self {
        Self { event, kind, before: None, object: object.clone() }
    }

    /// Something that is shown beside what it was.
    fn changed(event: &'static str, kind: Kind, before: &Value, object: &Value) -> Self {
        Self { before: Some(before.clone()), ..Self::shown(event, kind, object) }
    }
}

/// An event as it is kept: its data is frozen at its creation.
pub(super) struct Event {
    pub id: String,
    pub created: Moment,
    /// Such as `invoice.paid`.
    pub kind: &'static str,
    /// The API request that caused it; none for what happens of itself.
    request: Option<String>,
    listed: Rendition,
    /// What is posted, if anything is.
    posted: Option<Rendition>,
}

/// `{"object": …, "previous_attributes": …}` in a version; as text, which takes a tenth of the memory.
struct Rendition {
    version: Version,
    data: Box<str>,
}

impl Event {
    /// As it is listed and retrieved.
    pub fn listed(&self) -> String {
        self.render(&self.listed, 0)
    }

    /// As it is posted: over several lines, so that whoever writes it anew before checking the signature is found out.
    pub fn posted(&self) -> String {
        let text = self.render(self.posted.as_ref().unwrap_or(&self.listed), 1);
        let event: Value = serde_json::from_str(&text).unwrap_or_default();
        format!("{event:#}")
    }

    /// Put together as text, because the data are text and a page of a hundred would be read only to be written again.
    fn render(&self, rendition: &Rendition, pending_webhooks: u32) -> String {
        let Rendition { version, data } = rendition;
        let (id, version, created, kind) = (json!(self.id), json!(version.name()), self.created.0, json!(self.kind));
        let request = json!({"id": self.request, "idempotency_key": null});
        format!(
            r#"{{"id":{id},"object":"event","api_version":{version},"created":{created},"data":{data},"livemode":false,"#
        ) + &format!(r#""pending_webhooks":{pending_webhooks},"request":{request},"type":{kind}}}"#)
    }
}
