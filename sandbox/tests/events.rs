//! Events: from the first day on they lead to exactly what is there now.

mod support;

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;
use support::{END, Served, VERSION, id};

const DAY: i64 = 86_400;
const BEFORE_THE_COMPANY: i64 = 1_701_388_800; // 2023-12-01

/// All events of a world, read in steps of less than 30 days; after each step somebody may have a look.
fn watch(world: &Served, mut look: impl FnMut(&[Value])) -> Vec<Value> {
    let (mut now, mut events) = (BEFORE_THE_COMPANY, Vec::new());
    while now < END {
        let next = (now + 27 * DAY + 4_321).min(END);
        world.advance(next);
        events.extend(world.walk(&format!("/v1/events?created[gte]={now}"), 100));
        now = next;
        look(&events);
    }
    events
}

fn all_events(world: &Served) -> Vec<Value> {
    watch(world, |_| {})
}

fn created(event: &Value) -> i64 {
    event["created"].as_i64().expect("a time")
}

fn kind(event: &Value) -> &str {
    event["type"].as_str().expect("a type")
}

/// By object, then by second.
fn by_object(events: &[Value]) -> BTreeMap<String, BTreeMap<i64, Vec<&Value>>> {
    let mut all: BTreeMap<String, BTreeMap<i64, Vec<&Value>>> = BTreeMap::new();
    for event in events {
        let object = &event["data"]["object"];
        // A price and its plan have one id.
        let own = if object["object"] == "plan" { "plan of " } else { "" };
        let of = all.entry(format!("{own}{}", id(object))).or_default();
        of.entry(created(event)).or_default().push(event);
    }
    all
}

/// An object without what changes silently: that a price is retired or a coupon redeemed shows in the objects that embed
/// them, and that an invoice item has found its invoice shows in the invoice.
fn told(object: &Value) -> Value {
    let mut object = object.clone();
    if object["object"] == "invoiceitem" {
        object["invoice"] = Value::Null;
    }
    let fields = object.as_object_mut().expect("an object");
    fields.values_mut().for_each(silence);
    object
}

fn silence(value: &mut Value) {
    let silent: &[&str] = match value.get("object").and_then(Value::as_str) {
        Some("price" | "plan") => &["active"],
        Some("coupon") => &["times_redeemed", "valid"],
        _ => &[],
    };
    silent.iter().for_each(|field| value[*field] = Value::Null);
    match value {
        Value::Object(fields) => fields.values_mut().for_each(silence),
        Value::Array(items) => items.iter_mut().for_each(silence),
        _ => {}
    }
}

/// What the object was before the update, from what the event says of the past.
fn undone(now: &Value, former: &Value) -> Value {
    match (now, former) {
        (Value::Object(now), Value::Object(former)) => {
            let mut was = now.clone();
            for (field, value) in former {
                let below = undone(now.get(field).unwrap_or(&Value::Null), value);
                was.insert(field.clone(), below);
            }
            Value::Object(was)
        }
        _ => former.clone(),
    }
}

const LISTS: [&str; 10] = [
    "/v1/customers",
    "/v1/products",
    "/v1/prices",
    "/v1/coupons",
    "/v1/subscriptions?status=all",
    "/v1/invoices",
    "/v1/invoiceitems",
    "/v1/subscription_schedules",
    "/v1/refunds",
    "/v1/credit_notes",
];

fn begin(seed: &str, repertoire: &str, version: &str) -> Served {
    let world = ["--seed", seed, "--accounts", "24", "--months", "24", "--repertoire", repertoire, "--from", "2023-12"];
    Served::start(&[&world[..], &["--events-api-version", version]].concat())
}

fn agree(seed: &str, repertoire: &str) -> HashSet<String> {
    let world = begin(seed, repertoire, VERSION);
    let mut steps = 0;
    let events = watch(&world, |events| {
        steps += 1;
        if steps % 7 == 0 {
            compare(&world, events);
        }
    });
    compare(&world, &events);
    let ids: HashSet<&str> = events.iter().map(id).collect();
    assert_eq!(ids.len(), events.len());
    by_object(&events).values().for_each(chain);
    events.iter().map(|event| kind(event).to_owned()).collect()
}

/// What the newest event of each object shows is what there is.
fn compare(world: &Served, events: &[Value]) {
    let histories = by_object(events);
    for path in LISTS {
        for object in world.walk(path, 100) {
            let history = histories.get(id(&object)).unwrap_or_else(|| panic!("no event of {object}"));
            let (_, last) = history.last_key_value().expect("an event");
            let shown = |event: &&Value| told(&event["data"]["object"]) == told(&object);
            assert!(last.iter().any(shown), "{path}: {object}\n{last:?}");
        }
    }
}

/// Each update leads back to how the object was shown before it.
fn chain(history: &BTreeMap<i64, Vec<&Value>>) {
    let mut before: Vec<Value> = Vec::new();
    for events in history.values() {
        let here: Vec<Value> = events.iter().map(|event| told(&event["data"]["object"])).collect();
        for event in events {
            let data = &event["data"];
            assert_eq!(data.get("previous_attributes").is_some(), kind(event).ends_with(".updated"), "{event}");
            if let Some(former) = data.get("previous_attributes") {
                let was = told(&undone(&data["object"], former));
                assert!(before.contains(&was) || here.contains(&was), "{event}\n{before:?}");
            }
        }
        before = here;
    }
}

#[test]
fn events_lead_from_nothing_to_what_is_there() {
    agree("3", "plain");
    let mut kinds = HashSet::new();
    ["8", "9", "10"].iter().for_each(|seed| kinds.extend(agree(seed, "full")));
    for kind in [
        "customer.deleted",
        "customer.discount.created",
        "customer.discount.deleted",
        "customer.subscription.deleted",
        "customer.subscription.paused",
        "customer.updated",
        "charge.refunded",
        "coupon.deleted",
        "credit_note.created",
        "invoice.marked_uncollectible",
        "invoice.payment_failed",
        "invoice.voided",
        "plan.updated",
        "price.updated",
        "refund.created",
        "subscription_schedule.released",
        "subscription_schedule.updated",
    ] {
        assert!(kinds.contains(kind), "{kind} never happened: {kinds:?}");
    }
}

#[test]
fn events_lead_to_the_worked_examples() {
    agree("1", "vectors");
}

#[test]
fn events_are_kept_for_thirty_days_and_are_the_same_whenever_they_are_read() {
    let arguments = ["--seed", "4", "--accounts", "40", "--months", "20", "--repertoire", "full", "--from"];
    let start = |from| Served::start(&[&arguments[..], &[from]].concat());
    let (june, july) = (1_748_736_000, 1_751_328_000);
    let world = start("2025-06");
    let seen = world.walk("/v1/events", 100);
    assert!(seen.iter().all(|event| (june - 30 * DAY..june).contains(&created(event))) && seen.len() > 50);
    assert!(seen.is_sorted_by_key(|event| std::cmp::Reverse(created(event))));
    for event in &seen {
        assert_eq!(&world.get(&format!("/v1/events/{}", id(event))), event);
    }
    world.advance(june + 12 * DAY + 34_567);
    let later = world.walk("/v1/events", 37);
    let kept = |event: &&Value| created(event) >= june + 34_567 - 18 * DAY;
    let overlap: Vec<&Value> = later.iter().filter(|event| created(event) < june).collect();
    assert_eq!(overlap, seen.iter().filter(kept).collect::<Vec<_>>());
    let gone = seen.iter().find(|event| !kept(event)).expect("one that is too old");
    let answer = world.ask(&format!("/v1/events/{}", id(gone)));
    assert_eq!((answer.status, answer.error("code")), (404, "resource_missing"));
    world.advance(july);
    assert_eq!(world.walk("/v1/events", 100), start("2025-07").walk("/v1/events", 100));
    // The order within a second is none that tells causes.
    let later = world.walk("/v1/events", 100);
    let backwards = later.windows(2).any(|pair| {
        created(&pair[0]) == created(&pair[1])
            && kind(&pair[0]) == "invoice.created"
            && kind(&pair[1]) == "invoice.paid"
    });
    assert!(backwards);
}

#[test]
fn events_are_filtered_by_their_types() {
    let world = Served::start(&["--seed", "4", "--accounts", "60", "--months", "12", "--repertoire", "full"]);
    let all = world.walk("/v1/events", 100);
    let chosen = |fits: &dyn Fn(&str) -> bool| all.iter().filter(|e| fits(kind(e))).cloned().collect::<Vec<Value>>();
    let paid = chosen(&|kind| kind == "invoice.paid");
    assert!(!paid.is_empty());
    assert_eq!(world.walk("/v1/events?type=invoice.paid", 7), paid);
    let group = chosen(&|kind| kind.starts_with("invoice."));
    assert_eq!(world.walk("/v1/events?type=invoice.*", 100), group);
    let two = chosen(&|kind| kind == "invoice.paid" || kind == "customer.subscription.updated");
    assert_eq!(world.walk("/v1/events?types[]=invoice.paid&types[]=customer.subscription.updated", 100), two);
    let many: String = (0..21).map(|n| format!("&types[]=a{n}")).collect();
    for (path, param) in [
        ("/v1/events?type=a&types[]=b".to_owned(), "types"),
        (format!("/v1/events?limit=1{many}"), "types"),
        ("/v1/events?expand[]=data.data.object.lines".into(), "expand"),
        ("/v1/events?expand[]=data.data".into(), "expand"),
        ("/v1/events?delivery_success=true".into(), "delivery_success"),
        ("/v1/events?colour=red".into(), "colour"),
    ] {
        let answer = world.ask(&path);
        assert_eq!((answer.status, answer.error("param")), (400, param), "{path}");
    }
    assert_eq!(world.ask("/v1/events/evt_no").status, 404);
}

/// What is gone is gone in its own way.
#[test]
fn everything_is_found_by_its_id_or_says_what_has_become_of_it() {
    let world = begin("9", "full", VERSION);
    let events = all_events(&world);
    let ids = |wanted: &str| -> Vec<&str> {
        let those = events.iter().filter(|event| kind(event) == wanted);
        those.map(|event| id(&event["data"]["object"])).collect()
    };
    assert!(!ids("customer.deleted").is_empty() && !ids("coupon.deleted").is_empty());
    for customer in ids("customer.deleted") {
        let stub = serde_json::json!({"id": customer, "object": "customer", "deleted": true});
        assert_eq!(world.get(&format!("/v1/customers/{customer}")), stub);
    }
    for coupon in ids("coupon.deleted") {
        let answer = world.ask(&format!("/v1/coupons/{coupon}"));
        assert_eq!((answer.status, answer.error("code")), (404, "resource_missing"));
    }
    for subscription in ids("customer.subscription.deleted") {
        let object = world.get(&format!("/v1/subscriptions/{subscription}?expand[]=customer&expand[]=latest_invoice"));
        assert_eq!(object["status"], "canceled");
        assert!(object["customer"].is_object() && object["latest_invoice"].is_object());
        for item in object["items"]["data"].as_array().expect("items") {
            assert_eq!(&world.get(&format!("/v1/subscription_items/{}", id(item))), item);
        }
    }
    for invoice in ids("invoice.voided") {
        assert_eq!(world.get(&format!("/v1/invoices/{invoice}?expand[]=discounts"))["status"], "void");
    }
}

/// Where a version has what revenue is read from: paths into an object of a kind, `!` before what it does not have.
const SHAPES: [(&str, &str, &[&str]); 11] = [
    (
        "2024-06-20",
        "subscription",
        &["/current_period_end", "/discount", "/discounts", "!/billing_mode", "!/items/data/0/current_period_end"],
    ),
    ("2024-06-20", "invoice", &["/subscription", "/charge", "/paid", "/discount", "!/parent", "!/total_taxes"]),
    (
        "2024-06-20",
        "line_item",
        &[
            "/type",
            "/price/id",
            "/plan/id",
            "/proration",
            "/subscription",
            "/subscription_item",
            "!/pricing",
            "!/parent",
        ],
    ),
    ("2024-06-20", "invoiceitem", &["/price/id", "/subscription", "!/pricing", "!/parent", "!/quantity_decimal"]),
    ("2024-06-20", "discount", &["/coupon/id", "!/source"]),
    ("2025-03-31.basil", "subscription", &["/items/data/0/current_period_end", "!/current_period_end", "!/discount"]),
    (
        "2025-03-31.basil",
        "line_item",
        &["/pricing/price_details/price", "/parent/type", "!/price", "!/quantity_decimal"],
    ),
    ("2025-03-31.basil", "discount", &["/coupon/id", "!/source"]),
    ("2025-09-30.clover", "line_item", &["/pricing/price_details/price", "!/quantity_decimal", "!/subtotal"]),
    ("2025-09-30.clover", "discount", &["/source/coupon", "!/coupon"]),
    (VERSION, "line_item", &["/quantity_decimal", "/subtotal", "/parent/type"]),
];

#[test]
fn events_look_as_their_version_did() {
    for version in ["2024-06-20", "2025-03-31.basil"] {
        by_object(&all_events(&begin("1", "full", version))).values().for_each(chain);
    }
    let mut checked = HashSet::new();
    for event in ["2", "3"].iter().flat_map(|seed| all_events(&begin(seed, "full", "mixed"))) {
        let object = &event["data"]["object"];
        let lines = object["lines"]["data"].as_array().filter(|_| object["object"] == "invoice").into_iter().flatten();
        for part in lines.chain([object]).chain(object.get("discount").filter(|part| part.is_object())) {
            for (n, (_, _, paths)) in SHAPES
                .iter()
                .enumerate()
                .filter(|(_, (version, name, _))| event["api_version"] == *version && part["object"] == *name)
            {
                checked.insert(n);
                for path in *paths {
                    let present = part.pointer(path.trim_start_matches('!')).is_some();
                    assert_eq!(present, !path.starts_with('!'), "{path} in {event}");
                }
            }
        }
    }
    assert_eq!(checked.len(), SHAPES.len(), "{checked:?}");
}
