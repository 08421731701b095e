//! The records that many customers refer to: prices, products, coupons.

use std::collections::BTreeMap;

use mrr_connector_sdk::json::{Node, Unreadable};
use mrr_connector_sdk::{Exponents, RawRecord};

use crate::model::{Coupon, Price};

/// All references, taken apart once. One that can't be read is a problem of whoever uses it.
pub(super) struct Book {
    prices: BTreeMap<String, Result<Price, Unreadable>>,
    coupons: BTreeMap<String, Result<Coupon, Unreadable>>,
    products: BTreeMap<String, String>,
    pub(super) exponents: Exponents,
}

impl Book {
    pub(super) fn of(references: &[RawRecord], exponents: Exponents) -> Self {
        let mut book = Self { prices: BTreeMap::new(), coupons: BTreeMap::new(), products: BTreeMap::new(), exponents };
        for record in references {
            let Some(newest) = record.newest() else { continue };
            let node = Node::of(&newest.payload);
            match record.stream.as_str() {
                "prices" => {
                    book.prices.insert(record.id.clone(), node.and_then(|node| Price::read(&node)));
                }
                "coupons" => {
                    book.coupons.insert(record.id.clone(), node.and_then(|node| Coupon::read(&node)));
                }
                "products" => {
                    // A product without a readable name is called by its id.
                    if let Ok(name) = node.and_then(|node| node.object()?.need("name")?.string()) {
                        book.products.insert(record.id.clone(), name);
                    }
                }
                _ => {}
            }
        }
        book
    }

    pub(super) fn price(&self, id: &str) -> Option<&Result<Price, Unreadable>> {
        self.prices.get(id)
    }

    pub(super) fn coupon(&self, id: &str) -> Option<&Result<Coupon, Unreadable>> {
        self.coupons.get(id)
    }

    /// What people call a product.
    pub(super) fn plan<'a>(&'a self, product: &'a str) -> &'a str {
        self.products.get(product).map(String::as_str).filter(|name| !name.trim().is_empty()).unwrap_or(product)
    }
}
