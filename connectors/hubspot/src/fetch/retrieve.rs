//! One record as it is now.

use mrr_connector_sdk::{Http, Retrieved, SourceError, Stream, json, path_segment};

use super::{ACCOUNT_INFO, deals, references};
use crate::config::Config;
use crate::streams;

/// Reads one record of a stream by its id, also one that was put away where those are listed too. One
/// that was merged into another is gone.
pub(crate) async fn retrieve(
    http: &Http,
    config: &Config,
    stream: &Stream,
    id: &str,
) -> Result<Retrieved, SourceError> {
    let is_object = streams::is_object(stream.name);
    let path = match (is_object, stream.name) {
        (true, name) => format!("{}/{name}/{}", config.objects_path, path_segment(id)),
        (false, "account_info") => ACCOUNT_INFO.to_owned(),
        (false, _) => format!("{}/{}", references::path(stream)?, path_segment(id)),
    };
    let query = if is_object { streams::asked(stream.name, config).query() } else { Vec::new() };
    let mut query: Vec<(&str, &str)> = query.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut found = http.get(&path, &query).await;
    let archived =
        is_object && streams::has_archived(stream.name) && matches!(found, Err(SourceError::NotFound { .. }));
    if archived {
        query.push(("archived", "true"));
        found = http.get(&path, &query).await;
    }
    let answer = match found {
        Ok(answer) => answer,
        Err(SourceError::NotFound { .. }) => {
            // HubSpot's clock did not come with the refusal.
            let at = http.get(ACCOUNT_INFO, &[]).await?.at;
            return Ok(Retrieved { record: None, at, problems: Vec::new() });
        }
        Err(error) => return Err(error),
    };
    let invalid = |error: json::Unreadable| SourceError::InvalidBody { at: http.at(&path), detail: error.to_string() };
    let at = answer.at;
    let (record, problem) = match is_object {
        false => (references::record(stream, &answer.body).map_err(invalid)?, None),
        true => {
            let payload = match stream.name {
                "deals" => deals::completed(http, config, vec![answer.body], archived).await?.pop().unwrap_or_default(),
                _ => answer.body,
            };
            super::record(stream, payload).map_err(invalid)?
        }
    };
    // The id of one that was merged leads to the one that it was merged into.
    let merged = record.id != id;
    let problems = if merged { Vec::new() } else { problem.into_iter().collect() };
    Ok(Retrieved { record: (!merged).then_some(record), at, problems })
}
