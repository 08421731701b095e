//! How Stripe spells what units cost.

use serde_json::{Value, json};

use crate::stripe::book::Book;
use crate::world::catalogue::PriceNumber;
use crate::world::cycle::Interval;
use crate::world::money::Fine;
use crate::world::tariff::{Tariff, Tier, Tiers};

impl Book {
    /// Puts the tiers into a rendered price that has some.
    pub(in crate::stripe) fn add_tiers(&self, price: &mut Value) {
        let number = price["id"].as_str().and_then(|id| self.prices.get(id));
        if let Some(tiers) = number.and_then(|number| self.render_tiers(number)) {
            price["tiers"] = tiers;
        }
    }

    /// The tiers of a price, which are shown only to those who ask for them.
    fn render_tiers(&self, number: PriceNumber) -> Option<Value> {
        let one = |tier: &Tier| {
            json!({
                "flat_amount": (tier.flat != 0).then_some(tier.flat),
                "flat_amount_decimal": (tier.flat != 0).then(|| tier.flat.to_string()),
                "unit_amount": tier.unit.whole(),
                "unit_amount_decimal": tier.unit.to_string(),
                "up_to": tier.up_to
            })
        };
        match &self.company.catalogue.price(number).tariff {
            Tariff::Tiered(_, tiers) => Some(tiers.iter().map(one).collect()),
            _ => None,
        }
    }
}

/// Interval and count.
pub(super) fn interval(interval: Interval) -> (&'static str, u32) {
    match interval {
        Interval::Day => ("day", 1),
        Interval::Week => ("week", 1),
        Interval::FourWeeks => ("week", 4),
        Interval::Month => ("month", 1),
        Interval::Quarter => ("month", 3),
        Interval::Year => ("year", 1),
        Interval::TwoYears => ("year", 2),
    }
}

pub(super) fn billing_scheme(tariff: &Tariff) -> &'static str {
    if matches!(tariff, Tariff::Tiered(..)) { "tiered" } else { "per_unit" }
}

pub(super) fn usage_type(tariff: &Tariff) -> &'static str {
    if tariff.is_metered() { "metered" } else { "licensed" }
}

pub(super) fn tiers_mode(tariff: &Tariff) -> Option<&'static str> {
    match tariff {
        Tariff::Tiered(Tiers::Graduated, _) => Some("graduated"),
        Tariff::Tiered(Tiers::Volume, _) => Some("volume"),
        _ => None,
    }
}

pub(super) fn package(tariff: &Tariff) -> Option<Value> {
    match tariff {
        Tariff::Package { size, .. } => Some(json!({"divide_by": size, "round": "up"})),
        _ => None,
    }
}

/// What one unit, or one package, costs; tiers say it themselves.
pub(super) fn unit_amount(tariff: &Tariff) -> Option<Fine> {
    match tariff {
        Tariff::PerUnit(amount) | Tariff::Metered(amount) | Tariff::Package { amount, .. } => Some(*amount),
        Tariff::Tiered(..) => None,
    }
}
