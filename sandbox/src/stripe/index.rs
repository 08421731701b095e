//! Which ids, times and filters each object of the world has.

use super::book::Of;
use super::ids::Ids;
use super::shelf::{Entry, Shelf, Tag};
use crate::billing::{Invoice, Ledger, Proration};
use crate::world::Company;
use crate::world::account::Account;
use crate::world::catalogue::{Coupon, CouponNumber, Price, PriceNumber, Product, ProductNumber};
use crate::world::subscription::Subscription;

/// Puts a billed company on shelves.
pub(super) struct Indexer<'a> {
    pub company: &'a Company,
    pub ids: Ids,
    pub ledgers: &'a [Ledger],
}

type Indexed<T> = (Entry<T>, Vec<Tag>);

fn entry<T>(id: String, created: i64, object: T, tags: Vec<Tag>) -> Indexed<T> {
    (Entry { id, created, object }, tags)
}

fn flag(value: bool) -> String {
    value.to_string()
}

impl Indexer<'_> {
    pub fn customers(&self) -> Shelf<u32> {
        let one = |account: &Account| {
            let tags = vec![("email", account.customer.email.clone())];
            entry(self.ids.customer(account.number), account.customer.created.0, account.number, tags)
        };
        Shelf::new(self.company.accounts.iter().map(one).collect())
    }

    pub fn products(&self) -> Shelf<ProductNumber> {
        let one = |(n, product): (usize, &Product)| {
            let id = self.ids.product(ProductNumber(n));
            let tags = vec![("active", flag(true)), ("ids", id.clone())];
            entry(id, product.created.0, ProductNumber(n), tags)
        };
        Shelf::new(self.company.catalogue.products.iter().enumerate().map(one).collect())
    }

    pub fn prices(&self) -> Shelf<PriceNumber> {
        let one = |(n, price): (usize, &Price)| {
            let tags = vec![
                ("active", flag(price.retired.is_none())),
                ("currency", price.currency.code().to_lowercase()),
                ("product", self.ids.product(price.product)),
                ("type", "recurring".into()),
            ];
            entry(self.ids.price(PriceNumber(n)), price.created.0, PriceNumber(n), tags)
        };
        Shelf::new(self.company.catalogue.prices.iter().enumerate().map(one).collect())
    }

    pub fn coupons(&self) -> Shelf<CouponNumber> {
        let one = |(n, coupon): (usize, &Coupon)| {
            entry(self.ids.coupon(CouponNumber(n)), coupon.created.0, CouponNumber(n), Vec::new())
        };
        Shelf::new(self.company.catalogue.coupons.iter().enumerate().map(one).collect())
    }

    pub fn subscriptions(&self) -> Shelf<Of> {
        let one = |(of, subscription): (Of, &Subscription)| {
            let contract = subscription.contract();
            let status = if contract.in_force { "active" } else { "canceled" };
            let mut tags = vec![
                ("customer", self.ids.customer(of.account)),
                ("status", status.into()),
                ("collection_method", "charge_automatically".into()),
            ];
            let mut prices: Vec<PriceNumber> = contract.items.iter().map(|item| item.price).collect();
            prices.sort_unstable();
            prices.dedup();
            tags.extend(prices.into_iter().map(|price| ("price", self.ids.price(price))));
            let id = self.ids.subscription(of.account, subscription.number);
            entry(id, subscription.started().0, of, tags)
        };
        Shelf::new(self.each_subscription().map(one).collect())
    }

    pub fn discounts(&self) -> Shelf<Of> {
        let one = |(of, subscription): (Of, &Subscription)| {
            let id = self.ids.discount(of.account, subscription.number);
            subscription.coupon.map(|_| entry(id, subscription.started().0, of, Vec::new()))
        };
        Shelf::new(self.each_subscription().filter_map(one).collect())
    }

    pub fn invoices(&self) -> Shelf<Of> {
        let one = |(account, (thing, invoice)): (u32, (usize, &Invoice))| {
            let tags = vec![
                ("customer", self.ids.customer(account)),
                ("subscription", self.ids.subscription(account, invoice.subscription)),
                ("status", if invoice.paid { "paid" } else { "open" }.into()),
                ("collection_method", "charge_automatically".into()),
            ];
            let id = self.ids.invoice(account, invoice.subscription, invoice.sequence);
            entry(id, invoice.at.0, Of { account, thing: thing as u32 }, tags)
        };
        let all = self.each_ledger().flat_map(|(n, ledger)| ledger.invoices.iter().enumerate().map(move |i| (n, i)));
        Shelf::new(all.map(one).collect())
    }

    pub fn invoice_items(&self) -> Shelf<Of> {
        let one = |(account, ledger, thing, proration): (u32, &Ledger, usize, &Proration)| {
            let mut tags =
                vec![("customer", self.ids.customer(account)), ("pending", flag(proration.invoice.is_none()))];
            if let Some(invoice) = proration.invoice.map(|n| &ledger.invoices[n]) {
                tags.push(("invoice", self.ids.invoice(account, invoice.subscription, invoice.sequence)));
            }
            let id = self.ids.invoice_item(account, proration.subscription, proration.sequence);
            entry(id, proration.period.from.0, Of { account, thing: thing as u32 }, tags)
        };
        let all = self
            .each_ledger()
            .flat_map(|(n, ledger)| ledger.prorations.iter().enumerate().map(move |(i, p)| (n, ledger, i, p)));
        Shelf::new(all.map(one).collect())
    }

    fn each_ledger(&self) -> impl Iterator<Item = (u32, &Ledger)> {
        self.company.accounts.iter().map(|account| account.number).zip(self.ledgers)
    }

    fn each_subscription(&self) -> impl Iterator<Item = (Of, &Subscription)> {
        self.company.accounts.iter().flat_map(|account| {
            let of = |s: &Subscription| Of { account: account.number, thing: u32::from(s.number) };
            account.subscriptions.iter().map(move |s| (of(s), s))
        })
    }
}
