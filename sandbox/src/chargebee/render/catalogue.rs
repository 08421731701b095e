//! Items, item prices and coupons, or what catalog 1.0 has in their place.

use serde_json::{Value, json};

use super::amount::{cents, fine_cents, in_decimal};
use super::names::period;
use super::reductions::{duration_type, percentage};
use super::{Catalog, View};
use crate::world::catalogue::{CouponNumber, Duration, PriceNumber, ProductKind, ProductNumber, Reduction};
use crate::world::tariff::{Tariff, Tiers};

impl View<'_> {
    /// All that is sold, each as (stream, id, record); what is sold as a plan and beside one is there twice.
    pub fn offers(&self) -> Vec<(&'static str, String, Value)> {
        let catalogue = &self.company.catalogue;
        let exists = |created: crate::world::clock::Moment| created <= self.at;
        let mut all = Vec::new();
        for (n, product) in catalogue.products.iter().enumerate().filter(|(_, product)| exists(product.created)) {
            for plan in roles(product.kind) {
                let id = self.item_id(ProductNumber(n), *plan);
                if self.catalog == Catalog::V2 {
                    all.push(("items", id, self.item(ProductNumber(n), *plan)));
                }
            }
        }
        for (n, price) in catalogue.prices.iter().enumerate().filter(|(_, price)| exists(price.created)) {
            for plan in roles(catalogue.products[price.product.0].kind) {
                let id = self.item_price_id(PriceNumber(n), *plan);
                let stream = match (self.catalog, plan) {
                    (Catalog::V2, _) => "item_prices",
                    (Catalog::V1, true) => "plans",
                    (Catalog::V1, false) => "addons",
                };
                all.push((stream, id, self.price(PriceNumber(n), *plan)));
            }
        }
        for (n, _) in catalogue.coupons.iter().enumerate().filter(|(_, coupon)| exists(coupon.created)) {
            all.push(("coupons", self.coupon_id(CouponNumber(n)), self.coupon(CouponNumber(n))));
        }
        all
    }

    fn item(&self, number: ProductNumber, plan: bool) -> Value {
        let product = &self.company.catalogue.products[number.0];
        let metered = |price: &crate::world::catalogue::Price| price.product == number && price.tariff.is_metered();
        json!({
            "id": self.item_id(number, plan),
            "name": product.name,
            "status": "active",
            "item_family_id": "software",
            "type": if plan { "plan" } else { "addon" },
            "is_shippable": false,
            "is_giftable": false,
            "enabled_for_checkout": true,
            "enabled_in_portal": true,
            "included_in_mrr": true,
            "metered": self.company.catalogue.prices.iter().any(metered),
            "deleted": false,
            "object": "item",
        })
    }

    fn price(&self, number: PriceNumber, plan: bool) -> Value {
        let price = self.company.catalogue.price(number);
        let (count, unit) = period(price.interval);
        let (model, amount) = match &price.tariff {
            Tariff::PerUnit(amount) | Tariff::Metered(amount) => ("per_unit", Some(*amount)),
            Tariff::Package { .. } | Tariff::Tiered(Tiers::Volume, _) => ("volume", None),
            Tariff::Tiered(Tiers::Graduated, _) => ("tiered", None),
        };
        let status = if price.retired.is_some() { "archived" } else { "active" };
        let name = &self.company.catalogue.products[price.product.0].name;
        let mut told = json!({
            "id": self.item_price_id(number, plan),
            "name": format!("{name} {unit}"),
            "status": status,
            "pricing_model": model,
            "period": count,
            "period_unit": unit,
            "currency_code": price.currency.code(),
            "free_quantity": 0,
        });
        if let Some(amount) = amount {
            told["price"] = json!(fine_cents(amount, price.currency));
            if let Some(exact) = in_decimal(amount, price.currency) {
                told["price_in_decimal"] = json!(exact);
            }
        }
        let more = match (self.catalog, plan) {
            (Catalog::V2, _) => json!({
                "item_id": self.item_id(price.product, plan),
                "item_family_id": "software",
                "item_type": if plan { "plan" } else { "addon" },
                "created_at": price.created.0,
                "deleted": false,
                "object": "item_price",
            }),
            (Catalog::V1, true) => json!({
                "charge_model": model,
                "enabled_in_hosted_pages": true,
                "enabled_in_portal": true,
                "addon_applicability": "all",
                "giftable": false,
                "object": "plan",
            }),
            (Catalog::V1, false) => json!({
                "type": "quantity",
                "charge_type": "recurring",
                "enabled_in_portal": true,
                "object": "addon",
            }),
        };
        if let (Value::Object(told), Value::Object(more)) = (&mut told, more) {
            if self.catalog == Catalog::V1 && !plan {
                told.remove("free_quantity");
            }
            told.extend(more);
        }
        told
    }

    fn coupon(&self, number: CouponNumber) -> Value {
        let coupon = self.company.catalogue.coupon(number);
        let mut told = json!({
            "id": self.coupon_id(number),
            "name": coupon.name,
            "duration_type": duration_type(coupon.duration),
            "apply_discount_on": "not_applicable",
            "apply_on": if coupon.products.is_empty() { "invoice_amount" } else { "each_specified_item" },
            "status": if coupon.deleted.is_some() { "archived" } else { "active" },
            "included_in_mrr": coupon.duration != Duration::Once,
            "created_at": coupon.created.0,
            "deleted": false,
            "object": "coupon",
        });
        match coupon.reduction {
            Reduction::Percent(hundredths) => {
                told["discount_type"] = json!("percentage");
                told["discount_percentage"] = percentage(hundredths);
            }
            Reduction::Fixed(currency, off) => {
                told["discount_type"] = json!("fixed_amount");
                told["discount_amount"] = json!(cents(off, currency));
                told["currency_code"] = json!(currency.code());
            }
        }
        if let Duration::Months(months) = coupon.duration {
            told["period"] = json!(months);
            told["period_unit"] = json!("month");
        }
        if !coupon.products.is_empty() {
            let constraint = |plan: bool| {
                let prices = self.company.catalogue.prices.iter().enumerate();
                let meant = prices.filter(|(_, price)| coupon.products.contains(&price.product));
                let ids: Vec<String> = meant.map(|(n, _)| self.item_price_id(PriceNumber(n), plan)).collect();
                let kind = if plan { "plan" } else { "addon" };
                json!({"item_type": kind, "constraint": "specific", "item_price_ids": ids, "object": "item_constraint"})
            };
            told["item_constraints"] = json!([constraint(true), constraint(false)]);
        }
        told
    }
}

/// Whether something is sold as a plan, beside one, or both.
fn roles(kind: ProductKind) -> &'static [bool] {
    match kind {
        ProductKind::Plan => &[true],
        ProductKind::AddOn => &[false],
        ProductKind::Special => &[true, false],
    }
}
