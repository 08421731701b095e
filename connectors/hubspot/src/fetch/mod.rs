//! Pages of a stream, and single records.

mod batch;
mod cursor;
pub(crate) mod deals;
mod list;
mod references;
mod retrieve;

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

    let mut page = Page { records: Vec::new(), at: list.at, next: Vec::new(), problems: Vec::new() };
    let records = match stream.name {
        "deals" => deals::completed(http, config, list.records, place.archived).await?,
        _ => list.records,
    };
    if stream.name == "companies" && cursor.is_none() {
        page.problems.extend(unknown(config, &records));
    }
    for (index, payload) in records.into_iter().enumerate() {
        match record(stream, payload) {
            // Put away and nobody's: what is known of it is read by its id, and is gone.
            Ok((Record { account: None, .. }, _)) if place.archived => {}
            Ok((record, problem)) => {
                page.records.push(record);
                page.problems.extend(problem);
            }
            Err(error) => {
                let after = place.after.as_deref().unwrap_or("the beginning");
                let place = format!("element {index} of the page at {after}");
                page.problems.push(problem(stream, &place, error, "the record is left out"));
            }
        }
    }
    page.next = behind(stream, &place, list.after, cursor.is_none());
    Ok(page)
}

/// Where to go on: behind the page, and at first also at the list of what was put away.
fn behind(stream: &Stream, place: &Place, after: Option<String>, first: bool) -> Vec<Cursor> {
    let on = after.map(|after| Place { after: Some(after), ..place.clone() });
    let beside = (first && streams::has_archived(stream.name)).then_some(Place { archived: true, after: None });
    on.into_iter().chain(beside).map(|place| place.cursor()).collect()
}

/// A record with the account that it belongs to. One that names none is kept all the same.
fn record(stream: &Stream, payload: String) -> Result<(Record, Option<Problem>), json::Unreadable> {
    let fields = json::Object::of(&payload)?;
    let id = id_of(&fields)?;
    let account = match stream.name {
        "companies" => Ok(Some(id.clone())),
        _ => Associations::of(&fields).and_then(|of| of.company()),
    };
    let (account, found) = match account {
        // Whoever answers a survey need not be known.
        Ok(None) if stream.name == "feedback_submissions" => (None, None),
        Ok(None) => {
            let error = json::Unreadable {
                path: "associations.companies".into(),
                message: "is missing: associate the deal with its company in HubSpot".into(),
            };
            (None, Some(problem(stream, &id, error, "the record is kept, but is in no number")))
        }
        Ok(account) => (account, None),
        Err(error) => (None, Some(problem(stream, &id, error, "the record is kept, but is in no number"))),
    };
    Ok((Record { id, account, payload }, found))
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

fn id_of(record: &json::Object<'_>) -> Result<String, json::Unreadable> {
    let id = record.need("id")?;
    let text = id.string()?;
    if text.is_empty() { Err(id.unreadable("is empty")) } else { Ok(text) }
}

fn problem(stream: &Stream, record: &str, error: json::Unreadable, consequence: &str) -> Problem {
    Problem {
        stream: stream.name.to_owned(),
        record: record.to_owned(),
        field: error.path,
        message: format!("{}; {consequence}", error.message),
    }
}
