//! Coupons: what a discount takes off, and for how long it is granted.

use mrr_connector_sdk::json::{Node, Unreadable};
use revenue::fact::Duration;
use revenue::money::Currency;
use rust_decimal::Decimal;

use super::value::{currency, decimal, optional};

/// A coupon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Coupon {
    pub(crate) id: String,
    pub(crate) percent: Option<Decimal>,
    /// Amounts off in the minor unit, the coupon's own currency first.
    pub(crate) amounts: Vec<(Currency, Decimal)>,
    pub(crate) duration: Duration,
    /// The products that it is for; empty when it is for all.
    pub(crate) products: Vec<String>,
}

impl Coupon {
    pub(crate) fn read(node: &Node<'_>) -> Result<Self, Unreadable> {
        let coupon = node.object()?;
        let duration = coupon.need("duration")?;
        let mut amounts = Vec::new();
        if let Some(amount) = coupon.get("amount_off") {
            amounts.push((currency(&coupon.need("currency")?)?, decimal(&amount)?));
        }
        if let Some(options) = coupon.get("currency_options") {
            for (code, option) in options.object()?.entries() {
                let amount = option.object()?.need("amount_off").and_then(|amount| decimal(&amount));
                if let (Ok(currency), Ok(amount)) = (code.parse(), amount) {
                    amounts.push((currency, amount));
                }
            }
        }
        let products = match coupon.get("applies_to") {
            Some(applies) => match applies.object()?.get("products") {
                Some(products) => products.list()?.iter().map(Node::string).collect::<Result<_, _>>()?,
                None => Vec::new(),
            },
            None => Vec::new(),
        };
        Ok(Self {
            id: coupon.need("id")?.string()?,
            percent: optional(&coupon, "percent_off", decimal)?,
            amounts,
            duration: match duration.string()?.as_str() {
                "forever" => Duration::Forever,
                "repeating" => Duration::Repeating,
                "once" => Duration::Once,
                _ => return Err(duration.unreadable("is no duration that is known: once, repeating or forever")),
            },
            products,
        })
    }
}
