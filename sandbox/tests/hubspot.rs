//! The CRM's face: what it refuses, what it cuts, and that it has the shapes of the bodies that there are.

mod support;

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Value, json};
use support::{Answer, END, KEY, Served, run};

const WORLD: [&str; 6] = ["--seed", "11", "--accounts", "150", "--months", "36"];

fn served(more: &[&str]) -> Served {
    Served::start(&[&["--face", "hubspot"], &WORLD[..], more].concat())
}

fn get(world: &Served, path: &str) -> Answer {
    world.request("GET", path, &[("Authorization", &format!("Bearer {KEY}"))])
}

fn post(world: &Served, path: &str, body: &Value) -> Answer {
    let (key, body) = (format!("Bearer {KEY}"), body.to_string());
    world.send("POST", path, &[("Authorization", &key), ("Content-Length", &body.len().to_string())], &body)
}

fn good(answer: Answer) -> Value {
    assert!((200..300).contains(&answer.status), "{}", answer.body);
    answer.body
}

/// All records of a list.
fn walk(world: &Served, path: &str) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    let mut after = String::new();
    loop {
        let page = good(get(world, &format!("{path}{after}")));
        all.extend(page["results"].as_array().expect("results").iter().cloned());
        match page["paging"]["next"]["after"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return all,
        }
    }
}

fn id(record: &Value) -> u64 {
    record["id"].as_str().and_then(|id| id.parse().ok()).expect("an id")
}

#[test]
fn a_list_is_ordered_and_whole_and_what_is_put_away_is_in_another() {
    let world = served(&[]);
    let live = walk(&world, "/crm/v3/objects/companies?limit=50&archived=false");
    let ids: Vec<u64> = live.iter().map(id).collect();
    assert!(ids.is_sorted() && ids.len() > 130, "{}", ids.len());
    let archived = walk(&world, "/crm/v3/objects/deals?limit=50&archived=true");
    assert!(
        !archived.is_empty() && archived.iter().all(|deal| deal["archived"] == true && deal["archivedAt"].is_string())
    );
    let truth = run(&[&["truth", "--crm", "links"][..], &WORLD].concat());
    assert_eq!(truth.lines().count(), 151, "each customer is one company's");
}

#[test]
fn what_hubspot_refuses_is_refused() {
    let world = served(&["--forbid", "deals"]);
    let search = |body: Value| post(&world, "/crm/v3/objects/companies/search", &body).status;
    for (status, path) in [
        (400, "/crm/v3/objects/companies?limit=101"),
        (400, "/crm/v3/objects/companies?limit=51&propertiesWithHistory=country"),
        (400, "/crm/v3/objects/widgets"),
        (404, "/crm/v3/objects/companies/1"),
        (404, "/crm/v3/nothing"),
    ] {
        let answer = get(&world, path);
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.body["message"].is_string() && answer.body["correlationId"].is_string(), "{}", answer.body);
    }
    assert_eq!(search(json!({"limit": 200, "after": "9800"})), 200);
    assert_eq!(search(json!({"limit": 200, "after": "9801"})), 400, "no search reaches behind its 10,000th record");
    assert_eq!(search(json!({"limit": 201})), 400);
    let forbidden = get(&world, "/crm/v3/objects/deals");
    let scopes = &forbidden.body["errors"][0]["context"]["requiredGranularScopes"];
    assert_eq!((forbidden.status, scopes), (403, &json!(["crm.objects.deals.read"])));
    assert_eq!(world.request("GET", "/crm/v3/owners", &[]).status, 401);
    let answer = get(&world, "/crm/v3/owners");
    assert!(answer.header("x-hubspot-ratelimit-remaining").is_some());
    assert_eq!(answer.header("date"), Some("Thu, 01 Jan 2026 00:00:00 GMT"), "{END}");
}

#[test]
fn a_day_that_is_used_up_ends_at_the_portals_midnight() {
    let world = served(&["--from", "2025-12-20", "--rate-limit-policy", "daily", "--rate-limit-every", "2"]);
    let status = || get(&world, "/crm/v3/owners").status;
    assert_eq!([status(), status(), status(), status()], [200, 200, 429, 429]);
    let midnight = 1_766_271_600; // 2025-12-21 in Berlin.
    world.advance(midnight - 1);
    assert_eq!(status(), 429);
    world.advance(midnight);
    assert_eq!([status(), status(), status()], [200, 200, 429]);
}

#[test]
fn values_are_strings_or_null_and_histories_are_short_and_newest_first() {
    let world = served(&[]);
    let path = "/crm/v3/objects/companies?limit=50&properties=name,active_users,country,nonsense&propertiesWithHistory=active_users,nonsense";
    let all = walk(&world, path);
    let mut longest = 0;
    for company in &all {
        let properties = company["properties"].as_object().expect("properties");
        assert!(properties.values().all(|value| value.is_string() || value.is_null()));
        assert!(!properties.contains_key("nonsense"), "a name that is no property is passed over without a word");
        let history = company["propertiesWithHistory"]["active_users"].as_array().expect("a history");
        let stamps: Vec<&str> = history.iter().map(|entry| entry["timestamp"].as_str().expect("a stamp")).collect();
        assert!(stamps.windows(2).all(|pair| pair[0] > pair[1]), "{stamps:?}");
        longest = longest.max(history.len());
    }
    assert_eq!(longest, 20);
}

#[test]
fn long_associations_are_cut_and_read_on_and_companies_are_named_twice() {
    let world = served(&[]);
    let deals = walk(&world, "/crm/v3/objects/deals?limit=100&associations=companies,line_items");
    let cut = deals.iter().find(|deal| deal["associations"]["line items"]["paging"].is_object()).expect("a long one");
    let companies = cut["associations"]["companies"]["results"].as_array().expect("companies");
    assert_eq!((companies.len(), &companies[0]["id"]), (2, &companies[1]["id"]));
    let mut found = BTreeSet::new();
    let mut input = json!({"id": cut["id"]});
    loop {
        let answer =
            good(post(&world, "/crm/v4/associations/deals/line_items/batch/read", &json!({"inputs": [input]})));
        let result = &answer["results"][0];
        found
            .extend(result["to"].as_array().expect("to").iter().map(|to| to["toObjectId"].as_u64().expect("a number")));
        let next = &result["paging"]["next"]["after"];
        if next.is_null() {
            break;
        }
        input["after"] = next.clone();
    }
    assert!(found.len() > 4, "{found:?}");
    let inputs: Vec<Value> = found.iter().map(|id| json!({"id": id.to_string()})).chain([json!({"id": "1"})]).collect();
    let answer =
        post(&world, "/crm/v3/objects/line_items/batch/read", &json!({"inputs": inputs, "properties": ["amount"]}));
    assert_eq!((answer.status, answer.body["results"].as_array().map(Vec::len)), (207, Some(found.len())));
    assert_eq!(answer.body["errors"][0]["context"]["ids"], json!(["1"]));
}

#[test]
fn billing_may_name_the_company_in_the_crm() {
    let world = Served::start(&[&WORLD[..], &["--crm"]].concat());
    let truth = run(&[&["truth", "--crm", "links"][..], &WORLD].concat());
    let customers = world.walk("/v1/customers", 100);
    let named: Vec<String> = customers
        .iter()
        .filter_map(|of| Some(format!("{},{}", of["metadata"]["hubspot_company_id"].as_str()?, of["id"].as_str()?)))
        .collect();
    assert!((50..100).contains(&named.len()), "{}", named.len());
    assert!(named.iter().all(|link| truth.lines().any(|row| row == link)));
}

#[test]
fn an_index_that_is_late_learns_of_everything_in_the_end() {
    let total = |more: &[&str]| {
        let world = served(more);
        let found = good(post(&world, "/crm/v3/objects/companies/search", &json!({"limit": 1})));
        found["total"].as_u64().expect("a total")
    };
    let live = walk(&served(&[]), "/crm/v3/objects/companies?limit=100").len() as u64;
    assert_eq!(total(&[]), live);
    // Years late.
    assert!(total(&["--search-lag", "60000000"]) < live);
}

#[test]
fn whoever_was_merged_answers_as_the_one_that_took_it_in() {
    let world = served(&[]);
    let all = walk(&world, "/crm/v3/objects/companies?limit=100&properties=hs_merged_object_ids");
    let winner =
        all.iter().find(|company| company["properties"]["hs_merged_object_ids"].is_string()).expect("a merger");
    let losers = winner["properties"]["hs_merged_object_ids"].as_str().expect("ids").to_owned();
    let loser = losers.split(';').next().expect("one");
    assert!(all.iter().all(|company| company["id"] != loser), "it is in no list");
    assert_eq!(good(get(&world, &format!("/crm/v3/objects/companies/{loser}")))["id"], winner["id"]);
}

/// The bodies that are shared with us are written by hand from HubSpot's documents; what they have, this has.
#[test]
fn bodies_have_the_shapes_that_are_known() {
    let workspace = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let shared = std::env::var_os("SHARED_DIR").map_or_else(|| workspace.join("../shared"), PathBuf::from);
    let folder = shared.join("specs/fixtures/hubspot");
    let world = served(&["--forbid", "feedback_submissions", "--rate-limit-every", "9"]);
    let company = |path: &str| good(get(&world, path));
    let line = company("/crm/v3/objects/line_items?limit=1")["results"][0]["id"].clone();
    let deal = company("/crm/v3/objects/deals?limit=1")["results"][0]["id"].clone();
    let history = company("/crm/v3/objects/deals?limit=1&propertiesWithHistory=dealstage");
    let refused = |policy: &str| {
        let world = served(&["--rate-limit-policy", policy, "--rate-limit-every", "1"]);
        // Of a day the first one is answered.
        let answers = [get(&world, "/crm/v3/owners"), get(&world, "/crm/v3/owners")];
        let answer = answers.into_iter().find(|answer| answer.status == 429).expect("a refusal");
        answer.body
    };
    let cases = [
        ("companies.json", company("/crm/v3/objects/companies?limit=100")),
        ("owners.json", company("/crm/v3/owners?limit=500")),
        ("pipelines_deals.json", company("/crm/v3/pipelines/deals")),
        (
            "batch_read.207.json",
            post(&world, "/crm/v3/objects/line_items/batch/read", &json!({"inputs": [{"id": line}, {"id": "1"}]})).body,
        ),
        ("errors/403_missing_scopes.json", get(&world, "/crm/v3/objects/feedback_submissions").body),
        // The ninth.
        ("errors/429_ten_secondly.json", get(&world, "/crm/v3/owners").body),
        ("errors/429_secondly.json", refused("secondly")),
        ("errors/429_daily.json", refused("daily")),
        (
            "associations_v4_batch_read.json",
            post(&world, "/crm/v4/associations/deals/companies/batch/read", &json!({"inputs": [{"id": deal}]})).body,
        ),
    ];
    let mut compared = 0;
    for (file, mut found) in cases {
        let Ok(text) = std::fs::read_to_string(folder.join(file)) else { continue };
        let known: Value = serde_json::from_str(&text).expect("JSON");
        if file == "companies.json" {
            found["results"][0]["propertiesWithHistory"] = history["results"][0]["propertiesWithHistory"].clone();
        }
        let mut missing = Vec::new();
        lacks(&known, &found, "", &mut missing);
        assert_eq!(missing, [] as [&str; 0], "{file}: {found}");
        compared += 1;
    }
    if compared == 0 {
        eprintln!("skipped: no shared bodies at {}", folder.display());
    }
}

/// What `known` has and `found` has not, by path. Which properties there are is each account's own, and what takes time
/// or points to a page says nothing here.
fn lacks(known: &Value, found: &Value, path: &str, missing: &mut Vec<String>) {
    let passed = ["properties", "startedAt", "completedAt", "paging", "archivedAt", "message", "label"];
    match known {
        Value::Object(fields) => {
            for (name, value) in fields.iter().filter(|(name, _)| !passed.contains(&name.as_str())) {
                match found.get(name) {
                    Some(other) => lacks(value, other, &format!("{path}.{name}"), missing),
                    None => missing.push(format!("{path}.{name}")),
                }
            }
        }
        Value::Array(elements) => {
            if let (Some(known), Some(found)) = (elements.first(), found.get(0)) {
                lacks(known, found, &format!("{path}[]"), missing);
            }
        }
        other => {
            let kinds = (other.is_string(), other.is_number(), other.is_boolean());
            if !found.is_null() && kinds != (found.is_string(), found.is_number(), found.is_boolean()) {
                missing.push(format!("{path} is {found} and not as {other}"));
            }
        }
    }
}
