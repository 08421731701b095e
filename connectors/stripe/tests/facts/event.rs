//! Stripe's events as history: what was followed is known to the second, also what leaves no
//! trace on any bill.

use mrr_connector_sdk::RawRecord;
use revenue::fact::AccountFacts;
use serde_json::{Map, Value, json};

use super::build::*;
use super::case::*;

/// When everything was read for the first time.
const READ: &str = "2025-05-20";

pub fn event(id: &str, kind: &str, at: &str, object: &Value, previous: Option<Value>) -> RawRecord {
    let mut data = json!({"object": object});
    if let Some(previous) = previous {
        data["previous_attributes"] = previous;
    }
    let event = json!({
        "id": id, "object": "event", "type": kind, "created": seconds(at), "api_version": "2026-05-27.dahlia", "data": data,
    });
    record("events", READ, event)
}

/// The event of a change from one state of a subscription to another.
pub fn changed(id: &str, at: &str, before: &Value, after: &Value) -> RawRecord {
    let mut former = Map::new();
    let names = after.as_object().unwrap().keys().chain(before.as_object().unwrap().keys());
    for name in names.filter(|name| before[name.as_str()] != after[name.as_str()]) {
        let was = &before[name.as_str()];
        former.insert(name.clone(), if name == "items" { json!({"data": was["data"]}) } else { was.clone() });
    }
    event(id, "customer.subscription.updated", at, after, Some(Value::Object(former)))
}

pub fn made(id: &str, at: &str, object: &Value) -> RawRecord {
    event(id, "customer.subscription.created", at, object, None)
}

fn team(quantity: i64) -> Value {
    sub(vec![item("si_1", "team_m", quantity, "2025-01-01", JAN)], json!({}))
}

fn sub(items: Vec<Value>, more: Value) -> Value {
    subscription("active", "2025-01-01", items, more)
}

fn charges(facts: &AccountFacts) -> Vec<String> {
    counted(facts).iter().map(told).collect()
}

fn month(quantity: i64, month: (&str, &str)) -> Value {
    invoice(&format!("in_{}", &month.0[5..7]), month.0, vec![period("si_1", "team_m", quantity, month)])
}

#[test]
fn what_was_followed_from_its_beginning_is_exact() {
    let (one, three, two) = (team(1), team(3), team(2));
    let void = json!({"pause_collection": {"behavior": "void", "resumes_at": null}});
    let paused = with(two.clone(), void);
    let unpaid = with(two.clone(), json!({"status": "unpaid"}));
    let mut records = records(std::slice::from_ref(&two), &[month(1, JAN), month(2, FEB)], &[], READ);
    records.extend([
        made("evt_0", "2025-01-01", &one),
        changed("evt_1", "2025-01-10T08:00:00", &one, &three),
        changed("evt_2", "2025-01-10T09:00:00", &three, &two),
        changed("evt_3", "2025-02-10", &two, &paused),
        changed("evt_4", "2025-02-20", &paused, &two),
        changed("evt_5", "2025-03-10", &two, &unpaid),
        changed("evt_6", "2025-03-20", &unpaid, &two),
    ]);
    let found = facts(&records);
    assert_eq!(
        charges(&found),
        [
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-01-10T08:00:00, history",
            "si_1 Team 3 = 30 EUR / 1 month, 2025-01-10T08:00:00 to 2025-01-10T09:00:00, history",
            "si_1 Team 2 = 20 EUR / 1 month, 2025-01-10T09:00:00 to 2025-02-10, history",
            "si_1 Team 2 = 20 EUR / 1 month, 2025-02-20 to 2025-03-10, history",
            "si_1 Team 2 = 20 EUR / 1 month, 2025-03-20 to 2025-05-20, history",
            "si_1 Team 2 = 20 EUR / 1 month, 2025-05-20 to ..., observed",
        ]
    );
    assert_eq!((doubts(&found), found.problems), (vec![], vec![]));
}

#[test]
fn events_reach_back_from_the_first_they_tell() {
    // The log begins in March: what the first event says of the time before is carried to the bill
    // that says the same, and what disagrees with the bill before that is doubtful.
    let mut records = records(&[team(5)], &[month(1, JAN), month(3, FEB), month(3, MAR)], &[], READ);
    records.push(changed("evt_1", "2025-03-10", &team(3), &team(5)));
    let found = facts(&records);
    let told = [
        "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-01-16T12:00:00, projected",
        "si_1 Team 3 = 30 EUR / 1 month, 2025-01-16T12:00:00 to 2025-02-01, projected",
        "si_1 Team 3 = 30 EUR / 1 month, 2025-02-01 to 2025-03-10, invoice",
        "si_1 Team 5 = 50 EUR / 1 month, 2025-03-10 to 2025-05-20, history",
        "si_1 Team 5 = 50 EUR / 1 month, 2025-05-20 to ..., observed",
    ];
    assert_eq!(charges(&found), told);
    assert_eq!(doubts(&found), ["2025-01-01 to 2025-02-01: invoices/in_01, invoices/in_02"]);
}

#[test]
fn several_events_of_one_second_are_put_in_order() {
    let (one, two, three, four) = (team(1), team(2), team(3), team(4));
    let at = "2025-02-10";
    for ids in [["evt_1", "evt_2", "evt_3"], ["evt_3", "evt_1", "evt_2"], ["evt_2", "evt_3", "evt_1"]] {
        // A line of that very second is part of the change.
        let until = (at, "2025-03-01");
        let up = vec![credit("si_1", "team_m", 1, until), debit("si_1", "team_m", 4, until)];
        let bills = [month(1, JAN), invoice("in_up", at, up)];
        let mut records = records(std::slice::from_ref(&four), &bills, &[], READ);
        records.extend([
            made("evt_0", "2025-01-01", &one),
            changed(ids[0], at, &one, &three),
            changed(ids[1], at, &three, &two),
            changed(ids[2], at, &two, &four),
        ]);
        let found = facts(&records);
        assert_eq!(
            charges(&found),
            [
                "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-02-10, history",
                "si_1 Team 4 = 40 EUR / 1 month, 2025-02-10 to 2025-05-20, history",
                "si_1 Team 4 = 40 EUR / 1 month, 2025-05-20 to ..., observed",
            ]
        );
        assert_eq!(doubts(&found), [] as [&str; 0]);
    }
}

#[test]
fn a_missed_event_is_a_doubt_unless_a_line_tells() {
    let of = |invoices: &[Value]| {
        let mut records = records(&[team(4)], invoices, &[], READ);
        records.push(made("evt_0", "2025-01-01", &team(1)));
        records.push(changed("evt_9", "2025-03-10", &team(2), &team(4)));
        facts(&records)
    };
    let found = of(&[month(1, JAN), month(1, FEB), month(2, MAR)]);
    assert_eq!(
        charges(&found)[..4],
        [
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-02-01, history",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-02-01 to 2025-03-01, projected",
            "si_1 Team 2 = 20 EUR / 1 month, 2025-03-01 to 2025-03-10, history",
            "si_1 Team 4 = 40 EUR / 1 month, 2025-03-10 to 2025-05-20, history",
        ]
    );
    assert_eq!(doubts(&found), ["2025-02-01 to 2025-03-01: invoices/in_02, invoices/in_03"]);
    let day = ("2025-02-12", "2025-03-01");
    let up = invoice("in_up", "2025-02-12", vec![credit("si_1", "team_m", 1, day), debit("si_1", "team_m", 2, day)]);
    let found = of(&[month(1, JAN), month(1, FEB), up, month(2, MAR)]);
    assert_eq!(charges(&found)[1], "si_1 Team 2 = 20 EUR / 1 month, 2025-02-12 to 2025-03-10, history");
    assert_eq!(doubts(&found), [] as [&str; 0]);
}

#[test]
fn a_version_is_put_on_the_side_of_an_event_that_it_shows() {
    let (one, two) = (team(1), team(2));
    let versions = |read: &[(&str, &Value)]| RawRecord {
        versions: read.iter().map(|(at, payload)| version(at, payload)).collect(),
        ..record("subscriptions", READ, one.clone())
    };
    let expect = [
        "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-01-05, history",
        "si_1 Team 1 = 10 EUR / 1 month, 2025-01-05 to 2025-01-10T23:59:58, observed",
        "si_1 Team 2 = 20 EUR / 1 month, 2025-01-10T23:59:58 to ..., observed",
    ];
    let change = || changed("evt_1", "2025-01-10T23:59:58", &one, &two);
    for read in [
        vec![("2025-01-05", &one), ("2025-01-11", &two)],
        // Rendered before the change and answered after it, and the other way around.
        vec![("2025-01-05", &one), ("2025-01-11T00:00:04", &one), ("2025-01-12", &two)],
        vec![("2025-01-05", &one), ("2025-01-10T23:59:51", &two)],
    ] {
        let found = facts(&[versions(&read), made("evt_0", "2025-01-01", &one), change()]);
        assert_eq!(charges(&found), expect);
        assert_eq!(doubts(&found), [] as [&str; 0]);
    }
}

#[test]
fn ends_come_without_former_values() {
    let ended = json!({"status": "canceled", "ended_at": seconds("2025-02-20"), "canceled_at": seconds("2025-02-20")});
    let ended = with(team(2), ended);
    let mut records = records(std::slice::from_ref(&ended), &[month(1, JAN)], &[], READ);
    records.extend([
        made("evt_0", "2025-01-01", &team(1)),
        changed("evt_1", "2025-02-10", &team(1), &team(2)),
        event("evt_2", "customer.subscription.deleted", "2025-02-20", &ended, None),
        event("evt_3", "customer.deleted", "2025-02-21", &json!({"id": "cus_1", "object": "customer"}), None),
    ]);
    let mut customer = record("customers", "2025-01-02", json!({"id": "cus_1", "name": "Acme"}));
    let gone = mrr_connector_sdk::Version { deleted: true, ..version("2025-02-15", &json!({})) };
    customer.versions.push(gone);
    records.push(customer);
    let found = facts(&records);
    assert_eq!(
        charges(&found),
        [
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-02-10, history",
            "si_1 Team 2 = 20 EUR / 1 month, 2025-02-10 to 2025-02-20, history",
        ]
    );
    assert_eq!((doubts(&found), found.problems), (vec![], vec![]));
}

#[test]
fn discounts_are_named_by_their_ids() {
    let given = discount("di_1", json!("third"), "2025-01-20", None);
    let reduced = with(team(1), json!({"discounts": ["di_1"]}));
    let mut records = records(&[team(1)], &[month(1, JAN), month(1, FEB)], &[], READ);
    records.extend([
        made("evt_0", "2025-01-01", &team(1)),
        event("evt_1", "customer.discount.created", "2025-01-20", &given, None),
        changed("evt_2", "2025-01-20", &team(1), &reduced),
        event("evt_3", "customer.discount.deleted", "2025-01-25", &given, None),
        changed("evt_4", "2025-01-25", &reduced, &team(1)),
    ]);
    let found = facts(&records);
    assert_eq!(discounts(&found), ["di_1 on sub_1: 33.33 %, Forever, 2025-01-20 to 2025-01-25"]);
    assert_eq!((doubts(&found), found.problems), (vec![], vec![]));
    // Without the event about the discount nobody knows what it takes off.
    records.retain(|record| !["evt_1", "evt_3"].contains(&record.id.as_str()));
    let found = facts(&records);
    let problems: Vec<String> = found.problems.iter().map(ToString::to_string).collect();
    let nowhere = "names the discount di_1, which stands nowhere; the discount is ignored";
    assert_eq!(problems, [format!("events/evt_4 discounts[0]: {nowhere}")]);
}

#[test]
fn what_the_customer_had_lost_before_a_backdated_subscription_was_entered_is_not_on_it() {
    let of_customer = |id: &str, from: &str| {
        with(discount(id, json!("third"), from, None), json!({"subscription": null, "customer": "cus_1"}))
    };
    let (lost, kept) = (of_customer("di_1", "2025-01-05"), of_customer("di_2", "2025-02-01"));
    let backdated = with(team(1), json!({"created": seconds("2025-02-10")}));
    let mut records = records(&[backdated], &[], &[], READ);
    records.extend([
        event("evt_1", "customer.discount.created", "2025-01-05", &lost, None),
        event("evt_2", "customer.discount.deleted", "2025-01-20", &lost, None),
        event("evt_3", "customer.discount.created", "2025-02-01", &kept, None),
        event("evt_4", "customer.discount.deleted", "2025-02-20", &kept, None),
    ]);
    let found = facts(&records);
    assert_eq!(discounts(&found), ["di_2 on sub_1: 33.33 %, Forever, 2025-02-01 to 2025-02-20"]);
}

#[test]
fn items_beyond_a_cut_list_are_not_gone() {
    let many = |quantity: i64| {
        vec![item("si_1", "team_m", quantity, "2025-01-01", JAN), item("si_2", "add_m", 1, "2025-01-01", JAN)]
    };
    let mut cut = sub(vec![item("si_1", "team_m", 2, "2025-01-01", JAN)], json!({}));
    cut["items"]["has_more"] = json!(true);
    let whole = sub(many(2), json!({}));
    let former = json!({"items": {"data": [item("si_1", "team_m", 1, "2025-01-01", JAN)]}});
    let found = facts(&[
        record("subscriptions", READ, whole),
        made("evt_0", "2025-01-01", &sub(many(1), json!({}))),
        event("evt_1", "customer.subscription.updated", "2025-02-10", &cut, Some(former)),
    ]);
    assert_eq!(
        charges(&found),
        [
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-02-10, history",
            "si_1 Team 2 = 20 EUR / 1 month, 2025-02-10 to 2025-05-20, history",
            "si_1 Team 2 = 20 EUR / 1 month, 2025-05-20 to ..., observed",
            "si_2 Add-on 1 = 5 EUR / 1 month, 2025-01-01 to 2025-05-20, history",
            "si_2 Add-on 1 = 5 EUR / 1 month, 2025-05-20 to ..., observed",
        ]
    );
    assert_eq!(doubts(&found), [] as [&str; 0]);
}

#[test]
fn an_item_that_an_event_garbles_is_not_gone() {
    let mut garbled = team(1);
    garbled["items"]["data"][0]["quantity"] = json!("many");
    let former = json!({"metadata": {"a": "b"}});
    let found = facts(&[
        record("subscriptions", READ, team(1)),
        made("evt_0", "2025-01-01", &team(1)),
        event("evt_1", "customer.subscription.updated", "2025-02-10", &garbled, Some(former)),
    ]);
    assert_eq!(
        charges(&found),
        [
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-05-20, history",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-05-20 to ..., observed",
        ]
    );
    let problems: Vec<String> = found.problems.iter().map(ToString::to_string).collect();
    let place = "events/evt_1 data.object.items.data[0].quantity";
    let told = "is no number that can be kept exactly; what the event tells of it is not used";
    assert_eq!(problems, [format!("{place}: {told}")]);
    assert_eq!(doubts(&found), [] as [&str; 0]);
}

#[test]
fn what_was_deleted_is_known_from_its_events() {
    let day = ("2025-02-12", "2025-03-01");
    let item = |id: &str, line: Value| {
        event(&format!("evt_{id}"), "invoiceitem.deleted", "2025-02-20", &pending(id, line), None)
    };
    let mut records = records(&[team(2)], &[month(1, JAN), month(1, FEB), month(2, MAR)], &[], READ);
    records.push(item("ii_1", credit("si_1", "team_m", 1, day)));
    records.push(item("ii_2", debit("si_1", "team_m", 2, day)));
    records.push(event("evt_x", "invoice.deleted", "2025-02-20", &month(7, JAN), None));
    let found = facts(&records);
    assert_eq!(
        charges(&found)[..2],
        [
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-02-12, invoice",
            "si_1 Team 2 = 20 EUR / 1 month, 2025-02-12 to 2025-05-20, invoice",
        ]
    );
    assert_eq!((doubts(&found), found.problems), (vec![], vec![]));
}

#[test]
fn only_what_matters_and_can_not_be_read_is_a_problem() {
    let odd = |id: &str, kind: &str, object: Value| event(id, kind, "2025-02-10", &object, None);
    let mut records = records(&[team(1)], &cycles("team_m", 1), &[], READ);
    records.extend([
        odd("evt_1", "customer.subscription.updated", with(team(1), json!({"start_date": "soon"}))),
        odd("evt_2", "payment_intent.created", json!(7)),
        odd("evt_3", "customer.subscription.updated", json!(7)),
        odd("evt_4", "customer.discount.created", json!({"id": "di_1", "object": "discount"})),
        odd("evt_5", "invoice.brand_new", with(month(1, JAN), json!({"id": "in_x", "status": "odd"}))),
        odd("evt_6", "invoice.upcoming", json!({"object": "invoice"})),
    ]);
    let found = facts(&records);
    let problems: Vec<String> = found.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        [
            "events/evt_1 data.object.start_date: is a string where a whole number should be; what the event tells of it is not used",
            "events/evt_3 data.object: is 7 where an object should be; what it tells is not used",
            "events/evt_4 data.object.coupon: is missing; the discount is ignored",
            "events/evt_5 data.object.status: is no status that is known; the invoice is not used as evidence",
        ]
    );
    assert_eq!(charges(&found).len(), 2);
}

#[test]
fn a_bill_that_is_written_anew_does_not_bring_back_a_discount() {
    let of_customer =
        with(discount("di_1", json!("third"), "2025-01-05", None), json!({"subscription": null, "customer": "cus_1"}));
    let named =
        |id: &str, created: &str| with(invoice(id, created, vec![]), json!({"discounts": [of_customer.clone()]}));
    let mut records = records(&[team(1)], &[named("in_1", "2025-01-10"), named("in_again", "2025-02-07")], &[], READ);
    records.extend([
        event("evt_1", "customer.discount.created", "2025-01-05", &of_customer, None),
        event("evt_2", "customer.discount.deleted", "2025-01-20", &of_customer, None),
    ]);
    let found = facts(&records);
    assert_eq!(discounts(&found), ["di_1 on sub_1: 33.33 %, Forever, 2025-01-05 to 2025-01-20"]);
    assert!(found.doubts.iter().all(|doubt| !doubt.reason.contains("di_1")), "{:?}", found.doubts);
}
