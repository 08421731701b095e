//! Subscriptions as their own history: every change that was made, and the contract that results.

use super::catalogue::{CouponNumber, PriceNumber};
use super::clock::Moment;
use super::contract::{Contract, Standing};
use super::cycle::Cycle;
use super::discount::Discount;
use super::money::Currency;
use super::schedule::Schedule;

/// One thing that a subscription charges for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    /// Number within the subscription; never used again after the item is removed.
    pub number: u16,
    /// What one unit costs.
    pub price: PriceNumber,
    /// Units; 0 when usage is metered.
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
    /// Another price of the same interval, and another number of units of it.
    Replace { item: u16, price: PriceNumber, quantity: u32 },
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
    /// Never: the change costs nothing before the next period.
    Never,
}

/// In which way a subscription starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Opening {
    /// Entered and paid for when service starts.
    AtOnce,
    /// Free until the cycle's anchor.
    OnTrial {
        /// The end of the trial.
        until: Moment,
    },
    /// Nothing counts before the first bill is paid.
    Incomplete,
    /// Service had begun before anybody entered it.
    Backdated {
        /// When it was entered.
        entered: Moment,
    },
}

/// Why a subscription ended in the middle of a period without a credit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// Its first bill was never paid.
    NeverPaid,
    /// The customer had named the day.
    Planned,
    /// Collecting was given up.
    PaymentFailed,
    /// The customer was deleted.
    CustomerDeleted,
}

/// What becomes of the bills that are written while collection is paused.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PauseBehavior {
    /// They are void: there is no service, and nothing is owed.
    Void,
    /// They stay drafts: service goes on, and is to be paid for later.
    KeepAsDraft,
    /// They are given up as they are written: service goes on for nothing.
    MarkUncollectible,
}

/// What happened to a subscription.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Act {
    /// It came into force.
    Started { cycle: Cycle, items: Vec<Item>, opening: Opening, discounts: Vec<Discount> },
    /// Items were edited, all at the same moment.
    Amended { edits: Vec<Edit>, settlement: Settlement },
    /// It went from monthly to annual or back; all items have new prices, and a new period begins at once.
    Switched { cycle: Cycle, items: Vec<Item> },
    /// A new period begins at once, at the same prices.
    Reanchored { cycle: Cycle, settlement: Settlement },
    /// The customer asked to end it with the running period.
    EndRequested,
    /// The customer asked to end it on a date of its own.
    EndPlanned { end: Moment },
    /// The customer thought better of it.
    EndWithdrawn,
    /// It ended in the middle of a period; unused time is credited.
    EndedAtOnce,
    /// It ended with its period, as requested.
    EndedWithPeriod,
    /// It ended in the middle of a period, and what was paid is kept.
    EndedUncredited(Why),
    /// A coupon was attached.
    Discounted(Discount),
    /// A coupon ran out or was taken away.
    DiscountEnded { number: u16 },
    /// It stands differently from now on.
    Stood(Standing),
    /// Bills are not collected until further notice, or until a moment.
    CollectionPaused { until: Option<Moment>, behavior: PauseBehavior },
    /// Bills are collected again.
    CollectionResumed,
    /// What a change at a moment had cost or saved was struck off before it was billed.
    ProrationsDeleted { of: Moment },
    /// The last paid bill was paid back.
    Refunded,
    /// A part of the last bill was credited.
    Credited,
    /// The last bill was voided and written again.
    Reissued,
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
    /// The plan that it follows, if it follows one.
    pub schedule: Option<Schedule>,
    /// Changes in the order of time; the first is [`Act::Started`].
    pub history: Vec<Change>,
}

impl Subscription {
    /// When service began.
    pub fn started(&self) -> Moment {
        self.history[0].at
    }

    /// When it was entered: later than service began if it was backdated.
    pub fn created(&self) -> Moment {
        match self.history[0].act {
            Act::Started { opening: Opening::Backdated { entered }, .. } => entered,
            _ => self.started(),
        }
    }

    /// When service ended, if it has.
    pub fn ended(&self) -> Option<Moment> {
        let ends = |act: &Act| matches!(act, Act::EndedAtOnce | Act::EndedWithPeriod | Act::EndedUncredited(_));
        self.history.iter().rev().find(|change| ends(&change.act)).map(|change| change.at)
    }

    /// All coupons that were ever attached to it.
    pub fn all_discounts(&self) -> impl std::iter::Iterator<Item = &Discount> {
        self.history.iter().flat_map(|change| match &change.act {
            Act::Started { discounts, .. } => discounts.iter(),
            Act::Discounted(discount) => std::slice::from_ref(discount).iter(),
            _ => [].iter(),
        })
    }

    /// The coupon that it started with.
    pub fn first_coupon(&self) -> Option<CouponNumber> {
        match &self.history[0].act {
            Act::Started { discounts, .. } => discounts.first().map(|discount| discount.coupon),
            _ => None,
        }
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
