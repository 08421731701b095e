//! Pages, cursors and nested lists, against a server that answers by path.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod stage;

use mrr_connector_sdk::{Cursor, Page};
use stage::{Answers, NOW, answering, list};

fn ids(pages: &[Page]) -> Vec<&str> {
    pages.iter().flat_map(|page| &page.records).map(|record| record.id.as_str()).collect()
}

const C: [&str; 3] = [
    r#"{"id":"cus_3","balance":1.10,"created":1700000000}"#,
    r#"{"id":"cus_2","created":1699999000}"#,
    r#"{"id":"cus_1","created":1690000000}"#,
];

#[tokio::test]
async fn a_walk_is_divided_where_the_density_of_its_first_page_says() {
    let stage = answering(|target| match (target.contains("created[lt]"), target.contains("starting_after=cus_2")) {
        (true, _) => list(&[C[2]], false),
        (false, true) => list(&[], false),
        (false, false) => list(&C[..2], true),
    })
    .await;
    let pages = stage.walk("customers").await;
    assert_eq!(ids(&pages), ["cus_3", "cus_2", "cus_1"]);
    assert_eq!(pages[0].records[0].payload, C[0]);
    assert_eq!(pages[0].records[0].account.as_deref(), Some("cus_3"));
    assert_eq!(pages[0].at.timestamp(), NOW);
    // Twenty times the 1,000 seconds that the first page spans.
    assert_eq!(
        stage.asked(),
        [
            "/v1/customers?limit=100&expand[]=data.discount.source.coupon",
            "/v1/customers?limit=100&expand[]=data.discount.source.coupon&created[gte]=1699979000&starting_after=cus_2",
            "/v1/customers?limit=100&expand[]=data.discount.source.coupon&created[lt]=1699979000",
        ]
    );
}

#[tokio::test]
async fn a_walk_without_times_or_all_of_one_second_still_ends() {
    let stage = answering(|target| match target.contains("starting_after") {
        true => list(&[r#"{"id":"cus_1"}"#], false),
        false => list(&[r#"{"id":"cus_2"}"#], true),
    })
    .await;
    assert_eq!(ids(&stage.walk("customers").await), ["cus_2", "cus_1"]);

    let stage = answering(|target| match (target.contains("created[lt]"), target.contains("starting_after")) {
        (true, _) => list(&[], false),
        (_, true) => list(&[r#"{"id":"cus_1","created":1700000000}"#], false),
        _ => list(&[r#"{"id":"cus_2","created":1700000000}"#], true),
    })
    .await;
    assert_eq!(ids(&stage.walk("customers").await), ["cus_2", "cus_1"]);
    assert!(stage.asked()[1].contains("created[gte]=1699996400"), "{:?}", stage.asked());
}

#[tokio::test]
async fn canceled_subscriptions_are_asked_for_and_cut_items_read_on() {
    let stage = answering(|target| {
        if target.starts_with("/v1/subscription_items") {
            assert!(target.contains("subscription=sub_1") && target.contains("expand[]=data.discounts.source.coupon"), "{target}");
            return match target.contains("starting_after=si_2") {
                true => list(&[r#"{"id":"si_3"}"#], false),
                false => list(&[r#"{"id":"si_1"}"#, r#"{"id":"si_2", "quantity":1.50}"#], true),
            };
        }
        let cut = r#"{"id":"sub_1", "customer":{"id":"cus_1","deleted":true},"items":{"object":"list","data":[{"id":"si_1"}],"has_more":true,"url":"u"} ,"x":"\ud800\u0000"}"#;
        let whole = r#"{"id":"sub_2","customer":"cus_2","items":{"data":[{"id":"si_9"}],"has_more":false}}"#;
        list(&[cut, whole], false)
    })
    .await;
    let page = stage.fetch("subscriptions", None).await.unwrap();
    assert_eq!(
        page.records[0].payload,
        r#"{"id":"sub_1", "customer":{"id":"cus_1","deleted":true},"items":{"object":"list","data":[{"id":"si_1"},{"id":"si_2", "quantity":1.50},{"id":"si_3"}],"has_more":false,"url":"u"} ,"x":"\ud800\u0000"}"#
    );
    assert_eq!(page.records[0].account.as_deref(), Some("cus_1"));
    assert_eq!(page.records.len(), 2);
    let first = &stage.asked()[0];
    assert!(first.contains("status=all") && first.contains("expand[]=data.discounts.source.coupon"), "{first}");
}

#[tokio::test]
async fn an_items_coupon_is_read_as_deep_as_it_is() {
    let stage = answering(|target| {
        let item = |coupon: &str| {
            format!(r#"{{"id":"si_1","discounts":[{{"id":"di_1","source":{{"type":"coupon","coupon": {coupon}}}}}]}}"#)
        };
        match target.starts_with("/v1/subscription_items") {
            true => list(&[&item(r#"{"id":"gone"}"#)], false),
            false => {
                let named = format!(
                    r#"{{"id":"sub_1","customer":"cus_1","items":{{"data":[{}],"has_more":false}}}}"#,
                    item("\"gone\"")
                );
                list(&[&named, &named.replace("sub_1", "sub_2").replace("\"gone\"", "null")], false)
            }
        }
    })
    .await;
    let page = stage.fetch("subscriptions", None).await.unwrap();
    assert!(page.records[0].payload.contains(r#""coupon": {"id":"gone"}"#), "{}", page.records[0].payload);
    assert_eq!(stage.asked().len(), 2);
}

#[tokio::test]
async fn cut_lines_of_an_invoice_are_read_below_it() {
    let stage = answering(|target| match target.split('?').next().unwrap() {
        "/v1/invoices" => list(&[r#"{"id":"in_1","customer":"cus_1","lines":{"data":[],"has_more":true}}"#], false),
        "/v1/invoices/in_1/lines" => list(&[r#"{"id":"il_1"}"#], false),
        other => panic!("{other}"),
    })
    .await;
    let page = stage.fetch("invoices", None).await.unwrap();
    let whole = r#"{"id":"in_1","customer":"cus_1","lines":{"data":[{"id":"il_1"}],"has_more":false}}"#;
    assert_eq!(page.records[0].payload, whole);
}

#[tokio::test]
async fn a_cursor_whose_record_was_deleted_begins_anew() {
    let stage = answering(|target| {
        let gone = r#"{"error":{"type":"invalid_request_error","code":"resource_missing","param":"starting_after","message":"No such customer: 'cus_2'"}}"#;
        match target {
            _ if target.contains("starting_after=cus_2") => (400, gone.to_owned()),
            _ if target.contains("starting_after=cus_1") => list(&[], false),
            _ => list(&[C[0], C[2]], true),
        }
    })
    .await;
    let cursor = Cursor(r#"{"since":1695000000,"before":1795000000,"after":"cus_2"}"#.to_owned());
    let page = stage.fetch("customers", Some(&cursor)).await.unwrap();
    assert_eq!(ids(std::slice::from_ref(&page)), ["cus_3", "cus_1"]);
    let again = r#"{"since":1695000000,"before":1795000000,"after":"cus_1","restarts":1}"#;
    assert_eq!(page.next, [Cursor(again.to_owned())]);
    let last = stage.fetch("customers", page.next.first()).await.unwrap();
    assert_eq!(last.next, []);
    assert!(stage.asked().last().unwrap().contains("created[gte]=1695000000&created[lt]=1795000000"));
}

#[tokio::test]
async fn a_list_without_an_end_is_an_error_that_says_so() {
    async fn check(answers: Answers, cursor: Option<&str>, expect: &str) {
        let stage = answering(answers).await;
        let cursor = cursor.map(|text| Cursor(text.to_owned()));
        let error = stage.fetch("customers", cursor.as_ref()).await.unwrap_err().to_string();
        assert!(error.contains(expect), "{expect}: {error}");
    }
    check(|_| list(&[], true), None, "has_more is true but the page is empty").await;
    let at = r#"{"after":"cus_1"}"#;
    check(|_| list(&[C[2]], true), Some(at), "the page behind `cus_1` ends with `cus_1` again").await;
    check(|_| (200, r#"{"data":[]}"#.into()), None, "`has_more` is missing").await;
    check(|_| (200, r#"{"has_more":false}"#.into()), None, "`data` is missing").await;
    check(|_| (200, "[]".into()), None, "an array where an object should be").await;
    check(|_| (200, "null".into()), None, "in the list the whole of it is null where an object should be").await;
    check(|_| list(&[], false), Some("{}"), "customers: the saved cursor can't be used").await;
    check(|_| list(&[], false), Some(r#"{"phase":"head","begin":5}"#), "start the stream anew").await;
}

#[tokio::test]
async fn a_record_that_cannot_be_taken_apart_costs_only_itself() {
    let stage = answering(|_| {
        let deep = format!(r#"{{"id":"in_1","customer":"cus_1","x":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
        let nobody = r#"{"id":"in_3","customer":null}"#;
        list(&[r#"{"id":5}"#, r#"{"id":""}"#, "7", r#"{"id":"in_2"}"#, nobody, &deep], false)
    })
    .await;
    let page = stage.fetch("invoices", None).await.unwrap();
    let kept: Vec<_> = page.records.iter().map(|record| (record.id.as_str(), record.account.as_deref())).collect();
    assert_eq!(kept, [("in_2", None), ("in_3", None), ("in_1", Some("cus_1"))]);
    let problems: Vec<String> = page.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        [
            "invoices/element 0 of the page after nothing id: is 5 where a string should be; the record is left out",
            "invoices/element 1 of the page after nothing id: is empty; the record is left out",
            "invoices/element 2 of the page after nothing: is 7 where an object should be; the record is left out",
            "invoices/in_2 customer: is missing; the record is kept, but is in no number",
            "invoices/in_3 customer: is missing; the record is kept, but is in no number",
        ]
    );
}

#[tokio::test]
async fn an_invoice_that_is_deleted_while_its_lines_are_read_costs_no_other() {
    let stage = answering(|target| match target.split('?').next().unwrap() {
        "/v1/invoices" => list(
            &[
                r#"{"id":"in_2","customer":"cus_1","lines":{"data":[],"has_more":true}}"#,
                r#"{"id":"in_1","customer":"cus_1","lines":{"data":[],"has_more":false}}"#,
            ],
            false,
        ),
        _ => (404, r#"{"error":{"code":"resource_missing","message":"No such invoice: 'in_2'"}}"#.to_owned()),
    })
    .await;
    let page = stage.fetch("invoices", None).await.unwrap();
    let ids: Vec<&str> = page.records.iter().map(|record| record.id.as_str()).collect();
    assert_eq!((ids, page.problems), (vec!["in_1"], vec![]));
}

#[tokio::test]
async fn a_refund_is_of_the_customer_of_its_charge() {
    let stage = answering(|target| {
        assert!(target.contains("expand[]=data.charge"), "{target}");
        let records = [
            r#"{"id":"re_1","charge":{"id":"ch_1","customer":"cus_1"}}"#,
            r#"{"id":"re_2","charge":{"id":"ch_2","customer":{"id":"cus_2","deleted":true}}}"#,
            // Who pays once need not be a customer.
            r#"{"id":"re_3","charge":{"id":"ch_3","customer":null}}"#,
            r#"{"id":"re_4","charge":null}"#,
            r#"{"id":"re_5","charge":"ch_5"}"#,
        ];
        list(&records, false)
    })
    .await;
    let page = stage.fetch("refunds", None).await.unwrap();
    let accounts: Vec<_> = page.records.iter().map(|record| record.account.as_deref()).collect();
    assert_eq!(accounts, [Some("cus_1"), Some("cus_2"), None, None, None]);
    let problems: Vec<String> = page.problems.iter().map(ToString::to_string).collect();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].starts_with("refunds/re_5 charge: is a string where an object should be"), "{problems:?}");
}

#[tokio::test]
async fn invoices_are_read_without_their_payments_where_the_key_may_not_read_those() {
    let stage = answering(|target| {
        if target.contains("payments") {
            let body = r#"{"error":{"type":"invalid_request_error","message":"The provided key does not have the required permissions for this endpoint. Having the 'rak_payment_intent_read' permission would allow this request to continue."}}"#;
            (403, body.to_owned())
        } else if target.contains("in_1?") {
            (200, r#"{"id":"in_1","customer":"cus_1"}"#.to_owned())
        } else {
            list(&[r#"{"id":"in_1","customer":"cus_1"}"#], false)
        }
    })
    .await;
    let page = stage.fetch("invoices", None).await.unwrap();
    assert_eq!(page.records[0].account.as_deref(), Some("cus_1"));
    let of = stage.stream("invoices");
    let retrieved = stage.connector.retrieve(&stage.http, &of, "in_1").await.unwrap();
    assert_eq!(retrieved.record.unwrap().payload, page.records[0].payload);
    assert_eq!(stage.asked().len(), 4, "{:?}", stage.asked());
}
