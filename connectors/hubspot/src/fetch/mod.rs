//! Pages of a stream, and single records.

mod batch;
mod cursor;
pub(crate) mod deals;
mod list;
mod references;
mod retrieve;

use mrr_connector_sdk::value::filled;
use mrr_connector_sdk::{Cursor, Http, Page, Record, SourceError, Stream, json};
use revenue::fact::Problem;

use crate::config::Config;
use crate::model::Associations;
use crate::streams;
use cursor::Place;
pub(crate) use list::{read, take_apart};
pub(crate) use retrieve::{at_once, retrieve};

/// What says who we are and tells HubSpot's clock.
pub(crate) const ACCOUNT_INFO: &str = "/account-info/v3/details";

/// Reads the page at `cursor`.
///
/// HubSpot lists by id, so that nothing is passed over when records come and go. What is put away
/// is in a list of its own, which is read beside.
pub(crate) async fn fetch(
    http: &Http,
    config: &Config,
    stream: &Stream,
    cursor: Option<&Cursor>,
) -> Result<Page, SourceError> {
    if !streams::is_object(stream.name) {
        return references::fetch(http, stream, cursor).await;
    }
    let place = Place::of(stream.name, cursor)?;
    let asked = streams::asked(stream.name, config);
    let mut query = asked.query();
    query.push(("limit", asked.most().to_string()));
    query.push(("archived", place.archived.to_string()));
    query.extend(place.after.clone().map(|after| ("after", after)));
    let query: Vec<(&str, &str)> = query.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let list = match read(http, &format!("{}/{}", config.objects_path, stream.name), &query).await {
        // What an account's plan does not have is not there at all.
        Err(SourceError::NotFound { at, message }) if streams::lost_without(stream.name).is_some() => {
            let permission = format!("`{}`, which this plan of HubSpot does not seem to have", stream.name);
            return Err(SourceError::Forbidden { at, permission, message });
        }
        list => list?,
    };

    let mut page = Page::empty(list.at);
    let records = match stream.name {
        "deals" => deals::completed(http, config, list.records, place.archived).await?,
        _ => list.records,
    };
    if stream.name == "companies" && cursor.is_none() {
        page.problems.extend(unknown(config, &records));
    }
    for (index, payload) in records.into_iter().enumerate() {
        let read = record(stream, payload);
        // Put away and nobody's: what is known of it is read by its id, and is gone.
        if !place.archived || !matches!(read, Ok((Record { account: None, .. }, _))) {
            page.take(stream.name, read, || place.name(index));
        }
    }
    page.next = behind(stream, &place, list.after, cursor.is_none());
    Ok(page)
}

/// Where to go on: behind the page, and at first also at the list of what was put away.
fn behind(stream: &Stream, place: &Place, after: Option<String>, first: bool) -> Vec<Cursor> {
    let on = after.map(|after| Place { after: Some(after), ..place.clone() });
    let beside = (first && streams::has_archived(stream.name)).then_some(Place { archived: true, after: None });
    on.iter().chain(&beside).map(Cursor::of).collect()
}

/// A record with the account that it belongs to. One that names none is kept all the same.
fn record(stream: &Stream, payload: String) -> Result<(Record, Option<Problem>), json::Unreadable> {
    let fields = json::Object::of(&payload)?;
    let id = filled(&fields, "id")?;
    let account = match stream.name {
        "companies" => Ok(Some(id.clone())),
        _ => Associations::of(&fields).and_then(|of| of.company()),
    };
    let account = match account {
        // Whoever answers a survey need not be known.
        Ok(None) if stream.name != "feedback_submissions" => Err(json::Unreadable {
            path: "associations.companies".into(),
            message: "is missing: associate the deal with its company in HubSpot".into(),
        }),
        account => account,
    };
    Ok(Record::of(stream.name, id, account, payload))
}

/// Properties that are mapped and that no company has, not even empty: HubSpot leaves out what it
/// does not know, without a word.
fn unknown(config: &Config, records: &[String]) -> Vec<Problem> {
    let mapped = config.attributes.values().chain(config.foreign_ids.values());
    let shown = |property: &str| {
        records.iter().any(|record| {
            let properties = json::Object::of(record).and_then(|record| record.need("properties")?.object());
            properties.is_ok_and(|properties| properties.names().any(|name| name == property))
        })
    };
    let missing = mapped.filter(|property| !records.is_empty() && !shown(property));
    missing
        .map(|property| Problem {
            stream: "companies".into(),
            record: "all".into(),
            field: property.clone(),
            message: "is no property of companies in HubSpot, or the token may not see it; no company has the \
                      attribute, run `mrrd check` for names that are like it"
                .into(),
        })
        .collect()
}
