//! The records that many customers refer to: what is sold, and coupons.

use std::collections::BTreeMap;

use mrr_connector_sdk::json::Unreadable;
use mrr_connector_sdk::{Exponents, RawRecord};

use crate::model::{Coupon, Item, Kind, Offer};

/// What the whole site has.
pub(super) struct Book {
    pub(super) exponents: Exponents,
    coupons: BTreeMap<String, Result<Coupon, Unreadable>>,
    /// By stream and id: a plan and an addon may have the same one.
    offers: BTreeMap<(String, String), Offer>,
}

impl Book {
    /// An offer that can't be read is missed where it is used.
    pub(super) fn of(references: &[RawRecord], exponents: Exponents) -> Self {
        let (mut coupons, mut offers) = (BTreeMap::new(), BTreeMap::new());
        for record in references {
            let Some(last) = record.last_told() else { continue };
            if record.stream == "coupons" {
                coupons.insert(record.id.clone(), Coupon::read(&last.payload, &exponents));
            } else if let Ok(offer) = Offer::read(&last.payload) {
                offers.insert((record.stream.clone(), record.id.clone()), offer);
            }
        }
        Self { exponents, coupons, offers }
    }

    pub(super) fn coupon(&self, id: &str) -> Option<&Result<Coupon, Unreadable>> {
        self.coupons.get(id)
    }

    /// The price of an item, of either catalog.
    pub(super) fn price(&self, kind: Kind, id: &str) -> Option<&Offer> {
        let of = |stream: &str| self.offers.get(&(stream.to_owned(), id.to_owned()));
        of("item_prices").or_else(|| of(if kind == Kind::Plan { "plans" } else { "addons" }))
    }

    fn item(&self, price: &Offer) -> Option<&Offer> {
        self.offers.get(&("items".to_owned(), price.item.clone()?))
    }

    /// By which name people know it.
    pub(super) fn plan(&self, kind: Kind, id: &str) -> String {
        let price = self.price(kind, id);
        let item = price.and_then(|price| self.item(price)).and_then(|item| item.name.clone());
        item.or_else(|| price?.name.clone()).unwrap_or_else(|| id.to_owned())
    }

    /// Whether an item is charged again and again at a price that was agreed on.
    pub(super) fn is_recurring(&self, item: &Item) -> bool {
        let price = self.price(item.kind, &item.price);
        let of_item = price.and_then(|price| self.item(price));
        let metered =
            item.metered || price.is_some_and(|price| price.metered) || of_item.is_some_and(|item| item.metered);
        item.kind != Kind::Charge && !metered && price.is_none_or(|price| price.recurring)
    }
}
