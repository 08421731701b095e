//! Coupons: what a discount takes off, and for how long it is granted.

use mrr_connector_sdk::json::{Node, Unreadable};
use mrr_connector_sdk::value::{currency, decimal, optional};
use revenue::fact::Duration;
use revenue::money::Currency;
use rust_decimal::Decimal;

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
            amounts.push((currency(&coupon.need("currency")?)?, amount_off(&amount)?));
        }
        if let Some(options) = coupon.get("currency_options") {
            for (code, option) in options.object()?.entries() {
                let amount = option.object()?.need("amount_off").and_then(|amount| amount_off(&amount));
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
            percent: optional(&coupon, "percent_off", percent)?,
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

fn percent(node: &Node<'_>) -> Result<Decimal, Unreadable> {
    let percent = decimal(node)?;
    let share = Decimal::ZERO..=Decimal::ONE_HUNDRED;
    share.contains(&percent).then_some(percent).ok_or_else(|| node.unreadable("is no share of 0 to 100 percent"))
}

fn amount_off(node: &Node<'_>) -> Result<Decimal, Unreadable> {
    // Whole minor units; a negative one would make things dearer.
    match u32::try_from(node.integer()?) {
        Ok(amount) => Ok(Decimal::from(amount)),
        Err(_) => Err(node.unreadable("is no amount that can be taken off")),
    }
}
