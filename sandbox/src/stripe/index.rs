//! Which ids, times and filters each object of the world has.

use std::collections::HashMap;

use super::book::{InUse, Of};
use super::ids::Ids;
use super::render::{invoice_status, shown, status_of};
use super::shelf::{Entry, Shelf, Tag};
use crate::billing::{Invoice, Ledger, Proration};
use crate::world::Company;
use crate::world::account::Account;
use crate::world::catalogue::{Coupon, CouponNumber, Price, PriceNumber, Product, ProductNumber};
use crate::world::clock::Moment;
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
            let mut tags = vec![("email", account.customer.email.clone())];
            tags.extend(self.ids.clock_of(account.number).map(|clock| ("test_clock", clock)));
            entry(self.ids.customer(account.number), account.customer.created.0, account.number, tags)
        };
        // The deleted are in no list; they are found by their ids as stubs.
        let listed = self
            .company
            .accounts
            .iter()
            .filter(|account| account.deleted.is_none() && self.exists(account.customer.created));
        Shelf::new(listed.map(one).collect())
    }

    pub fn deleted_customers(&self) -> HashMap<String, u32> {
        let deleted = self.company.accounts.iter().filter(|account| account.deleted.is_some());
        deleted.map(|account| (self.ids.customer(account.number), account.number)).collect()
    }

    /// Deleted coupons are in no list and under no path, but where they are in use they can still be seen.
    pub fn deleted_coupons(&self) -> HashMap<String, CouponNumber> {
        let coupons = self.company.catalogue.coupons.iter().enumerate();
        let deleted = coupons.filter(|(_, coupon)| coupon.deleted.is_some()).map(|(n, _)| CouponNumber(n));
        deleted.map(|number| (self.ids.coupon(number), number)).collect()
    }

    pub fn products(&self) -> Shelf<ProductNumber> {
        let one = |(n, product): (usize, &Product)| {
            let id = self.ids.product(ProductNumber(n));
            let tags = vec![("active", flag(true)), ("ids", id.clone())];
            entry(id, product.created.0, ProductNumber(n), tags)
        };
        let known = self.company.catalogue.products.iter().enumerate().filter(|(_, p)| self.exists(p.created));
        Shelf::new(known.map(one).collect())
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
        let catalogue = &self.company.catalogue;
        let own = |n: usize| shown(catalogue, PriceNumber(n)) == PriceNumber(n);
        let known = catalogue.prices.iter().enumerate().filter(|(n, p)| own(*n) && self.exists(p.created));
        Shelf::new(known.map(one).collect())
    }

    pub fn coupons(&self) -> Shelf<CouponNumber> {
        let one = |(n, coupon): (usize, &Coupon)| {
            entry(self.ids.coupon(CouponNumber(n)), coupon.created.0, CouponNumber(n), Vec::new())
        };
        let listed = |c: &Coupon| c.deleted.is_none() && self.exists(c.created);
        let listed = self.company.catalogue.coupons.iter().enumerate().filter(|(_, coupon)| listed(coupon));
        Shelf::new(listed.map(one).collect())
    }

    pub fn subscriptions(&self) -> Shelf<Of> {
        let one = |(of, subscription): (Of, &Subscription)| {
            let contract = subscription.contract();
            let status = status_of(subscription, &contract);
            let mut tags = vec![
                ("customer", self.ids.customer(of.account)),
                ("status", status.into()),
                ("collection_method", "charge_automatically".into()),
            ];
            let priced = contract.items.iter().map(|item| shown(&self.company.catalogue, item.price));
            let mut prices: Vec<PriceNumber> = priced.collect();
            prices.sort_unstable();
            prices.dedup();
            tags.extend(prices.into_iter().map(|price| ("price", self.ids.price(price))));
            tags.extend(self.ids.clock_of(of).map(|clock| ("test_clock", clock)));
            let id = self.ids.subscription(of.account, subscription.number);
            entry(id, subscription.created().0, of, tags)
        };
        Shelf::new(self.each_subscription().map(one).collect())
    }

    pub fn discounts(&self) -> Shelf<InUse> {
        let one = |object: InUse, start: Moment| entry(self.ids.in_use(object), start.0, object, Vec::new());
        let own = self.each_subscription().flat_map(|(of, subscription)| {
            let in_use = move |number| InUse { account: of.account, subscription: Some(subscription.number), number };
            subscription.all_discounts().map(move |discount| one(in_use(discount.number), discount.start))
        });
        let customers = self.company.accounts.iter().flat_map(|account| {
            let in_use = move |number| InUse { account: account.number, subscription: None, number };
            account.discounts.iter().map(move |discount| one(in_use(discount.number), discount.start))
        });
        Shelf::new(own.chain(customers).collect())
    }

    pub fn schedules(&self) -> Shelf<Of> {
        let one = |(of, subscription): (Of, &Subscription)| {
            let id = self.ids.schedule(of.account, subscription.number);
            let tags = vec![("customer", self.ids.customer(of.account)), ("scheduled", flag(false))];
            subscription.schedule.as_ref().map(|_| entry(id, subscription.created().0, of, tags))
        };
        Shelf::new(self.each_subscription().filter_map(one).collect())
    }

    pub fn refunds(&self) -> Shelf<Of> {
        self.aftermath(|invoice| invoice.refunded, |account, i| self.ids.refund(account, i.subscription, i.sequence))
    }

    pub fn credit_notes(&self) -> Shelf<Of> {
        self.aftermath(
            |invoice| invoice.credited,
            |account, i| self.ids.credit_note(account, i.subscription, i.sequence),
        )
    }

    /// What happened to the money of an invoice, if there was any.
    fn aftermath(&self, at: impl Fn(&Invoice) -> Option<Moment>, id: impl Fn(u32, &Invoice) -> String) -> Shelf<Of> {
        let mut all = Vec::new();
        for (account, ledger) in self.each_ledger() {
            for (n, invoice) in ledger.invoices.iter().enumerate().filter(|(_, invoice)| invoice.due > 0) {
                let Some(at) = at(invoice) else { continue };
                let of_invoice = self.ids.invoice(account, invoice.subscription, invoice.sequence);
                let tags = vec![("customer", self.ids.customer(account)), ("invoice", of_invoice)];
                all.push(entry(id(account, invoice), at.0, Of { account, thing: n as u32 }, tags));
            }
        }
        Shelf::new(all)
    }

    pub fn invoices(&self) -> Shelf<Of> {
        let one = |(account, (thing, invoice)): (u32, (usize, &Invoice))| {
            let tags = vec![
                ("customer", self.ids.customer(account)),
                ("subscription", self.ids.subscription(account, invoice.subscription)),
                ("status", invoice_status(invoice.state).into()),
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
        // The deleted are gone: they are in no list and under no id.
        Shelf::new(all.filter(|(.., proration)| proration.deleted.is_none()).map(one).collect())
    }

    /// Whether something had been created by now.
    fn exists(&self, created: Moment) -> bool {
        created < self.company.horizon.now
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
