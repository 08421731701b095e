//! Stripe: lists are the newest first and go on behind a record; its log has events.

use super::super::fake_vendor::{BEGIN, FakeVendor, Row};
use super::{Dialect, Flaw, Lacks, Listed, PRODUCTS, Request, Subscription, count, mac, number, page, payloads, value};

pub struct Stripe;

const STREAMS: [&str; 8] = [
    "products",
    "prices",
    "coupons",
    "customers",
    "subscription_schedules",
    "subscriptions",
    "invoiceitems",
    "invoices",
];

impl Dialect for Stripe {
    fn name(&self) -> &'static str {
        "stripe"
    }

    fn settings(&self) -> &'static str {
        "api_key = \"sk_test_sandbox\"\n"
    }

    fn streams(&self) -> &'static [&'static str] {
        &STREAMS
    }

    fn catalogue(&self, vendor: &mut FakeVendor) {
        let product = format!(
            r#"{{"id":"prod_plan","object":"product","active":true,"created":{BEGIN},"livemode":false,"name":"Plan"}}"#
        );
        vendor.put(PRODUCTS, "prod_plan", BEGIN, &product);
        vendor.put("prices", "price_eur", BEGIN, &price(None));
    }

    fn customer(&self, id: &str, created: i64, name: &str) -> String {
        format!(
            r#"{{"id":"{id}","object":"customer","created":{created},"currency":"eur","email":"canary-pii@sound.example","livemode":false,"name":"{name}"}}"#
        )
    }

    fn subscription(&self, of: &Subscription<'_>) -> String {
        let Subscription { id, customer, created, quantity, flaw } = *of;
        let end = created + 30 * 86_400;
        let price = price(flaw);
        let has = |wanted| flaw == Some(wanted);
        let customer = if has(Flaw::NoCustomer) { "null".to_owned() } else { format!("\"{customer}\"") };
        let quantity = if has(Flaw::QuantityAsText) { format!("\"{quantity}\"") } else { quantity.to_string() };
        let ends = if has(Flaw::FlagAsText) { "\"no\"" } else { "false" };
        let status = if has(Flaw::UnknownStatus) { "brand_new" } else { "active" };
        format!(
            r#"{{"id":"{id}","object":"subscription","billing_cycle_anchor":{created},"cancel_at":null,"cancel_at_period_end":{ends},"canceled_at":null,"collection_method":"charge_automatically","created":{created},"currency":"eur","customer":{customer},"discounts":[],"ended_at":null,"items":{{"object":"list","data":[{{"id":"si_{id}","object":"subscription_item","created":{created},"current_period_end":{end},"current_period_start":{created},"discounts":[],"price":{price},"quantity":{quantity},"subscription":"{id}"}}],"has_more":false,"url":"/v1/subscription_items?subscription={id}"}},"latest_invoice":null,"livemode":false,"pause_collection":null,"start_date":{created},"status":"{status}","trial_end":null,"trial_start":null}}"#
        )
    }

    fn name_path(&self) -> &'static str {
        "{name}"
    }

    fn event(&self, entry: &str, kind: &str, stream: &str, id: &str, at: i64, _row: Option<&Row>) -> String {
        let object = stream.trim_end_matches('s');
        format!(
            r#"{{"id":"{entry}","object":"event","type":"{kind}","created":{at},"livemode":false,"data":{{"object":{{"object":"{object}","id":"{id}"}}}}}}"#
        )
    }

    /// The newest first; of one second the last put first.
    fn order(&self, rows: &mut Vec<Row>) {
        rows.reverse();
        rows.sort_by_key(|row| std::cmp::Reverse(row.created));
    }

    fn answer(&self, vendor: &FakeVendor, request: &Request<'_>) -> (u16, String) {
        let Some(path) = request.path.strip_prefix("/v1/") else { return missing(404, "\"id\"", request.path) };
        match path.split_once('/') {
            None => list(vendor, path, request.query),
            Some((stream, id)) => match vendor.find(stream, id) {
                Some(row) => (200, row.payload.clone()),
                None if stream == "customers" && vendor.is_deleted(stream, id) => {
                    (200, format!(r#"{{"id":"{id}","object":"customer","deleted":true}}"#))
                }
                None => missing(404, "\"id\"", id),
            },
        }
    }

    fn listed(&self, path: &str, query: &str) -> Option<Listed> {
        let name = path.strip_prefix("/v1/")?;
        let stream = STREAMS.into_iter().find(|stream| *stream == name)?;
        Some(Listed { stream, after: value(query, "starting_after") })
    }

    fn rows_in(&self, body: &str) -> Option<usize> {
        count(body, "data")
    }

    fn ahead(&self) -> &'static str {
        "(at ->> 'since' is null or o.created >= (at ->> 'since')::bigint)
         and (at ->> 'before' is null or o.created < (at ->> 'before')::bigint)
         and (at ->> 'after' is null or o.place > oracle.place(o.stream, at ->> 'after'))"
    }

    fn place(&self) -> &'static str {
        "cursors[1]::json ->> 'after'"
    }

    fn endless(&self, record: &str) -> Vec<(String, &'static str)> {
        let page = |has_more: &str, data: &str| format!("{{\"object\":\"list\",\"data\":[{data}]{has_more}}}");
        vec![
            (page(",\"has_more\":true", record), "again, so the list has no end"),
            (page(",\"has_more\":true", ""), "has_more is true but the page is empty"),
            (page("", record), "has_more"),
        ]
    }

    fn unknown_status(&self) -> [&'static str; 2] {
        ["no status that is known", "counted as active"]
    }

    fn webhook_secret(&self) -> &'static str {
        "whsec_canary"
    }

    fn signed(&self, secret: &str, at: i64, body: &str) -> String {
        format!("Stripe-Signature: t={at},v1={}\r\n", signature(secret, at, body))
    }

    fn forged(&self, secret: &str, at: i64, body: &str) -> Vec<String> {
        let good = signature(secret, at, body);
        vec![
            String::new(),
            self.signed("whsec_other", at, body),
            self.signed(secret, at, "another body"),
            format!("Stripe-Signature: t={at},v0={good}\r\n"),
            format!("Stripe-Signature: t={at},v1={}\r\n", good.to_uppercase()),
            format!("Stripe-Signature: t={at},v1={}\r\n", &good[..62]),
            format!("Stripe-Signature: v1={good}\r\n"),
            "Stripe-Signature: nonsense\r\n".to_owned(),
        ]
    }

    fn with_two(&self, secret: &str, at: i64, body: &str) -> Option<String> {
        let good = signature(secret, at, body);
        Some(format!("Stripe-Signature: t={at},v1={},v1={good}\r\n", "0".repeat(64)))
    }

    fn odd(&self) -> (&'static [&'static str], usize) {
        let bodies = &[
            r#"{"id":"evt_x","type":"new.thing","created":1760000000,"data":{"object":{}}}"#,
            r#"{"id":"evt_y","type":"customer.updated","created":1760000000,"data":{"object":{"object":"new_thing","id":"x_1"}}}"#,
            r#"{"id":"evt_z","type":"customer.updated","created":1760000000,"data":{}}"#,
            "[]",
            "a=b&c=d",
        ];
        (bodies, 3)
    }

    fn lacks(&self) -> &'static [Lacks] {
        &[]
    }
}

fn signature(secret: &str, at: i64, body: &str) -> String {
    mac(secret, &format!("{at}.{body}")).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn list(vendor: &FakeVendor, stream: &str, query: &str) -> (u16, String) {
    let bounds: (Option<i64>, Option<i64>) = (number(query, "created[gte]"), number(query, "created[lt]"));
    let mut rows = vendor.shown(stream);
    let within = |row: &Row| {
        bounds.0.is_none_or(|from| row.created >= from) && bounds.1.is_none_or(|before| row.created < before)
    };
    let after = value(query, "starting_after");
    if let Some(after) = &after {
        // Stripe goes on behind a record that the filter leaves out, too.
        let all = vendor.rows(stream);
        let Some(place) = all.iter().position(|row| row.id == *after) else {
            return missing(400, "\"starting_after\"", after);
        };
        rows.retain(|row| !all[..=place].iter().any(|before| before.id == row.id));
    }
    rows.retain(within);
    let most = number(query, "limit").unwrap_or(10).min(vendor.most);
    let Ok((rows, next)) = page(rows, None, most) else { return missing(400, "\"starting_after\"", "") };
    let (data, more) = (payloads(&rows), next.is_some());
    (200, format!(r#"{{"object":"list","url":"/v1/{stream}","has_more":{more},"data":[{data}]}}"#))
}

fn missing(status: u16, param: &str, id: &str) -> (u16, String) {
    let message = format!("No such record: '{id}'");
    let error = format!(
        r#"{{"error":{{"code":"resource_missing","message":"{message}","param":{param},"type":"invalid_request_error"}}}}"#
    );
    (status, error)
}

fn price(flaw: Option<Flaw>) -> String {
    let interval = if flaw == Some(Flaw::NoInterval) { "" } else { "\"interval\":\"month\"," };
    let currency = if flaw == Some(Flaw::NoCurrency) { "" } else { "\"currency\":\"eur\"," };
    let (amount, exact) = if flaw == Some(Flaw::NoAmount) { ("null", "null") } else { ("10000", "\"10000\"") };
    format!(
        r#"{{"id":"price_eur","object":"price","active":true,"billing_scheme":"per_unit","created":{BEGIN},{currency}"livemode":false,"product":"prod_plan","recurring":{{{interval}"interval_count":1,"usage_type":"licensed"}},"tiers_mode":null,"transform_quantity":null,"type":"recurring","unit_amount":{amount},"unit_amount_decimal":{exact}}}"#
    )
}
