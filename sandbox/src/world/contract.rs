//! What is agreed at a moment: the sum of all changes before it.

use super::clock::Moment;
use super::cycle::{Cycle, Interval, Period};
use super::discount::Discount;
use super::subscription::{Act, Change, Edit, Item, Opening, PauseBehavior};

/// How a subscription in force stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Standing {
    /// The first bill waits for its payment.
    Incomplete,
    /// Nothing is owed yet.
    Trialing,
    /// In good standing.
    Active,
    /// A payment failed; service goes on.
    PastDue,
    /// All attempts to collect have failed.
    Unpaid,
    /// The trial ended without a way to pay.
    Paused,
}

/// Nothing is collected on purpose.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pause {
    /// Until when, where that is planned.
    pub until: Option<Moment>,
    /// What becomes of bills.
    pub behavior: PauseBehavior,
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
    /// When an end on a date of its own was requested, and that date.
    pub end_planned: Option<(Moment, Moment)>,
    /// How it stands.
    pub standing: Standing,
    /// The trial that it began with.
    pub trial: Option<Period>,
    /// The pause of collection that is on.
    pub collection_paused: Option<Pause>,
    /// Its own coupons, in the order in which they work.
    pub discounts: Vec<Discount>,
}

/// Before the start: nothing agreed.
impl Default for Contract {
    fn default() -> Self {
        Self {
            in_force: false,
            items: Vec::new(),
            cycle: Cycle { anchor: Moment(0), interval: Interval::Month },
            end_requested: None,
            end_planned: None,
            standing: Standing::Active,
            trial: None,
            collection_paused: None,
            discounts: Vec::new(),
        }
    }
}

impl Contract {
    /// Makes a change.
    pub fn apply(&mut self, change: &Change) {
        match &change.act {
            Act::Started { cycle, items, opening, discounts } => {
                self.in_force = true;
                self.cycle = *cycle;
                self.items.clone_from(items);
                self.discounts.clone_from(discounts);
                self.open(*opening, change.at);
            }
            Act::Switched { cycle, items } => {
                self.cycle = *cycle;
                self.items.clone_from(items);
            }
            Act::Reanchored { cycle, .. } => self.cycle = *cycle,
            Act::Amended { edits, .. } => edits.iter().for_each(|edit| self.edit(edit)),
            Act::EndRequested => self.end_requested = Some(change.at),
            Act::EndPlanned { end } => self.end_planned = Some((change.at, *end)),
            Act::EndWithdrawn => (self.end_requested, self.end_planned) = (None, None),
            Act::EndedAtOnce | Act::EndedWithPeriod | Act::EndedUncredited(_) => self.in_force = false,
            Act::Discounted(discount) => self.discounts.push(*discount),
            Act::DiscountEnded { number } => self.discounts.retain(|discount| discount.number != *number),
            Act::Stood(standing) => self.standing = *standing,
            Act::CollectionPaused { until, behavior } => {
                self.collection_paused = Some(Pause { until: *until, behavior: *behavior });
            }
            Act::CollectionResumed => self.collection_paused = None,
            Act::ProrationsDeleted { .. } | Act::Refunded | Act::Credited | Act::Reissued => {}
        }
    }

    /// An item by its number.
    pub fn item(&self, number: u16) -> Option<&Item> {
        self.items.iter().find(|item| item.number == number)
    }

    /// The trial or the billing period that a moment lies in.
    pub fn period_at(&self, moment: Moment) -> Period {
        match self.trial {
            Some(trial) if moment < trial.to => trial,
            _ => self.cycle.period_at(moment),
        }
    }

    /// Whether it is in force and owed for. A pause of collection that leaves service as it is changes nothing.
    pub fn counts(&self) -> bool {
        self.in_force
            && self.collection_paused.is_none_or(|pause| pause.behavior != PauseBehavior::Void)
            && matches!(self.standing, Standing::Active | Standing::PastDue)
    }

    fn open(&mut self, opening: Opening, at: Moment) {
        self.standing = match opening {
            Opening::AtOnce | Opening::Backdated { .. } => Standing::Active,
            Opening::OnTrial { .. } => Standing::Trialing,
            Opening::Incomplete => Standing::Incomplete,
        };
        if let Opening::OnTrial { until } = opening {
            self.trial = Some(Period { from: at, to: until });
        }
    }

    fn edit(&mut self, edit: &Edit) {
        match edit {
            Edit::Quantity { item, quantity } => self.each(*item, |item| item.quantity = *quantity),
            Edit::Price { item, price } => self.each(*item, |item| item.price = *price),
            Edit::Replace { item, price, quantity } => {
                self.each(*item, |item| (item.price, item.quantity) = (*price, *quantity));
            }
            Edit::Add(item) => self.items.push(item.clone()),
            Edit::Remove { item } => self.items.retain(|kept| kept.number != *item),
        }
    }

    fn each(&mut self, number: u16, change: impl FnMut(&mut Item)) {
        self.items.iter_mut().filter(|item| item.number == number).for_each(change);
    }
}
