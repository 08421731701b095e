//! `[sources.NAME]`: a connector and its settings.

use std::fmt;
use std::sync::Arc;

use mrr_connector_sdk::{Connector, Http, Limits};
use revenue::calendar::Zone;

use super::complaint::{Complaint, instead};
use super::crosswalk::Crosswalk;
use super::document::Document;
use crate::connectors;
use crate::schedule::Schedule;

/// One source.
#[derive(Clone)]
pub struct Source {
    /// Its name in the file, and in all tables.
    pub name: String,
    /// The connector's name.
    pub vendor: &'static str,
    /// The connector with its settings.
    pub connector: Arc<dyn Connector>,
    /// When `mrrd run` syncs it; never by itself when there is none.
    pub schedule: Option<Schedule>,
    /// When `mrrd run` looks into its log of changes; never when there is none.
    pub follow: Option<Schedule>,
    /// Whether its charges are kept beside what is billed elsewhere, and counted nowhere.
    pub contracted: bool,
    /// How its accounts are linked to those of other sources.
    pub crosswalk: Arc<Crosswalk>,
}

/// The settings of a source that are not its connector's.
const OWN: &[&str] = &["connector", "schedule", "follow", "revenue"];

/// How often a log of changes is looked into when nothing else is said: every minute.
const FOLLOW: &str = "0 * * * * *";

impl fmt::Debug for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the connector: its settings hold secrets.
        write!(out, "{} ({})", self.name, self.vendor)
    }
}

/// Checks every source; each has its own result.
pub fn read(document: &Document, zone: Zone, crosswalk: &Arc<Crosswalk>) -> Vec<Result<Source, Complaint>> {
    match document.table("sources") {
        None => Vec::new(),
        Some(toml::Value::Table(sources)) => {
            sources.iter().map(|(name, settings)| one(document, zone, crosswalk, name, settings)).collect()
        }
        Some(_) => vec![Err(document.complain("sources", "`sources` must be tables; write [sources.NAME]"))],
    }
}

fn one(
    document: &Document,
    zone: Zone,
    crosswalk: &Arc<Crosswalk>,
    name: &str,
    settings: &toml::Value,
) -> Result<Source, Complaint> {
    let at = format!("sources.{name}");
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-';
    if name.is_empty() || name.len() > 63 || !name.bytes().all(plain) {
        return Err(document.complain(
            &at,
            format!("`{name}` can't name a source; use up to 63 lower-case letters, digits, `_` and `-`"),
        ));
    }
    let toml::Value::Table(settings) = settings else {
        return Err(document.complain(&at, format!("`{name}` must be a table; write [sources.{name}]")));
    };
    let mut settings = settings.clone();
    let known: Vec<&str> = connectors::CONNECTORS.iter().map(|entry| entry.name).collect();
    let entry = match settings.remove("connector") {
        Some(toml::Value::String(vendor)) => {
            connectors::CONNECTORS.iter().find(|entry| entry.name == vendor).ok_or_else(|| {
                let instead = instead(&vendor, &known).unwrap_or_default();
                document.complain(
                    &format!("{at}.connector"),
                    format!("there is no connector `{vendor}`; write `{instead}`"),
                )
            })?
        }
        _ => {
            return Err(document.complain(
                &at,
                format!("source `{name}` names no connector; write `connector = \"{}\"`", known.join("\" or \"")),
            ));
        }
    };
    let scheduled = ["schedule", "follow"].into_iter().find(|key| settings.contains_key(*key));
    let schedule = cron(document, &at, "schedule", "0 15 2 * * *", settings.remove("schedule"))?;
    let follow = match settings.remove("follow") {
        Some(toml::Value::Boolean(false)) => None,
        None => FOLLOW.parse().ok(),
        other => {
            let follow = cron(document, &at, "follow", FOLLOW, other)?;
            if schedule.is_none() {
                return Err(document.complain(
                    &format!("{at}.follow"),
                    "`follow` needs a `schedule` beside it, as only a whole sync finds what the log of changes does not tell; write `schedule = \"0 15 2 * * *\"`",
                ));
            }
            follow
        }
    };
    let revenue = match settings.remove("revenue") {
        None => None,
        Some(toml::Value::String(text)) if text == "counted" || text == "contracted" => Some(text == "contracted"),
        Some(_) => {
            let sentence = "`revenue` must be \"counted\", or \"contracted\" for charges that are kept beside those of a billing system";
            return Err(document.complain(&format!("{at}.revenue"), sentence));
        }
    };
    let connector = (entry.configure)(settings, zone).map_err(|fault| {
        let near = instead(&fault.key, OWN).filter(|near| OWN.contains(&near.as_str()));
        let sentence = match near {
            Some(near) if fault.unknown => format!("unknown setting `{}`, did you mean `{near}`?", fault.key),
            _ => fault.sentence,
        };
        document.complain(&format!("{at}.{}", fault.key), sentence)
    })?;
    if connector.push().is_none() {
        // What is wrong with an address is said before anything is sent to it.
        Http::new(connector.api(), Limits::default())
            .map_err(|error| document.complain(&format!("{at}.base_url"), error))?;
    }
    if let (Some(key), Some(_)) = (scheduled, connector.push()) {
        let sentence = format!("`{key}` is of no use, as source `{name}` is pushed to and never asked; remove it");
        return Err(document.complain(&format!("{at}.{key}"), sentence));
    }
    // Deliveries that were lost, or came while something else went on, are found in the log.
    let runs = schedule.is_some() || connector.webhook().is_some();
    let follow = follow.filter(|_| runs && connector.feed().is_some());
    // What a CRM has as a contract is billed by somebody else, most of the time.
    let contracted = revenue.unwrap_or_else(|| connector.keeps_customers());
    let crosswalk = Arc::clone(crosswalk);
    Ok(Source { name: name.to_owned(), vendor: entry.name, connector, schedule, follow, contracted, crosswalk })
}

fn cron(
    document: &Document,
    at: &str,
    key: &str,
    example: &str,
    value: Option<toml::Value>,
) -> Result<Option<Schedule>, Complaint> {
    let complain = |sentence: String| document.complain(&format!("{at}.{key}"), sentence);
    match value {
        None => Ok(None),
        Some(toml::Value::String(text)) => text.parse().map(Some).map_err(|error| complain(format!("{error}"))),
        Some(_) => Err(complain(format!(
            "`{key}` must be text such as \"{example}\" (second, minute, hour, day, month, weekday)"
        ))),
    }
}
