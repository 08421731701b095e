//! The events of a world, worked out when they are asked for and kept while they can still be listed.

use std::collections::HashSet;
use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::available_parallelism;

use serde_json::{Map, Value};

use super::difference::previous_attributes;
use super::redemptions::Redemptions;
use super::scene::Scene;
use super::{Event, Happening, Rendition, catalogue, compare};
use crate::moments;
use crate::stripe::book::{Book, Of};
use crate::stripe::ids::Ids;
use crate::stripe::older::{Listed, Names, Older, Version};
use crate::world::Company;
use crate::world::account::Account;
use crate::world::clock::Moment;
use crate::world::subscription::Act;

/// Knows the whole world and tells what happened in a part of its past.
pub(in crate::stripe) struct Chronicle {
    company: Arc<Company>,
    unreadable: Option<Of>,
    redemptions: Redemptions,
    ids: Ids,
    names: Names,
    versions: Versions,
    known: Mutex<Known>,
}

/// In which versions events are rendered.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::stripe) struct Versions {
    pub listed: Listed,
    /// None when nothing is posted.
    pub posted: Option<Version>,
}

/// All events of `[since, until)`, the newest first.
struct Known {
    since: Moment,
    until: Moment,
    events: Vec<Arc<Event>>,
}

impl Chronicle {
    pub fn new(company: Arc<Company>, unreadable: Option<Of>, versions: Versions) -> Self {
        let nothing = Known { since: Moment(i64::MIN), until: Moment(i64::MIN), events: Vec::new() };
        let (redemptions, ids, names) = (Redemptions::of(&company), Ids::of(&company), Names::of(&company));
        Self { redemptions, ids, names, versions, company, unreadable, known: Mutex::new(nothing) }
    }

    /// The events of `[since, until)`, the newest first, and those of one second by their ids: an order that tells
    /// nothing of causes. What is older is forgotten, because the clock goes forward only.
    pub fn events(&self, since: Moment, until: Moment) -> Vec<Arc<Event>> {
        // What the lock holds is replaced whole, so a panic elsewhere can't have left it half done.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if since < known.since {
            return self.work_out(since, until); // An answer that began before the clock moved.
        }
        let from = known.until.max(since);
        let mut events = if from < until { self.work_out(from, until) } else { Vec::new() };
        let kept = std::mem::take(&mut known.events);
        events.extend(kept.into_iter().filter(|event| since <= event.created));
        *known = Known { since, until: known.until.max(until), events };
        known.events.iter().filter(|event| event.created < until).cloned().collect()
    }

    fn work_out(&self, since: Moment, until: Moment) -> Vec<Arc<Event>> {
        let mut events = Vec::new();
        self.of_catalogue(since, until, &mut events);
        let accounts = &self.company.accounts;
        let share = accounts.len().div_ceil(available_parallelism().map_or(1, NonZero::get)).max(1);
        let work = |accounts: &[Account]| {
            let mut events = Vec::new();
            accounts.iter().for_each(|account| self.of_account(account, since, until, &mut events));
            events
        };
        std::thread::scope(|scope| {
            let workers: Vec<_> = accounts.chunks(share).map(|accounts| scope.spawn(|| work(accounts))).collect();
            workers.into_iter().for_each(|worker| events.extend(worker.join().expect("a worker does not panic")));
        });
        events.sort_unstable_by(|a, b| b.created.cmp(&a.created).then_with(|| a.id.cmp(&b.id)));
        events.into_iter().map(Arc::new).collect()
    }

    fn of_account(&self, account: &Account, since: Moment, until: Moment, events: &mut Vec<Event>) {
        let moments = moments::of_account(account, since, until);
        let Some(&first) = moments.first() else { return };
        let alone = self.company_of(vec![account.clone()]);
        let look = |moment| Scene::at(&alone, moment, &self.redemptions, self.unreadable);
        // Nothing of the account changes between two moments, so what was seen after one is what is seen before the next.
        let mut before = look(first);
        let causes = causes(account);
        for at in moments {
            if self.offers_changed(before.book.company.horizon.now, at) {
                before = look(at);
            }
            let after = look(at.plus_seconds(1));
            let request = causes.contains(&at).then(|| self.ids.request(account.number, at));
            let happened = compare::compare(&before, &after);
            events.extend(happened.into_iter().map(|one| self.event(&after.book, one, at, request.clone())));
            before = after;
        }
    }

    /// Whether a price was retired within `[since, until)`. That shows inside of the subscriptions that have it, and is
    /// no event of theirs.
    fn offers_changed(&self, since: Moment, until: Moment) -> bool {
        let mut retired = self.company.catalogue.prices.iter().filter_map(|price| price.retired);
        retired.any(|at| since <= at && at < until)
    }

    fn of_catalogue(&self, since: Moment, until: Moment, events: &mut Vec<Event>) {
        let alone = self.company_of(Vec::new());
        for (at, happened, after) in catalogue::happenings(&alone, &self.redemptions, since, until) {
            events.extend(happened.into_iter().map(|one| self.event(&after, one, at, None)));
        }
    }

    fn company_of(&self, accounts: Vec<Account>) -> Company {
        let (seed, horizon, catalogue) = (self.company.seed, self.company.horizon, self.company.catalogue.clone());
        Company { seed, horizon, catalogue, accounts }
    }

    fn event(&self, book: &Book, happening: Happening, created: Moment, request: Option<String>) -> Event {
        let id = self.ids.event(happening.object["id"].as_str().unwrap_or_default(), happening.event, created);
        let listed = self.rendition(book, &happening, self.versions.listed.of(&id));
        let posted = self.versions.posted.map(|version| self.rendition(book, &happening, version));
        Event { id, created, kind: happening.event, request, listed, posted }
    }

    /// Offers that an older shape embeds are shown as they are afterwards on both sides, because what happens to them
    /// is not what happened to the object.
    fn rendition(&self, book: &Book, happening: &Happening, version: Version) -> Rendition {
        let older = Older { book, names: &self.names, version };
        let turned = |object: &Value| {
            let mut object = object.clone();
            older.turn(happening.kind, &mut object);
            object
        };
        let object = turned(&happening.object);
        let former = happening.before.as_ref().map(|before| previous_attributes(&turned(before), &object));
        let mut data = Map::new();
        data.insert("object".into(), object);
        data.extend(former.map(|former| ("previous_attributes".into(), former)));
        Rendition { version, data: Value::Object(data).to_string().into_boxed_str() }
    }
}

/// The seconds in which somebody asked for something; all else happens of itself.
fn causes(account: &Account) -> HashSet<Moment> {
    let by_itself = |act: &Act| {
        matches!(act, Act::EndedWithPeriod | Act::EndedUncredited(_) | Act::DiscountEnded { .. } | Act::Stood(_))
    };
    let asked = account.subscriptions.iter().flat_map(|subscription| {
        let entered = subscription.created();
        let asked = subscription.history.iter().filter(|change| !by_itself(&change.act));
        asked.map(move |change| change.at.max(entered))
    });
    asked.chain([account.customer.created]).chain(account.deleted).collect()
}
