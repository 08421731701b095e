//! Prices in several currencies. Some offers of the full repertoire are one price at Stripe, whose `currency_options` say
//! what it costs in each currency; a subscription names the price, and its own currency picks the option.

use serde_json::{Map, Value, json};

use super::currency;
use super::tariff::unit_amount;
use crate::stripe::book::Book;
use crate::world::catalogue::{Catalogue, PriceNumber, ProductKind};
use crate::world::money::Fine;

/// The products whose prices are in several currencies.
const OF_MANY: [&str; 2] = ["Standard", "Storage packs"];

/// The price that stands for one at Stripe: itself, or that of the first currency.
pub(in crate::stripe) fn shown(catalogue: &Catalogue, number: PriceNumber) -> PriceNumber {
    all_of(catalogue, number).next().unwrap_or(number)
}

/// The prices of the same offer in all currencies, if they are one at Stripe.
fn all_of(catalogue: &Catalogue, number: PriceNumber) -> impl Iterator<Item = PriceNumber> {
    let price = catalogue.price(number);
    let product = &catalogue.products[price.product.0];
    let many = product.kind == ProductKind::Special && OF_MANY.contains(&product.name.as_str());
    let same = move |n: &usize| {
        let other = &catalogue.prices[*n];
        (other.product, other.interval) == (price.product, price.interval)
    };
    let among = if many { catalogue.prices.len() } else { 0 };
    (0..among).filter(same).map(PriceNumber)
}

impl Book {
    /// The id of the price that stands for one.
    pub(in crate::stripe) fn price_id(&self, number: PriceNumber) -> String {
        self.ids.price(shown(&self.company.catalogue, number))
    }

    /// Puts the currencies into a rendered price that is in several; they are shown only to those who ask for them.
    pub(in crate::stripe) fn add_currency_options(&self, price: &mut Value) {
        let catalogue = &self.company.catalogue;
        let Some(number) = price["id"].as_str().and_then(|id| self.prices.get(id)) else { return };
        let option = |number: PriceNumber| {
            let price = catalogue.price(number);
            let amount = unit_amount(&price.tariff);
            let option = json!({
                "custom_unit_amount": null,
                "tax_behavior": "unspecified",
                "unit_amount": amount.and_then(Fine::whole),
                "unit_amount_decimal": amount.map(|amount| amount.to_string())
            });
            (currency(price.currency), option)
        };
        let options: Map<String, Value> = all_of(catalogue, number).map(option).collect();
        if !options.is_empty() {
            price["currency_options"] = Value::Object(options);
        }
    }
}
