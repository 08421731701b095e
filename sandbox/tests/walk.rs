//! A client that walks every list sees every object exactly once, and the rest of every nested list.

mod support;

use std::collections::HashSet;

use serde_json::Value;
use support::{Served, id};

fn world() -> Served {
    Served::start(&["--accounts", "120", "--months", "30"])
}

fn ids(objects: &[Value]) -> HashSet<&str> {
    objects.iter().map(id).collect()
}

#[test]
fn every_list_is_walked_completely_and_newest_first() {
    let world = world();
    for path in ["customers", "products", "prices", "coupons", "subscriptions?status=all", "invoices", "invoiceitems"] {
        let path = format!("/v1/{path}");
        let all = world.walk(&path, 100);
        assert_eq!(ids(&all).len(), all.len(), "{path} shows an object twice");
        assert!(!all.is_empty(), "{path}");
        let field = if path.ends_with("invoiceitems") { "date" } else { "created" };
        assert!(all.windows(2).all(|two| two[0][field].as_i64() >= two[1][field].as_i64()), "{path} is out of order");
        if path.ends_with("invoiceitems") || path.ends_with("invoices") {
            continue; // Thousands of objects: one page size is enough.
        }
        assert_eq!(world.walk(&path, 7), all, "{path} depends on the size of its pages");
    }
    assert!(world.walk("/v1/subscription_schedules", 10).is_empty());
}

#[test]
fn filters_part_a_list_without_gap_or_overlap() {
    let world = world();
    let all = world.walk("/v1/invoices", 100);
    let cut = all[all.len() / 2]["created"].as_i64().expect("a time");
    let newer = world.walk(&format!("/v1/invoices?created[gte]={cut}"), 100);
    let older = world.walk(&format!("/v1/invoices?created[lt]={cut}"), 100);
    assert_eq!([newer, older].concat(), all);
    let (paid, open) = (world.walk("/v1/invoices?status=paid", 100), world.walk("/v1/invoices?status=open", 100));
    assert_eq!(paid.len() + open.len(), all.len());
    assert_eq!(world.get(&format!("/v1/invoices?created={cut}"))["data"][0]["created"], cut);

    let everything = world.walk("/v1/subscriptions?status=all", 100);
    let shown = world.walk("/v1/subscriptions", 100);
    let canceled = world.walk("/v1/subscriptions?status=canceled", 100);
    assert!(shown.iter().all(|s| s["status"] == "active") && canceled.iter().all(|s| s["status"] == "canceled"));
    assert!(!canceled.is_empty() && shown.len() + canceled.len() == everything.len());
    for subscription in everything.iter().take(20) {
        let customer = subscription["customer"].as_str().expect("a customer");
        let of_customer = world.walk(&format!("/v1/subscriptions?status=all&customer={customer}"), 100);
        assert!(of_customer.contains(subscription));
        let invoices = world.walk(&format!("/v1/invoices?subscription={}&customer={customer}", id(subscription)), 100);
        let expected: Vec<&Value> =
            all.iter().filter(|i| i["parent"]["subscription_details"]["subscription"] == subscription["id"]).collect();
        assert_eq!(invoices.iter().collect::<Vec<_>>(), expected);
    }
}

#[test]
fn nested_lists_are_cut_at_ten() {
    let world = world();
    let mut cut = [0, 0];
    for (n, path) in ["/v1/subscriptions?status=all", "/v1/invoices"].into_iter().enumerate() {
        for object in world.walk(path, 100) {
            let list = &object[["items", "lines"][n]];
            let shown = list["data"].as_array().expect("data");
            if list["has_more"] == false {
                continue;
            }
            cut[n] += 1;
            if cut[n] > 25 {
                continue;
            }
            assert_eq!(shown.len(), 10);
            let all = world.walk(list["url"].as_str().expect("a url"), 4);
            assert!(all.len() > 10 && all[..10] == shown[..]);
            assert_eq!(ids(&all).len(), all.len());
        }
    }
    assert!(cut[0] > 0 && cut[1] > 5, "{cut:?}");
}

#[test]
fn each_object_is_found_by_its_id() {
    let world = world();
    for kind in ["customers", "products", "prices", "coupons", "subscriptions", "invoices", "invoiceitems"] {
        let page = world.get(&format!("/v1/{kind}?limit=3"));
        for object in page["data"].as_array().expect("data") {
            assert_eq!(&world.get(&format!("/v1/{kind}/{}", id(object))), object);
        }
    }
}

#[test]
fn ids_become_objects_when_asked() {
    let world = world();
    let expand = "expand[]=data.discounts.source.coupon&expand[]=data.customer&expand[]=data.latest_invoice";
    let plain = world.walk("/v1/subscriptions", 100);
    let rich = world.walk(&format!("/v1/subscriptions?{expand}"), 100);
    let mut discounts = 0;
    for (plain, rich) in plain.iter().zip(&rich) {
        assert_eq!(rich["customer"]["id"], plain["customer"]);
        assert_eq!(rich["latest_invoice"]["id"], plain["latest_invoice"]);
        let Some(discount) = rich["discounts"].get(0) else {
            continue;
        };
        discounts += 1;
        assert_eq!(discount["id"], plain["discounts"][0]);
        assert_eq!(discount["source"]["coupon"]["duration"], "forever");
        let unexpanded = world.get(&format!("/v1/subscriptions/{}?expand[0]=discounts", id(plain)));
        assert_eq!(unexpanded["discounts"][0]["source"]["coupon"], discount["source"]["coupon"]["id"]);
    }
    assert!(discounts > 5);
    let lines = world.get("/v1/invoices?limit=100&expand[]=data.lines.data.discounts&expand[]=data.parent.subscription_details.subscription");
    assert_eq!(lines["data"][0]["parent"]["subscription_details"]["subscription"]["object"], "subscription");
}
