//! What HubSpot lists, and what must be asked for to get it whole.

use mrr_connector_sdk::{Stream, StreamKind};

use crate::config::Config;

/// The streams: what others refer to first.
pub(crate) const ALL: &[Stream] = &[
    Stream { name: "account_info", kind: StreamKind::Reference },
    Stream { name: "owners", kind: StreamKind::Reference },
    Stream { name: "pipelines", kind: StreamKind::Reference },
    Stream { name: "companies", kind: StreamKind::Account },
    Stream { name: "deals", kind: StreamKind::Account },
    Stream { name: "feedback_submissions", kind: StreamKind::Account },
];

/// What a deal says, as far as anybody asks.
const DEALS: &[&str] =
    &["dealname", "dealstage", "pipeline", "dealtype", "closedate", "deal_currency_code", "hs_merged_object_ids"];

/// Properties of a deal of which the past is asked for too.
const DEALS_PAST: &[&str] = &["dealstage", "closedate"];

/// What a line of a deal says.
const LINES: &[&str] = &[
    "name",
    "quantity",
    "price",
    "discount",
    "hs_discount_percentage",
    "amount",
    "recurringbillingfrequency",
    "hs_recurring_billing_period",
    "hs_recurring_billing_start_date",
    "hs_billing_start_delay_days",
    "hs_billing_start_delay_months",
    "hs_line_item_currency_code",
];

/// Properties of a line of which the past is asked for too.
const LINES_PAST: &[&str] =
    &["quantity", "price", "discount", "hs_discount_percentage", "amount", "recurringbillingfrequency"];

/// What an answer to a survey says.
const FEEDBACK: &[&str] =
    &["hs_survey_type", "hs_survey_name", "hs_value", "hs_response_group", "hs_submission_timestamp"];

/// What is asked of each record of a kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) properties: Vec<String>,
    pub(crate) with_history: Vec<String>,
    pub(crate) associations: &'static str,
}

/// What is asked of the records of `kind`, which is a stream or `line_items`.
pub(crate) fn asked(kind: &str, config: &Config) -> Asked {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    match kind {
        "companies" => {
            let mut mapped: Vec<String> = config.attributes.values().cloned().collect();
            mapped.sort_unstable();
            mapped.dedup();
            let mut properties: Vec<String> =
                owned(&["name", "domain", "hs_additional_domains", "hs_merged_object_ids"]);
            properties.extend(mapped.iter().chain(config.foreign_ids.values()).cloned());
            Asked { properties, with_history: mapped, associations: "" }
        }
        "deals" => {
            Asked { properties: owned(DEALS), with_history: owned(DEALS_PAST), associations: "companies,line_items" }
        }
        "line_items" => Asked { properties: owned(LINES), with_history: owned(LINES_PAST), associations: "" },
        _ => Asked { properties: owned(FEEDBACK), with_history: Vec::new(), associations: "companies" },
    }
}

impl Asked {
    /// As parameters of a GET.
    pub(crate) fn query(&self) -> Vec<(&'static str, String)> {
        let mut query = vec![("properties", self.properties.join(","))];
        if !self.with_history.is_empty() {
            query.push(("propertiesWithHistory", self.with_history.join(",")));
        }
        if !self.associations.is_empty() {
            query.push(("associations", self.associations.to_owned()));
        }
        query
    }

    /// The largest page or batch: smaller with histories, or HubSpot refuses it.
    pub(crate) fn most(&self) -> usize {
        if self.with_history.is_empty() { 100 } else { 50 }
    }
}

/// Whether a stream's records are objects of the CRM, with properties.
pub(crate) fn is_object(stream: &str) -> bool {
    matches!(stream, "companies" | "deals" | "feedback_submissions")
}

/// Whether records that were put away are listed too. Without their company, which nobody promises
/// of a deal that was put away, they are nobody's.
pub(crate) fn has_archived(stream: &str) -> bool {
    matches!(stream, "companies" | "deals" | "owners")
}

/// What is lost without a stream that the token need not be allowed to read.
pub(crate) fn lost_without(stream: &str) -> Option<&'static str> {
    match stream {
        "deals" => Some("all else is synced, but nothing is known of what was signed"),
        "feedback_submissions" => Some("all else is synced, but no customer has the attribute `nps`"),
        _ => None,
    }
}
