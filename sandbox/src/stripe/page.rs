//! Pages: limits and cursors, the same for every list.

use serde_json::{Value, json};

use super::query::Query;
use super::refusal::Refusal;
use super::shelf::{Shelf, Tag};

/// Which part of a list is asked for.
#[derive(Clone, Debug)]
pub struct Paging {
    limit: usize,
    after: Option<String>,
    before: Option<String>,
}

impl Paging {
    /// Takes limit and cursor out of a query.
    pub fn take(query: &mut Query) -> Result<Self, Refusal> {
        let limit = query.take_integer("limit")?.unwrap_or(10);
        if !(1..=100).contains(&limit) {
            return Err(Refusal::limit_out_of_range(limit));
        }
        let (after, before) = (query.take("starting_after"), query.take("ending_before"));
        if after.is_some() && before.is_some() {
            return Err(Refusal::both_cursors());
        }
        Ok(Self { limit: limit as usize, after, before })
    }

    /// The page of a shelf: its objects, newest first, and whether there are more in the direction of paging.
    pub fn of_shelf<T: Copy>(
        &self,
        shelf: &Shelf<T>,
        noun: &str,
        filters: &[Tag],
        (newest, oldest): (u32, u32),
        keep: impl Fn(T) -> bool,
    ) -> Result<(Vec<T>, bool), Refusal> {
        let place = |name: &str, id: &str| shelf.place(id).ok_or_else(|| Refusal::missing_cursor(noun, name, id));
        let (mut from, mut to) = (newest, oldest);
        if let Some(id) = &self.after {
            from = from.max(place("starting_after", id)? + 1);
        }
        if let Some(id) = &self.before {
            to = to.min(place("ending_before", id)?);
        }
        let backwards = self.before.is_some();
        let chosen = shelf.select(filters, from, to, backwards).map(|entry| entry.object);
        let mut objects: Vec<T> = chosen.filter(|&object| keep(object)).take(self.limit + 1).collect();
        let more = objects.len() > self.limit;
        objects.truncate(self.limit);
        if backwards {
            objects.reverse();
        }
        Ok((objects, more))
    }

    /// The page of a list that keeps the order of a parent, such as an invoice's lines.
    pub fn of_nested(&self, ids: &[String], noun: &str) -> Result<(std::ops::Range<usize>, bool), Refusal> {
        let place = |name: &str, id: &String| {
            ids.iter().position(|known| known == id).ok_or_else(|| Refusal::missing_cursor(noun, name, id))
        };
        if let Some(id) = &self.before {
            let to = place("ending_before", id)?;
            let from = to.saturating_sub(self.limit);
            return Ok((from..to, from > 0));
        }
        let from = match &self.after {
            Some(id) => place("starting_after", id)? + 1,
            None => 0,
        };
        let to = ids.len().min(from + self.limit);
        Ok((from..to, to < ids.len()))
    }
}

/// Stripe's list object.
pub fn list(url: &str, data: Vec<Value>, has_more: bool) -> Value {
    let mut list = json!({"object": "list", "data": null, "has_more": has_more, "url": url});
    list["data"] = Value::Array(data); // Moved in, because json! would copy it.
    list
}
