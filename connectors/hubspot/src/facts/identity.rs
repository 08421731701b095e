//! Who a company is outside of HubSpot.

use mrr_connector_sdk::json::Object;
use revenue::fact::{Identity, IdentityKind};

use super::Rules;
use crate::model::property;

/// Everything that a company says about it now. What is made of it, free-mail domains included, is
/// the crosswalk's matter.
pub(super) fn identities(company: &Object<'_>, rules: &Rules) -> Vec<Identity> {
    let text = |name: &str| property(company, name).ok().flatten();
    // Some lists begin with a separator.
    let several = |name: &str| {
        let list = text(name).unwrap_or_default();
        let parts = list.split([';', ',']).map(|part| part.trim().to_owned());
        parts.filter(|part| !part.is_empty()).collect::<Vec<String>>()
    };
    let of = |kind: IdentityKind| move |value: String| Identity { kind: kind.clone(), value };
    let absorbed = several("hs_merged_object_ids").into_iter().map(of(IdentityKind::Absorbed));
    let foreign = rules.foreign_ids.iter().filter_map(|(system, property)| {
        Some(Identity { kind: IdentityKind::Foreign { system: system.clone() }, value: text(property)? })
    });
    let domains = text("domain").into_iter().chain(several("hs_additional_domains"));
    absorbed.chain(foreign).chain(domains.map(of(IdentityKind::Domain))).collect()
}
