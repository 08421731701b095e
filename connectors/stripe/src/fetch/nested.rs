//! Lists inside of records, which Stripe cuts after ten elements.

use mrr_connector_sdk::{Http, SourceError, json, path_segment};

use super::list::{self, MOST};
use crate::streams::{Endpoint, Listing, Nested};

/// The record with its nested list whole. It is read anew from its beginning: what is embedded
/// is at most a tenth of the first page, and so all of it is from one time.
pub(super) async fn complete(
    http: &Http,
    listing: &Listing,
    id: &str,
    payload: &str,
    embedded: Option<&str>,
) -> Result<String, SourceError> {
    let (Some(nested), Some(embedded)) = (&listing.nested, embedded) else { return Ok(payload.to_owned()) };
    let elements = all(http, nested, id).await?;
    let fault = |error: json::Unreadable| SourceError::InvalidBody {
        at: http.at(listing.path),
        detail: format!("record {id}: {error}"),
    };
    let whole = json::replace(embedded, "data", &elements).map_err(fault)?;
    let whole = json::replace(&whole, "has_more", "false").map_err(fault)?;
    json::replace(payload, nested.field, &whole).map_err(fault)
}

/// The nested list's text, if it says that there is more. A record without a readable list is
/// the mapper's to complain about.
pub(super) fn cut_list<'a>(listing: &Listing, record: &json::Object<'a>) -> Option<&'a str> {
    let node = record.get(listing.nested.as_ref()?.field)?;
    let more = node.object().ok()?.get("has_more")?.boolean().ok()?;
    more.then(|| node.text())
}

async fn all(http: &Http, nested: &Nested, id: &str) -> Result<String, SourceError> {
    let mut query: Vec<(&str, &str)> = vec![("limit", MOST)];
    query.extend(nested.expand.iter().map(|path| ("expand[]", *path)));
    let path = match nested.endpoint {
        Endpoint::Filtered(path, parameter) => {
            query.push((parameter, id));
            path.to_owned()
        }
        Endpoint::Below(path, list) => format!("{path}/{}/{list}", path_segment(id)),
    };
    let mut elements = String::from("[");
    let mut after: Option<String> = None;
    loop {
        let list = list::read(http, &path, &query, after.as_deref()).await?;
        for record in list.records() {
            if elements.len() > 1 {
                elements.push(',');
            }
            elements.push_str(record);
        }
        after = list.last;
        if after.is_none() {
            elements.push(']');
            return Ok(elements);
        }
    }
}
