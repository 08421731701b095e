//! Webhooks: what changed while the clock was moved is posted in batches, each signed for the address that is called.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::ids::Ids;
use super::object::{Kind, Object};
use super::shelf::Shelf;
use super::stamp::Stamp;
use crate::delivery::{Letter, Postman};
use crate::stripe::Webhook;

/// So many events are in a batch at most.
const BATCH: usize = 100;

/// What an app is told of in one piece.
pub struct Batch {
    id: String,
    events: Vec<Value>,
}

impl Letter for Batch {
    fn id(&self) -> &str {
        &self.id
    }

    fn body(&self) -> String {
        Value::from(self.events.as_slice()).to_string()
    }
}

/// Someone who posts batches with HubSpot's signature. Receivers compare its time with their own clock, so it is the
/// real one.
pub fn postman(webhook: &Webhook, seed: u64) -> Option<Postman<Batch>> {
    let secret = webhook.webhook_secret.clone()?;
    let route = webhook.route()?;
    let url = route.url.to_string();
    let seal = move |body: &[u8]| {
        let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis()).to_string();
        let signature = signature(&secret, &url, body, &time);
        vec![("X-HubSpot-Signature-v3", signature), ("X-HubSpot-Request-Timestamp", time)]
    };
    Postman::new(route, Arc::new(seal), "HubSpot Connect 2.0 (sandbox)", seed)
}

/// The value of `X-HubSpot-Signature-v3`: the HMAC of method, address, body and time.
fn signature(secret: &str, url: &str, body: &[u8], time: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(format!("POST{url}").as_bytes());
    mac.update(body);
    mac.update(time.as_bytes());
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

/// What happened from one present to the next, newest first: to companies, deals and lines of deals. Answers to surveys
/// have no subscription.
pub fn batches(before: &Shelf, after: &Shelf) -> Vec<Arc<Batch>> {
    let mut events: Vec<(Stamp, Value)> = Vec::new();
    for kind in [Kind::Company, Kind::Deal, Kind::LineItem] {
        let known = |object: &Object| before.get(kind, object.id);
        events.extend(after.of(kind).flat_map(|object| changes(kind, known(object), object)));
    }
    for (loser, winner) in after.merged.iter().filter(|(loser, _)| !before.merged.contains_key(loser)) {
        let at = after.get(Kind::Company, *winner).map_or(Stamp(after.now.0 * 1000), Object::updated);
        let ids = json!({"primaryObjectId": winner, "mergedObjectIds": [loser], "newObjectId": winner, "numberOfPropertiesMoved": 1});
        events.push((at, event(Kind::Company, "merge", at, ids)));
    }
    events.sort_by_key(|(at, _)| *at);
    let all: Vec<Value> = events.into_iter().map(|(_, event)| event).collect();
    let batch = |(number, events): (usize, &[Value])| {
        Arc::new(Batch { id: format!("{}/{number}", after.now.0), events: events.to_vec() })
    };
    let mut batches: Vec<Arc<Batch>> = all.chunks(BATCH).enumerate().map(batch).collect();
    batches.reverse();
    batches
}

/// What happened to one record.
fn changes(kind: Kind, before: Option<&Object>, after: &Object) -> Vec<(Stamp, Value)> {
    let mut found = Vec::new();
    if before.is_none() {
        found.push((after.created, event(kind, "creation", after.created, json!({"objectId": after.id}))));
    }
    if let Some(before) = before {
        for (name, history) in &after.properties {
            let known = before.properties.get(name).map_or(0, Vec::len);
            for (at, value) in history.iter().skip(known) {
                let change = json!({"objectId": after.id, "propertyName": name, "propertyValue": value});
                found.push((*at, event(kind, "propertyChange", *at, change)));
            }
        }
    }
    if let Some(at) = after.archived.filter(|_| before.is_none_or(|before| before.archived.is_none())) {
        let gone = json!({"objectId": after.id, "changeFlag": "DELETED"});
        found.push((at, event(kind, "deletion", at, gone)));
    }
    found
}

fn event(kind: Kind, what: &str, at: Stamp, more: Value) -> Value {
    let mut event = json!({
        // Nobody promises that it is anybody's alone.
        "eventId": at.0 % 1_000_000,
        "subscriptionId": 1_160_452,
        "portalId": Ids::PORTAL,
        "appId": 1160,
        "occurredAt": at.0,
        "subscriptionType": format!("{}.{what}", kind.one()),
        "attemptNumber": 0,
        "changeSource": "CRM_UI",
        "sourceId": "userId:42",
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        event[name] = value.clone();
    }
    event
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_signature_is_what_openssl_makes_of_it() {
        // printf 'POSThttp://127.0.0.1:1/hooks/crm[{"eventId":1}]1700000000000' | openssl dgst -sha256 -hmac secret -binary | base64
        let expected = "VkKI3sIZM+qX3De6lICmRtD8gtWB4YCoglnwZ1T81O0=";
        let found = super::signature("secret", "http://127.0.0.1:1/hooks/crm", br#"[{"eventId":1}]"#, "1700000000000");
        assert_eq!(found, expected);
    }
}
