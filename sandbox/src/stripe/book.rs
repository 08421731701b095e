//! The world and its billing, indexed for the API: built once, then only read.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::ids::Ids;
use super::index::Indexer;
use super::shelf::Shelf;
use crate::billing::{Invoice, Ledger, Proration, bill_all};
use crate::world::Company;
use crate::world::account::Account;
use crate::world::catalogue::{CouponNumber, Price, PriceNumber, ProductNumber};
use crate::world::money::Fine;
use crate::world::subscription::Subscription;
use crate::world::tariff::Tariff;

/// Something untrue to show on purpose, so that a test can prove that it notices.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Falsehood {
    /// One active price in use costs one minor unit more than it does.
    Price,
    /// One subscription begins at an instant that is none.
    Record,
}

/// A thing of an account: the account's place, and the thing's place in it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Of {
    pub account: u32,
    pub thing: u32,
}

/// A coupon in use: the customer's own, or that of one of its subscriptions.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct InUse {
    pub account: u32,
    pub subscription: Option<u16>,
    pub number: u16,
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
    pub(super) discounts: Shelf<InUse>,
    pub(super) deleted_customers: HashMap<String, u32>,
    pub(super) deleted_coupons: HashMap<String, CouponNumber>,
    pub(super) schedules: Shelf<Of>,
    pub(super) refunds: Shelf<Of>,
    pub(super) credit_notes: Shelf<Of>,
    /// The items of all subscriptions by their ids, put together when somebody asks for one.
    pub(super) items: OnceLock<HashMap<String, (Of, u16)>>,
    /// The one subscription that can't be read, when there is to be one.
    pub(super) unreadable: Option<Of>,
    /// How many subscriptions each coupon is attached to.
    pub(super) redemptions: Vec<usize>,
}

impl Book {
    /// Bills the company and indexes it.
    pub(super) fn new(company: Company, unreadable: Option<Of>) -> Self {
        let ledgers = bill_all(&company);
        let ids = Ids::of(&company);
        let indexer = Indexer { company: &company, ids, ledgers: &ledgers };
        let mut redemptions = vec![0; company.catalogue.coupons.len()];
        for coupon in company.accounts.iter().flat_map(Account::coupons_used) {
            redemptions[coupon.0] += 1;
        }
        Self {
            items: OnceLock::new(),
            unreadable,
            customers: indexer.customers(),
            products: indexer.products(),
            prices: indexer.prices(),
            coupons: indexer.coupons(),
            subscriptions: indexer.subscriptions(),
            invoices: indexer.invoices(),
            invoice_items: indexer.invoice_items(),
            discounts: indexer.discounts(),
            deleted_customers: indexer.deleted_customers(),
            deleted_coupons: indexer.deleted_coupons(),
            schedules: indexer.schedules(),
            refunds: indexer.refunds(),
            credit_notes: indexer.credit_notes(),
            redemptions,
            ids,
            ledgers,
            company,
        }
    }

    /// Bills the company and leaves its shelves empty: everything can be rendered, nothing listed or found.
    pub(super) fn unlisted(company: Company, redemptions: Vec<usize>, unreadable: Option<Of>) -> Self {
        Self {
            ledgers: bill_all(&company),
            ids: Ids::of(&company),
            customers: Shelf::empty(),
            products: Shelf::empty(),
            prices: Shelf::empty(),
            coupons: Shelf::empty(),
            subscriptions: Shelf::empty(),
            invoices: Shelf::empty(),
            invoice_items: Shelf::empty(),
            discounts: Shelf::empty(),
            deleted_customers: HashMap::new(),
            deleted_coupons: HashMap::new(),
            schedules: Shelf::empty(),
            refunds: Shelf::empty(),
            credit_notes: Shelf::empty(),
            items: OnceLock::new(),
            unreadable,
            redemptions,
            company,
        }
    }

    pub(super) fn account(&self, number: u32) -> &Account {
        &self.company.accounts[self.place(number)]
    }

    pub(super) fn ledger(&self, account: u32) -> &Ledger {
        &self.ledgers[self.place(account)]
    }

    /// Accounts stand in the order of their numbers, but a company of a single account begins with that one, and those
    /// on a test clock have numbers of their own.
    fn place(&self, account: u32) -> usize {
        let accounts = &self.company.accounts;
        let found = match accounts.get(account as usize) {
            Some(there) if there.number == account => return account as usize,
            _ => accounts.binary_search_by_key(&account, |there| there.number),
        };
        found.expect("whoever names an account has it from this company")
    }

    pub(super) fn subscription(&self, of: Of) -> &Subscription {
        self.account(of.account).subscription(of.thing as u16)
    }

    pub(super) fn invoice(&self, of: Of) -> &Invoice {
        &self.ledger(of.account).invoices[of.thing as usize]
    }

    pub(super) fn proration(&self, of: Of) -> &Proration {
        &self.ledger(of.account).prorations[of.thing as usize]
    }

    pub(super) fn invoice_id(&self, of: Of) -> String {
        let invoice = self.invoice(of);
        self.ids.invoice(of.account, invoice.subscription, invoice.sequence)
    }
}

/// Tells a lie about prices in the catalogue, before any bill is written, so that it is told the same way in every
/// answer and at every virtual now; the truth is worked out from the company as it was.
pub(super) fn falsify(company: &mut Company, falsehood: Option<Falsehood>) {
    if falsehood == Some(Falsehood::Price)
        && let Some(price) = most_used_price(company)
    {
        company.catalogue.prices[price.0].tariff = one_unit_dearer(company.catalogue.price(price));
    }
}

/// The subscription that can't be read, if there is to be one: the first of the whole world, so that it is the same at
/// every virtual now.
pub(super) fn unreadable(company: &Company, falsehood: Option<Falsehood>) -> Option<Of> {
    if falsehood != Some(Falsehood::Record) {
        return None;
    }
    let account = company.accounts.iter().find(|account| !account.subscriptions.is_empty())?;
    Some(Of { account: account.number, thing: 0 })
}

/// The same price with one minor unit more for each unit.
fn one_unit_dearer(price: &Price) -> Tariff {
    match &price.tariff {
        Tariff::PerUnit(amount) => Tariff::PerUnit(Fine(amount.0 + Fine::SCALE)),
        other => other.clone(),
    }
}

/// The active price per unit that most items in force have; of equals the first.
fn most_used_price(company: &Company) -> Option<PriceNumber> {
    let mut uses = vec![0_usize; company.catalogue.prices.len()];
    let contracts = company.accounts.iter().flat_map(|account| &account.subscriptions).map(Subscription::contract);
    for item in contracts.filter(|contract| contract.in_force).flat_map(|contract| contract.items) {
        uses[item.price.0] += 1;
    }
    let per_unit = |n: usize| matches!(company.catalogue.prices[n].tariff, Tariff::PerUnit(_));
    let active = |n: &usize| uses[*n] > 0 && company.catalogue.prices[*n].retired.is_none() && per_unit(*n);
    (0..uses.len()).filter(active).max_by_key(|&n| (uses[n], std::cmp::Reverse(n))).map(PriceNumber)
}
