//! Who we are at Stripe, what the key may read, and how long reading it will take.

mod account;
mod backfill;
mod events;
mod size;
mod webhooks;

use std::collections::BTreeSet;

use mrr_connector_sdk::{Check, Finding, Http, SourceError, StreamCheck, json};

use crate::VERSION;
use crate::config::Config;
use crate::fetch::{MOST, read};
use crate::streams;

/// Asks for the account, for up to eight pages of each stream, for events and for webhook
/// endpoints.
pub(crate) async fn check(http: &Http, config: &Config) -> Result<Check, SourceError> {
    let mut check = Check {
        mode: config.mode.map(str::to_owned),
        key: account::kind_of(config.api_key.expose()).map(str::to_owned),
        ..Check::default()
    };
    account::account(http, &mut check).await?;
    let mut sizes = Vec::new();
    let mut currencies = BTreeSet::new();
    for stream in streams::ALL {
        let Some(listing) = streams::listing(stream.name) else { continue };
        let readable = match first_page(http, &listing).await {
            Ok(first) => {
                check.mode = check.mode.or_else(|| mode_of(&first));
                if matches!(stream.name, "prices" | "subscriptions") {
                    currencies.extend(first.records().filter_map(|record| text(record, "currency")));
                }
                let size = size::size(http, &listing, &size::times(first.records()), first.last.is_some()).await?;
                sizes.push(size);
                Ok(backfill::records(size))
            }
            Err(error) if error.stops_source() || error.retryable() => return Err(error),
            Err(error @ SourceError::Forbidden { .. }) => {
                let lost = streams::lost_without(stream.name).map(|lost| format!("; {lost}")).unwrap_or_default();
                Err(format!("{error}; in the Dashboard that is Read on {}{lost}", account::permission(stream.name)))
            }
            Err(error) => Err(error.to_string()),
        };
        check.streams.push(StreamCheck { stream: stream.name.to_owned(), readable });
    }
    if !currencies.is_empty() {
        let found = currencies.into_iter().collect::<Vec<_>>().join(", ").to_uppercase();
        check.findings.push(Finding {
            what: "currencies",
            found: format!("{found} on the newest pages of prices and subscriptions"),
        });
    }
    let version = match optional(events::events(http).await, "events", &mut check)? {
        Some(events) => {
            check.findings.push(Finding { what: "events", found: events.found });
            events.version
        }
        None => None,
    };
    let found = match version {
        Some(version) if version == VERSION => format!("{VERSION} is asked for, and is the account's own"),
        Some(version) => {
            format!("{VERSION} is asked for; the account's newest event was rendered in its own, {version}")
        }
        None => format!("{VERSION} is asked for; the account's own is unknown, and does not matter"),
    };
    check.findings.push(Finding { what: "API version", found });
    if let Some(found) = optional(webhooks::webhooks(http).await, "webhook endpoints", &mut check)? {
        check.findings.extend(found.into_iter().map(|found| Finding { what: "webhook", found }));
    }
    check.findings.push(Finding { what: "first sync", found: backfill::requests(&sizes, config) });
    if sizes.iter().any(|size| !size.exact) {
        let asked = http.requests();
        let found = format!(
            "`about` is by how close together records are on at most eight pages of a list; {asked} requests in all"
        );
        check.findings.push(Finding { what: "estimates", found });
    }
    Ok(check)
}

/// The first page as a walk reads it: what is expanded may be forbidden too.
async fn first_page(http: &Http, listing: &streams::Listing) -> Result<crate::fetch::List, SourceError> {
    let mut query = vec![("limit", MOST)];
    query.extend_from_slice(listing.filters);
    query.extend(listing.expand.iter().map(|path| ("expand[]", *path)));
    read(http, listing.path, &query, None).await
}

/// What the numbers do not depend on may be missing.
fn optional<T>(read: Result<T, SourceError>, what: &str, check: &mut Check) -> Result<Option<T>, SourceError> {
    match read {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.stops_source() || error.retryable() => Err(error),
        Err(error) => {
            check.notes.push(format!("{what} can't be read, and nothing fails without them: {error}"));
            Ok(None)
        }
    }
}

/// The mode as records have it, for keys whose prefix does not tell.
fn mode_of(list: &crate::fetch::List) -> Option<String> {
    let live = json::Object::of(list.records().next()?).ok()?.get("livemode")?.boolean().ok()?;
    Some(if live { "live" } else { "test" }.to_owned())
}

fn text(record: &str, field: &str) -> Option<String> {
    json::Object::of(record).ok()?.get(field)?.string().ok()
}
