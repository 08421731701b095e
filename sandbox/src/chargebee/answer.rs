//! From a path and a query to an answer, at one virtual now.

use std::sync::Arc;

use serde_json::{Value, json};

use super::history::{Event, History, PLANNED, State, noun};
use super::lines::{self, LinesOf};
use super::page::page;
use super::query::Query;
use super::refusal::Refusal;
use super::render::Catalog;
use crate::world::clock::{DAY, Moment};

/// What can be seen at a virtual now.
pub(super) struct Site<'a> {
    pub history: &'a History,
    pub now: Moment,
    pub catalog: Catalog,
    /// For how many days events can be listed; all of them without.
    pub events_kept: Option<i64>,
}

/// Streams, whether a list can be sorted and filtered by `updated_at`, and whether it hides what is deleted.
const STREAMS: [(&str, bool, bool); 10] = [
    ("customers", true, true),
    ("subscriptions", true, true),
    ("items", true, false),
    ("item_prices", true, false),
    ("plans", true, true),
    ("addons", true, true),
    ("coupons", true, false),
    ("invoices", true, true),
    ("credit_notes", true, true),
    ("ramps", true, true),
];

/// Streams whose records are cut when they have many lines.
const LONG: [&str; 2] = ["invoices", "credit_notes"];

impl Site<'_> {
    pub fn answer(&self, path: &str, query: Vec<(String, String)>) -> Result<Value, Refusal> {
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        match segments[..] {
            ["api", "v2", "configurations"] => {
                let version = if self.catalog == Catalog::V2 { "v2" } else { "v1" };
                Ok(json!({"configurations": [{"domain": "sandbox-test", "product_catalog_version": version}]}))
            }
            ["api", "v2", "events"] => self.events(&Query::read(query)?),
            ["api", "v2", "events", id] => {
                let event = self.told().iter().find(|event| event.id == id);
                let event = event.ok_or_else(|| Refusal::missing("event", id))?;
                Ok(json!({"event": *event.value}))
            }
            ["api", "v2", "subscriptions", id, "retrieve_with_scheduled_changes"] => {
                self.one("subscriptions", id)?;
                match self.one(PLANNED, id) {
                    Ok(planned) if !planned.is_null() => Ok(self.wrap("subscriptions", planned)),
                    _ => Err(Refusal::state("There are no scheduled changes for this subscription")),
                }
            }
            ["api", "v2", stream, id] => {
                let (stream, ..) = self.stream(stream, path)?;
                let value = self.one(stream, id)?;
                if LONG.contains(&stream) {
                    let part = lines::part(value, &LinesOf::read(query)?)?;
                    return Ok(self.wrap(stream, &part));
                }
                Ok(self.wrap(stream, value))
            }
            ["api", "v2", stream] => self.list(stream, path, &Query::read(query)?),
            _ => Err(Refusal::path(path)),
        }
    }

    /// The events of the time over which they are kept, oldest first.
    pub fn told(&self) -> &[Arc<Event>] {
        let events = &self.history.events;
        let first = self.events_kept.map_or(0, |days| {
            let since = self.now.plus_seconds(-days * DAY);
            events.partition_point(|event| event.at < since)
        });
        let last = events.partition_point(|event| event.at < self.now);
        &events[first.min(last)..last]
    }

    /// A record by its id.
    fn one(&self, stream: &'static str, id: &str) -> Result<&Value, Refusal> {
        let states = self.history.records.get(&(stream, id.to_owned()));
        let value = states.and_then(|states| self.present(states));
        value.map(Arc::as_ref).ok_or_else(|| Refusal::missing(noun(stream), id))
    }

    fn stream(&self, name: &str, path: &str) -> Result<(&'static str, bool, bool), Refusal> {
        let stream = STREAMS.into_iter().find(|(known, ..)| *known == name).ok_or_else(|| Refusal::path(path))?;
        let wrong = match self.catalog {
            Catalog::V2 => matches!(name, "plans" | "addons"),
            Catalog::V1 => matches!(name, "items" | "item_prices" | "ramps"),
        };
        if wrong { Err(Refusal::catalog(name)) } else { Ok(stream) }
    }

    fn list(&self, name: &str, path: &str, query: &Query) -> Result<Value, Refusal> {
        let (stream, by_update, hides) = self.stream(name, path)?;
        if !by_update && (query.updated_after.is_some() || query.sort.is_some()) {
            return Err(Refusal::wrong_value("sort_by", "what this list can be sorted by"));
        }
        if query.include_deleted && !hides {
            return Err(Refusal::wrong_value("include_deleted", "left out here"));
        }
        if stream == "ramps" && query.equals.iter().all(|(name, _)| name != "subscription_id") {
            return Err(Refusal::wrong_value("subscription_id", "there"));
        }
        let of_stream = self.history.records.range((stream, String::new())..).take_while(|((of, _), _)| *of == stream);
        let present = of_stream.filter_map(|((_, id), states)| Some((id.as_str(), self.present(states)?)));
        let wanted = present.filter(|(_, value)| {
            let deleted = hides && value["deleted"] == true && !query.include_deleted;
            let newer =
                query.updated_after.is_none_or(|after| value["updated_at"].as_i64().is_some_and(|at| at > after));
            let equal = query.equals.iter().all(|(name, wanted)| match &value[name] {
                Value::String(text) => text == wanted,
                Value::Bool(value) => value.to_string() == *wanted,
                _ => false,
            });
            !deleted && newer && equal
        });
        let by = query.sort.as_ref().map_or("created_at", |(by, _)| by.as_str());
        let keyed = wanted.map(|(id, value)| {
            let key = value[by].as_i64().or_else(|| value["date"].as_i64()).unwrap_or_default();
            (key, id, Arc::clone(value))
        });
        page(query, keyed, |value| match lines::part(value, &LinesOf::default()) {
            Ok(part) if LONG.contains(&stream) => self.wrap(stream, &part),
            _ => self.wrap(stream, value),
        })
    }

    fn events(&self, query: &Query) -> Result<Value, Refusal> {
        let wanted = self.told().iter().filter(|event| query.occurred_after.is_none_or(|after| event.at.0 > after));
        let keyed = wanted.map(|event| (event.at.0, event.id.as_str(), Arc::clone(&event.value)));
        page(query, keyed, |value| json!({"event": value}))
    }

    /// A record as it is now.
    fn present<'s>(&self, states: &'s [State]) -> Option<&'s Arc<Value>> {
        let known = states.partition_point(|state| state.at < self.now);
        states[..known].last().map(|state| &state.value)
    }

    /// Beside a subscription stands its customer.
    fn wrap(&self, stream: &'static str, value: &Value) -> Value {
        let mut wrapped = json!({noun(stream): value});
        if stream == "subscriptions" {
            let customer = value["customer_id"].as_str().unwrap_or_default().to_owned();
            let states = self.history.records.get(&("customers", customer));
            if let Some(customer) = states.and_then(|states| self.present(states)) {
                wrapped["customer"] = Value::clone(customer);
            }
        }
        wrapped
    }
}
