//! Ramps can only be asked for by their subscription, and name no customer: a page of subscriptions that have something
//! planned is a page of their ramps.

use mrr_connector_sdk::{Http, Page, Record, SourceError, Stream, json};

use super::list::{MOST, read};
use super::{listing, problem};

/// The ramps of the subscriptions behind an offset.
pub(super) async fn fetch(http: &Http, stream: &Stream, offset: Option<&str>) -> Result<Page, SourceError> {
    let query = [("limit", MOST), ("has_scheduled_changes[is]", "true")];
    let list = read(http, "subscriptions", "subscription", &query, offset).await?;
    let mut page = Page { records: Vec::new(), at: list.at, next: list.next(), problems: Vec::new() };
    for element in &list.elements {
        match names(&element.payload) {
            Ok((subscription, customer)) => of_one(http, stream, &subscription, &customer, &mut page).await?,
            Err(error) => {
                let consequence = "what is planned for the subscription is left out";
                page.problems.push(problem(stream, &element.place, error, consequence));
            }
        }
    }
    Ok(page)
}

async fn of_one(
    http: &Http,
    stream: &Stream,
    subscription: &str,
    customer: &str,
    page: &mut Page,
) -> Result<(), SourceError> {
    let listing = listing(stream)?;
    let mut offset: Option<String> = None;
    loop {
        let query = [("limit", MOST), ("subscription_id[is]", subscription)];
        let list = read(http, stream.name, listing.noun, &query, offset.as_deref()).await?;
        for element in &list.elements {
            let id = json::Object::of(&element.payload).and_then(|ramp| super::text(&ramp, "id"));
            match id {
                Ok(id) => page.records.push(Record {
                    id,
                    account: Some(customer.to_owned()),
                    payload: element.payload.clone(),
                }),
                Err(error) => page.problems.push(problem(stream, &element.place, error, "the record is left out")),
            }
        }
        offset = list.next_offset;
        if offset.is_none() {
            return Ok(());
        }
    }
}

/// Id and customer of a subscription.
pub(super) fn names(payload: &str) -> Result<(String, String), json::Unreadable> {
    let subscription = json::Object::of(payload)?;
    Ok((super::text(&subscription, "id")?, super::text(&subscription, "customer_id")?))
}
