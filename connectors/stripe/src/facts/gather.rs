//! The records of one account, read and put together by what they are about.

use std::collections::{BTreeMap, BTreeSet};

use mrr_connector_sdk::RawRecord;
use mrr_connector_sdk::json::{Node, Object};
use revenue::fact::Problem;

use super::bills::Bills;
use super::known::Known;
use super::planned::{self, Plan};
use super::registry::Registry;
use super::span::earlier;
use crate::model::{About, Attached, Event, Invoice, Problems, Refund, Schedule, invoice_item, is_simulated};

/// What the records of one account say.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) subscriptions: BTreeMap<String, Known>,
    /// Subscriptions that nothing can be said of: unreadable ones, and those of test clocks.
    pub(super) left_out: BTreeSet<String>,
    pub(super) bills: Bills,
    /// What schedules change, by subscription.
    pub(super) planned: BTreeMap<String, Plan>,
    /// What schedules will begin, by schedule.
    pub(super) scheduled: BTreeMap<String, Plan>,
    pub(super) registry: Registry,
    pub(super) refunds: Vec<Refund>,
    /// Whether the customer's time is a test's and not the world's.
    pub(super) simulated: bool,
}

/// Records in the order of streams and ids.
pub(super) fn gather(customer: &str, records: &[&RawRecord], found: &mut Vec<Problem>) -> Gathered {
    let mut gathered = Gathered::default();
    let of_stream = |stream: &'static str| records.iter().filter(move |record| record.stream == stream);
    let newest_of = |stream: &'static str| of_stream(stream).filter_map(|record| Some((*record, record.newest()?)));
    let mut events: Vec<Event<'_>> = Vec::new();
    for (record, newest) in newest_of("events") {
        events.extend(Event::read(&record.id, &newest.payload, &mut Problems::of("events", &record.id, found)));
    }
    events.sort_by_key(|event| (event.at, event.id));
    gathered.read_bills(&of_stream, &events, found);
    for event in events.iter().filter(|event| matches!(event.about, About::Discount | About::DiscountGone)) {
        gathered.registry.happened(event, &mut Problems::of("events", event.id, found));
    }
    for record in of_stream("customers").filter(|record| record.id == customer) {
        gathered.read_customer(record);
    }
    gathered.read_subscriptions(&of_stream, &events, found);
    for (record, newest) in newest_of("refunds") {
        let mut problems = Problems::of("refunds", &record.id, found);
        gathered.refunds.extend(Refund::read(&newest.payload, &mut problems));
    }
    for (record, newest) in newest_of("subscription_schedules") {
        let mut problems = Problems::of("subscription_schedules", &record.id, found);
        let Some(schedule) = Schedule::read(&newest.payload, &mut problems).filter(|schedule| !schedule.simulated)
        else {
            continue;
        };
        if let Some(subscription) = &schedule.subscription {
            let plan = gathered.planned.entry(subscription.clone()).or_default();
            plan.steps.extend(planned::changes(&record.id, &schedule));
            plan.ends = earlier(plan.ends, schedule.ends);
        // Whether a trial ends in a charge nobody knows yet.
        } else if schedule.stopped.is_none() && schedule.phases.iter().all(|phase| !phase.trial) {
            if schedule.phases.iter().any(|phase| phase.discounted) {
                let message =
                    "discounts of a subscription that has not begun yet are not read; it is planned without them";
                problems.say("phases", message.into());
            }
            let plan = Plan { steps: planned::begins(&record.id, &schedule), ends: schedule.ends };
            gathered.scheduled.insert(record.id.clone(), plan);
        }
    }
    gathered.planned.values_mut().for_each(|plan| plan.steps.sort_by_key(|step| step.at));
    gathered
}

impl Gathered {
    fn read_subscriptions<'a, R>(
        &mut self,
        of_stream: &dyn Fn(&'static str) -> R,
        events: &[Event<'_>],
        found: &mut Vec<Problem>,
    ) where
        R: Iterator<Item = &'a &'a RawRecord>,
    {
        let listed: BTreeMap<&str, &RawRecord> =
            of_stream("subscriptions").map(|record| (record.id.as_str(), *record)).collect();
        let mut told: BTreeMap<&str, Vec<&Event<'_>>> = BTreeMap::new();
        let about = |event: &&Event<'_>| matches!(event.about, About::Subscription | About::SubscriptionMade);
        for event in events.iter().filter(about) {
            told.entry(&event.object_id).or_default().push(event);
        }
        let ids: BTreeSet<&str> = listed.keys().chain(told.keys()).copied().collect();
        for id in ids {
            let mut own = Vec::new();
            let mut problems = Problems::of("subscriptions", id, &mut own);
            let told = told.get(id).map(Vec::as_slice).unwrap_or_default();
            let known = Known::read(id, listed.get(id).copied(), told, &mut problems, found);
            found.extend(own);
            match known.filter(|known| !known.newest().simulated) {
                Some(known) => {
                    for snapshot in known.snapshots() {
                        let subscription = &snapshot.subscription;
                        let of_items = subscription.items.iter().flat_map(|item| &item.discounts);
                        let attached = of_items.chain(&subscription.discounts);
                        self.registry.learn("subscriptions", id, attached);
                    }
                    self.subscriptions.insert(id.to_owned(), known);
                }
                None => drop(self.left_out.insert(id.to_owned())),
            }
        }
    }

    /// Invoices and invoice items, also those that are known from events only: they were deleted.
    fn read_bills<'a, R>(
        &mut self,
        of_stream: &dyn Fn(&'static str) -> R,
        events: &[Event<'_>],
        found: &mut Vec<Problem>,
    ) where
        R: Iterator<Item = &'a &'a RawRecord>,
    {
        let last_of = |about: About| {
            let last = events.iter().filter(move |event| event.about == about);
            last.map(|event| (event.object_id.as_str(), event)).collect::<BTreeMap<&str, &Event<'_>>>()
        };
        let mut read: BTreeSet<&str> = BTreeSet::new();
        for record in of_stream("invoices") {
            let Some(newest) = record.newest() else { continue };
            read.insert(&record.id);
            let mut problems = Problems::of("invoices", &record.id, found);
            let node = problems.keep(Node::of(&newest.payload), "the invoice is not used as evidence");
            if let Some(invoice) = node.and_then(|node| Invoice::read("invoices", &record.id, &node, &mut problems)) {
                self.add_invoice("invoices", &record.id, invoice, newest.seen_at);
            }
        }
        for (_, event) in last_of(About::Invoice).into_iter().filter(|(id, _)| !read.contains(id)) {
            let mut problems = Problems::of("events", event.id, found);
            if let Some(invoice) = Invoice::read("events", event.id, &event.object, &mut problems) {
                self.add_invoice("events", event.id, invoice, event.at);
            }
        }
        for record in of_stream("invoiceitems") {
            let Some(newest) = record.newest() else { continue };
            read.insert(&record.id);
            let mut problems = Problems::of("invoiceitems", &record.id, found);
            let node = problems.keep(Node::of(&newest.payload), "the invoice item is not used as evidence");
            let line = node.and_then(|node| invoice_item("invoiceitems", &record.id, &node, &mut problems));
            line.into_iter().for_each(|line| self.bills.add_item(line));
        }
        for (_, event) in last_of(About::InvoiceItem).into_iter().filter(|(id, _)| !read.contains(id)) {
            let mut problems = Problems::of("events", event.id, found);
            let line = invoice_item("events", event.id, &event.object, &mut problems);
            line.into_iter().for_each(|line| self.bills.add_item(line));
        }
    }

    fn add_invoice(&mut self, stream: &str, id: &str, invoice: Invoice, told: chrono::DateTime<chrono::Utc>) {
        self.registry.learn(stream, id, invoice.line_discounts.iter().chain(&invoice.discounts));
        self.bills.add_invoice(format!("{stream}/{id}"), invoice, told);
    }

    /// The discounts that the customer had when it was read. A deleted customer tells nothing.
    fn read_customer(&mut self, record: &RawRecord) {
        self.simulated = record.newest().is_some_and(|newest| is_simulated(&newest.payload));
        for version in record.versions.iter().filter(|version| !version.deleted) {
            let Ok(fields) = Object::of(&version.payload) else { continue };
            if fields.get("deleted").is_some() {
                continue;
            }
            let mut ignored = Vec::new();
            let attached = Attached::list(&fields, &mut Problems::of("customers", &record.id, &mut ignored));
            self.registry.learn("customers", &record.id, attached.iter());
            self.registry.of_customer.push((version.seen_at, attached.into_iter().next().map(|attached| attached.id)));
        }
    }
}
