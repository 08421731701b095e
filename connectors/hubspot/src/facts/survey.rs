//! How likely a customer is to recommend: the attribute `nps`, which holds from one answer to the next.

use chrono::{DateTime, Utc};
use mrr_connector_sdk::RawRecord;
use mrr_connector_sdk::json::{Object, Unreadable};
use revenue::fact::{AccountFacts, Attribute};

use crate::model::{Problems, property};

/// Adds the attribute. An answer that was put away was given all the same.
pub(super) fn add<'a>(records: impl Iterator<Item = &'a RawRecord>, facts: &mut AccountFacts) {
    let mut answers: Vec<(DateTime<Utc>, String)> = Vec::new();
    for record in records {
        let Some(last) = record.last_told() else { continue };
        let mut problems = Problems::of("feedback_submissions", &record.id, &mut facts.problems);
        answers.extend(problems.keep(answer(&last.payload), "the answer is left out").flatten());
    }
    answers.sort();
    for (index, (at, score)) in answers.iter().enumerate() {
        let until = answers.get(index + 1).map(|(next, _)| *next);
        facts.attributes.push(Attribute { name: "nps".into(), value: score.clone(), from: Some(*at), until });
    }
}

/// When it was given, and the score; `None` of another kind of survey.
fn answer(payload: &str) -> Result<Option<(DateTime<Utc>, String)>, Unreadable> {
    let fields = Object::of(payload)?;
    if property(&fields, "hs_survey_type")?.as_deref() != Some("NPS") {
        return Ok(None);
    }
    let Some(score) = property(&fields, "hs_value")? else { return Ok(None) };
    let properties = fields.need("properties")?.object()?;
    let at = match properties.get("hs_submission_timestamp") {
        Some(at) => crate::model::instant(&at)?,
        None => crate::model::instant(&fields.need("createdAt")?)?,
    };
    Ok(Some((at, score)))
}
