//! Subscriptions as their own history: every change that was made, and the contract that results.

use super::catalogue::{CouponNumber, PriceNumber};
use super::clock::Moment;
use super::cycle::{Cycle, Interval};
use super::money::Currency;

/// One thing that a subscription charges for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    /// Number within the subscription; never used again after the item is removed.
    pub number: u16,
    /// What one unit costs.
    pub price: PriceNumber,
    /// Units.
    pub quantity: u32,
    /// When it joined the subscription.
    pub added: Moment,
}

/// One edit of one item.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Edit {
    /// Another number of units.
    Quantity { item: u16, quantity: u32 },
    /// Another price of the same interval: another plan.
    Price { item: u16, price: PriceNumber },
    /// A new item.
    Add(Item),
    /// The item goes.
    Remove { item: u16 },
}

/// When the difference that a change makes to the running period is billed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Settlement {
    /// With the bill for the next period.
    NextCycle,
    /// With a bill of its own, now.
    AtOnce,
}

/// What happened to a subscription.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Act {
    /// It came into force.
    Started { cycle: Cycle, items: Vec<Item> },
    /// Items were edited, all at the same moment.
    Amended { edits: Vec<Edit>, settlement: Settlement },
    /// It went from monthly to annual or back; all items have new prices, and a new period begins at once.
    Switched { cycle: Cycle, items: Vec<Item> },
    /// The customer asked to end it with the running period.
    EndRequested,
    /// The customer thought better of it.
    EndWithdrawn,
    /// It ended in the middle of a period; unused time is credited.
    EndedAtOnce,
    /// It ended with its period, as requested.
    EndedWithPeriod,
}

/// An act and its moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// When it took effect.
    pub at: Moment,
    /// What it was.
    pub act: Act,
}

/// A contract with one customer for recurring service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Subscription {
    /// Number within the account.
    pub number: u16,
    /// The one currency of all its prices.
    pub currency: Currency,
    /// A reduction for its whole life.
    pub coupon: Option<CouponNumber>,
    /// Changes at strictly increasing moments; the first is [`Act::Started`].
    pub history: Vec<Change>,
}

impl Subscription {
    /// When service began.
    pub fn started(&self) -> Moment {
        self.history[0].at
    }

    /// When service ended, if it has.
    pub fn ended(&self) -> Option<Moment> {
        let last = self.history.last()?;
        matches!(last.act, Act::EndedAtOnce | Act::EndedWithPeriod).then_some(last.at)
    }

    /// The contract after all changes before a moment.
    pub fn contract_before(&self, moment: Moment) -> Contract {
        let mut contract = Contract::default();
        for change in self.history.iter().take_while(|change| change.at < moment) {
            contract.apply(change);
        }
        contract
    }

    /// The contract after everything that has happened.
    pub fn contract(&self) -> Contract {
        self.contract_before(Moment(i64::MAX))
    }
}

/// What is agreed at a moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Contract {
    /// Whether service is owed.
    pub in_force: bool,
    /// The items in the order of their numbers; after the end, those that it ended with.
    pub items: Vec<Item>,
    /// The rhythm of billing.
    pub cycle: Cycle,
    /// When the end with the running period was requested.
    pub end_requested: Option<Moment>,
}

/// Before the start: nothing agreed.
impl Default for Contract {
    fn default() -> Self {
        let cycle = Cycle { anchor: Moment(0), interval: Interval::Month };
        Self { in_force: false, items: Vec::new(), cycle, end_requested: None }
    }
}

impl Contract {
    /// Makes a change.
    pub fn apply(&mut self, change: &Change) {
        match &change.act {
            Act::Started { cycle, items } | Act::Switched { cycle, items } => {
                self.in_force = true;
                self.cycle = *cycle;
                self.items.clone_from(items);
            }
            Act::Amended { edits, .. } => edits.iter().for_each(|edit| self.edit(edit)),
            Act::EndRequested => self.end_requested = Some(change.at),
            Act::EndWithdrawn => self.end_requested = None,
            Act::EndedAtOnce | Act::EndedWithPeriod => self.in_force = false,
        }
    }

    /// An item by its number.
    pub fn item(&self, number: u16) -> Option<&Item> {
        self.items.iter().find(|item| item.number == number)
    }

    fn edit(&mut self, edit: &Edit) {
        match edit {
            Edit::Quantity { item, quantity } => self.each(*item, |item| item.quantity = *quantity),
            Edit::Price { item, price } => self.each(*item, |item| item.price = *price),
            Edit::Add(item) => self.items.push(item.clone()),
            Edit::Remove { item } => self.items.retain(|kept| kept.number != *item),
        }
    }

    fn each(&mut self, number: u16, change: impl FnMut(&mut Item)) {
        self.items.iter_mut().filter(|item| item.number == number).for_each(change);
    }
}
