//! `GET /v1/events` and `GET /v1/events/{id}`.

use std::sync::Arc;

use super::{Chronicle, Event, KEPT_SECONDS};
use crate::stripe::expand::{self, Kind, Shape};
use crate::stripe::page::Paging;
use crate::stripe::query::Query;
use crate::stripe::refusal::Refusal;
use crate::stripe::shelf::{Entry, Shelf};
use crate::world::clock::Moment;

/// No more than so many types can be asked for at once.
const MOST_TYPES: usize = 20;

/// The events that can be seen at one virtual now.
pub(in crate::stripe) struct Recent {
    events: Vec<Arc<Event>>,
    shelf: Shelf<u32>,
}

impl Recent {
    pub fn new(chronicle: &Chronicle, now: Moment) -> Self {
        let events = chronicle.events(now.plus_seconds(-KEPT_SECONDS), now);
        let entry = |(n, event): (usize, &Arc<Event>)| {
            (Entry { id: event.id.clone(), created: event.created.0, object: n as u32 }, Vec::new())
        };
        let mut entries: Vec<_> = events.iter().enumerate().map(entry).collect();
        entries.reverse(); // A shelf takes its objects oldest first.
        Self { shelf: Shelf::new(entries), events }
    }

    /// Answers a GET request for all events or for one.
    pub fn answer(&self, id: Option<&str>, mut query: Query) -> Result<String, Refusal> {
        let expansions = query.take_list("expand");
        let (answer, shape) = match id {
            Some(id) => {
                query.finish(&[])?;
                let place = self.shelf.get(id).ok_or_else(|| Refusal::missing("event", id))?;
                (self.render(place), Shape::One(Kind::Event))
            }
            None => (self.list(query)?, Shape::List(Kind::Event)),
        };
        // What an event shows is frozen: no path into it can be expanded.
        expansions.iter().try_for_each(|path| expand::check(shape, path).map(drop))?;
        Ok(answer)
    }

    fn list(&self, mut query: Query) -> Result<String, Refusal> {
        let created = query.take_range("created")?;
        let wanted = Wanted::take(&mut query)?;
        let paging = Paging::take(&mut query)?;
        query.finish(&["delivery_success"])?;
        let span = match created {
            Some((since, before)) => self.shelf.created_within(since, before),
            None => (0, self.shelf.len() as u32),
        };
        let keep = |place: u32| wanted.fits(self.events[place as usize].kind);
        let (places, more) = paging.of_shelf(&self.shelf, "event", &[], span, keep)?;
        let data: Vec<String> = places.into_iter().map(|place| self.render(place)).collect();
        let data = data.join(",");
        Ok(format!(r#"{{"object":"list","data":[{data}],"has_more":{more},"url":"/v1/events"}}"#))
    }

    fn render(&self, place: u32) -> String {
        self.events[place as usize].listed()
    }
}

/// Which types are asked for; all without any.
struct Wanted(Vec<String>);

impl Wanted {
    fn take(query: &mut Query) -> Result<Self, Refusal> {
        let one = query.take("type");
        let several = query.take_list("types");
        if one.is_some() && !several.is_empty() {
            return Err(Refusal::both_types());
        }
        if several.len() > MOST_TYPES {
            return Err(Refusal::too_many_types());
        }
        Ok(Self(one.into_iter().chain(several).collect()))
    }

    /// `invoice.*` stands for all that begins with `invoice.`.
    fn fits(&self, kind: &str) -> bool {
        let fits = |wanted: &String| match wanted.strip_suffix('*') {
            Some(group) => kind.starts_with(group),
            None => kind == wanted,
        };
        self.0.is_empty() || self.0.iter().any(fits)
    }
}
