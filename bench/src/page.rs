//! Which part of a list a query asks for.

use crate::book::Book;

/// An answer in pieces, so that no page is copied.
pub struct Page<'a> {
    pub status: u16,
    pub before: &'static str,
    pub records: &'a [u8],
    pub after: String,
    /// How many records, and the id to go on behind, for who does not read the page.
    pub count: usize,
    pub last: &'a str,
}

impl Page<'_> {
    fn plain(status: u16, body: &'static str) -> Self {
        Self { status, before: body, records: &[], after: String::new(), count: 0, last: "" }
    }
}

/// Answers `/v1/invoices?limit=100&created%5Bgte%5D=1`.
pub fn page<'a>(book: &'a Book, target: &str) -> Page<'a> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let Some(name) = path.strip_prefix("/v1/").filter(|name| !name.contains('/')) else {
        return Page::plain(404, r#"{"error":{"message":"no such path"}}"#);
    };
    if name == "account" {
        return Page::plain(200, r#"{"id":"acct_1Bench","object":"account"}"#);
    }
    let Some(list) = book.list(name) else {
        return Page::plain(200, r#"{"object":"list","data":[],"has_more":false,"url":"/v1"}"#);
    };
    let (mut from, mut until, mut limit) = (0, list.len(), 10);
    for (key, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        let number = value.parse::<i64>().unwrap_or(0);
        match key.replace("%5B", "[").replace("%5D", "]").as_str() {
            "limit" => limit = usize::try_from(number).unwrap_or(10).clamp(1, 100),
            "created[gte]" => until = until.min(list.before(number)),
            "created[gt]" => until = until.min(list.before(number + 1)),
            "created[lt]" => from = from.max(list.before(number)),
            "created[lte]" => from = from.max(list.before(number + 1)),
            "starting_after" => match list.place_of(value) {
                Some(place) => from = from.max(place + 1),
                None => return Page::plain(400, MISSING),
            },
            "expand[]" | "status" => {}
            // A filter that is passed over would be measured as if it had been honoured.
            _ => return Page::plain(400, r#"{"error":{"message":"this server does not know the parameter"}}"#),
        }
    }
    let end = until.min(from + limit).max(from);
    Page {
        status: 200,
        before: r#"{"object":"list","data":["#,
        records: list.slice(from, end),
        after: format!(r#"],"has_more":{},"url":"{path}"}}"#, end < until),
        count: end - from,
        last: if end < until { list.id(end - 1) } else { "" },
    }
}

const MISSING: &str = r#"{"error":{"type":"invalid_request_error","code":"resource_missing","param":"starting_after","message":"no such record"}}"#;
