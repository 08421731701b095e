//! The truth: what the vendor has, read past the gate and by no code of the product's.

use std::collections::HashSet;
use std::fmt::Write;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::dialect::{Dialect, Stripe};
use super::fake_vendor::FakeVendor;
use super::gate::{Vendor, ask, lock};
use crate::{Database, Outcome};

/// A record that the vendor has.
struct Known {
    stream: &'static str,
    id: String,
    created: i64,
    /// Its place in its list, from the newest on.
    place: usize,
    payload: String,
}

#[derive(Deserialize)]
struct List<'a> {
    has_more: bool,
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Head {
    id: String,
    #[serde(alias = "date")]
    created: Option<i64>,
}

/// Writes what the vendor has now into the database's own schema `oracle`, in place of what was
/// there; returns how many records there are.
pub fn write(vendor: &Vendor, database: &Database<'_>) -> Outcome<usize> {
    let known = match vendor {
        Vendor::Fake(vendor) => of_fake(&lock(vendor)),
        Vendor::Company(host) => of_company(host)?,
    };
    let mut script = String::from(
        "set client_min_messages = warning; create schema if not exists oracle;
         create table if not exists oracle.record (stream text, id text, created bigint, place bigint, payload text,
                                                   primary key (stream, id));
         create or replace function oracle.place(text, text) returns bigint stable
             begin atomic select coalesce((select place from oracle.record where stream = $1 and id = $2), -1); end;
         truncate oracle.record;
         copy oracle.record from stdin;\n",
    );
    for Known { stream, id, created, place, payload } in &known {
        // Writing to a string does not fail.
        let _ = writeln!(script, "{stream}\t{}\t{created}\t{place}\t{}", escaped(id), escaped(payload));
    }
    script.push_str("\\.\nanalyze oracle.record;\n");
    database.run(&script)?;
    Ok(known.len())
}

/// As COPY wants text.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n").replace('\r', "\\r")
}

fn of_fake(vendor: &FakeVendor) -> Vec<Known> {
    let mut known = Vec::new();
    for stream in vendor.dialect.streams() {
        let mut met = HashSet::new();
        for (place, row) in vendor.rows(stream).into_iter().enumerate() {
            // Of two with one id the newest in the list is what counts; a case that plants them says what is right.
            if met.insert(row.id.clone()) {
                let payload = vendor.dialect.whole(vendor, stream, &row);
                known.push(Known { stream, id: row.id, created: row.created, place, payload });
            }
        }
    }
    known
}

/// Of a company, which speaks as Stripe does. The parts of records that Stripe sends whole only when asked, from its documentation.
fn query(stream: &str) -> &'static str {
    match stream {
        "prices" => "&expand[]=data.currency_options&expand[]=data.tiers",
        "coupons" => "&expand[]=data.applies_to",
        "customers" => "&expand[]=data.discount.source.coupon",
        "subscriptions" => "&status=all&expand[]=data.discounts.source.coupon&expand[]=data.items.data.discounts",
        "invoices" => {
            "&expand[]=data.discounts.source.coupon&expand[]=data.lines.data.discounts&expand[]=data.payments"
        }
        _ => "",
    }
}

fn of_company(host: &str) -> Outcome<Vec<Known>> {
    let mut known = Vec::new();
    for stream in Stripe.streams() {
        let mut after: Option<String> = None;
        let mut place = 0;
        loop {
            let behind = after.as_ref().map(|id| format!("&starting_after={id}")).unwrap_or_default();
            let head = format!(
                "GET /v1/{stream}?limit=100{}{behind} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\nStripe-Version: 2026-05-27.dahlia\r\n\r\n",
                query(stream),
                crate::company::API_KEY,
            );
            let (status, _, body) = ask(host, &head).map_err(|error| format!("the sandbox: {error}"))?;
            let list: List<'_> = serde_json::from_str(&body)
                .map_err(|error| format!("the sandbox said {status} to {stream}: {error}: {body:.200}"))?;
            for payload in &list.data {
                let head: Head = serde_json::from_str(payload.get()).map_err(|error| error.to_string())?;
                after = Some(head.id.clone());
                let (id, created) = (head.id, head.created.unwrap_or_default());
                known.push(Known { stream, id, created, place, payload: payload.get().to_owned() });
                place += 1;
            }
            if !list.has_more {
                break;
            }
        }
    }
    Ok(known)
}
