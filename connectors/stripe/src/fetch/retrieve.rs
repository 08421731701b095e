//! One record as it is now.

use mrr_connector_sdk::{Http, Retrieved, SourceError, Stream, json, path_segment};
use revenue::fact::Problem;

use super::{Head, listing, whole};

/// Reads one record of a stream by its id.
pub(crate) async fn retrieve(http: &Http, stream: &Stream, id: &str) -> Result<Retrieved, SourceError> {
    let listing = listing(stream)?;
    let path = format!("{}/{}", listing.path, path_segment(id));
    // What is expanded of a record is what is expanded of the list's data.
    let expand = listing.expand.iter().chain(listing.welcome).filter_map(|path| path.strip_prefix("data."));
    let query: Vec<(&str, &str)> = expand.map(|path| ("expand[]", path)).collect();
    let certain = query.len() - listing.welcome.len();
    let read = match http.get(&path, &query).await {
        Err(SourceError::Forbidden { .. }) if certain < query.len() => http.get(&path, &query[..certain]).await,
        read => read,
    };
    let answer = match read {
        Ok(answer) => answer,
        Err(SourceError::NotFound { .. }) => {
            // Stripe's clock did not come with the refusal; the list's own does.
            let at = http.get(listing.path, &[("limit", "1")]).await?.at;
            let impossible = (!listing.deletable).then(|| Problem {
                stream: stream.name.to_owned(),
                record: id.to_owned(),
                field: String::new(),
                message: "was announced by an event and can't be found, though Stripe never deletes such a record; \
                          what is known of it stays as it is"
                    .into(),
            });
            return Ok(Retrieved { problems: impossible.into_iter().collect(), ..Retrieved::gone(at) });
        }
        Err(error) => return Err(error),
    };
    let record = json::Object::of(&answer.body);
    if let Ok(record) = &record
        && record.get("deleted").and_then(|deleted| deleted.boolean().ok()) == Some(true)
    {
        return Ok(Retrieved::gone(answer.at));
    }
    let head = record
        .and_then(|record| Head::of(stream, &listing, &record))
        .map_err(|error| SourceError::InvalidBody { at: http.at(&path), detail: error.to_string() })?;
    Ok(Retrieved::there(whole(http, stream, &listing, head, &answer.body).await?, answer.at))
}
