//! What a sloppy client runs into.

mod support;

use support::{KEY, Served, VERSION, id};

fn world() -> Served {
    Served::start(&["--accounts", "40", "--months", "18"])
}

#[test]
fn keys_and_versions_are_wanted() {
    let world = world();
    let version = ("Stripe-Version", VERSION);
    let basic = [("Authorization", "Basic c2tfdGVzdF9zYW5kYm94Og=="), version];
    assert_eq!(world.request("GET", "/v1/customers", &basic).status, 200);
    let bearer = format!("Bearer {KEY}");
    let without_version = world.request("GET", "/v1/customers", &[("Authorization", &bearer)]);
    assert_eq!(without_version.status, 400);
    assert!(without_version.error("message").contains(VERSION));
    let other = [("Authorization", bearer.as_str()), ("Stripe-Version", "2020-08-27")];
    assert_eq!(world.request("GET", "/v1/customers", &other).status, 400);
    assert_eq!(world.request("GET", "/v1/customers", &[version]).status, 401);
    let wrong = world.request("GET", "/v1/customers", &[("Authorization", "Bearer sk_test_secret1"), version]);
    assert_eq!((wrong.status, wrong.error("type")), (401, "invalid_request_error"));
    assert_eq!(wrong.error("message"), "Invalid API Key provided: sk_test_***");
}

#[test]
fn only_what_the_api_knows_is_answered() {
    let world = world();
    let post = [("Authorization", "Bearer sk_test_sandbox"), ("Stripe-Version", VERSION)];
    assert_eq!(world.request("POST", "/v1/customers", &post).status, 405);
    for (path, status, code, param) in [
        ("/v1/nothing", 404, "", ""),
        ("/v2/customers", 404, "", ""),
        ("/v1/customers/cus_no", 404, "resource_missing", "id"),
        ("/v1/invoices/in_no/lines", 404, "resource_missing", "id"),
        ("/v1/customers?colour=red", 400, "parameter_unknown", "colour"),
        ("/v1/customers?created[after]=1", 400, "parameter_unknown", "created[after]"),
        ("/v1/coupons?active=true", 400, "parameter_unknown", "active"),
        ("/v1/customers?limit=0", 400, "parameter_invalid_integer", "limit"),
        ("/v1/customers?limit=101", 400, "parameter_invalid_integer", "limit"),
        ("/v1/customers?limit=ten", 400, "parameter_invalid_integer", "limit"),
        ("/v1/customers?created[gte]=soon", 400, "parameter_invalid_integer", "created[gte]"),
        ("/v1/customers?starting_after=cus_no", 400, "resource_missing", "starting_after"),
        ("/v1/customers?ending_before=cus_no", 400, "resource_missing", "ending_before"),
        ("/v1/customers?ending_before=a&starting_after=b", 400, "", "ending_before"),
        ("/v1/subscriptions?status=cancelled", 400, "", "status"),
        ("/v1/subscription_items", 400, "parameter_missing", "subscription"),
        ("/v1/subscriptions?expand[]=data.latest_invoice.lines.data.discounts", 400, "", "expand"),
        ("/v1/subscriptions?expand[]=data.nonsense", 400, "", "expand"),
        ("/v1/subscriptions?expand[]=discounts", 400, "", "expand"),
        ("/v1/subscriptions?expand[]=data.status", 400, "", "expand"),
    ] {
        let answer = world.ask(path);
        assert_eq!((answer.status, answer.error("code"), answer.error("param")), (status, code, param), "{path}");
        assert_eq!(answer.error("type"), "invalid_request_error", "{path}");
    }
}

#[test]
fn pages_have_ten_and_go_both_ways() {
    let world = world();
    let first = world.get("/v1/customers");
    let ids: Vec<&str> = first["data"].as_array().expect("data").iter().map(id).collect();
    assert_eq!((ids.len(), &first["has_more"]), (10, &true.into()));
    assert_eq!((&first["object"], &first["url"]), (&"list".into(), &"/v1/customers".into()));
    let back = world.get(&format!("/v1/customers?limit=3&ending_before={}", ids[5]));
    let seen: Vec<&str> = back["data"].as_array().expect("data").iter().map(id).collect();
    assert_eq!((seen, &back["has_more"]), (ids[2..5].to_vec(), &true.into()));
    let head = world.get(&format!("/v1/customers?limit=9&ending_before={}", ids[2]));
    assert_eq!((head["data"].as_array().map(Vec::len), &head["has_more"]), (Some(2), &false.into()));
}

#[test]
fn answers_carry_virtual_time() {
    let world = world();
    let answer = world.ask("/v1/account");
    assert_eq!(answer.header("date"), Some("Thu, 01 Jan 2026 00:00:00 GMT"));
    assert_eq!(answer.header("stripe-version"), Some(VERSION));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert!(answer.header("request-id").is_some_and(|id| id.starts_with("req_")));
}

#[test]
fn every_so_many_requests_are_too_many() {
    let world = Served::start(&["--accounts", "3", "--months", "2", "--rate-limit-every", "3"]);
    let answers: Vec<_> = (0..6).map(|_| world.ask("/v1/account")).collect();
    assert_eq!(answers.iter().map(|a| a.status).collect::<Vec<_>>(), [200, 200, 429, 200, 200, 429]);
    let refused = &answers[2];
    assert_eq!((refused.error("type"), refused.error("code")), ("invalid_request_error", "rate_limit"));
    assert_eq!(refused.header("stripe-rate-limited-reason"), Some("endpoint-rate"));
    assert_eq!(refused.header("retry-after"), None);
}

#[test]
fn a_key_may_lack_a_permission() {
    let world = Served::start(&["--accounts", "3", "--months", "2", "--forbid", "refunds"]);
    for path in ["/v1/refunds", "/v1/refunds/re_1"] {
        let answer = world.ask(path);
        assert_eq!((answer.status, answer.error("type")), (403, "invalid_request_error"));
        assert!(answer.error("message").contains("Having the 'rak_charge_read' permission"), "{path}");
    }
    assert_eq!(world.ask("/v1/invoices").status, 200);
}

#[test]
fn a_falsified_price_is_one_cent_too_dear_in_every_answer() {
    let prices = |world: &Served| world.walk("/v1/prices", 100);
    let honest = world();
    let lying = Served::start(&["--accounts", "40", "--months", "18", "--falsify", "price"]);
    let (truth, lies) = (prices(&honest), prices(&lying));
    let wrong: Vec<_> = truth.iter().zip(&lies).filter(|(a, b)| a != b).collect();
    let [(before, after)] = wrong[..] else { panic!("{} prices differ", wrong.len()) };
    assert_eq!((id(before), &before["active"]), (id(after), &true.into()));
    let amount = after["unit_amount"].as_i64().expect("an amount");
    assert_eq!(before["unit_amount"].as_i64(), Some(amount - 1));
    let using = lying.walk(&format!("/v1/subscriptions?price={}", id(after)), 100);
    assert!(!using.is_empty());
    for item in using.iter().flat_map(|s| s["items"]["data"].as_array().expect("items")) {
        if item["price"]["id"] == after["id"] {
            assert_eq!(&item["price"], after);
        }
    }
}
