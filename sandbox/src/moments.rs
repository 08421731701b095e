//! The seconds in which something about an account may have changed. One too many does no harm, one too few would be a
//! change that no event tells.

use std::collections::BTreeSet;

use crate::billing::collection_seconds;
use crate::world::account::Account;
use crate::world::catalogue::Catalogue;
use crate::world::clock::Moment;
use crate::world::contract::Contract;
use crate::world::subscription::Subscription;

/// The seconds of `[since, until)` in which the account, its subscriptions or its bills may have changed.
pub(crate) fn of_account(account: &Account, since: Moment, until: Moment) -> BTreeSet<Moment> {
    let debit = collection_seconds(account);
    let reach = since.plus_seconds(-debit.unwrap_or(0));
    let mut all: BTreeSet<Moment> = [account.customer.created].into_iter().chain(account.deleted).collect();
    for discount in &account.discounts {
        all.extend([Some(discount.start), discount.end, discount.removed].into_iter().flatten());
    }
    for subscription in &account.subscriptions {
        of_subscription(subscription, reach, until, &mut all);
    }
    // The last second in which a debit is on its way.
    let collected = debit.map(|seconds| all.iter().map(|at| at.plus_seconds(seconds - 1)).collect::<Vec<_>>());
    all.extend(collected.into_iter().flatten());
    all.retain(|&at| since <= at && at < until);
    all
}

/// Changes, phases, and the beginnings of periods.
fn of_subscription(subscription: &Subscription, since: Moment, until: Moment, all: &mut BTreeSet<Moment>) {
    let entered = subscription.created();
    all.insert(entered);
    let phases = subscription.schedule.iter().flat_map(|schedule| &schedule.phases);
    all.extend(phases.flat_map(|phase| [phase.from, phase.to]));
    let mut contract = Contract::default();
    for (n, change) in subscription.history.iter().enumerate() {
        contract.apply(change);
        all.insert(change.at.max(entered));
        let next = subscription.history.get(n + 1).map_or(until, |next| next.at.min(until));
        let from = change.at.max(since);
        if contract.in_force && from < next {
            let first = contract.cycle.index_at(from);
            all.extend((first..).map(|k| contract.cycle.boundary(k)).take_while(|&at| at < next));
        }
    }
}

/// The seconds of `[since, until)` in which an offer came or went.
pub(crate) fn of_catalogue(catalogue: &Catalogue, since: Moment, until: Moment) -> BTreeSet<Moment> {
    let products = catalogue.products.iter().map(|product| product.created);
    let prices = catalogue.prices.iter().flat_map(|price| [Some(price.created), price.retired]);
    let coupons = catalogue.coupons.iter().flat_map(|coupon| [Some(coupon.created), coupon.deleted]);
    let all = products.chain(prices.flatten()).chain(coupons.flatten());
    all.filter(|&at| since <= at && at < until).collect()
}
