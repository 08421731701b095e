//! Chargebee: lists are the oldest first and go on at an offset; records are in a wrapping, and its events hold them whole.

use base64::prelude::{BASE64_STANDARD, Engine as _};

use super::super::fake_vendor::{BEGIN, FakeVendor, Row};
use super::{
    CUSTOMERS, Dialect, Flaw, Lacks, Listed, PRODUCTS, Request, SUBSCRIPTIONS, Subscription, count, number, page, value,
};

pub struct Chargebee;

const STREAMS: [&str; 7] =
    ["items", "item_prices", "coupons", "customers", "subscriptions", "invoices", "credit_notes"];

const LACKS: [Lacks; 1] =
    [("H5", "a delivery is not signed and has no time; one that is sent again only makes a record be read again")];

impl Dialect for Chargebee {
    fn name(&self) -> &'static str {
        "chargebee"
    }

    fn settings(&self) -> &'static str {
        "site = \"sandbox-test\"\napi_key = \"sk_test_sandbox\"\nevents_kept_days = 30\n"
    }

    fn streams(&self) -> &'static [&'static str] {
        &STREAMS
    }

    fn own(&self, stream: &'static str) -> &'static str {
        if stream == PRODUCTS { "items" } else { stream }
    }

    fn catalogue(&self, vendor: &mut FakeVendor) {
        vendor.put(
            PRODUCTS,
            "plan",
            BEGIN,
            r#"{"id":"plan","name":"Plan","status":"active","type":"plan","object":"item"}"#,
        );
        let price = r#"{"id":"plan-EUR","item_id":"plan","item_type":"plan","name":"Plan","currency_code":"EUR","period":1,"period_unit":"month","price":10000,"pricing_model":"per_unit","status":"active","object":"item_price"}"#;
        vendor.put("item_prices", "plan-EUR", BEGIN, price);
    }

    fn customer(&self, id: &str, created: i64, name: &str) -> String {
        format!(
            r#"{{"id":"{id}","company":"{name}","email":"canary-pii@sound.example","created_at":{created},"deleted":false,"object":"customer"}}"#
        )
    }

    fn subscription(&self, of: &Subscription<'_>) -> String {
        let Subscription { id, customer, created, quantity, flaw } = *of;
        let end = created + 30 * 86_400;
        let unless = |wanted: Flaw, text: String| if flaw == Some(wanted) { String::new() } else { text };
        let customer = unless(Flaw::NoCustomer, format!(r#""customer_id":"{customer}","#));
        let currency = unless(Flaw::NoCurrency, r#""currency_code":"EUR","#.to_owned());
        let period = unless(Flaw::NoInterval, r#""billing_period":1,"billing_period_unit":"month","#.to_owned());
        let amount = unless(Flaw::NoAmount, format!(r#","unit_price":10000,"amount":{}"#, quantity * 10_000));
        let price = if flaw == Some(Flaw::NoInterval) { "once-EUR" } else { "plan-EUR" };
        let quantity =
            if flaw == Some(Flaw::QuantityAsText) { format!("\"{quantity}\"") } else { quantity.to_string() };
        let deleted = if flaw == Some(Flaw::FlagAsText) { "\"no\"" } else { "false" };
        let status = if flaw == Some(Flaw::UnknownStatus) { "brand_new" } else { "active" };
        format!(
            r#"{{"id":"{id}",{customer}"status":"{status}",{currency}{period}"created_at":{created},"started_at":{created},"activated_at":{created},"current_term_start":{created},"current_term_end":{end},"subscription_items":[{{"item_price_id":"{price}","item_type":"plan","quantity":{quantity}{amount}}}],"deleted":{deleted},"object":"subscription"}}"#
        )
    }

    fn name_path(&self) -> &'static str {
        "{company}"
    }

    fn event(&self, entry: &str, kind: &str, stream: &str, id: &str, at: i64, row: Option<&Row>) -> String {
        let object = stream.trim_end_matches('s');
        let gone = format!(r#"{{"id":"{id}","deleted":true,"object":"{object}"}}"#);
        let record = row.map_or(gone, |row| row.payload.clone());
        let what = match kind.rsplit('.').next() {
            Some("created") => "created",
            Some("deleted") => "deleted",
            _ => "changed",
        };
        format!(
            r#"{{"id":"{entry}","occurred_at":{at},"source":"api","object":"event","content":{{"{object}":{record}}},"event_type":"{object}_{what}"}}"#
        )
    }

    /// The oldest first.
    fn order(&self, rows: &mut Vec<Row>) {
        rows.sort_by_key(|row| row.created);
    }

    fn answer(&self, vendor: &FakeVendor, request: &Request<'_>) -> (u16, String) {
        let Some(path) = request.path.strip_prefix("/api/v2/") else { return missing(404, "path", request.path) };
        match path.split_once('/') {
            None => list(vendor, path, request.query),
            Some((stream, id)) => match vendor.find(stream, id) {
                Some(row) => (200, wrapped(stream, row)),
                None => missing(404, "id", id),
            },
        }
    }

    fn listed(&self, path: &str, query: &str) -> Option<Listed> {
        let name = path.strip_prefix("/api/v2/")?;
        let own = STREAMS.into_iter().find(|stream| *stream == name)?;
        let asks = |name: &str| value(query, name).is_some();
        // What changed since is asked for in the same place, and so is the time.
        if asks("updated_at[after]") || value(query, "limit").as_deref() == Some("1") {
            return None;
        }
        let stream = match own {
            "items" => PRODUCTS,
            "subscriptions" => SUBSCRIPTIONS,
            "customers" => CUSTOMERS,
            other => other,
        };
        Some(Listed { stream, after: value(query, "offset") })
    }

    fn rows_in(&self, body: &str) -> Option<usize> {
        count(body, "list")
    }

    fn ahead(&self) -> &'static str {
        "o.place > oracle.place(o.stream, at #>> '{}')"
    }

    fn place(&self) -> &'static str {
        "cursors[1]::json #>> '{}'"
    }

    fn endless(&self, record: &str) -> Vec<(String, &'static str)> {
        let page = |records: &str| format!(r#"{{"list":[{records}],"next_offset":"again"}}"#);
        let words = "again, so the list has no end";
        vec![(page(&format!(r#"{{"customer":{record}}}"#)), words), (page(""), words)]
    }

    fn unknown_status(&self) -> [&'static str; 2] {
        ["no status that is known", "counted as active"]
    }

    fn webhook_secret(&self) -> &'static str {
        "mrrd:whsec_canary"
    }

    /// User and password.
    fn signed(&self, secret: &str, _at: i64, _body: &str) -> String {
        format!("Authorization: Basic {}\r\n", BASE64_STANDARD.encode(secret))
    }

    fn forged(&self, secret: &str, at: i64, body: &str) -> Vec<String> {
        vec![
            String::new(),
            self.signed("mrrd:other", at, body),
            self.signed(&secret[..secret.len() - 1], at, body),
            self.signed(&format!("{secret} "), at, body),
            format!("Authorization: Bearer {secret}\r\n"),
            format!("Authorization: Basic {secret}\r\n"),
            "Authorization: Basic\r\n".to_owned(),
        ]
    }

    fn odd(&self) -> (&'static [&'static str], usize) {
        let bodies = &[
            r#"{"id":"ev_x","event_type":"new_thing_created","occurred_at":1760000000,"content":{}}"#,
            r#"{"id":"ev_y","event_type":"customer_changed","occurred_at":1760000000,"content":{"new_thing":{"id":"x_1"}}}"#,
            r#"{"id":"ev_z","event_type":"customer_changed","occurred_at":1760000000}"#,
            "[]",
            "a=b&c=d",
        ];
        (bodies, 3)
    }

    fn lacks(&self) -> &'static [Lacks] {
        &LACKS
    }
}

fn list(vendor: &FakeVendor, stream: &str, query: &str) -> (u16, String) {
    let mut rows = vendor.shown(stream);
    if let Some(after) = number::<i64>(query, "occurred_at[after]") {
        rows.retain(|row| row.created > after);
    }
    // No record has the time of its last change.
    if value(query, "updated_at[after]").is_some() {
        rows.clear();
    }
    let most = number(query, "limit").unwrap_or(10).min(vendor.most);
    let (rows, next) = match page(rows, value(query, "offset").as_deref(), most) {
        Ok(page) => page,
        Err(offset) => return missing(400, "offset", &offset),
    };
    let list: Vec<String> = rows.iter().map(|row| wrapped(stream, row)).collect();
    let next = next.map_or(String::new(), |next| format!(",\"next_offset\":{}", serde_json::Value::from(next)));
    (200, format!(r#"{{"list":[{}]{next}}}"#, list.join(",")))
}

fn wrapped(stream: &str, row: &Row) -> String {
    format!(r#"{{"{}":{}}}"#, stream.trim_end_matches('s'), row.payload)
}

fn missing(status: u16, param: &str, what: &str) -> (u16, String) {
    let code = if status == 404 { "resource_not_found" } else { "param_wrong_value" };
    let error = format!(
        r#"{{"message":"{what} not found","type":"invalid_request","api_error_code":"{code}","param":"{param}","http_status_code":{status}}}"#
    );
    (status, error)
}
