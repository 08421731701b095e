//! Which site it is, what the key may read, and whether the product catalog is the one in the settings.

use std::collections::BTreeSet;

use mrr_connector_sdk::{Check, Finding, Http, SourceError, StreamCheck, json};

use crate::config::{Catalog, Config};
use crate::fetch::{MOST, read};
use crate::streams;

/// Asks for the site's configuration, for a page of each stream and for the oldest event.
pub(crate) async fn check(http: &Http, config: &Config) -> Result<Check, SourceError> {
    let mut check =
        Check { account: Some(config.site.clone()), mode: Some(config.mode().to_owned()), ..Check::default() };
    let catalog = optional(catalog(http).await, "the product catalog", &mut check)?.flatten();
    if let Some(catalog) = catalog {
        let wrong = catalog != config.catalog;
        let remedy = if wrong { format!("; write product_catalog = \"{}\"", catalog.name()) } else { String::new() };
        let found = format!("{}{remedy}", catalog.name());
        check.findings.push(Finding { what: "product catalog", found });
    }
    let mut currencies = BTreeSet::new();
    for stream in streams::all(config.catalog) {
        let Some(listing) = streams::listing(stream.name) else { continue };
        let readable = match read(http, stream.name, listing.noun, &[("limit", MOST)], None).await {
            Ok(list) => {
                if stream.name == "subscriptions" {
                    let found = list.elements.iter().filter_map(|element| text(&element.payload, "currency_code"));
                    currencies.extend(found);
                }
                let more = if list.next_offset.is_some() { "more than " } else { "" };
                let count = list.elements.len();
                Ok(format!("{more}{count} {}", if count == 1 { "record" } else { "records" }))
            }
            Err(error) if error.stops_source() || error.retryable() => return Err(error),
            Err(error) => Err(reason(&error)),
        };
        check.streams.push(StreamCheck { stream: stream.name.to_owned(), readable });
    }
    if !currencies.is_empty() {
        let found = currencies.into_iter().collect::<Vec<_>>().join(", ");
        check
            .findings
            .push(Finding { what: "currencies", found: format!("{found} on the first page of subscriptions") });
    }
    if let Some(found) = optional(oldest_event(http).await, "events", &mut check)? {
        check.findings.push(Finding { what: "events", found });
    }
    Ok(check)
}

fn reason(error: &SourceError) -> String {
    match error {
        SourceError::Forbidden { .. } => {
            format!("{error}; a read-only key with all data is enough, and some read-only keys may not read coupons")
        }
        _ => error.to_string(),
    }
}

/// `product_catalog_version` of the site, if it is one that is known.
async fn catalog(http: &Http) -> Result<Option<Catalog>, SourceError> {
    let answer = http.get("/api/v2/configurations", &[]).await?;
    let versions = json::Object::of(&answer.body)
        .ok()
        .and_then(|body| body.get("configurations")?.list().ok())
        .unwrap_or_default();
    let named = |node: &json::Node<'_>| node.object().ok()?.get("product_catalog_version")?.string().ok();
    Ok(versions.iter().find_map(named).and_then(|version| match version.as_str() {
        "v1" => Some(Catalog::Plans),
        "v2" => Some(Catalog::Items),
        _ => None,
    }))
}

/// How far back the log reaches: what came before is rebuilt from invoices.
async fn oldest_event(http: &Http) -> Result<String, SourceError> {
    let query = [("limit", "1"), ("sort_by[asc]", "occurred_at")];
    let list = read(http, "events", "event", &query, None).await?;
    let at = list.elements.first().and_then(|element| {
        let event = json::Object::of(&element.payload).ok()?;
        mrr_connector_sdk::value::instant(&event.get("occurred_at")?).ok()
    });
    Ok(match at {
        Some(at) => format!("the oldest is of {}; what was before is rebuilt from invoices", at.format("%Y-%m-%d")),
        None => "none, so all history is rebuilt from invoices".into(),
    })
}

/// What the numbers do not depend on may be missing.
fn optional<T>(read: Result<T, SourceError>, what: &str, check: &mut Check) -> Result<Option<T>, SourceError> {
    match read {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.stops_source() || error.retryable() => Err(error),
        Err(error) => {
            check.notes.push(format!("{what} can't be read: {error}"));
            Ok(None)
        }
    }
}

fn text(record: &str, field: &str) -> Option<String> {
    json::Object::of(record).ok()?.get(field)?.string().ok()
}
