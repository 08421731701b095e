//! Who we are at Stripe, and what the key may read.

use mrr_connector_sdk::{Check, Http, SourceError, StreamCheck, json};

use crate::streams;

/// Asks for the account and for one record of each stream.
pub(crate) async fn check(http: &Http, mode: Option<&'static str>) -> Result<Check, SourceError> {
    let mut check = Check { mode: mode.map(str::to_owned), ..Check::default() };
    match http.get("/v1/account", &[]).await {
        Ok(answer) => {
            let id = json::Object::of(&answer.body).and_then(|body| body.need("id")?.string());
            check.account = id.ok();
        }
        // A restricted key need not be allowed to read the account; nothing else depends on it.
        Err(error @ SourceError::Forbidden { .. }) => check.notes.push(format!("the account's id is unknown: {error}")),
        Err(error) => return Err(error),
    }
    for stream in streams::ALL {
        let Some(listing) = streams::listing(stream.name) else { continue };
        let mut query = vec![("limit", "1")];
        query.extend_from_slice(listing.filters);
        query.extend(listing.expand.iter().map(|path| ("expand[]", *path)));
        let readable = match http.get(listing.path, &query).await {
            Ok(answer) => {
                check.mode = check.mode.or_else(|| mode_of(&answer.body));
                Ok(())
            }
            Err(error) if error.stops_source() || error.retryable() => return Err(error),
            Err(error) => Err(error.to_string()),
        };
        check.streams.push(StreamCheck { stream: stream.name.to_owned(), readable });
    }
    Ok(check)
}

/// The mode as records have it, for keys whose prefix does not tell.
fn mode_of(body: &str) -> Option<String> {
    let list = json::Object::of(body).ok()?.get("data")?.list().ok()?;
    let live = list.first()?.object().ok()?.get("livemode")?.boolean().ok()?;
    Some(if live { "live" } else { "test" }.to_owned())
}
