//! Fetching all pages and landing none: what is left of a sync without a database.

use std::time::Instant;

use mrr_connector_sdk::{Http, Limits};

use crate::{Outcome, report};

const LISTS: [&str; 5] = ["products", "prices", "customers", "subscriptions", "invoices"];

/// Fetches with a client that is set up as the daemon's and reads no page.
pub async fn fetch(address: &str) -> Outcome<()> {
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .build()
        .map_err(|error| error.to_string())?;
    let began = Instant::now();
    let mut records = 0;
    for list in LISTS {
        let mut last = String::new();
        loop {
            let after = if last.is_empty() { String::new() } else { format!("&starting_after={last}") };
            let url = format!("{address}/v1/{list}?limit=100{after}");
            let mut answer = client.get(url).send().await.map_err(|error| error.to_string())?;
            let told = |name: &str| answer.headers().get(name)?.to_str().ok().map(str::to_owned);
            let (Some(count), Some(next)) =
                (told("x-count").and_then(|count| count.parse::<u64>().ok()), told("x-last"))
            else {
                return Err("the server is not the benchmark's".into());
            };
            records += count;
            last = next;
            // Gathered into one piece, as whoever reads JSON must.
            let mut body = Vec::new();
            while let Some(chunk) = answer.chunk().await.map_err(|error| error.to_string())? {
                body.extend_from_slice(&chunk);
            }
            if last.is_empty() {
                break;
            }
        }
    }
    report(records, began);
    Ok(())
}

/// Fetches by the connector and its own client, as the daemon does.
pub async fn take_apart(address: &str) -> Outcome<()> {
    let settings = format!("api_key = 'sk_test_bench'\nbase_url = '{address}'\nrequests_per_second = 1000000");
    let settings: toml::Table = settings.parse().map_err(|error: toml::de::Error| error.to_string())?;
    let connector = mrr_connector_stripe::configure(settings).map_err(|error| error.to_string())?;
    let http = Http::new(connector.api(), Limits::default()).map_err(|error| error.to_string())?;
    let began = Instant::now();
    let mut records = 0;
    for stream in connector.streams() {
        let mut open = vec![None];
        while let Some(cursor) = open.pop() {
            let page = connector.fetch(&http, stream, cursor.as_ref()).await.map_err(|error| error.to_string())?;
            records += page.records.len() as u64;
            open.extend(page.next.into_iter().map(Some));
        }
    }
    report(records, began);
    Ok(())
}
