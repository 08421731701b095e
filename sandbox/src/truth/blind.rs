//! Where the truth can't be known from what is left of it: the spans in which an observer who connects at the end, and
//! reads invoices, schedules and the present state, has no evidence of the day on which something changed.
//!
//! A comparison needs them to tell a blind spot from an error. The reasoning of each kind:
//!
//! - `no_proration`: a change without proration writes no line. It shows in the next period's line, in the credit of a
//!   later prorated change of the item, or in the present state, none of which says when it was made.
//! - `item_deleted`: a change whose pending prorations were deleted has as little to show as one without.
//! - `pause`: a pause leaves voided invoices at most. When it began and ended is written nowhere, so until the first
//!   renewal that is collected again a void period may have counted or not; while a pause lasts its beginning is unknown.
//!   A pause that keeps drafts or gives bills up changes nothing that counts.
//! - `unpaid`: bills are left as drafts from some day on, and which day is written nowhere.
//! - `coupon`: a coupon that comes or goes inside a period shows on the next bill only. One that is attached still, or
//!   that some bill names, tells its own start, and a repeating one its end; a removal tells nothing.

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::days::local_day;
use crate::world::account::Account;
use crate::world::catalogue::{Catalogue, CouponNumber, Duration};
use crate::world::clock::{Horizon, Moment};
use crate::world::contract::{Contract, Standing};
use crate::world::discount::{CustomerDiscount, Discount};
use crate::world::subscription::{Act, Change, Edit, PauseBehavior, Settlement, Subscription};

/// A span of local days, half-open, and why it is blind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Blind {
    /// The first day whose end can't be known.
    pub from: NaiveDate,
    /// The first day after it whose end can.
    pub until: NaiveDate,
    /// Why.
    pub kind: &'static str,
}

/// The blind spans of an account, in the order of days; spans may overlap.
pub fn blind_spans(account: &Account, catalogue: &Catalogue, zone: Tz) -> Vec<Blind> {
    let mut spans: Vec<Blind> = Vec::new();
    let mut add = |from: Moment, until: Moment, kind| {
        let (from, until) = (local_day(from, zone), local_day(until.min(Horizon::NOW), zone));
        if from < until {
            spans.push(Blind { from, until, kind });
        }
    };
    for subscription in &account.subscriptions {
        let history = History { subscription, catalogue };
        for (n, change) in subscription.history.iter().enumerate() {
            if let Some((until, kind)) = history.blind_after(n, change) {
                add(change.at, until, kind);
            }
        }
        // The customer's coupon works through its subscriptions, and shows on their bills alone.
        for discount in account.discounts.iter().filter(|discount| discount.is_for(subscription)) {
            if discount.end.is_none_or(|end| discount.removed.is_some_and(|removed| removed < end))
                && let Some(removed) = discount.removed
            {
                add(removed, history.next_bill(removed), "coupon");
            }
            let next = history.next_bill(discount.start);
            // One that no bill has named is gone without a trace, however it went: nothing is billed where a subscription
            // ends, and only who has it still shows it.
            let named = account.subscriptions.iter().any(|of| History { subscription: of, catalogue }.names(discount));
            let gone = discount.until().filter(|&until| until < Horizon::NOW);
            if gone.is_some_and(|until| until < next || !named) {
                add(discount.start, next, "coupon");
            }
        }
    }
    spans.sort_unstable();
    spans.dedup();
    spans
}

/// The blind spans of all accounts as CSV.
pub fn blind_csv<'a>(accounts: impl Iterator<Item = (String, &'a Account)>, catalogue: &Catalogue, zone: Tz) -> String {
    let one = |(name, account): (String, &Account)| {
        let row = |blind: &Blind| format!("{name},{},{},{}\n", blind.from, blind.until, blind.kind);
        blind_spans(account, catalogue, zone).iter().map(row).collect::<Vec<_>>()
    };
    let mut rows: Vec<String> = accounts.flat_map(one).collect();
    rows.sort_unstable();
    format!("account,from_day,until_day,kind\n{}", rows.concat())
}

struct History<'a> {
    subscription: &'a Subscription,
    catalogue: &'a Catalogue,
}

impl History<'_> {
    /// Until when a change leaves the truth unknown, and why; none for a change that leaves evidence of its day.
    fn blind_after(&self, n: usize, change: &Change) -> Option<(Moment, &'static str)> {
        match &change.act {
            Act::Amended { edits, settlement: Settlement::Never } if !self.scheduled(change.at) => {
                let until = edits.iter().map(|edit| self.evidence_of(n, edit, change.at)).max()?;
                Some((until, "no_proration"))
            }
            Act::Amended { edits, .. } if self.struck_off(change.at) => {
                let until = edits.iter().map(|edit| self.evidence_of(n, edit, change.at)).max()?;
                Some((until, "item_deleted"))
            }
            Act::CollectionPaused { behavior: PauseBehavior::Void, .. } => {
                let resumed = self.next(n, |act| matches!(act, Act::CollectionResumed));
                let paused = self.contract_at(change.at);
                let billed = paused.period_at(change.at).to;
                // Without a void bill the pause has left nothing at all, and nothing is unsure after it.
                let until = resumed.map_or(Horizon::NOW, |at| if billed < at { self.next_bill(at) } else { at });
                Some((until, "pause"))
            }
            Act::Stood(Standing::Unpaid) => {
                let recovered = self.next(n, |act| matches!(act, Act::Stood(Standing::Active)));
                let until = recovered.map(|at| self.next_bill(at)).or(self.subscription.ended());
                Some((until.unwrap_or(Horizon::NOW), "unpaid"))
            }
            Act::Discounted(discount) => {
                let removed =
                    self.next(n, |act| matches!(act, Act::DiscountEnded { number } if *number == discount.number));
                let billed = self.next_bill(discount.start);
                removed.filter(|&at| at < billed).map(|_| (billed, "coupon"))
            }
            Act::DiscountEnded { number } => {
                let discount = self.subscription.all_discounts().find(|discount| discount.number == *number)?;
                let ran_out = discount.end == Some(change.at) || self.is_once(discount.coupon);
                // A coupon that no bill has named is gone without a trace, its end like its start.
                let named = self.next_bill(discount.start) <= change.at || self.attached_at_start(discount);
                (!ran_out || !named).then(|| (self.next_bill(change.at), "coupon"))
            }
            _ => None,
        }
    }

    /// Whether the prorations of a change were deleted before they were billed.
    fn struck_off(&self, at: Moment) -> bool {
        self.subscription.history.iter().any(|change| change.act == Act::ProrationsDeleted { of: at })
    }

    fn is_once(&self, coupon: CouponNumber) -> bool {
        self.catalogue.coupon(coupon).duration == Duration::Once
    }

    fn attached_at_start(&self, discount: &Discount) -> bool {
        discount.start == self.subscription.started()
    }

    /// A schedule still tells its past phases.
    fn scheduled(&self, at: Moment) -> bool {
        let schedule = self.subscription.schedule.as_ref();
        schedule.is_some_and(|schedule| schedule.phases.iter().any(|phase| phase.from == at))
    }

    fn contract_at(&self, at: Moment) -> Contract {
        self.subscription.contract_before(at.plus_seconds(1))
    }

    fn next(&self, n: usize, wanted: impl Fn(&Act) -> bool) -> Option<Moment> {
        self.subscription.history[n + 1..].iter().find(|change| wanted(&change.act)).map(|change| change.at)
    }

    /// When an item is billed for or credited next.
    fn evidence_of(&self, n: usize, edit: &Edit, at: Moment) -> Moment {
        let number = item_of(edit);
        let credited = |change: &&Change| match &change.act {
            Act::Amended { edits, settlement } => {
                let told = *settlement != Settlement::Never && !self.struck_off(change.at);
                told && edits.iter().any(|edit| item_of(edit) == number)
            }
            Act::Reanchored { .. } | Act::EndedAtOnce => true,
            _ => false,
        };
        let credited = self.subscription.history[n + 1..].iter().find(credited).map(|change| change.at);
        credited.map_or_else(|| self.next_bill(at), |credited| credited.min(self.next_bill(at)))
    }

    /// Whether a bill may name a coupon of the customer: it is written while that works.
    fn names(&self, discount: &CustomerDiscount) -> bool {
        let entered = self.subscription.created();
        let billed = if discount.start <= entered { entered } else { self.next_bill(discount.start) };
        let ended = self.subscription.ended().is_some_and(|ended| ended <= billed);
        !ended && discount.until().is_none_or(|until| billed < until)
    }

    /// When the subscription is billed for a whole period next, or ends: renewals that are void or drafts tell nothing.
    fn next_bill(&self, after: Moment) -> Moment {
        let ended = self.subscription.ended().unwrap_or(Horizon::NOW);
        let mut at = after.max(self.subscription.started());
        while at < ended {
            let contract = self.contract_at(at);
            let renewal = contract.period_at(at).to;
            let anew = |change: &&Change| {
                (at < change.at && change.at < renewal) && matches!(change.act, Act::Reanchored { .. })
            };
            let next = self.subscription.history.iter().find(anew).map_or(renewal, |change| change.at);
            let then = self.contract_at(next);
            if then.counts() || !then.in_force {
                return next.min(ended);
            }
            at = next;
        }
        ended.max(after)
    }
}

fn item_of(edit: &Edit) -> u16 {
    match edit {
        Edit::Quantity { item, .. } | Edit::Price { item, .. } | Edit::Replace { item, .. } | Edit::Remove { item } => {
            *item
        }
        Edit::Add(item) => item.number,
    }
}
