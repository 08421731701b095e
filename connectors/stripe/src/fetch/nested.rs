//! Lists inside of records, which Stripe cuts after ten elements.

use memchr::memmem;
use mrr_connector_sdk::{Http, SourceError, json, path_segment};

use super::list::{self, MOST};
use crate::streams::{Endpoint, Listing, Nested};

/// The record with its nested list whole. It is read anew from its beginning: what is embedded
/// is at most a tenth of the first page, and so all of it is from one time.
pub(super) async fn complete(http: &Http, listing: &Listing, id: &str, payload: &str) -> Result<String, SourceError> {
    let Some(nested) = &listing.nested else { return Ok(payload.to_owned()) };
    let elements = all(http, nested, id).await?;
    let fault = |error: json::Unreadable| SourceError::InvalidBody {
        at: http.at(listing.path),
        detail: format!("record {id}: {error}"),
    };
    let embedded = json::Object::of(payload).and_then(|record| record.need(nested.field)).map_err(fault)?;
    let whole = json::replace(embedded.text(), "data", &elements).map_err(fault)?;
    let whole = json::replace(&whole, "has_more", "false").map_err(fault)?;
    json::replace(payload, nested.field, &whole).map_err(fault)
}

/// Whether the nested list says that there is more, or names coupons that have to be read with it.
/// A record without a readable list is the mapper's to complain about.
pub(super) fn is_cut(listing: &Listing, record: &json::Object<'_>) -> bool {
    let Some(nested) = &listing.nested else { return false };
    let Some(list) = record.get(nested.field) else { return false };
    if nested.coupons && names_a_coupon(list.text()) {
        return true;
    }
    if !may_have_more(list.text()) {
        return false;
    }
    let more = list.object().ok().and_then(|list| list.get("has_more")?.boolean().ok());
    more == Some(true)
}

/// Whether a list has to be taken apart to learn whether it says that there is more. Most bytes of
/// most records are in lists that don't, and the bytes of a name are quickly looked for.
fn may_have_more(list: &str) -> bool {
    let bytes = list.as_bytes();
    let behind = |name: &'static [u8]| memmem::find_iter(bytes, name).map(|at| &bytes[at + name.len()..]);
    let says_true = |rest: &[u8]| {
        let value = rest.trim_ascii_start().strip_prefix(b":").map(<[u8]>::trim_ascii_start);
        value.is_some_and(|value| value.starts_with(b"true"))
    };
    // A name may also be spelt with escapes, all of its letters being U+005F to U+0076.
    behind(b"\"has_more\"").any(says_true) || behind(b"\\u00").any(|rest| matches!(rest.first(), Some(b'5'..=b'7')))
}

/// Whether a coupon stands in a list by its id alone.
fn names_a_coupon(list: &str) -> bool {
    let name = b"\"coupon\"";
    memmem::find_iter(list.as_bytes(), name).any(|at| {
        let rest = list.as_bytes()[at + name.len()..].trim_ascii_start();
        rest.strip_prefix(b":").is_some_and(|value| value.trim_ascii_start().starts_with(b"\""))
    })
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

#[cfg(test)]
mod tests {
    use super::may_have_more;

    #[test]
    fn a_list_is_taken_apart_only_if_it_may_say_that_there_is_more() {
        for (list, expect) in [
            (r#"{"data":[],"has_more":true}"#, true),
            ("{\"data\":[{\"has_more\":false}],\"has_more\" \r\n:\t true}", true),
            (r#"{"h\u0061s_more":true}"#, true),
            (r#"{"has\u005Fmore":true}"#, true),
            (r#"{"data":[{"has_more":false}],"has_more":false}"#, false),
            (r#"{"data":[{"name":"caf\u00e9 \u0026 has_more true"}],"has_more": null}"#, false),
            (r#"{"has_more"#, false),
        ] {
            assert_eq!(may_have_more(list), expect, "{list}");
        }
    }
}
