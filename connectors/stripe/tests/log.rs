//! The log of events, single records, and deliveries.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod stage;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use mrr_connector_sdk::{Cursor, Rejected};
use sha2::Sha256;
use stage::{NOW, answering, list};

const UPDATED: &str = r#"{"id":"evt_2","type":"customer.subscription.updated","created":1795255000,"livemode":false,"data":{"object":{"object":"subscription","id":"sub_1","customer":"cus_1"}}}"#;
const PAID: &str = r#"{"id":"evt_1","type":"invoice.paid","created":1795255000,"data":{"object":{"object":"invoice","id":"in_1","customer":"cus_1"}}}"#;
const CHARGED: &str = r#"{"id":"evt_0","type":"charge.succeeded","created":1795254000,"data":{"object":{"object":"charge","id":"ch_1"}}}"#;

#[tokio::test]
async fn a_pass_goes_back_to_where_the_last_one_began() {
    let stage = answering(|target| match target.contains("starting_after=evt_2") {
        true => list(&[PAID, CHARGED], false),
        false => list(&[UPDATED], true),
    })
    .await;
    let first = stage.connector.follow(&stage.http, None).await.unwrap();
    assert!(first.more && first.gap.is_none());
    let rest = stage.connector.follow(&stage.http, first.page.next.first()).await.unwrap();
    assert!(!rest.more);
    let hints: Vec<_> = first.hints.iter().chain(&rest.hints).map(|hint| (hint.stream, hint.id.as_str())).collect();
    assert_eq!(hints, [("subscriptions", "sub_1"), ("invoices", "in_1")]);
    // Only what tells how a subscription was is kept.
    assert_eq!(first.page.records[0].id, "evt_2");
    assert_eq!(first.page.records[0].account.as_deref(), Some("cus_1"));
    assert_eq!(rest.page.records, []);

    let next = stage.connector.follow(&stage.http, rest.page.next.first()).await.unwrap();
    assert!(stage.asked().last().unwrap().contains(&format!("created[gte]={}", NOW - 300)), "{:?}", stage.asked());
    assert!(next.gap.is_none());
}

#[tokio::test]
async fn who_looked_away_for_too_long_is_told() {
    let stage = answering(|_| list(&[], false)).await;
    let day = 86_400;
    for (days, expect) in [(29, None), (31, Some(NOW - 31 * day))] {
        let since = NOW - days * day;
        let cursor = Cursor(format!(r#"{{"since":{since},"begin":null,"after":null}}"#));
        let followed = stage.connector.follow(&stage.http, Some(&cursor)).await.unwrap();
        assert_eq!(followed.gap.map(|gap| gap.from.timestamp()), expect, "{days}");
        // Also when a pass broke off in time and is gone on with too late.
        let begin = since + day;
        let cursor = Cursor(format!(r#"{{"since":{since},"begin":{begin},"after":"evt_2"}}"#));
        let followed = stage.connector.follow(&stage.http, Some(&cursor)).await.unwrap();
        assert_eq!(followed.gap.map(|gap| gap.from.timestamp()), expect, "{days}");
    }
}

#[tokio::test]
async fn an_event_of_no_known_shape_is_a_problem_and_its_neighbours_count() {
    let stage = answering(|_| list(&[r#"{"id":"evt_9","type":"invoice.paid"}"#, "7", PAID], false)).await;
    let followed = stage.connector.follow(&stage.http, None).await.unwrap();
    let problems: Vec<String> = followed.page.problems.iter().map(ToString::to_string).collect();
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].starts_with("events/evt_9 created: is missing"), "{problems:?}");
    assert_eq!(followed.hints.len(), 1);
}

#[tokio::test]
async fn a_record_is_read_whole_or_known_to_be_gone() {
    let stage = answering(|target| {
        let missing =
            r#"{"error":{"type":"invalid_request_error","code":"resource_missing","message":"No such thing"}}"#;
        match target.split('?').next().unwrap() {
            "/v1/subscriptions/sub_1" => {
                assert!(target.contains("expand[]=discounts.source.coupon"), "{target}");
                (200, r#"{"id":"sub_1","customer":"cus_1","items":{"data":[],"has_more":true}}"#.into())
            }
            "/v1/subscription_items" => list(&[r#"{"id":"si_1"}"#], false),
            "/v1/customers/cus_1" => (200, r#"{"id":"cus_1","object":"customer","deleted":true}"#.into()),
            "/v1/coupons" | "/v1/subscriptions" => list(&[], false),
            _ => (404, missing.into()),
        }
    })
    .await;
    let get =
        async |stream: &str, id: &str| stage.connector.retrieve(&stage.http, &stage.stream(stream), id).await.unwrap();
    let whole = get("subscriptions", "sub_1").await.record.unwrap();
    assert_eq!(whole.payload, r#"{"id":"sub_1","customer":"cus_1","items":{"data":[{"id":"si_1"}],"has_more":false}}"#);
    assert_eq!(get("customers", "cus_1").await.record, None);
    let coupon = get("coupons", "half").await;
    assert_eq!((coupon.record, coupon.problems.len()), (None, 0));
    let never = get("subscriptions", "sub_2").await;
    assert_eq!(never.record, None);
    assert!(never.problems[0].message.contains("never deletes"), "{:?}", never.problems);
}

fn sign(secret: &str, at: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{at}.{body}").as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_delivery_is_believed_only_when_it_is_signed_now_and_for_us() {
    let settings = "api_key = 'sk_test_x'\nwebhook_secret = ['whsec_old', 'whsec_new']";
    let connector = mrr_connector_stripe::configure(settings.parse().unwrap()).unwrap();
    let webhook = connector.webhook().unwrap();
    let now: DateTime<Utc> = DateTime::from_timestamp(NOW, 0).unwrap();
    let verify = |header: Option<String>, body: &str| {
        webhook.verify(&|name| (name == "stripe-signature").then(|| header.clone()).flatten(), body.as_bytes(), now)
    };
    let v1 = |secret: &str, at: i64| format!("t={at},v1={}", sign(secret, at, UPDATED));
    let (good, other) = (sign("whsec_new", NOW, UPDATED), sign("whsec_other", NOW, UPDATED));

    assert_eq!(verify(Some(v1("whsec_new", NOW)), UPDATED), Ok(()));
    assert_eq!(verify(Some(v1("whsec_old", NOW - 240)), UPDATED), Ok(()));
    assert_eq!(verify(Some(v1("whsec_new", NOW + 240)), UPDATED), Ok(()));
    assert_eq!(verify(Some(format!("t={NOW},v1={other},v1={good},v0=x")), UPDATED), Ok(()));

    assert_eq!(verify(None, UPDATED), Err(Rejected::Unsigned));
    for header in ["", "t=1", "v1=aa", &format!("t={NOW},v0={good}"), &format!("t=x,v1={good}")] {
        assert_eq!(verify(Some(header.to_owned()), UPDATED), Err(Rejected::Unsigned), "{header}");
    }
    for forged in [&other, &good.to_uppercase(), &good[..32].to_owned(), &String::new()] {
        assert_eq!(verify(Some(format!("t={NOW},v1={forged}")), UPDATED), Err(Rejected::Forged), "{forged}");
    }
    assert_eq!(verify(Some(v1("whsec_new", NOW)), &UPDATED.replace("cus_1", "cus_2")), Err(Rejected::Forged));
    assert_eq!(verify(Some(v1("whsec_new", NOW - 301)), UPDATED), Err(Rejected::Stale { seconds: 301 }));
    let ours = UPDATED.replacen('{', r#"{"account":null,"#, 1);
    let header = format!("t={NOW},v1={}", sign("whsec_new", NOW, &ours));
    assert_eq!(verify(Some(header), &ours), Ok(()));
    for stray in [
        UPDATED.replace(r#""livemode":false"#, r#""livemode":true"#),
        UPDATED.replacen('{', r#"{"account":"acct_9","#, 1),
    ] {
        let header = format!("t={NOW},v1={}", sign("whsec_new", NOW, &stray));
        assert!(matches!(verify(Some(header), &stray), Err(Rejected::Misdirected { .. })), "{stray}");
    }
}

#[test]
fn a_delivery_says_what_the_list_of_events_would() {
    let settings = "api_key = 'sk_test_x'\nwebhook_secret = 'whsec_x'";
    let connector = mrr_connector_stripe::configure(settings.parse().unwrap()).unwrap();
    let webhook = connector.webhook().unwrap();
    let delivery = webhook.read(UPDATED).unwrap();
    assert_eq!((delivery.id.as_str(), delivery.at.timestamp()), ("evt_2", 1_795_255_000));
    assert_eq!(delivery.record.unwrap().payload, UPDATED);
    let simulated = UPDATED.replace(r#""id":"sub_1","#, r#""id":"sub_1","test_clock":"clock_1","#);
    let simulated = webhook.read(&simulated).unwrap();
    assert_eq!((simulated.record, simulated.hints.len()), (None, 0));
    let unknown = webhook.read(CHARGED).unwrap();
    assert_eq!((unknown.record, unknown.hints.len()), (None, 0));
    // A refund has events of its own; long ago its charge had it in it.
    let of = |object: &str| {
        format!(r#"{{"id":"evt_5","type":"refund.created","created":1795255000,"data":{{"object":{object}}}}}"#)
    };
    let refund = r#"{"object":"refund","id":"re_1","charge":"ch_1","payment_intent":"pi_1"}"#;
    let charge = format!(r#"{{"object":"charge","id":"ch_1","customer":"cus_1","refunds":{{"data":[{refund}]}}}}"#);
    for object in [refund, &charge] {
        let delivery = webhook.read(&of(object)).unwrap();
        let hints: Vec<_> = delivery.hints.iter().map(|hint| (hint.stream, hint.id.as_str())).collect();
        assert_eq!((delivery.record, hints), (None, vec![("refunds", "re_1")]));
    }
    for bad in ["[]", "", "a=b", r#"{"id":"evt_1"}"#, r#"{"id":"evt_1","type":"x","created":1,"data":{}}"#] {
        assert!(webhook.read(bad).is_err(), "{bad}");
    }
}
