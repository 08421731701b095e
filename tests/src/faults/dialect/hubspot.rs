//! HubSpot: lists are by id and go on behind one; changes are found by a search, and a deal's lines are records of their own.

use base64::prelude::{BASE64_STANDARD, Engine as _};

use super::super::fake_vendor::{BEGIN, FakeVendor, Row};
use super::{
    CUSTOMERS, Dialect, Flaw, Lacks, Listed, PRODUCTS, Request, SUBSCRIPTIONS, Subscription, count, mac, number, page,
    payloads, value,
};

pub struct HubSpot;

const STREAMS: [&str; 6] = ["account_info", "owners", "pipelines", "companies", "deals", "feedback_submissions"];

const LINES: &str = "line_items";

const LACKS: [Lacks; 2] = [
    ("C9", "a search reaches back as far as it is asked to, so that there is no gap"),
    ("G2", "a search knows nothing of what is deleted; G1 has what finds it"),
];

impl Dialect for HubSpot {
    fn name(&self) -> &'static str {
        "hubspot"
    }

    fn settings(&self) -> &'static str {
        "access_token = \"sk_test_sandbox\"\nrevenue = \"counted\"\n"
    }

    fn streams(&self) -> &'static [&'static str] {
        &STREAMS
    }

    fn own(&self, stream: &'static str) -> &'static str {
        match stream {
            CUSTOMERS => "companies",
            SUBSCRIPTIONS => "deals",
            PRODUCTS => "owners",
            other => other,
        }
    }

    /// Ids are numbers. One that is a number already is HubSpot's own, and what could be no name stays as it is.
    fn id(&self, id: &str) -> String {
        let is_name = id.len() <= 100 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !is_name || id.bytes().all(|byte| byte.is_ascii_digit()) {
            return id.to_owned();
        }
        let counted = |prefix: &str| id.strip_prefix(prefix).and_then(|rest| rest.parse::<u64>().ok());
        let hash = id.bytes().fold(0_u64, |hash, byte| hash.wrapping_mul(131).wrapping_add(byte.into()));
        match (counted("cus_"), counted("sub_")) {
            (Some(number), _) => 1_000_000_000 + number,
            (_, Some(number)) => 2_000_000_000 + number,
            _ => 3_000_000_000 + hash % 1_000_000_000,
        }
        .to_string()
    }

    fn catalogue(&self, vendor: &mut FakeVendor) {
        let portal = self.id("1");
        vendor.put(
            "account_info",
            "1",
            BEGIN,
            &format!(r#"{{"portalId":{portal},"accountType":"STANDARD","timeZone":"UTC"}}"#),
        );
        let stage = |id: &str, closed: bool, probability: &str| {
            format!(
                r#"{{"id":"{id}","label":"{id}","metadata":{{"isClosed":"{closed}","probability":"{probability}"}}}}"#
            )
        };
        let stages = [stage("open", false, "0.2"), stage("won", true, "1.0"), stage("lost", true, "0.0")].join(",");
        vendor.put("pipelines", "1", BEGIN, &format!(r#"{{"id":"{portal}","label":"Sales","stages":[{stages}]}}"#));
    }

    fn customer(&self, id: &str, created: i64, name: &str) -> String {
        let (id, at) = (self.id(id), iso(created));
        format!(
            r#"{{"id":"{id}","properties":{{"name":"{name}","contact":"canary-pii@sound.example","country":null,"domain":null,"hs_additional_domains":null,"hs_merged_object_ids":null,"hubspot_owner_id":null,"lifecyclestage":null}},"createdAt":"{at}","updatedAt":"{at}","archived":false}}"#
        )
    }

    fn subscription(&self, of: &Subscription<'_>) -> String {
        let (id, customer, line) = (self.id(of.id), self.id(of.customer), self.id(&line_of(of.id)));
        let at = iso(of.created);
        let stage = if of.flaw == Some(Flaw::UnknownStatus) { "brand_new" } else { "won" };
        let currency = if of.flaw == Some(Flaw::NoCurrency) { "null" } else { "\"EUR\"" };
        let archived = if of.flaw == Some(Flaw::FlagAsText) { "\"no\"" } else { "false" };
        let companies = match of.flaw {
            Some(Flaw::NoCustomer) => String::new(),
            _ => format!(r#""companies":{{"results":[{{"id":"{customer}","type":"deal_to_company"}}]}},"#),
        };
        let history = |value: &str| format!(r#"[{{"value":"{value}","timestamp":"{at}","sourceType":"CRM_UI"}}]"#);
        let (stages, closes) = (history(stage), history(&at));
        format!(
            r#"{{"id":"{id}","properties":{{"closedate":"{at}","deal_currency_code":{currency},"dealname":"Plan","dealstage":"{stage}","dealtype":"newbusiness","hs_merged_object_ids":null,"pipeline":"1"}},"propertiesWithHistory":{{"closedate":{closes},"dealstage":{stages}}},"createdAt":"{at}","updatedAt":"{at}","archived":{archived},"associations":{{{companies}"line items":{{"results":[{}]}}}}}}"#,
            reference(&line)
        )
    }

    fn name_path(&self) -> &'static str {
        "{properties,name}"
    }

    fn beside(&self, vendor: &mut FakeVendor, of: &Subscription<'_>) {
        let (name, at) = (line_of(of.id), iso(of.created));
        let id = self.id(&name);
        let has = |flaw| of.flaw == Some(flaw);
        let price = if has(Flaw::NoAmount) { "null" } else { "\"100.00\"" };
        let currency = if has(Flaw::NoCurrency) { "null" } else { "\"EUR\"" };
        let frequency = if has(Flaw::NoInterval) { "sometimes" } else { "monthly" };
        let quantity = if has(Flaw::QuantityAsText) { "one".to_owned() } else { of.quantity.to_string() };
        let line = format!(
            r#"{{"id":"{id}","properties":{{"amount":null,"discount":null,"hs_billing_start_delay_days":null,"hs_billing_start_delay_months":null,"hs_discount_percentage":null,"hs_line_item_currency_code":{currency},"hs_recurring_billing_period":null,"hs_recurring_billing_start_date":null,"name":"Plan","price":{price},"quantity":"{quantity}","recurringbillingfrequency":"{frequency}"}},"createdAt":"{at}","updatedAt":"{at}","archived":false}}"#
        );
        vendor.put(LINES, &name, of.created, &line);
    }

    fn event(&self, entry: &str, kind: &str, stream: &str, id: &str, at: i64, _row: Option<&Row>) -> String {
        let object = if stream == CUSTOMERS { "company" } else { "deal" };
        let what = match kind.rsplit('.').next() {
            Some("created") => "creation",
            Some("deleted") => "deletion",
            _ => "propertyChange",
        };
        let (entry, id) = (self.id(entry), self.id(id));
        format!(
            r#"[{{"eventId":{entry},"portalId":1,"occurredAt":{at}000,"subscriptionType":"{object}.{what}","objectId":{id}}}]"#
        )
    }

    fn order(&self, rows: &mut Vec<Row>) {
        rows.sort_by_key(|row| (row.id.parse::<u64>().unwrap_or(u64::MAX), row.id.clone()));
    }

    fn answer(&self, vendor: &FakeVendor, request: &Request<'_>) -> (u16, String) {
        let Request { path, query, body } = *request;
        match path {
            "/account-info/v3/details" => (200, payloads(&vendor.rows("account_info"))),
            "/crm/v3/owners" => list(vendor, "owners", query),
            "/crm/v3/pipelines/deals" => list(vendor, "pipelines", query),
            _ => {
                let Some(rest) = path.strip_prefix("/crm/v3/objects/") else { return missing(path) };
                match rest.split_once('/') {
                    None => list(vendor, rest, query),
                    Some((stream, "search")) => search(vendor, stream, body),
                    Some((stream, "batch/read")) => batch(vendor, stream, query, body),
                    Some((stream, id)) => match vendor.find(stream, id) {
                        Some(row) => (200, row.payload.clone()),
                        None => missing(path),
                    },
                }
            }
        }
    }

    fn listed(&self, path: &str, query: &str) -> Option<Listed> {
        if value(query, "archived").as_deref() == Some("true") {
            return None;
        }
        let stream = match path {
            "/crm/v3/owners" => PRODUCTS,
            "/crm/v3/pipelines/deals" => "pipelines",
            "/crm/v3/objects/companies" => CUSTOMERS,
            "/crm/v3/objects/deals" => SUBSCRIPTIONS,
            "/crm/v3/objects/feedback_submissions" => "feedback_submissions",
            _ => return None,
        };
        Some(Listed { stream, after: value(query, "after") })
    }

    fn rows_in(&self, body: &str) -> Option<usize> {
        count(body, "results")
    }

    fn unlisted(&self) -> usize {
        1
    }

    /// With its lines in the place of their ids.
    fn whole(&self, vendor: &FakeVendor, stream: &str, row: &Row) -> String {
        if stream != "deals" {
            return row.payload.clone();
        }
        let lines = vendor.rows(LINES);
        lines.iter().fold(row.payload.clone(), |deal, line| deal.replace(&reference(&line.id), &line.payload))
    }

    fn ahead(&self) -> &'static str {
        "not (at ->> 'archived')::boolean and (at ->> 'after' is null or o.place > oracle.place(o.stream, at ->> 'after'))"
    }

    fn place(&self) -> &'static str {
        "cursors[1]::json ->> 'after'"
    }

    fn endless(&self, record: &str) -> Vec<(String, &'static str)> {
        let page = |records: &str| format!(r#"{{"results":[{records}],"paging":{{"next":{{"after":"7"}}}}}}"#);
        let words = "again, so the list has no end";
        vec![(page(record), words), (page(""), words)]
    }

    fn unknown_status(&self) -> [&'static str; 2] {
        ["a stage of no pipeline", "taken not to have been won"]
    }

    fn webhook_secret(&self) -> &'static str {
        "whsec_canary"
    }

    fn webhook_settings(&self) -> &'static str {
        "webhook_url = \"https://mrrd.example/hooks/hubspot\"\n"
    }

    fn signed(&self, secret: &str, at: i64, body: &str) -> String {
        headers(at, &signature(secret, URL, at, body))
    }

    fn forged(&self, secret: &str, at: i64, body: &str) -> Vec<String> {
        let good = signature(secret, URL, at, body);
        vec![
            String::new(),
            self.signed("whsec_other", at, body),
            self.signed(secret, at, "another body"),
            headers(at, &signature(secret, "http://127.0.0.1/hooks/hubspot", at, body)),
            headers(at + 1, &good),
            headers(at, &good.to_uppercase()),
            headers(at, &good[..40]),
            format!("X-HubSpot-Signature-v3: {good}\r\n"),
            format!("X-HubSpot-Signature: {good}\r\nX-HubSpot-Request-Timestamp: {at}000\r\n"),
        ]
    }

    fn names_deliveries(&self) -> bool {
        false
    }

    fn odd(&self) -> (&'static [&'static str], usize) {
        let bodies = &[
            r#"[{"eventId":1,"occurredAt":1760000000000,"subscriptionType":"new.thing","objectId":1}]"#,
            r#"[{"eventId":2,"occurredAt":1760000000000,"subscriptionType":"contact.privacyDeletion","objectId":1}]"#,
            r#"[{"eventId":3,"occurredAt":1760000000000,"subscriptionType":"company.propertyChange"}]"#,
            "{}",
            "a=b&c=d",
        ];
        (bodies, 3)
    }

    fn lacks(&self) -> &'static [Lacks] {
        &LACKS
    }
}

/// The address that HubSpot calls: a part of what it signs.
const URL: &str = "https://mrrd.example/hooks/hubspot";

fn signature(secret: &str, url: &str, at: i64, body: &str) -> String {
    BASE64_STANDARD.encode(mac(secret, &format!("POST{url}{body}{at}000")))
}

fn headers(at: i64, signature: &str) -> String {
    format!("X-HubSpot-Signature-v3: {signature}\r\nX-HubSpot-Request-Timestamp: {at}000\r\n")
}

fn line_of(subscription: &str) -> String {
    format!("line_{subscription}")
}

fn reference(line: &str) -> String {
    format!(r#"{{"id":"{line}","type":"deal_to_line_item"}}"#)
}

fn iso(at: i64) -> String {
    let at = chrono::DateTime::from_timestamp(at, 0).unwrap_or_default();
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

fn list(vendor: &FakeVendor, stream: &str, query: &str) -> (u16, String) {
    let mut rows = vendor.shown(stream);
    if value(query, "archived").as_deref() == Some("true") {
        rows.clear();
    }
    // Who goes on behind a record that is gone goes on behind where it was.
    let after = value(query, "after");
    if let Some(after) = after.as_deref().and_then(|after| after.parse::<u64>().ok()) {
        rows.retain(|row| row.id.parse::<u64>().is_ok_and(|id| id > after));
    }
    let most = number(query, "limit").unwrap_or(10).min(vendor.most);
    results(rows, most)
}

fn results(rows: Vec<Row>, most: usize) -> (u16, String) {
    let Ok((rows, next)) = page(rows, None, most) else { return missing("a place") };
    let next = next.map_or(String::new(), |next| format!(r#","paging":{{"next":{{"after":"{next}"}}}}"#));
    (200, format!(r#"{{"results":[{}]{next}}}"#, payloads(&rows)))
}

/// The records with the ids that are asked for, and what is not there.
fn batch(vendor: &FakeVendor, stream: &str, query: &str, body: &str) -> (u16, String) {
    let asked: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    let ids = asked["inputs"].as_array().into_iter().flatten().filter_map(|input| input["id"].as_str());
    let archived = value(query, "archived").as_deref() == Some("true");
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for id in ids {
        match vendor.find(stream, id).filter(|_| !archived) {
            Some(row) => found.push(row.payload.as_str()),
            None => missing.push(format!("\"{id}\"")),
        }
    }
    let results = found.join(",");
    if missing.is_empty() {
        return (200, format!(r#"{{"status":"COMPLETE","results":[{results}]}}"#));
    }
    let errors =
        format!(r#"{{"status":"error","category":"OBJECT_NOT_FOUND","context":{{"ids":[{}]}}}}"#, missing.join(","));
    (207, format!(r#"{{"status":"COMPLETE","results":[{results}],"numErrors":1,"errors":[{errors}]}}"#))
}

/// What was changed between two times, in order; or what was changed at one, by id.
fn search(vendor: &FakeVendor, stream: &str, body: &str) -> (u16, String) {
    let asked: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    let filters = asked["filterGroups"][0]["filters"].as_array().cloned().unwrap_or_default();
    let mut rows = vendor.rows(stream);
    // Lines change with their deals, and a search for them finds none.
    if stream == LINES {
        rows.clear();
    }
    for filter in &filters {
        let bound = |name: &str| filter[name].as_str().and_then(|text| text.parse::<i64>().ok()).unwrap_or_default();
        let (low, high) = (bound("value"), bound("highValue"));
        rows.retain(|row| match filter["operator"].as_str() {
            Some("BETWEEN") => (low..=high).contains(&row.changed),
            Some("EQ") => row.changed == low,
            _ => row.id.parse::<i64>().is_ok_and(|id| id > low),
        });
    }
    rows.sort_by_key(|row| row.changed);
    for row in &mut rows {
        let at = chrono::DateTime::from_timestamp_millis(row.changed).unwrap_or_default();
        let at = at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        row.payload =
            format!(r#"{{"id":"{}","properties":{{"hs_lastmodifieddate":"{at}"}},"updatedAt":"{at}"}}"#, row.id);
    }
    results(rows, 200)
}

fn missing(what: &str) -> (u16, String) {
    (404, format!(r#"{{"status":"error","message":"{what} not found","category":"OBJECT_NOT_FOUND"}}"#))
}
