//! What only the full repertoire holds; a kind that never happened is not named, so plain summaries stay as they are.

use crate::world::Company;
use crate::world::account::Account;
use crate::world::catalogue::{Duration, Reduction};
use crate::world::contract::Standing;
use crate::world::cycle::Interval;
use crate::world::subscription::{Act, Opening, PauseBehavior, Settlement, Subscription, Why};
use crate::world::tariff::{Tariff, Tiers};

/// The special things that happened to one subscription, each as often as it happened.
pub(super) fn kinds(subscription: &Subscription, company: &Company) -> Vec<&'static str> {
    let mut kinds: Vec<&'static str> = subscription.history.iter().flat_map(|c| act_kinds(&c.act)).collect();
    for item in &subscription.contract().items {
        let price = company.catalogue.price(item.price);
        kinds.extend(interval_kind(price.interval));
        kinds.extend(tariff_kind(&price.tariff));
    }
    for discount in subscription.all_discounts() {
        let coupon = company.catalogue.coupon(discount.coupon);
        kinds.extend(match coupon.duration {
            Duration::Forever => None,
            Duration::Once => Some("special_coupon_once"),
            Duration::Months(_) => Some("special_coupon_repeating"),
        });
        kinds.extend((!coupon.products.is_empty()).then_some(match coupon.reduction {
            Reduction::Percent(_) => "special_coupon_for_products",
            Reduction::Fixed(..) => "special_coupon_for_products_fixed",
        }));
        kinds.extend(coupon.deleted.map(|_| "special_coupon_deleted"));
        kinds.extend(discount.item.map(|_| "special_coupon_on_item"));
    }
    if let Some(schedule) = &subscription.schedule {
        kinds.push("special_schedule");
        let ahead = schedule.phases.iter().any(|phase| phase.from >= company.horizon.now);
        kinds.extend(ahead.then_some("special_schedule_phase_ahead"));
    }
    kinds
}

/// The special things about an account itself.
pub(super) fn account_kinds(account: &Account) -> Vec<&'static str> {
    let mut kinds = Vec::new();
    kinds.extend(account.deleted.map(|_| "special_customer_deleted"));
    for discount in &account.discounts {
        kinds.push("special_coupon_on_customer");
        kinds.extend(discount.removed.map(|_| "special_coupon_on_customer_removed"));
    }
    kinds
}

fn interval_kind(interval: Interval) -> Option<&'static str> {
    match interval {
        Interval::Day => Some("special_price_daily"),
        Interval::Week => Some("special_price_weekly"),
        Interval::FourWeeks => Some("special_price_four_weekly"),
        Interval::Quarter => Some("special_price_quarterly"),
        Interval::TwoYears => Some("special_price_two_yearly"),
        Interval::Month | Interval::Year => None,
    }
}

fn tariff_kind(tariff: &Tariff) -> Option<&'static str> {
    match tariff {
        Tariff::PerUnit(amount) if amount.0 == 0 => Some("special_price_free"),
        Tariff::PerUnit(amount) if amount.whole().is_none() => Some("special_price_fractional"),
        Tariff::PerUnit(_) => None,
        Tariff::Package { .. } => Some("special_price_package"),
        Tariff::Tiered(Tiers::Graduated, _) => Some("special_price_graduated"),
        Tariff::Tiered(Tiers::Volume, _) => Some("special_price_volume"),
        Tariff::Metered(_) => Some("special_price_metered"),
    }
}

fn act_kinds(act: &Act) -> Vec<&'static str> {
    match act {
        Act::Started { opening, discounts, .. } => {
            let mut kinds = Vec::new();
            kinds.extend((discounts.len() > 1).then_some("special_coupons_stacked"));
            kinds.extend(match opening {
                Opening::AtOnce => None,
                Opening::OnTrial { .. } => Some("special_trial"),
                Opening::Incomplete => Some("special_incomplete"),
                Opening::Backdated { .. } => Some("special_backdated"),
            });
            kinds
        }
        Act::Amended { settlement: Settlement::Never, .. } => vec!["special_change_without_proration"],
        Act::Reanchored { settlement: Settlement::Never, .. } => vec!["special_anchor_reset_without_proration"],
        Act::Reanchored { .. } => vec!["special_anchor_reset"],
        Act::EndPlanned { .. } => vec!["special_end_planned"],
        Act::EndedUncredited(Why::NeverPaid) => vec!["special_incomplete_expired"],
        Act::EndedUncredited(Why::Planned) => vec!["special_ended_as_planned"],
        Act::EndedUncredited(Why::PaymentFailed) => vec!["special_ended_unpaid"],
        Act::EndedUncredited(Why::CustomerDeleted) => vec!["special_ended_with_customer"],
        Act::Discounted(_) => vec!["special_coupon_added"],
        Act::DiscountEnded { .. } => vec!["special_coupon_ended"],
        Act::Stood(Standing::PastDue) => vec!["special_past_due"],
        Act::Stood(Standing::Unpaid) => vec!["special_unpaid"],
        Act::Stood(Standing::Paused) => vec!["special_trial_paused"],
        Act::CollectionPaused { behavior, .. } => vec![match behavior {
            PauseBehavior::Void => "special_collection_paused",
            PauseBehavior::KeepAsDraft => "special_collection_paused_keeping_drafts",
            PauseBehavior::MarkUncollectible => "special_collection_paused_giving_up",
        }],
        Act::CollectionResumed => vec!["special_collection_resumed"],
        Act::ProrationsDeleted { .. } => vec!["special_invoice_items_deleted"],
        Act::Refunded => vec!["special_refund"],
        Act::Credited => vec!["special_credit_note"],
        Act::Reissued => vec!["special_reissued"],
        _ => Vec::new(),
    }
}
