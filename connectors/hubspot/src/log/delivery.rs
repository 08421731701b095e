//! What a delivery says: a batch of up to a hundred events, each of which names records.

use chrono::{DateTime, Utc};
use mrr_connector_sdk::json::{Node, Object, Unreadable};
use mrr_connector_sdk::{Delivery, Hint};
use sha2::{Digest, Sha256};

use crate::model::instant;

/// Reads a batch.
///
/// HubSpot gives a batch no name, and the ids of its events need not be unique. So its id is a digest
/// of all that its events say but for how often they were sent: a batch that comes again has the same.
pub(crate) fn batch(body: &str) -> Result<Delivery, Unreadable> {
    let top = Node::of(body)?;
    let events = top.list()?;
    let mut digest = Sha256::new();
    let (mut at, mut hints) = (None, Vec::new());
    for event in &events {
        let event = event.object()?;
        for (name, said) in event.entries().filter(|(name, _)| *name != "attemptNumber") {
            for part in [name, ":", said.text(), ","] {
                digest.update(part);
            }
        }
        digest.update(";");
        let occurred = instant(&event.need("occurredAt")?)?;
        at = at.max(Some(occurred));
        hints.extend(named(&event, occurred)?);
    }
    let at = at.ok_or_else(|| top.unreadable("holds no event"))?;
    let digits: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let id = format!("batch {digits}");
    hints.iter_mut().for_each(|hint| hint.entry.clone_from(&id));
    // Of a record that several events name, one hint is enough: the newest.
    hints.sort_by(|one, other| (one.stream, &one.id, other.at).cmp(&(other.stream, &other.id, one.at)));
    hints.dedup_by(|next, held| (next.stream, &next.id) == (held.stream, &held.id));
    Ok(Delivery { id, record: None, at, hints })
}

/// The records that an event names. Of a kind that nobody here reads it names none, and of a line of
/// a deal it does not say whose it is: that is found by the search that every delivery hastens.
fn named(event: &Object<'_>, at: DateTime<Utc>) -> Result<Vec<Hint>, Unreadable> {
    let kind = event.need("subscriptionType")?.string()?;
    let (kind, what) = kind.split_once('.').unwrap_or((&kind, ""));
    let mut found = Vec::new();
    let mut add = |stream: Option<&'static str>, id: Node<'_>| -> Result<(), Unreadable> {
        if let Some(stream) = stream {
            let id = id.number_text()?.into_owned();
            found.push(Hint { stream, id, entry: String::new(), at });
        }
        Ok(())
    };
    if what == "associationChange" {
        for (kind, id) in associated(event) {
            // A company says nothing of its deals, so that nothing of it has changed.
            add(stream(&kind).filter(|stream| *stream != "companies"), event.need(id)?)?;
        }
        return Ok(found);
    }
    // The newer subscriptions are to objects of any type, by its number.
    let stream = match kind {
        "object" => event.get("objectTypeId").and_then(|kind| stream(&kind.string().ok()?)),
        kind => stream(kind),
    };
    let ids = ["objectId", "primaryObjectId", "newObjectId"].into_iter().filter_map(|name| event.get(name));
    let merged = event.get("mergedObjectIds").map(|ids| ids.list()).transpose()?.unwrap_or_default();
    let mut ids: Vec<Node<'_>> = ids.chain(merged).filter(|id| !id.is_null()).collect();
    if ids.is_empty() {
        ids.push(event.need("objectId")?);
    }
    ids.into_iter().try_for_each(|id| add(stream, id))?;
    Ok(found)
}

/// The two kinds of `DEAL_TO_COMPANY`, each with the field that has the record's id.
fn associated(event: &Object<'_>) -> Vec<(String, &'static str)> {
    let kind = event.get("associationType").and_then(|kind| kind.string().ok()).unwrap_or_default().to_lowercase();
    match kind.split_once("_to_") {
        Some((from, to)) => vec![(from.to_owned(), "fromObjectId"), (to.to_owned(), "toObjectId")],
        None => Vec::new(),
    }
}

/// Where the records of a kind are, by its name or its number.
fn stream(kind: &str) -> Option<&'static str> {
    match kind {
        "company" | "0-2" => Some("companies"),
        "deal" | "0-3" => Some("deals"),
        "feedback_submission" | "0-19" => Some("feedback_submissions"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An event as HubSpot has it, with what a case changes.
    fn event(kind: &str, more: &str) -> String {
        format!(
            r#"{{"eventId":1,"subscriptionId":1160452,"portalId":123456,"appId":1160,"occurredAt":1775037600123,"subscriptionType":"{kind}","attemptNumber":0{more}}}"#
        )
    }

    fn hints(events: &[String]) -> String {
        let delivery = batch(&format!("[{}]", events.join(","))).unwrap();
        assert!(delivery.hints.iter().all(|hint| hint.entry == delivery.id));
        let names: Vec<String> = delivery.hints.iter().map(|hint| format!("{}/{}", hint.stream, hint.id)).collect();
        names.join(" ")
    }

    #[test]
    fn each_event_names_its_records() {
        for (kind, more, expect) in [
            ("deal.propertyChange", r#","objectId":1001,"propertyName":"dealstage""#, "deals/1001"),
            ("deal.deletion", r#","objectId":1003,"changeFlag":"DELETED""#, "deals/1003"),
            ("company.creation", r#","objectId":501"#, "companies/501"),
            (
                "company.merge",
                r#","primaryObjectId":501,"mergedObjectIds":[502,503],"newObjectId":504"#,
                "companies/501 companies/502 companies/503 companies/504",
            ),
            ("object.propertyChange", r#","objectTypeId":"0-3","objectId":1001"#, "deals/1001"),
            ("object.restore", r#","objectTypeId":"2-77","objectId":1"#, ""),
            (
                "deal.associationChange",
                r#","associationType":"DEAL_TO_COMPANY","fromObjectId":1001,"toObjectId":501,"associationRemoved":false"#,
                "deals/1001",
            ),
            (
                "line_item.associationChange",
                r#","associationType":"LINE_ITEM_TO_DEAL","fromObjectId":9001,"toObjectId":1001"#,
                "deals/1001",
            ),
            (
                "contact.associationChange",
                r#","associationType":"CONTACT_TO_COMPANY","fromObjectId":1,"toObjectId":2"#,
                "",
            ),
            // A line does not say whose it is.
            ("line_item.propertyChange", r#","objectId":9001"#, ""),
            ("contact.privacyDeletion", r#","objectId":7"#, ""),
            ("something.new", r#","objectId":{}"#, ""),
        ] {
            assert_eq!(hints(&[event(kind, more)]), expect, "{kind}");
        }
    }

    #[test]
    fn a_batch_is_itself_however_often_it_is_sent() {
        let events: Vec<String> =
            (1..=100).map(|id| event("deal.propertyChange", &format!(r#","objectId":{}"#, 1_000 + id % 60))).collect();
        let first = format!("[{}]", events.join(","));
        let sent = batch(&first).unwrap();
        assert_eq!((sent.hints.len(), sent.at.timestamp_millis()), (60, 1_775_037_600_123));
        let again = first.replace(r#""attemptNumber":0"#, r#""attemptNumber":3"#);
        assert_ne!(first, again);
        assert_eq!(batch(&again).unwrap(), sent);
        // Two batches whose events have the same ids are two.
        let other = batch(&first.replace("1775037600123", "1775037600124")).unwrap();
        assert_ne!(other.id, sent.id);
        assert!(sent.id.len() < 100, "{}", sent.id);
    }

    #[test]
    fn the_newest_of_several_events_tells_when() {
        let late = event("deal.creation", r#","objectId":1001"#).replace("600123", "600999");
        let body = format!("[{late},{}]", event("deal.creation", r#","objectId":1001"#));
        let delivery = batch(&body).unwrap();
        assert_eq!(delivery.at.timestamp_millis(), 1_775_037_600_999);
        assert_eq!((delivery.hints.len(), delivery.hints[0].at), (1, delivery.at));
    }

    #[test]
    fn what_is_no_batch_says_where() {
        for (body, said) in [
            ("{}".to_owned(), "array"),
            ("[]".into(), "holds no event"),
            ("a=b".into(), "JSON"),
            ("[5]".into(), "object"),
            (format!("[{}]", event("deal.creation", "")), "objectId"),
            (format!("[{}]", event("deal.creation", r#","objectId":[1]"#)), "objectId"),
            (format!("[{}]", event("x", "").replace(r#""occurredAt":1775037600123,"#, "")), "occurredAt"),
        ] {
            let error = batch(&body).unwrap_err().to_string();
            assert!(error.contains(said), "{body}: {error}");
        }
    }
}
