//! The world and its billing, indexed for the API: built once, then only read.

use super::ids::Ids;
use super::shelf::{Entry, Shelf, Tag};
use crate::billing::{Invoice, Ledger, Proration, bill_all};
use crate::world::Company;
use crate::world::account::Account;
use crate::world::catalogue::{CouponNumber, PriceNumber, ProductNumber};
use crate::world::subscription::{Contract, Subscription};

/// Something untrue to show on purpose, so that a test can prove that it notices.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Falsehood {
    /// One active price in use costs one minor unit more than it does.
    Price,
}

/// A thing of an account: the account's place, and the thing's place in it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Of {
    pub account: u32,
    pub thing: u32,
}

/// Everything that the Stripe face can answer with.
pub struct Book {
    pub(super) company: Company,
    pub(super) ids: Ids,
    pub(super) ledgers: Vec<Ledger>,
    pub(super) customers: Shelf<u32>,
    pub(super) products: Shelf<ProductNumber>,
    pub(super) prices: Shelf<PriceNumber>,
    pub(super) coupons: Shelf<CouponNumber>,
    pub(super) subscriptions: Shelf<Of>,
    pub(super) invoices: Shelf<Of>,
    pub(super) invoice_items: Shelf<Of>,
    pub(super) discounts: Shelf<Of>,
    /// How many subscriptions each coupon is attached to.
    pub(super) redemptions: Vec<usize>,
}

impl Book {
    /// Bills the company and indexes it. A falsehood goes into the catalogue before the bills are written, so the
    /// lie is told the same way in every answer; the truth is worked out from the company as it was.
    pub fn new(mut company: Company, falsehood: Option<Falsehood>) -> Self {
        if falsehood == Some(Falsehood::Price)
            && let Some(price) = most_used_price(&company)
        {
            company.catalogue.prices[price.0].amount += 1;
        }
        let ledgers = bill_all(&company);
        let ids = Ids::of(&company);
        let indexer = Indexer {
            company: &company,
            ids,
            ledgers: &ledgers,
        };
        let mut redemptions = vec![0; company.catalogue.coupons.len()];
        for subscription in company
            .accounts
            .iter()
            .flat_map(|account| &account.subscriptions)
        {
            if let Some(coupon) = subscription.coupon {
                redemptions[coupon.0] += 1;
            }
        }
        Self {
            customers: indexer.customers(),
            products: indexer.products(),
            prices: indexer.prices(),
            coupons: indexer.coupons(),
            subscriptions: indexer.subscriptions(),
            invoices: indexer.invoices(),
            invoice_items: indexer.invoice_items(),
            discounts: indexer.discounts(),
            redemptions,
            ids,
            ledgers,
            company,
        }
    }

    pub(super) fn account(&self, number: u32) -> &Account {
        &self.company.accounts[number as usize]
    }

    pub(super) fn subscription(&self, of: Of) -> &Subscription {
        &self.account(of.account).subscriptions[of.thing as usize]
    }

    pub(super) fn invoice(&self, of: Of) -> &Invoice {
        &self.ledgers[of.account as usize].invoices[of.thing as usize]
    }

    pub(super) fn proration(&self, of: Of) -> &Proration {
        &self.ledgers[of.account as usize].prorations[of.thing as usize]
    }

    pub(super) fn invoice_id(&self, of: Of) -> String {
        let invoice = self.invoice(of);
        self.ids
            .invoice(of.account, invoice.subscription, invoice.sequence)
    }

    /// A line on the console about the size of the world.
    pub fn size(&self) -> String {
        format!(
            "{} customers, {} subscriptions, {} invoices, {} invoice items",
            self.customers.len(),
            self.subscriptions.len(),
            self.invoices.len(),
            self.invoice_items.len()
        )
    }
}

/// The active price that most items in force have; of equals the first.
fn most_used_price(company: &Company) -> Option<PriceNumber> {
    let mut uses = vec![0_usize; company.catalogue.prices.len()];
    let contracts = company
        .accounts
        .iter()
        .flat_map(|account| &account.subscriptions)
        .map(Subscription::contract);
    for item in contracts
        .filter(|contract| contract.in_force)
        .flat_map(|contract| contract.items)
    {
        uses[item.price.0] += 1;
    }
    let active = |n: &usize| uses[*n] > 0 && company.catalogue.prices[*n].retired.is_none();
    (0..uses.len())
        .filter(active)
        .max_by_key(|&n| (uses[n], std::cmp::Reverse(n)))
        .map(PriceNumber)
}

struct Indexer<'a> {
    company: &'a Company,
    ids: Ids,
    ledgers: &'a [Ledger],
}

type Indexed<T> = (Entry<T>, Vec<Tag>);

fn entry<T>(id: String, created: i64, object: T, tags: Vec<Tag>) -> Indexed<T> {
    (
        Entry {
            id,
            created,
            object,
        },
        tags,
    )
}

fn flag(value: bool) -> String {
    value.to_string()
}

impl Indexer<'_> {
    fn customers(&self) -> Shelf<u32> {
        let one = |account: &Account| {
            let tags = vec![("email", account.customer.email.clone())];
            entry(
                self.ids.customer(account.number),
                account.customer.created.0,
                account.number,
                tags,
            )
        };
        Shelf::new(self.company.accounts.iter().map(one).collect())
    }

    fn products(&self) -> Shelf<ProductNumber> {
        let one = |(n, product): (usize, &crate::world::catalogue::Product)| {
            let id = self.ids.product(ProductNumber(n));
            let tags = vec![("active", flag(true)), ("ids", id.clone())];
            entry(id, product.created.0, ProductNumber(n), tags)
        };
        Shelf::new(
            self.company
                .catalogue
                .products
                .iter()
                .enumerate()
                .map(one)
                .collect(),
        )
    }

    fn prices(&self) -> Shelf<PriceNumber> {
        let one = |(n, price): (usize, &crate::world::catalogue::Price)| {
            let tags = vec![
                ("active", flag(price.retired.is_none())),
                ("currency", price.currency.code().to_lowercase()),
                ("product", self.ids.product(price.product)),
                ("type", "recurring".into()),
            ];
            entry(
                self.ids.price(PriceNumber(n)),
                price.created.0,
                PriceNumber(n),
                tags,
            )
        };
        Shelf::new(
            self.company
                .catalogue
                .prices
                .iter()
                .enumerate()
                .map(one)
                .collect(),
        )
    }

    fn coupons(&self) -> Shelf<CouponNumber> {
        let one = |(n, coupon): (usize, &crate::world::catalogue::Coupon)| {
            entry(
                self.ids.coupon(CouponNumber(n)),
                coupon.created.0,
                CouponNumber(n),
                Vec::new(),
            )
        };
        Shelf::new(
            self.company
                .catalogue
                .coupons
                .iter()
                .enumerate()
                .map(one)
                .collect(),
        )
    }

    fn subscriptions(&self) -> Shelf<Of> {
        let one = |(of, subscription): (Of, &Subscription)| {
            let contract: Contract = subscription.contract();
            let status = if contract.in_force {
                "active"
            } else {
                "canceled"
            };
            let mut tags = vec![
                ("customer", self.ids.customer(of.account)),
                ("status", status.into()),
                ("collection_method", "charge_automatically".into()),
            ];
            let mut prices: Vec<PriceNumber> =
                contract.items.iter().map(|item| item.price).collect();
            prices.sort_unstable();
            prices.dedup();
            tags.extend(
                prices
                    .into_iter()
                    .map(|price| ("price", self.ids.price(price))),
            );
            let id = self.ids.subscription(of.account, subscription.number);
            entry(id, subscription.started().0, of, tags)
        };
        Shelf::new(self.each_subscription().map(one).collect())
    }

    fn discounts(&self) -> Shelf<Of> {
        let one = |(of, subscription): (Of, &Subscription)| {
            let id = self.ids.discount(of.account, subscription.number);
            subscription
                .coupon
                .map(|_| entry(id, subscription.started().0, of, Vec::new()))
        };
        Shelf::new(self.each_subscription().filter_map(one).collect())
    }

    fn invoices(&self) -> Shelf<Of> {
        let one = |(account, (thing, invoice)): (u32, (usize, &Invoice))| {
            let tags = vec![
                ("customer", self.ids.customer(account)),
                (
                    "subscription",
                    self.ids.subscription(account, invoice.subscription),
                ),
                ("status", if invoice.paid { "paid" } else { "open" }.into()),
                ("collection_method", "charge_automatically".into()),
            ];
            let id = self
                .ids
                .invoice(account, invoice.subscription, invoice.sequence);
            entry(
                id,
                invoice.at.0,
                Of {
                    account,
                    thing: thing as u32,
                },
                tags,
            )
        };
        let all = self
            .each_ledger()
            .flat_map(|(n, ledger)| ledger.invoices.iter().enumerate().map(move |i| (n, i)));
        Shelf::new(all.map(one).collect())
    }

    fn invoice_items(&self) -> Shelf<Of> {
        let one = |(account, ledger, thing, proration): (u32, &Ledger, usize, &Proration)| {
            let mut tags = vec![
                ("customer", self.ids.customer(account)),
                ("pending", flag(proration.invoice.is_none())),
            ];
            if let Some(invoice) = proration.invoice.map(|n| &ledger.invoices[n]) {
                tags.push((
                    "invoice",
                    self.ids
                        .invoice(account, invoice.subscription, invoice.sequence),
                ));
            }
            let id = self
                .ids
                .invoice_item(account, proration.subscription, proration.sequence);
            entry(
                id,
                proration.period.from.0,
                Of {
                    account,
                    thing: thing as u32,
                },
                tags,
            )
        };
        let all = self.each_ledger().flat_map(|(n, ledger)| {
            ledger
                .prorations
                .iter()
                .enumerate()
                .map(move |(i, p)| (n, ledger, i, p))
        });
        Shelf::new(all.map(one).collect())
    }

    fn each_ledger(&self) -> impl Iterator<Item = (u32, &Ledger)> {
        self.company
            .accounts
            .iter()
            .map(|account| account.number)
            .zip(self.ledgers)
    }

    fn each_subscription(&self) -> impl Iterator<Item = (Of, &Subscription)> {
        self.company.accounts.iter().flat_map(|account| {
            let of = |s: &Subscription| Of {
                account: account.number,
                thing: u32::from(s.number),
            };
            account.subscriptions.iter().map(move |s| (of(s), s))
        })
    }
}
