//! The languages of the vendors: what a record looks like in each, how lists are asked for and go on, and how a
//! delivery proves itself. A case speaks of customers, subscriptions and events; here is what that is at whom.

mod chargebee;
mod hubspot;
mod stripe;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::value::RawValue;
use sha2::Sha256;

use super::fake_vendor::{FakeVendor, Row};

pub use chargebee::Chargebee;
pub use hubspot::HubSpot;
pub use stripe::Stripe;

/// Who pays. Cases call streams by these names; a dialect has its own.
pub const CUSTOMERS: &str = "customers";

/// What is paid for.
pub const SUBSCRIPTIONS: &str = "subscriptions";

/// What is sold, which is listed first.
pub const PRODUCTS: &str = "products";

/// A request to a vendor.
pub struct Request<'a> {
    pub path: &'a str,
    /// Behind the question mark.
    pub query: &'a str,
    pub body: &'a str,
}

/// A list that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// As cases call it, where they do; else as the vendor does.
    pub stream: &'static str,
    /// Behind what it goes on; none on its first page.
    pub after: Option<String>,
}

/// What a subscription has that it should not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    NoCustomer,
    NoAmount,
    /// None, or none that there is.
    NoInterval,
    NoCurrency,
    UnknownStatus,
    QuantityAsText,
    /// Text where there should be true or false.
    FlagAsText,
}

/// One subscription, as a case wants it.
pub struct Subscription<'a> {
    pub id: &'a str,
    pub customer: &'a str,
    pub created: i64,
    pub quantity: u32,
    pub flaw: Option<Flaw>,
}

/// Whether a case can't be had of a vendor, and why.
pub type Lacks = (&'static str, &'static str);

/// A vendor's language. Texts of records are whole, as a list has them.
pub trait Dialect: Sync {
    /// The connector, which is also the source's name.
    fn name(&self) -> &'static str;

    /// Settings of its source, with the key.
    fn settings(&self) -> &'static str;

    /// Its walked lists, in the order of the connector.
    fn streams(&self) -> &'static [&'static str];

    /// The stream that cases call so.
    fn own(&self, stream: &'static str) -> &'static str {
        stream
    }

    /// How it spells an id of a case.
    fn id(&self, id: &str) -> String {
        id.to_owned()
    }

    /// What is sold.
    fn catalogue(&self, vendor: &mut FakeVendor);

    /// A customer, with a canary where personal data would be. The name is JSON's text.
    fn customer(&self, id: &str, created: i64, name: &str) -> String;

    /// A subscription to the one price, of 100 EUR a month.
    fn subscription(&self, of: &Subscription<'_>) -> String;

    /// Where a customer's record has its name, as a path of JSON.
    fn name_path(&self) -> &'static str;

    /// What else is kept for a subscription beside its own record.
    fn beside(&self, _vendor: &mut FakeVendor, _of: &Subscription<'_>) {}

    /// An event about a record, which is `row` if it is still there.
    fn event(&self, entry: &str, kind: &str, stream: &str, id: &str, at: i64, row: Option<&Row>) -> String;

    /// The order in which a list has its records.
    fn order(&self, rows: &mut Vec<Row>);

    /// Status and body.
    fn answer(&self, vendor: &FakeVendor, request: &Request<'_>) -> (u16, String);

    /// The list that is asked for, if it is one that is walked.
    fn listed(&self, path: &str, query: &str) -> Option<Listed>;

    /// How many records such an answer has; `None` when it is no list.
    fn rows_in(&self, body: &str) -> Option<usize>;

    /// How many records of a walk are in no list.
    fn unlisted(&self) -> usize {
        0
    }

    /// What the product keeps of a record, where a connector puts more into it than the list has.
    fn whole(&self, _vendor: &FakeVendor, _stream: &str, row: &Row) -> String {
        row.payload.clone()
    }

    /// SQL: whether record `o` is still ahead of a stored place, the JSON `at`.
    fn ahead(&self) -> &'static str;

    /// SQL: behind which record the first stored place goes on, from `ops.walk`.
    fn place(&self) -> &'static str;

    /// Pages that are one of an endless list, with words that say so.
    fn endless(&self, record: &str) -> Vec<(String, &'static str)>;

    /// What is said of a subscription with a status that nobody knows.
    fn unknown_status(&self) -> [&'static str; 2];

    /// What a delivery's secret is, planted: it may be in no log and no table.
    fn webhook_secret(&self) -> &'static str;

    /// Settings of the source for deliveries, beside the secret.
    fn webhook_settings(&self) -> &'static str {
        ""
    }

    /// The headers that prove a delivery.
    fn signed(&self, secret: &str, at: i64, body: &str) -> String;

    /// Headers that prove nothing.
    fn forged(&self, secret: &str, at: i64, body: &str) -> Vec<String>;

    /// Headers with a wrong proof and a right one, where a delivery may have two.
    fn with_two(&self, _secret: &str, _at: i64, _body: &str) -> Option<String> {
        None
    }

    /// Whether a delivery has an id of its own.
    fn names_deliveries(&self) -> bool {
        true
    }

    /// Deliveries of what nobody knows, and of no sense; and how many of them are listed as problems.
    fn odd(&self) -> (&'static [&'static str], usize);

    /// Cases that it can't have, by their ids.
    fn lacks(&self) -> &'static [Lacks];
}

/// All of them; the first is the one whose cases have a table.
pub const ALL: [&dyn Dialect; 3] = [&Stripe, &Chargebee, &HubSpot];

/// The first value of a query's parameter.
fn value(query: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

fn number<T: std::str::FromStr>(query: &str, name: &str) -> Option<T> {
    value(query, name)?.parse().ok()
}

/// A page of rows behind a place, and what is next: the id of its last row, when there is more.
fn page(rows: Vec<Row>, after: Option<&str>, most: usize) -> Result<(Vec<Row>, Option<String>), String> {
    let begin = match after {
        Some(after) => rows.iter().position(|row| row.id == after).ok_or_else(|| after.to_owned())? + 1,
        None => 0,
    };
    let mut page: Vec<Row> = rows.into_iter().skip(begin).collect();
    let more = page.len() > most;
    page.truncate(most);
    let next = page.last().filter(|_| more).map(|row| row.id.clone());
    Ok((page, next))
}

/// How many elements a list has in an object.
fn count(body: &str, name: &str) -> Option<usize> {
    let fields: std::collections::HashMap<String, &RawValue> = serde_json::from_str(body).ok()?;
    serde_json::from_str::<Vec<&RawValue>>(fields.get(name)?.get()).ok().map(|elements| elements.len())
}

fn mac(secret: &str, text: &str) -> Vec<u8> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return Vec::new() };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn payloads(rows: &[Row]) -> String {
    rows.iter().map(|row| row.payload.as_str()).collect::<Vec<_>>().join(",")
}
