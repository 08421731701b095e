//! A company that bills in two systems is the same company.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use support::{KEY, Served, run};

const WORLD: [&str; 6] = ["--seed", "11", "--accounts", "150", "--months", "36"];

const SPLIT: &str = "--billed-in=split";

fn truth(more: &[&str]) -> String {
    run(&[&["truth"], &WORLD[..], more].concat())
}

fn rows(csv: &str) -> impl Iterator<Item = Vec<&str>> {
    csv.lines().skip(1).map(|line| line.split(',').collect())
}

/// By company, currency and day, what its revenue changes by, in millionths a year.
fn changes(truth: &str, company_of: &BTreeMap<&str, &str>) -> BTreeMap<(String, String, String), i128> {
    let mut held: BTreeMap<(&str, &str), i128> = BTreeMap::new();
    let mut changes = BTreeMap::new();
    for row in rows(truth) {
        let [account, day, currency, arr, _] = row[..] else { panic!("{row:?}") };
        let (whole, part) = arr.split_once('.').unwrap_or((arr, ""));
        let millionths: i128 = format!("{whole}{part:0<6}").parse().expect("a rate");
        let before = held.insert((account, currency), millionths).unwrap_or(0);
        *changes.entry((company_of[account].into(), currency.into(), day.into())).or_default() += millionths - before;
    }
    changes.retain(|_, change| *change != 0);
    changes
}

fn links(csv: &str) -> BTreeMap<&str, &str> {
    rows(csv).map(|row| (row[1], row[0])).collect()
}

#[test]
fn every_company_has_the_revenue_that_it_has_in_one_system() {
    let (each, split) = (truth(&["--crm=links"]), truth(&["--crm=links", SPLIT]));
    assert!(each.starts_with("company,customer\n") && split.starts_with("company,customer,system\n"));
    assert_eq!(changes(&truth(&[]), &links(&each)), changes(&truth(&[SPLIT]), &links(&split)));
    assert_eq!(truth(&["--crm=attributes"]), truth(&["--crm=attributes", SPLIT]));
    // Some are in both, and some of them moved: the customer in the other system is one more.
    let mut systems: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in rows(&split) {
        systems.entry(row[0]).or_default().insert(row[2]);
    }
    let in_both = systems.values().filter(|systems| systems.len() == 2).count();
    let moved = links(&split).len() - links(&each).len();
    assert!((10..40).contains(&in_both) && (10..40).contains(&moved), "{in_both} in both, {moved} moved");
}

#[test]
fn each_face_shows_its_own_customers() {
    let links = truth(&["--crm=links", SPLIT]);
    let stripe = Served::start(&[&WORLD[..], &[SPLIT]].concat());
    let found: BTreeSet<String> = stripe.walk("/v1/customers", 100).iter().map(id).collect();
    assert_eq!(found, of_system(&links, "stripe"));
    let site = Served::start(&[&["--face=chargebee", "--crm"], &WORLD[..], &[SPLIT]].concat());
    let credentials = ("Authorization", "Basic c2tfdGVzdF9zYW5kYm94Og==");
    let page = site.request("GET", "/api/v2/customers?limit=100", &[credentials]).body;
    let found: Vec<&Value> = page["list"].as_array().expect("a list").iter().map(|of| &of["customer"]).collect();
    assert_eq!(found.iter().map(|of| id(of)).collect::<BTreeSet<_>>(), of_system(&links, "chargebee"));
    let named = found.iter().filter(|customer| customer["cf_hubspot_company_id"].is_string()).count();
    assert!(named > 20 && named < found.len() - 20, "{named} of {} name their company", found.len());
}

#[test]
fn the_crm_names_customers_of_both() {
    let links = truth(&["--crm=links", SPLIT]);
    let crm = Served::start(&[&["--face=hubspot"], &WORLD[..], &[SPLIT]].concat());
    let bearer = format!("Bearer {KEY}");
    let path = "/crm/v3/objects/companies?limit=100&properties=stripe_customer_id,chargebee_customer_id";
    let page = crm.request("GET", path, &[("Authorization", &bearer)]).body;
    let company_of = self::links(&links);
    let mut named = [0, 0];
    for company in page["results"].as_array().expect("results") {
        for (count, system) in named.iter_mut().zip(["stripe", "chargebee"]) {
            let Some(customer) = company["properties"][format!("{system}_customer_id")].as_str() else { continue };
            assert_eq!(company_of[customer], id(company));
            assert!(of_system(&links, system).contains(customer));
            *count += 1;
        }
    }
    assert!(named.iter().all(|count| *count > 20), "{named:?}");
}

fn of_system(links: &str, system: &str) -> BTreeSet<String> {
    rows(links).filter(|row| row[2] == system).map(|row| row[1].to_owned()).collect()
}

fn id(of: &Value) -> String {
    of["id"].as_str().expect("an id").to_owned()
}
