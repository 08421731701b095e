//! Who we are at HubSpot, what the token may read, and how long reading it will take.

mod properties;

use mrr_connector_sdk::{Check, Finding, Http, SourceError, StreamCheck, json};

use crate::config::Config;
use crate::fetch::ACCOUNT_INFO;
use crate::streams;

/// Asks for the account, one record of each stream, how many there are, and the properties of
/// companies.
pub(crate) async fn check(http: &Http, config: &Config) -> Result<Check, SourceError> {
    let mut check = Check { key: Some("access token".into()), ..Check::default() };
    account(http, &mut check).await?;
    let mut requests = 4;
    for stream in streams::ALL {
        let mut readable = match size(http, config, stream.name).await {
            Ok(None) => Ok("readable".to_owned()),
            Ok(Some(total)) => {
                requests += total / streams::asked(stream.name, config).most() as u64 + 1;
                Ok(if total == 1 { "1 record".to_owned() } else { format!("{total} records") })
            }
            Err(error) if error.stops_source() || error.retryable() => return Err(error),
            Err(error) => {
                let lost = streams::lost_without(stream.name).map(|lost| format!("; {lost}")).unwrap_or_default();
                Err(format!("{error}{lost}"))
            }
        };
        if stream.name == "companies" && readable.is_ok() {
            readable = properties::mapped(http, config).await?.map_or(readable, Err);
        }
        check.streams.push(StreamCheck { stream: stream.name.to_owned(), readable });
    }
    let lines = match size(http, config, "line_items").await {
        Ok(total) => total.unwrap_or_default(),
        Err(error) if error.stops_source() || error.retryable() => return Err(error),
        Err(error) => {
            check.notes.push(format!("the lines of deals can't be read, and without them no deal can: {error}"));
            0
        }
    };
    // Lines are read by the deals that have them, rarely in full batches.
    requests += lines / 25 + 1;
    check.findings.push(Finding { what: "line items", found: format!("{lines} records") });
    let a_second = config.budget.requests_per_second;
    let seconds = requests / u64::from(a_second.max(1)) + 1;
    let found = format!("about {requests} requests, so {seconds} s or more at {a_second} a second");
    check.findings.push(Finding { what: "first sync", found });
    let mapped: Vec<String> = config.attributes.iter().map(|(name, of)| format!("{name} = {of}")).collect();
    check.findings.push(Finding { what: "attributes", found: mapped.join(", ") });
    check.notes.push(
        "won deals with recurring line items are contracts: kept beside what is billed, and in no metric unless the source says \
         `revenue = \"counted\"`"
            .into(),
    );
    Ok(check)
}

async fn account(http: &Http, check: &mut Check) -> Result<(), SourceError> {
    let answer = http.get(ACCOUNT_INFO, &[]).await?;
    let Ok(account) = json::Object::of(&answer.body) else { return Ok(()) };
    let text = |name: &str| account.get(name).and_then(|node| node.number_text().ok()).map(|text| text.into_owned());
    check.account = text("portalId");
    check.mode = text("accountType").map(|kind| kind.to_lowercase());
    let currency = text("companyCurrency").map_or_else(
        || "unknown; a deal without a currency of its own can't be counted".to_owned(),
        |currency| format!("{currency}, for deals that have none of their own"),
    );
    check.findings.push(Finding { what: "currency", found: currency });
    Ok(())
}

/// How many records there are, where a search tells; after one of them was read as a walk does.
async fn size(http: &Http, config: &Config, kind: &str) -> Result<Option<u64>, SourceError> {
    let path = match kind {
        "account_info" => return Ok(None),
        "owners" => "/crm/v3/owners".to_owned(),
        "pipelines" => "/crm/v3/pipelines/deals".to_owned(),
        _ => format!("{}/{kind}", config.objects_path),
    };
    if matches!(kind, "owners" | "pipelines") {
        return http.get(&path, &[]).await.map(|_| None);
    }
    http.get(&path, &[("limit", "1")]).await?;
    let path = format!("{path}/search");
    let answer = http.post(&path, &[], r#"{"limit":1,"filterGroups":[]}"#).await?;
    let total = json::Object::of(&answer.body).and_then(|page| page.need("total")?.integer());
    let total = total.map_err(|error| SourceError::InvalidBody { at: http.at(&path), detail: error.to_string() })?;
    Ok(Some(u64::try_from(total).unwrap_or_default()))
}
