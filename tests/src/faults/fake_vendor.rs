//! A vendor of which every record is put there by a case, in Stripe's shapes: what the sandbox's
//! company can't be made to do, such as to delete a record or to list one twice.

use std::collections::BTreeMap;

/// A record as it is listed.
#[derive(Clone)]
pub struct Row {
    pub id: String,
    pub created: i64,
    pub payload: String,
}

/// The lists, and what has ever been in them. It is also the truth that the database is compared
/// with: nothing in it was read from the product.
#[derive(Default)]
pub struct FakeVendor {
    lists: BTreeMap<&'static str, Vec<Row>>,
    /// Records that can be read by their ids and are in no list, as a wrong list leaves them out.
    hidden: Vec<(&'static str, String)>,
    deleted: Vec<(&'static str, String)>,
    /// The largest page; Stripe's own is a hundred.
    pub most: usize,
    /// The vendor's clock, in Unix time.
    pub now: i64,
}

/// The second at which everything here begins.
pub const BEGIN: i64 = 1_760_000_000;

/// The lists that are walked, in the order of the connector.
pub const STREAMS: [&str; 8] = [
    "products",
    "prices",
    "coupons",
    "customers",
    "subscription_schedules",
    "subscriptions",
    "invoiceitems",
    "invoices",
];

impl FakeVendor {
    /// Nothing but a product and its price.
    pub fn new() -> Self {
        let mut vendor = Self { most: 100, now: BEGIN + 10_000_000, ..Self::default() };
        vendor.put(
            "products",
            "prod_plan",
            BEGIN,
            &format!(
                r#"{{"id":"prod_plan","object":"product","active":true,"created":{BEGIN},"livemode":false,"name":"Plan"}}"#
            ),
        );
        vendor.put("prices", "price_eur", BEGIN, &price());
        vendor
    }

    /// A book of so many customers, an hour apart, each with a subscription.
    pub fn with(customers: usize) -> Self {
        let mut vendor = Self::new();
        for number in 0..customers {
            let created = BEGIN + i64::try_from(number).unwrap_or_default() * 3_600;
            vendor.customer(&format!("cus_{number:05}"), created, "Ada");
            vendor.subscription(&format!("sub_{number:05}"), &format!("cus_{number:05}"), created, 1);
        }
        vendor
    }

    /// The same in pages of so many records.
    pub fn in_pages_of(self, most: usize) -> Self {
        Self { most, ..self }
    }

    /// Puts a record there, or in the place of its former version.
    pub fn put(&mut self, stream: &'static str, id: &str, created: i64, payload: &str) {
        let row = Row { id: id.into(), created, payload: payload.into() };
        let rows = self.lists.entry(stream).or_default();
        match rows.iter_mut().find(|row| row.id == id) {
            Some(known) => *known = row,
            None => rows.push(row),
        }
        self.deleted.retain(|deleted| *deleted != (stream, id.to_owned()));
    }

    /// Puts a record there even if there is one of that id.
    pub fn put_twice(&mut self, stream: &'static str, id: &str, created: i64, payload: &str) {
        self.lists.entry(stream).or_default().push(Row { id: id.into(), created, payload: payload.into() });
    }

    pub fn customer(&mut self, id: &str, created: i64, name: &str) {
        self.put("customers", id, created, &customer(id, created, name));
    }

    /// One that is known to be new.
    pub fn add_customer(&mut self, id: &str, created: i64) {
        self.put_twice("customers", id, created, &customer(id, created, "Ada"));
    }

    pub fn subscription(&mut self, id: &str, customer: &str, created: i64, quantity: u32) {
        self.put("subscriptions", id, created, &subscription(id, customer, created, quantity));
    }

    /// Tells in the log that a record was changed just now.
    pub fn tell(&mut self, entry: &str, kind: &str, stream: &str, id: &str) {
        let (body, at) = (event(entry, kind, stream, id, self.now), self.now);
        self.put("events", entry, at, &body);
    }

    /// Deletes a record, as the vendor knows it afterwards.
    pub fn delete(&mut self, stream: &'static str, id: &str) {
        self.lists.entry(stream).or_default().retain(|row| row.id != id);
        self.deleted.push((stream, id.to_owned()));
    }

    /// Leaves a record out of its list, though it is there.
    pub fn hide(&mut self, stream: &'static str, id: &str) {
        self.hidden.push((stream, id.to_owned()));
    }

    /// Shows all again.
    pub fn show(&mut self) {
        self.hidden.clear();
    }

    /// The records of a list as it is now, the newest first; of one second the last put first.
    pub fn rows(&self, stream: &str) -> Vec<Row> {
        let mut rows: Vec<Row> = self.lists.get(stream).cloned().unwrap_or_default();
        rows.reverse();
        rows.sort_by_key(|row| std::cmp::Reverse(row.created));
        rows
    }

    /// Answers a path with a query: status and body.
    pub fn answer(&self, path: &str, query: &str) -> (u16, String) {
        let Some(path) = path.strip_prefix("/v1/") else { return missing(None, path) };
        match path.split_once('/') {
            None => self.list(path, query),
            Some((stream, id)) => match self.rows(stream).into_iter().find(|row| row.id == id) {
                Some(row) => (200, row.payload),
                None if self.deleted.iter().any(|(of, gone)| *of == stream && gone == id) && stream == "customers" => {
                    (200, format!(r#"{{"id":"{id}","object":"customer","deleted":true}}"#))
                }
                None => missing(None, id),
            },
        }
    }

    fn list(&self, stream: &str, query: &str) -> (u16, String) {
        let value = |name: &str| {
            query
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value)
        };
        let number = |name: &str| value(name).and_then(|text| text.parse::<i64>().ok());
        let hidden = |row: &Row| self.hidden.iter().any(|(of, id)| *of == stream && *id == row.id);
        let mut rows: Vec<Row> = self.rows(stream).into_iter().filter(|row| !hidden(row)).collect();
        // axum's and reqwest's spelling of created[gte].
        let bounds = (number("created%5Bgte%5D"), number("created%5Blt%5D"));
        rows.retain(|row| {
            bounds.0.is_none_or(|from| row.created >= from) && bounds.1.is_none_or(|before| row.created < before)
        });
        if let Some(after) = value("starting_after") {
            // Stripe goes on behind a record that the filter leaves out, too.
            let Some(place) = self.rows(stream).iter().position(|row| row.id == after) else {
                return missing(Some("starting_after"), after);
            };
            let before: Vec<String> = self.rows(stream)[..=place].iter().map(|row| row.id.clone()).collect();
            rows.retain(|row| !before.contains(&row.id));
        }
        let most = number("limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(10).min(self.most);
        let more = rows.len() > most;
        let data: Vec<String> = rows.into_iter().take(most).map(|row| row.payload).collect();
        let data = data.join(",");
        (200, format!(r#"{{"object":"list","url":"/v1/{stream}","has_more":{more},"data":[{data}]}}"#))
    }
}

fn missing(param: Option<&str>, id: &str) -> (u16, String) {
    let param = param.map_or("\"id\"".to_owned(), |param| format!("\"{param}\""));
    let status = if param == "\"id\"" { 404 } else { 400 };
    let message = format!("No such record: '{id}'");
    (
        status,
        format!(
            r#"{{"error":{{"code":"resource_missing","message":"{message}","param":{param},"type":"invalid_request_error"}}}}"#
        ),
    )
}

/// A customer, with a canary where personal data would be.
pub fn customer(id: &str, created: i64, name: &str) -> String {
    format!(
        r#"{{"id":"{id}","object":"customer","created":{created},"currency":"eur","email":"canary-pii@sound.example","livemode":false,"name":"{name}"}}"#
    )
}

fn price() -> String {
    format!(
        r#"{{"id":"price_eur","object":"price","active":true,"billing_scheme":"per_unit","created":{BEGIN},"currency":"eur","livemode":false,"product":"prod_plan","recurring":{{"interval":"month","interval_count":1,"usage_type":"licensed"}},"tiers_mode":null,"transform_quantity":null,"type":"recurring","unit_amount":10000,"unit_amount_decimal":"10000"}}"#
    )
}

/// A subscription to the one price.
pub fn subscription(id: &str, customer: &str, created: i64, quantity: u32) -> String {
    let end = created + 30 * 86_400;
    let price = price();
    format!(
        r#"{{"id":"{id}","object":"subscription","billing_cycle_anchor":{created},"cancel_at":null,"cancel_at_period_end":false,"canceled_at":null,"collection_method":"charge_automatically","created":{created},"currency":"eur","customer":"{customer}","discounts":[],"ended_at":null,"items":{{"object":"list","data":[{{"id":"si_{id}","object":"subscription_item","created":{created},"current_period_end":{end},"current_period_start":{created},"discounts":[],"price":{price},"quantity":{quantity},"subscription":"{id}"}}],"has_more":false,"url":"/v1/subscription_items?subscription={id}"}},"latest_invoice":null,"livemode":false,"pause_collection":null,"start_date":{created},"status":"active","trial_end":null,"trial_start":null}}"#
    )
}

/// An event about a record.
pub fn event(entry: &str, kind: &str, stream: &str, id: &str, at: i64) -> String {
    let object = stream.trim_end_matches('s');
    format!(
        r#"{{"id":"{entry}","object":"event","type":"{kind}","created":{at},"livemode":false,"data":{{"object":{{"object":"{object}","id":"{id}"}}}}}}"#
    )
}
