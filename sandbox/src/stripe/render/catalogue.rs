//! Products, prices, coupons, and discounts, which are coupons in use.

use serde_json::{Value, json};

use super::currencies::shown;
use super::currency;
use super::tariff::{billing_scheme, interval, package, tiers_mode, unit_amount, usage_type};
use crate::stripe::book::{Book, InUse};
use crate::world::catalogue::{CouponNumber, Duration, PriceNumber, ProductNumber, Reduction};
use crate::world::cycle::Interval;
use crate::world::money::{Currency, Fine};

impl Book {
    /// A product; its default price is the present monthly one in euro.
    pub(in crate::stripe) fn render_product(&self, number: ProductNumber) -> Value {
        let catalogue = &self.company.catalogue;
        let product = &catalogue.products[number.0];
        let default = catalogue.prices.iter().position(|price| {
            price.product == number
                && price.interval == Interval::Month
                && price.currency == Currency::Eur
                && price.retired.is_none()
        });
        json!({
            "id": self.ids.product(number),
            "object": "product",
            "active": true,
            "created": product.created.0,
            "default_price": default.map(|n| self.price_id(PriceNumber(n))),
            "description": null,
            "images": [],
            "livemode": false,
            "marketing_features": [],
            "metadata": {},
            "name": product.name,
            "package_dimensions": null,
            "shippable": null,
            "statement_descriptor": null,
            "tax_code": null,
            "type": "service",
            "unit_label": "seat",
            "updated": product.created.0,
            "url": null
        })
    }

    /// A price.
    pub(in crate::stripe) fn render_price(&self, number: PriceNumber) -> Value {
        let number = shown(&self.company.catalogue, number);
        let price = self.company.catalogue.price(number);
        json!({
            "id": self.ids.price(number),
            "object": "price",
            "active": price.retired.is_none(),
            "billing_scheme": billing_scheme(&price.tariff),
            "created": price.created.0,
            "currency": currency(price.currency),
            "custom_unit_amount": null,
            "livemode": false,
            "lookup_key": null,
            "metadata": {},
            "nickname": null,
            "product": self.ids.product(price.product),
            "recurring": {
                "interval": interval(price.interval).0, "interval_count": interval(price.interval).1, "meter": null,
                "trial_period_days": null, "usage_type": usage_type(&price.tariff)
            },
            "tax_behavior": "unspecified",
            "tiers_mode": tiers_mode(&price.tariff),
            "transform_quantity": package(&price.tariff),
            "type": "recurring",
            "unit_amount": unit_amount(&price.tariff).and_then(Fine::whole),
            "unit_amount_decimal": unit_amount(&price.tariff).map(|amount| amount.to_string())
        })
    }

    /// The older shape of a price, which items still carry.
    pub(in crate::stripe) fn render_plan(&self, number: PriceNumber) -> Value {
        let number = shown(&self.company.catalogue, number);
        let price = self.company.catalogue.price(number);
        json!({
            "id": self.ids.price(number),
            "object": "plan",
            "active": price.retired.is_none(),
            "amount": unit_amount(&price.tariff).and_then(Fine::whole),
            "amount_decimal": unit_amount(&price.tariff).map(|amount| amount.to_string()),
            "billing_scheme": billing_scheme(&price.tariff),
            "created": price.created.0,
            "currency": currency(price.currency),
            "interval": interval(price.interval).0,
            "interval_count": interval(price.interval).1,
            "livemode": false,
            "metadata": {},
            "meter": null,
            "nickname": null,
            "product": self.ids.product(price.product),
            "tiers_mode": tiers_mode(&price.tariff),
            "transform_usage": package(&price.tariff),
            "trial_period_days": null,
            "usage_type": usage_type(&price.tariff)
        })
    }

    /// A coupon.
    pub(in crate::stripe) fn render_coupon(&self, number: CouponNumber) -> Value {
        let coupon = self.company.catalogue.coupon(number);
        let (amount_off, of, percent_off) = match coupon.reduction {
            Reduction::Fixed(of, amount) => (Some(amount), Some(currency(of)), Value::Null),
            Reduction::Percent(hundredths) => (None, None, percentage(hundredths)),
        };
        let (duration, months) = match coupon.duration {
            Duration::Forever => ("forever", None),
            Duration::Once => ("once", None),
            Duration::Months(months) => ("repeating", Some(months)),
        };
        json!({
            "id": self.ids.coupon(number),
            "object": "coupon",
            "amount_off": amount_off,
            "created": coupon.created.0,
            "currency": of,
            "duration": duration,
            "duration_in_months": months,
            "livemode": false,
            "max_redemptions": null,
            "metadata": {},
            "name": coupon.name,
            "percent_off": percent_off,
            "redeem_by": null,
            "times_redeemed": self.redemptions[number.0],
            "valid": coupon.deleted.is_none()
        })
    }

    /// Puts the products that a coupon is for into a rendered one; they are shown only to those who ask for them.
    pub(in crate::stripe) fn add_applies_to(&self, coupon: &mut Value) {
        let Some(number) = coupon["id"].as_str().and_then(|id| self.coupons.get(id)) else { return };
        let products = &self.company.catalogue.coupon(number).products;
        if !products.is_empty() {
            let ids: Vec<String> = products.iter().map(|product| self.ids.product(*product)).collect();
            coupon["applies_to"] = json!({"products": ids});
        }
    }

    /// A coupon in use.
    pub(in crate::stripe) fn render_discount(&self, of: InUse) -> Value {
        let account = self.account(of.account);
        let own = of.subscription.map(|n| account.subscription(n));
        let attached = own.and_then(|s| s.all_discounts().find(|discount| discount.number == of.number));
        let customers = || account.discounts.iter().find(|discount| discount.number == of.number);
        let (coupon, start, end, item) = match attached {
            Some(own) => (Some(own.coupon), own.start.0, own.end, own.item),
            None => customers().map_or((None, 0, None, None), |c| (Some(c.coupon), c.start.0, c.end, None)),
        };
        json!({
            "id": self.ids.in_use(of),
            "object": "discount",
            "checkout_session": null,
            "customer": self.ids.customer(of.account),
            "customer_account": null,
            "end": end.map(|end| end.0),
            "invoice": null,
            "invoice_item": null,
            "promotion_code": null,
            "source": {"coupon": coupon.map(|coupon| self.ids.coupon(coupon)), "type": "coupon"},
            "start": start,
            "subscription": of.subscription.map(|n| self.ids.subscription(of.account, n)),
            "subscription_item": of.subscription.zip(item).map(|(n, item)| self.ids.item(of.account, n, item))
        })
    }
}

/// Hundredths of a percent as the JSON number that Stripe sends: 3333 is 33.33, 1000 is 10. It goes through its
/// text so that no arithmetic on binary floats decides what is shown.
fn percentage(hundredths: u32) -> Value {
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    let shortest = text.trim_end_matches('0').trim_end_matches('.');
    serde_json::from_str(shortest).unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    #[test]
    fn percentages_print_as_they_are_meant() {
        let printed = [3_333, 1_000, 2_550].map(|n| super::percentage(n).to_string());
        assert_eq!(printed, ["33.33", "10", "25.5"]);
    }
}
