//! Records as they are now, by their ids.

use chrono::{DateTime, Utc};
use mrr_connector_sdk::{Answer, Http, Retrieved, SourceError, Stream, json, path_segment};

use super::{ACCOUNT_INFO, batch, deals, references};
use crate::config::Config;
use crate::streams;

/// So many deals have their lines read together.
const DEALS: usize = 10;

type Outcome = Result<Retrieved, SourceError>;

/// How many records of a stream are read together. What a batch shows of a company is what a list
/// shows of it; of other records it leaves out the associations.
pub(crate) fn at_once(config: &Config, stream: &Stream) -> usize {
    match stream.name {
        "companies" => streams::asked(stream.name, config).most(),
        "deals" => DEALS,
        _ => 1,
    }
}

/// Reads records of a stream by their ids: an outcome for each, in their order. One that was put away
/// is there where those are listed too; one that was merged into another is gone.
pub(crate) async fn retrieve(http: &Http, config: &Config, stream: &Stream, ids: &[&str]) -> Vec<Outcome> {
    // A batch of one saves nothing.
    if stream.name != "companies" || ids.len() < 2 {
        return each(http, config, stream, ids).await;
    }
    let (mut found, at) = match batch::read(http, config, stream.name, ids, false).await {
        Ok(found) => found,
        // An id that is none spoils the whole request; its neighbours are read all the same.
        Err(SourceError::Refused { .. }) => return each(http, config, stream, ids).await,
        Err(error) => return ids.iter().map(|_| Err(error.clone())).collect(),
    };
    let mut outcomes = Vec::with_capacity(ids.len());
    for id in ids {
        match found.remove(*id) {
            Some(payload) => outcomes.push(told(http, stream, id, payload, at)),
            // What a batch leaves out need not be gone.
            None => outcomes.extend(each(http, config, stream, &[id]).await),
        }
    }
    outcomes
}

/// The same with a request for each, and for deals one more for the lines of all of them.
async fn each(http: &Http, config: &Config, stream: &Stream, ids: &[&str]) -> Vec<Outcome> {
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.push(look_up(http, config, stream, id).await);
    }
    for archived in [false, true].into_iter().filter(|_| stream.name == "deals") {
        let there = found.iter().enumerate().filter_map(|(place, found)| match found {
            Ok(Found { answer: Some(answer), archived: of, .. }) if *of == archived => Some((place, answer.clone())),
            _ => None,
        });
        let (places, deals): (Vec<usize>, Vec<String>) = there.unzip();
        match deals::completed(http, config, deals, archived).await {
            Ok(whole) => places.into_iter().zip(whole).for_each(|(place, deal)| {
                if let Ok(found) = &mut found[place] {
                    found.answer = Some(deal);
                }
            }),
            Err(error) => places.into_iter().for_each(|place| found[place] = Err(error.clone())),
        }
    }
    let outcome = |(found, id): (Result<Found, SourceError>, &&str)| {
        let Found { answer, at, .. } = found?;
        match answer {
            Some(payload) => told(http, stream, id, payload, at),
            None => Ok(Retrieved::gone(at)),
        }
    };
    found.into_iter().zip(ids).map(outcome).collect()
}

/// What HubSpot says of one record.
struct Found {
    /// The record; `None` when there is none.
    answer: Option<String>,
    /// Whether it was put away.
    archived: bool,
    at: DateTime<Utc>,
}

async fn look_up(http: &Http, config: &Config, stream: &Stream, id: &str) -> Result<Found, SourceError> {
    let path = path(config, stream, id)?;
    let is_object = streams::is_object(stream.name);
    let query = if is_object { streams::asked(stream.name, config).query() } else { Vec::new() };
    let mut query: Vec<(&str, &str)> = query.iter().map(|(name, value)| (*name, value.as_str())).collect();
    if let Some(Answer { body, at, .. }) = unless_missing(http.get(&path, &query).await)? {
        return Ok(Found { answer: Some(body), archived: false, at });
    }
    if is_object && streams::has_archived(stream.name) {
        query.push(("archived", "true"));
        if let Some(Answer { body, at, .. }) = unless_missing(http.get(&path, &query).await)? {
            return Ok(Found { answer: Some(body), archived: true, at });
        }
    }
    // HubSpot's clock did not come with the refusal.
    let at = http.get(ACCOUNT_INFO, &[]).await?.at;
    Ok(Found { answer: None, archived: false, at })
}

fn unless_missing(answer: Result<Answer, SourceError>) -> Result<Option<Answer>, SourceError> {
    match answer {
        Err(SourceError::NotFound { .. }) => Ok(None),
        answer => answer.map(Some),
    }
}

/// Where one record is.
fn path(config: &Config, stream: &Stream, id: &str) -> Result<String, SourceError> {
    Ok(match stream.name {
        name if streams::is_object(name) => format!("{}/{name}/{}", config.objects_path, path_segment(id)),
        "account_info" => ACCOUNT_INFO.to_owned(),
        _ => format!("{}/{}", references::path(stream)?, path_segment(id)),
    })
}

/// What follows from a record's text.
fn told(http: &Http, stream: &Stream, id: &str, payload: String, at: DateTime<Utc>) -> Outcome {
    let read = match streams::is_object(stream.name) {
        true => super::record(stream, payload),
        false => references::record(stream, &payload).map(|record| (record, None)),
    };
    let (record, problem) = read.map_err(|error: json::Unreadable| SourceError::InvalidBody {
        at: http.at(stream.name),
        detail: format!("of record {id} {error}"),
    })?;
    // The id of one that was merged leads to the one that it was merged into.
    let merged = record.id != id;
    let problems = if merged { Vec::new() } else { problem.into_iter().collect() };
    Ok(Retrieved { record: (!merged).then_some(record), at, problems })
}
