//! Every state that every record ever had, and the events that tell of it.
//!
//! The world keeps neither. An account is looked at right after each second in which something may have changed
//! ([`crate::moments`]), and what differs from the look before is a new state and an event.

mod kind;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

pub(super) use kind::noun;

use super::render::{Catalog, Seen, View};
use crate::billing::bill;
use crate::delivery::{Letter, fold};
use crate::moments;
use crate::stripe::Ids;
use crate::world::Company;
use crate::world::account::Account;
use crate::world::clock::{Horizon, Moment};
use crate::world::subscription::{Act, Opening};

/// What each subscription will be when its scheduled changes are made; null where there are none.
pub(super) const PLANNED: &str = "with_scheduled_changes";

/// A record: its stream and its id.
pub(super) type Name = (&'static str, String);

/// A state of a record, from a moment on.
pub(super) struct State {
    pub at: Moment,
    pub value: Arc<Value>,
}

/// Something that happened.
pub(super) struct Event {
    pub at: Moment,
    pub id: String,
    pub value: Arc<Value>,
}

/// All of it, up to the world's end.
#[derive(Default)]
pub(super) struct History {
    /// Each record's states, oldest first.
    pub records: BTreeMap<Name, Vec<State>>,
    /// Oldest first.
    pub events: Vec<Arc<Event>>,
}

impl History {
    /// Looks at the whole world.
    pub fn of(company: &Company, catalog: Catalog) -> Self {
        let mut history = Self::default();
        let mut writer = Writer { ids: Ids::of(company), catalog, history: &mut history };
        let alone = |accounts| Company { accounts, catalogue: company.catalogue.clone(), ..*company };
        writer.catalogue(&alone(Vec::new()));
        for account in &company.accounts {
            let account = entered_in_time(account);
            writer.account(&alone(vec![account.clone()]), &account);
        }
        history.events.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        history
    }
}

impl Letter for Event {
    fn id(&self) -> &str {
        &self.id
    }

    fn body(&self) -> String {
        format!("{:#}", self.value)
    }
}

struct Writer<'a> {
    ids: Ids,
    catalog: Catalog,
    history: &'a mut History,
}

impl Writer<'_> {
    fn catalogue(&mut self, company: &Company) {
        for at in moments::of_catalogue(&company.catalogue, Moment(i64::MIN), Horizon::NOW) {
            let then = company.as_of(at.plus_seconds(1));
            let view = View { company: &then, at, ids: self.ids, catalog: self.catalog };
            for (stream, id, value) in view.offers() {
                self.tell(at, (stream, id), value, None);
            }
        }
    }

    fn account(&mut self, company: &Company, account: &Account) {
        for at in moments::of_account(account, Moment(0), Horizon::NOW) {
            let then = company.as_of(at.plus_seconds(1));
            let Some(account) = then.accounts.first().filter(|account| account.customer.created <= at) else {
                continue;
            };
            let view = View { company: &then, at, ids: self.ids, catalog: self.catalog };
            let ledger = bill(account, &then.catalogue, at.plus_seconds(1));
            let seen = Seen { view: &view, account, ledger: &ledger };
            let customer = view.customer(account);
            self.tell(at, ("customers", view.ids.customer(account.number)), customer.clone(), None);
            for subscription in &account.subscriptions {
                let Some(value) = seen.subscription(subscription) else { continue };
                for ramp in seen.ramps(subscription) {
                    self.tell(at, ("ramps", id_of(&ramp)), ramp, Some(&customer));
                }
                // No event tells of this: it is asked for by the subscription's id.
                let planned = seen.with_scheduled_changes(subscription).unwrap_or(Value::Null);
                self.keep(at, (PLANNED, id_of(&value)), planned);
                self.tell(at, ("subscriptions", id_of(&value)), value, Some(&customer));
            }
            for invoice in &seen.ledger.invoices {
                // The first bill of what is never paid is never written.
                if seen.subscription(account.subscription(invoice.subscription)).is_some() {
                    let value = seen.invoice(invoice);
                    self.tell(at, ("invoices", id_of(&value)), value, None);
                }
            }
            // A credit is written with the charge for what takes its place.
            let billed = seen.ledger.prorations.iter().filter(|proration| proration.invoice.is_some());
            for proration in billed.filter(|proration| proration.amount < 0) {
                let value = seen.credit_note(proration);
                self.tell(at, ("credit_notes", id_of(&value)), value, None);
            }
        }
    }

    /// Notes a state that has no version and no event.
    fn keep(&mut self, at: Moment, name: Name, value: Value) {
        let states = self.history.records.entry(name).or_default();
        if states.last().is_none_or(|last| *last.value != value) {
            states.push(State { at, value: Arc::new(value) });
        }
    }

    /// Notes a state, and what happened, if the record is not as it was.
    fn tell(&mut self, at: Moment, name: Name, mut value: Value, customer: Option<&Value>) {
        let states = self.history.records.entry(name.clone()).or_default();
        let before = states.last().map(|state| Arc::clone(&state.value));
        if before.as_ref().is_some_and(|before| is_same(before, &value)) {
            return;
        }
        let version = at.0 * 1_000 + (fold(&name.1) % 900) as i64;
        if has_updates(name.0) {
            value["resource_version"] = json!(version);
            // What was not changed since Chargebee began to note when, does not tell.
            if before.is_some() || !fold(&name.1).is_multiple_of(11) {
                value["updated_at"] = json!(at.0);
            }
        }
        let value = Arc::new(value);
        states.push(State { at, value: Arc::clone(&value) });
        let noun = kind::noun(name.0);
        for kind in kind::kinds(name.0, before.as_deref(), &value) {
            let mut content = json!({noun: *value});
            if let Some(customer) = customer {
                content["customer"] = customer.clone();
            }
            let id = format!("ev_{:016x}", fold(&format!("{}/{}/{kind}/{}", name.0, name.1, at.0)));
            let value = json!({
                "id": id,
                "occurred_at": at.0,
                "source": "api",
                "object": "event",
                "api_version": "v2",
                "content": content,
                "event_type": kind,
                "webhook_status": "not_configured",
            });
            self.history.events.push(Arc::new(Event { at, id, value: Arc::new(value) }));
        }
    }
}

/// Chargebee can't say since when a coupon works on a subscription that is entered later than its service began: where the
/// customer was given one meanwhile, the subscription was entered in time.
fn entered_in_time(account: &Account) -> Account {
    let mut account = account.clone();
    for subscription in &mut account.subscriptions {
        let (started, entered) = (subscription.started(), subscription.created());
        let given = account.discounts.iter().any(|discount| {
            started < discount.start
                && discount.start <= entered
                && discount.until().is_none_or(|until| entered < until)
        });
        if let (true, Act::Started { opening: opening @ Opening::Backdated { .. }, .. }) =
            (given, &mut subscription.history[0].act)
        {
            *opening = Opening::AtOnce;
        }
    }
    account
}

fn id_of(value: &Value) -> String {
    value["id"].as_str().unwrap_or_default().to_owned()
}

/// Catalog 1.0 and coupons have them too; ramps change so seldom that nobody asks.
fn has_updates(stream: &str) -> bool {
    stream != "ramps"
}

fn is_same(before: &Value, now: &Value) -> bool {
    let (Value::Object(before), Value::Object(now)) = (before, now) else { return false };
    let counts = |(name, _): &(&String, &Value)| !matches!(name.as_str(), "updated_at" | "resource_version");
    before.iter().filter(counts).eq(now.iter().filter(counts))
}
