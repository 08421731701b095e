//! What there is besides records: properties, pipelines, owners, the account.

use chrono::{DateTime, NaiveDate};
use serde_json::{Value, json};

use super::ids::Ids;
use super::object::Kind;
use super::query::Query;
use super::refusal::Refusal;
use super::stamp::Stamp;
use crate::world::clock::{Horizon, Moment};
use crate::world::crm::Member;

/// Name, type, and whether HubSpot works it out.
type Property = (&'static str, &'static str, bool);

const EVERYWHERE: &[Property] =
    &[("hs_object_id", "number", false), ("createdate", "datetime", false), ("hs_lastmodifieddate", "datetime", false)];

const COMPANIES: &[Property] = &[
    ("name", "string", false),
    ("domain", "string", false),
    ("hs_additional_domains", "enumeration", false),
    ("lifecyclestage", "enumeration", false),
    ("hubspot_owner_id", "enumeration", false),
    ("hs_parent_company_id", "number", false),
    ("hs_merged_object_ids", "enumeration", false),
    ("country", "string", false),
    ("customer_tier", "enumeration", false),
    ("active_users", "number", false),
    ("customer_health", "number", false),
    ("renewal_date", "date", false),
    ("stripe_customer_id", "string", false),
    ("chargebee_customer_id", "string", false),
];

const DEALS: &[Property] = &[
    ("dealname", "string", false),
    ("dealstage", "enumeration", false),
    ("pipeline", "enumeration", false),
    ("dealtype", "enumeration", false),
    ("closedate", "datetime", false),
    ("deal_currency_code", "enumeration", false),
    ("amount", "number", true),
    ("hs_merged_object_ids", "enumeration", false),
];

const LINE_ITEMS: &[Property] = &[
    ("name", "string", false),
    ("quantity", "number", false),
    ("price", "number", false),
    ("discount", "number", false),
    ("hs_discount_percentage", "number", false),
    ("amount", "number", true),
    ("recurringbillingfrequency", "enumeration", false),
    ("hs_recurring_billing_period", "string", false),
    ("hs_recurring_billing_start_date", "date", false),
    ("hs_billing_start_delay_days", "number", false),
    ("hs_billing_start_delay_months", "number", false),
    ("hs_line_item_currency_code", "enumeration", false),
];

const FEEDBACK: &[Property] = &[
    ("hs_survey_type", "enumeration", false),
    ("hs_survey_name", "string", false),
    ("hs_value", "number", false),
    ("hs_response_group", "enumeration", false),
    ("hs_submission_timestamp", "datetime", false),
];

fn properties(kind: Kind) -> impl Iterator<Item = &'static Property> {
    let own = match kind {
        Kind::Company => COMPANIES,
        Kind::Deal => DEALS,
        Kind::LineItem => LINE_ITEMS,
        Kind::Feedback => FEEDBACK,
    };
    own.iter().chain(EVERYWHERE)
}

/// The names of all properties of a kind.
pub fn names(kind: Kind) -> impl Iterator<Item = &'static str> {
    properties(kind).map(|(name, ..)| *name)
}

/// `GET /crm/v3/properties/{type}`.
pub fn list(kind: Kind) -> Value {
    let property = |(name, of, calculated): &Property| {
        json!({
            "name": name, "label": name, "type": of, "fieldType": "text", "calculated": calculated, "archived": false,
            "hasUniqueValue": false, "hubspotDefined": name.starts_with("hs_"), "options": [],
        })
    };
    json!({"results": properties(kind).map(property).collect::<Value>()})
}

/// `GET /crm/v3/pipelines/deals`.
pub fn pipelines() -> Value {
    let at = Stamp::of(Moment(Horizon::NOW.0 - 400_000_000)).iso();
    let stage = |(order, (id, label, closed, probability)): (usize, (&str, &str, &str, &str))| {
        json!({
            "id": id, "label": label, "displayOrder": order, "archived": false, "createdAt": at, "updatedAt": at,
            "metadata": {"isClosed": closed, "probability": probability},
        })
    };
    let stages = [
        ("appointmentscheduled", "Appointment", "false", "0.2"),
        ("contractsent", "Contract sent", "false", "0.9"),
        ("closedwon", "Closed won", "true", "1.0"),
        ("closedlost", "Closed lost", "true", "0.0"),
    ];
    let stages: Value = stages.into_iter().enumerate().map(stage).collect();
    json!({"results": [{
        "id": "default", "label": "Sales", "displayOrder": 0, "archived": false, "createdAt": at, "updatedAt": at,
        "stages": stages,
    }]})
}

/// `GET /crm/v3/owners`. Who has left is only in the archived list.
pub fn owners(team: &[Member], mut query: Query, now: Moment) -> Result<Value, Refusal> {
    let limit = query.take_limit(100, 500)?;
    let archived = query.take_archived()?;
    let after: u64 = query.take("after").and_then(|after| after.parse().ok()).unwrap_or(0);
    query.finish()?;
    let left = |member: &&Member| (member.left && now == Horizon::NOW) == archived;
    let of = team.iter().filter(left).filter(|member| Ids.owner(member.number) >= after);
    let mut of: Vec<&Member> = of.collect();
    let next = of.get(limit).map(|member| Ids.owner(member.number).to_string());
    of.truncate(limit);
    let mut list = json!({"results": of.into_iter().map(|member| owner(member, archived)).collect::<Value>()});
    if let Some(next) = next {
        list["paging"] = json!({"next": {"after": next}});
    }
    Ok(list)
}

/// One of the team.
pub fn owner(member: &Member, archived: bool) -> Value {
    let at = Stamp::of(Moment(Horizon::NOW.0 - 400_000_000)).iso();
    json!({
        "id": Ids.owner(member.number).to_string(), "email": format!("{}@seller.example", member.first.to_lowercase()),
        "firstName": member.first, "lastName": member.last, "userId": 42 + member.number, "createdAt": at,
        "updatedAt": at, "archived": archived, "teams": [],
    })
}

/// The portal's day, at whose end its daily limit is there again.
pub fn day(at: Moment) -> Option<NaiveDate> {
    Some(DateTime::from_timestamp(at.0, 0)?.with_timezone(&chrono_tz::Europe::Berlin).date_naive())
}

/// `GET /account-info/v3/details`.
pub fn account() -> Value {
    json!({
        "portalId": Ids::PORTAL, "accountType": "STANDARD", "timeZone": "Europe/Berlin", "companyCurrency": "EUR",
        "additionalCurrencies": ["USD"], "utcOffset": "+01:00", "utcOffsetMilliseconds": 3_600_000,
        "uiDomain": "app.hubspot.com", "dataHostingLocation": "na1",
    })
}
