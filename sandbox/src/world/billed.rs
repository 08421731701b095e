//! A company with two billing systems: each customer is in one of them, and some moved from the older to the newer.
//!
//! It is drawn from a stream of its own and changes nobody's history, so that the company is the same whether or not
//! anybody asks where it bills.

use super::Company;
use super::account::Account;
use super::clock::{DAY, Moment};
use super::contract::{Contract, Standing};
use super::cycle::Cycle;
use super::subscription::{Act, Change, Item, Opening, Subscription};
use crate::random::{Purpose, Random};

/// One of the two.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum System {
    /// The one that the company began with.
    Older,
    /// The one that took its place for some.
    Newer,
}

/// Where an account is billed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Billed {
    /// Wherever one looks: there is one system.
    #[default]
    Anywhere,
    /// In one of the two.
    In(System),
    /// In the older until a moment, and in the newer from then on.
    Moved(Moment),
}

/// A customer of a billing system.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Customer {
    /// Of which; of none where there is one only.
    pub system: Option<System>,
    /// By which its ids are spelled.
    pub number: u32,
    /// When it was made for an account that had been in the other system before.
    pub since: Option<Moment>,
}

/// What an account's number is raised by where it moved to, so that its customer there has ids of its own.
const MOVED: u32 = 1 << 30;

impl Company {
    /// Says of each account in which of two systems it is billed.
    pub fn bill_in_two(&mut self) {
        for account in &mut self.accounts {
            let mut random = Random::stream(self.seed, Purpose::Billed, account.number.into());
            let (newer, moves) = (random.per_mille(450), random.per_mille(400));
            let renewals = if newer || !moves { Vec::new() } else { renewals(account) };
            account.billed = match (newer, renewals.is_empty()) {
                (true, _) => Billed::In(System::Newer),
                (false, true) => Billed::In(System::Older),
                (false, false) => Billed::Moved(*random.one_of(&renewals)),
            };
        }
    }

    /// The company with its customers in place of its accounts: who moved is two, each with its part of the history.
    pub fn into_billed(mut self) -> Self {
        self.accounts = self.accounts.into_iter().flat_map(Account::into_billed).collect();
        self.accounts.sort_by_key(|account| account.number);
        self
    }

    /// What one of the two systems has; everything where there is one only.
    pub fn billed_in(self, system: System) -> Self {
        let mut company = self.into_billed();
        company.accounts.retain(|account| [Billed::Anywhere, Billed::In(system)].contains(&account.billed));
        company
    }

    /// The customers in billing of an account of this number.
    pub fn customers_of(&self, account: u32) -> Vec<Customer> {
        let place = self.accounts.binary_search_by_key(&account, |there| there.number);
        place.map(|place| self.accounts[place].customers()).unwrap_or_default()
    }
}

impl Account {
    fn customers(&self) -> Vec<Customer> {
        let one = |system, number, since| Customer { system, number, since };
        match self.billed {
            Billed::Anywhere => vec![one(None, self.number, None)],
            Billed::In(system) => vec![one(Some(system), self.number, None)],
            Billed::Moved(at) => vec![
                one(Some(System::Older), self.number, None),
                one(Some(System::Newer), self.number + MOVED, Some(at)),
            ],
        }
    }

    fn into_billed(self) -> Vec<Self> {
        let Billed::Moved(at) = self.billed else { return vec![self] };
        let part = |number, system, subscriptions: Vec<Subscription>| Self {
            number,
            subscriptions: (0..).zip(subscriptions).map(|(number, of)| Subscription { number, ..of }).collect(),
            billed: Billed::In(system),
            ..self.clone()
        };
        let (before, after): (Vec<_>, Vec<_>) = self.subscriptions.iter().cloned().partition(|of| of.started() < at);
        let asked = at.plus_seconds(-DAY);
        let (mut stayed, mut moved) = (Vec::new(), Vec::new());
        for subscription in before {
            if may_move_at(&subscription, at).is_some() {
                let (old, new) = cut(&subscription, asked, at);
                stayed.push(old);
                moved.push(new);
            } else {
                stayed.push(subscription);
            }
        }
        let old = part(self.number, System::Older, stayed);
        let mut new = part(self.number + MOVED, System::Newer, moved.into_iter().chain(after).collect());
        new.customer.created = asked;
        vec![old, new]
    }
}

/// A subscription until it moves, and its continuation: it ends with its period, and the same goes on in that second.
fn cut(of: &Subscription, asked: Moment, at: Moment) -> (Subscription, Subscription) {
    let Contract { cycle, items, mut discounts, .. } = of.contract_before(at);
    discounts.iter_mut().for_each(|discount| discount.start = at);
    let items = items.into_iter().map(|item| Item { added: at, ..item }).collect();
    let cycle = Cycle { anchor: at, ..cycle };
    let (mut old, mut new) = (of.clone(), of.clone());
    old.history.retain(|change| change.at < at);
    old.history.push(Change { at: asked, act: Act::EndRequested });
    old.history.push(Change { at, act: Act::EndedWithPeriod });
    new.history.retain(|change| change.at > at);
    new.history.insert(0, Change { at, act: Act::Started { cycle, items, opening: Opening::AtOnce, discounts } });
    (old, new)
}

/// When an account could have moved: renewals of subscriptions to which nothing out of the ordinary happens.
fn renewals(account: &Account) -> Vec<Moment> {
    if account.deleted.is_some() || !account.discounts.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for subscription in &account.subscriptions {
        let changes = subscription.history.iter().map(|change| change.at);
        let ends = changes.clone().skip(1).chain([super::clock::Horizon::NOW]);
        for (from, to) in changes.zip(ends) {
            let cycle = subscription.contract_before(from.plus_seconds(1)).cycle;
            let mut renewal = cycle.period_at(from).to;
            while renewal < to {
                found.extend(may_move_at(subscription, renewal));
                renewal = cycle.period_at(renewal).to;
            }
        }
    }
    found
}

/// The moment, if the subscription renews then, was left alone for two days before, and its cycle, its coupons and all
/// that happens later are the same when they are counted from then.
fn may_move_at(of: &Subscription, at: Moment) -> Option<Moment> {
    let contract = of.contract_before(at);
    let alone = of.history.iter().all(|change| change.at < at.plus_seconds(-2 * DAY) || change.at > at);
    let as_usual = |act: &Act| {
        matches!(
            act,
            Act::Amended { .. }
                | Act::Switched { .. }
                | Act::EndRequested
                | Act::EndWithdrawn
                | Act::EndedAtOnce
                | Act::EndedWithPeriod
        )
    };
    let goes_on = contract.counts()
        && contract.standing == Standing::Active
        && contract.collection_paused.is_none()
        && contract.end_requested.is_none()
        && contract.end_planned.is_none();
    let renews = contract.in_force
        && contract.cycle.anchor < at
        && contract.cycle.period_at(at).from == at
        && chrono::Datelike::day(&contract.cycle.anchor.utc()) <= 28;
    let plain = of.schedule.is_none()
        && contract.discounts.iter().all(|discount| discount.end.is_none() && discount.item.is_none())
        && of.history.iter().filter(|change| change.at > at).all(|change| as_usual(&change.act));
    (alone && goes_on && renews && plain).then_some(at)
}
