//! Every kind of answer against Stripe's published OpenAPI document, and against a small fixture of our own.

mod support;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use serde_json::{Map, Value, json};
use support::{Served, id};

/// Fields that Stripe sends and its document leaves out.
const UNDOCUMENTED: [(&str, &str); 3] =
    [("subscription_item", "plan"), ("product", "type"), ("recurring", "trial_period_days")];

fn specification() -> Option<Value> {
    let workspace = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let shared = std::env::var_os("SHARED_DIR").map_or_else(|| workspace.join("../shared"), PathBuf::from);
    let text = std::fs::read_to_string(shared.join("specs/stripe_readonly_billing_subset.json")).ok()?;
    let mut document: Value = serde_json::from_str(&text).expect("the specification is JSON");
    for (schema, field) in UNDOCUMENTED {
        document["components"]["schemas"][schema]["properties"][field] = json!({});
    }
    let schemas = document["components"]["schemas"].as_object().expect("schemas");
    let known: HashSet<String> = schemas.keys().cloned().collect();
    convert(&mut document, &known);
    Some(document)
}

/// From OpenAPI 3.0 to JSON Schema: nullable, expandable ids (to the kinds that the subset knows), and no fields that
/// the document does not know.
fn convert(value: &mut Value, known: &HashSet<String>) {
    if let Value::Array(items) = value {
        items.iter_mut().for_each(|item| convert(item, known));
    }
    let Value::Object(fields) = value else { return };
    fields.values_mut().for_each(|field| convert(field, known));
    if fields.get("properties").is_some_and(Value::is_object) && fields.get("type") == Some(&json!("object")) {
        fields.entry("additionalProperties").or_insert(json!(false));
    }
    let expandable = match fields.remove("x-expandable-to") {
        Some(Value::Array(names)) => names,
        _ => Vec::new(),
    };
    let nullable = fields.remove("nullable") == Some(json!(true));
    if expandable.is_empty() && !nullable {
        return;
    }
    let plain = Value::Object(std::mem::take(fields));
    let names = expandable.iter().filter_map(Value::as_str).filter(|name| known.contains(*name));
    let mut choices: Vec<Value> = names.map(|name| json!({"$ref": format!("#/components/schemas/{name}")})).collect();
    choices.push(plain);
    if nullable {
        choices.push(json!({"type": "null"}));
    }
    fields.insert("anyOf".into(), choices.into());
}

struct Judge {
    document: Value,
}

impl Judge {
    /// A validator for one place of the document.
    fn validator(&self, pointer: &str) -> jsonschema::Validator {
        let wanted = self.document.pointer(pointer).unwrap_or_else(|| panic!("the document lacks {pointer}"));
        let mut schema: Map<String, Value> = self.document.as_object().expect("an object").clone();
        schema.insert("allOf".into(), json!([wanted]));
        jsonschema::validator_for(&Value::Object(schema)).expect("a schema")
    }

    fn path(&self, path: &str) -> jsonschema::Validator {
        let path = path.replace('/', "~1");
        self.validator(&format!("/paths/{path}/get/responses/200/content/application~1json/schema"))
    }

    fn object(&self, name: &str) -> jsonschema::Validator {
        self.validator(&format!("/components/schemas/{name}"))
    }
}

fn check(validator: &jsonschema::Validator, answer: &Value, what: &str) {
    let errors: Vec<String> = validator
        .iter_errors(answer)
        .take(5)
        .map(|e| format!("{}: {:.300}", e.instance_path(), e.to_string()))
        .collect();
    assert!(errors.is_empty(), "{what}\n{}", errors.join("\n"));
}

fn pages(world: &Served, path: &str, most: usize) -> Vec<Value> {
    let separator = if path.contains('?') { '&' } else { '?' };
    let mut pages = vec![world.get(&format!("{path}{separator}limit=40"))];
    while let Some(page) = pages.last().filter(|page| page["has_more"] == true && pages.len() < most) {
        let last = id(page["data"].as_array().and_then(|data| data.last()).expect("an object"));
        pages.push(world.get(&format!("{path}{separator}limit=40&starting_after={last}")));
    }
    pages
}

/// List path, query, schema of its objects where the document has no path to retrieve one.
const LISTS: [(&str, &str); 26] = [
    ("/v1/customers", ""),
    ("/v1/products", ""),
    ("/v1/products", "?expand[]=data.default_price"),
    ("/v1/prices", ""),
    ("/v1/prices", "?expand[]=data.product&expand[]=data.tiers"),
    ("/v1/prices", "?expand[]=data.currency_options"),
    ("/v1/coupons", ""),
    ("/v1/subscriptions", "?status=all"),
    ("/v1/subscriptions", "?expand[]=data.discounts.source.coupon&expand[]=data.customer&expand[]=data.schedule"),
    ("/v1/subscriptions", "?expand[]=data.items.data.price&expand[]=data.latest_invoice"),
    ("/v1/subscription_schedules", ""),
    ("/v1/invoices", ""),
    ("/v1/invoices", "?expand[]=data.lines.data.discounts&expand[]=data.discounts&expand[]=data.customer"),
    (
        "/v1/invoices",
        "?expand[]=data.total_discount_amounts.discount&expand[]=data.parent.subscription_details.subscription",
    ),
    ("/v1/invoices", "?status=open"),
    ("/v1/invoices", "?expand[]=data.payments"),
    ("/v1/refunds", ""),
    ("/v1/refunds", "?expand[]=data.charge"),
    ("/v1/refunds", "?expand[]=data.charge.customer"),
    ("/v1/credit_notes", "?expand[]=data.invoice"),
    ("/v1/subscription_schedules", "?expand[]=data.subscription"),
    ("/v1/test_helpers/test_clocks", ""),
    ("/v1/events", ""),
    ("/v1/events", "?type=invoice.*"),
    ("/v1/invoiceitems", ""),
    ("/v1/invoiceitems", "?expand[]=data.invoice&expand[]=data.customer&pending=false"),
];

#[test]
fn answers_have_the_published_shapes() {
    let Some(document) = specification() else {
        println!("skipped: no specs/stripe_readonly_billing_subset.json in $SHARED_DIR or beside the workspace");
        return;
    };
    let judge = Judge { document };
    for (repertoire, accounts) in [("plain", "100"), ("full", "160"), ("vectors", "1")] {
        judge.examine(&Served::start(&["--accounts", accounts, "--months", "30", "--repertoire", repertoire]));
    }
}

impl Judge {
    fn examine(&self, world: &Served) {
        let judge = self;
        check(&judge.path("/v1/account"), &world.get("/v1/account"), "account");
        for (path, query) in LISTS {
            let validator = judge.path(path);
            for page in pages(world, &format!("{path}{query}"), 6) {
                check(&validator, &page, &format!("{path}{query}"));
            }
        }
        for (kind, schema) in [
            ("customers", "customer"),
            ("products", "product"),
            ("prices", "price"),
            ("coupons", "coupon"),
            ("subscriptions", "subscription"),
            ("invoices", "invoice"),
            ("invoiceitems", "invoiceitem"),
        ] {
            let validator = judge.object(schema);
            let page = world.get(&format!("/v1/{kind}?limit=5"));
            for object in page["data"].as_array().expect("data") {
                check(&validator, &world.get(&format!("/v1/{kind}/{}", id(object))), kind);
            }
        }
        let mut validators = HashMap::new();
        for event in world.walk("/v1/events", 100) {
            let object = &event["data"]["object"];
            let name = object["object"].as_str().expect("a name");
            let validator = validators.entry(name.to_owned()).or_insert_with(|| judge.object(name));
            check(validator, object, &event["type"].to_string());
        }
        let (items, lines) = (judge.path("/v1/subscription_items"), judge.path("/v1/invoices/{invoice}/lines"));
        for subscription in
            pages(world, "/v1/subscriptions?status=all", 2).iter().flat_map(|p| p["data"].as_array()).flatten()
        {
            check(&items, &world.get(&format!("/v1/subscription_items?subscription={}", id(subscription))), "items");
        }
        for invoice in pages(world, "/v1/invoices", 2).iter().flat_map(|p| p["data"].as_array()).flatten() {
            let path = format!("/v1/invoices/{}/lines?limit=100&expand[]=data.discount_amounts.discount", id(invoice));
            check(&lines, &world.get(&path), "lines");
        }
        check(&judge.object("error"), &world.ask("/v1/nothing").body, "an error");
    }
}

/// `tests/fixtures/shapes.json` names, for each kind, the fields that a revenue reader needs and their types. It is
/// our own, so that shapes are also checked where the published document is absent.
#[test]
fn answers_have_the_fields_that_revenue_is_read_from() {
    let shapes: Value = serde_json::from_str(include_str!("fixtures/shapes.json")).expect("JSON");
    let world = Served::start(&["--accounts", "60", "--months", "24"]);
    for (path, shape) in shapes.as_object().expect("an object") {
        for object in world.get(path)["data"].as_array().expect("data") {
            fields(object, shape, path);
        }
    }
}

fn fields(value: &Value, shape: &Value, place: &str) {
    match shape {
        Value::Object(wanted) => {
            for (name, below) in wanted {
                let field = value.get(name).unwrap_or_else(|| panic!("{place} lacks {name}"));
                fields(field, below, &format!("{place}.{name}"));
            }
        }
        Value::Array(each) => {
            let items = value.as_array().unwrap_or_else(|| panic!("{place} is no array"));
            items.iter().for_each(|item| fields(item, &each[0], place));
        }
        Value::String(types) => {
            let is = match value {
                Value::Null => "null",
                Value::Bool(_) => "boolean",
                Value::Number(number) if number.is_i64() => "integer",
                Value::Number(_) => "number",
                Value::String(_) => "string",
                Value::Array(_) => "array",
                Value::Object(_) => "object",
            };
            assert!(types.split('|').any(|allowed| allowed == is), "{place} is {is}, not {types}");
        }
        _ => panic!("{place}: a shape is an object, an array or the name of a type"),
    }
}
