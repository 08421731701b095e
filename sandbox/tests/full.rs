//! The full repertoire: what it holds, that its truth is right, and that its bills and answers agree with it.

mod support;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use chrono_tz::Tz;
use mrr_sandbox::billing::{State, bill_all};
use mrr_sandbox::summary::summary;
use mrr_sandbox::truth::{Policy, RunRate, account_days, blind_spans, contract_rate, local_day};
use mrr_sandbox::world::clock::{Horizon, Moment};
use mrr_sandbox::world::subscription::{Act, Opening};
use mrr_sandbox::world::{Company, Repertoire};
use support::{Served, id, run};

const WORLD: [&str; 8] = ["--seed", "5", "--accounts", "150", "--months", "30", "--repertoire", "full"];

fn company(accounts: u32) -> Company {
    Company::simulate_with(5, accounts, 36, Repertoire::Full)
}

#[test]
fn every_kind_of_event_occurs() {
    let text = summary(&company(1_500));
    let count = |name: &str| -> usize {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.and_then(|n| n.parse().ok()).unwrap_or(0)
    };
    for name in "accounts_JPY accounts_KWD special_price_daily special_price_weekly special_price_quarterly \
        special_price_two_yearly special_price_free special_price_fractional special_price_package \
        special_price_graduated special_price_volume special_price_metered special_coupon_once \
        special_coupon_repeating special_coupon_deleted special_coupon_on_item special_coupon_for_products \
        special_coupon_for_products_fixed special_coupon_on_customer \
        special_coupon_on_customer_removed special_coupons_stacked special_coupon_added special_coupon_ended \
        special_trial special_trial_paused special_incomplete special_incomplete_expired special_backdated \
        special_past_due special_unpaid special_ended_unpaid special_collection_paused special_collection_resumed \
        special_collection_paused_keeping_drafts special_collection_paused_giving_up \
        special_end_planned special_ended_as_planned special_change_without_proration special_anchor_reset \
        special_anchor_reset_without_proration special_schedule special_schedule_phase_ahead special_refund \
        special_credit_note special_invoice_items_deleted special_reissued special_customer_deleted special_ended_with_customer \
        change_end_withdrawn"
        .split_whitespace()
    {
        assert!(count(name) >= 3, "{name}\n{text}");
    }
}

#[test]
fn what_the_full_repertoire_leaves_alone_is_the_plain_world() {
    let (plain, full) = (Company::simulate(5, 200, 36), company(200));
    let same = plain.accounts.iter().zip(&full.accounts).filter(|(a, b)| format!("{a:?}") == format!("{b:?}")).count();
    assert!((60..=120).contains(&same), "{same} of 200 are plain");
}

#[test]
fn histories_are_in_the_order_of_time_and_end_once() {
    for account in &company(600).accounts {
        for s in &account.subscriptions {
            assert!(s.history.windows(2).all(|two| two[0].at <= two[1].at), "{s:?}");
            assert!(s.history.iter().all(|change| change.at < Horizon::NOW) && s.created() < Horizon::NOW);
            let ends = |act: &Act| matches!(act, Act::EndedAtOnce | Act::EndedWithPeriod | Act::EndedUncredited(_));
            let end = s.history.iter().position(|change| ends(&change.act));
            assert!(end.is_none_or(|n| n + 1 == s.history.len()), "nothing happens after the end: {s:?}");
        }
    }
}

/// The state at the end of every day, worked out anew for each day.
#[test]
fn the_truth_is_the_state_at_the_end_of_every_day() {
    let company = company(120);
    for zone in ["UTC", "Europe/Berlin"] {
        let zone: Tz = zone.parse().expect("a zone");
        for account in &company.accounts {
            let mut changes =
                account_days(account, &company.catalogue, zone, &Policy::default()).into_iter().peekable();
            let mut told = RunRate::default();
            let mut day = local_day(company.horizon.begin, zone);
            while day < local_day(Horizon::NOW, zone) {
                let midnight = (day + TimeDelta::days(1)).and_hms_opt(0, 0, 0).expect("midnight");
                let end = Moment(midnight.and_local_timezone(zone).earliest().expect("it exists").timestamp());
                let inherited = account.discount_at(end.plus_seconds(-1)).map(|discount| discount.coupon);
                let mut state = RunRate::default();
                for s in &account.subscriptions {
                    state += contract_rate(
                        &s.contract_before(end),
                        inherited,
                        s.currency,
                        &company.catalogue,
                        &Policy::default(),
                    );
                }
                if let Some(change) = changes.next_if(|change| change.day == day) {
                    told = change.rate;
                }
                assert_eq!(told, state, "account {} on {day} in {zone}", account.number);
                day += TimeDelta::days(1);
            }
        }
    }
}

/// A line that was collected for a whole period names what was agreed when the period began.
#[test]
fn bills_agree_with_the_world() {
    let company = company(500);
    let mut checked = 0;
    for (account, ledger) in company.accounts.iter().zip(bill_all(&company)) {
        for invoice in &ledger.invoices {
            let s = &account.subscriptions[usize::from(invoice.subscription)];
            assert!(invoice.lines.iter().all(|line| line.discount() <= line.amount.max(0)), "{invoice:?}");
            assert_eq!(invoice.settled.is_some(), !matches!(invoice.state, State::Open | State::Draft), "{invoice:?}");
            let backdated = matches!(s.history[0].act, Act::Started { opening: Opening::Backdated { .. }, .. });
            if invoice.replaces.is_some() || (backdated && invoice.sequence == 0) {
                continue;
            }
            let contract = s.contract_before(invoice.at.plus_seconds(1));
            for line in invoice.lines.iter().filter(|line| line.proration.is_none() && !line.trial) {
                let price = company.catalogue.price(line.price);
                assert_eq!(line.amount, price.charge(line.quantity).rounded());
                if !price.tariff.is_metered() {
                    let item = contract.item(line.item).expect("the item is there");
                    assert_eq!((line.price, line.quantity), (item.price, item.quantity));
                    assert_eq!(line.period, contract.cycle.period_at(invoice.at));
                    checked += 1;
                }
            }
        }
    }
    assert!(checked > 5_000, "{checked}");
}

#[test]
fn blind_spans_lie_within_the_accounts_lives() {
    let company = company(600);
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for account in &company.accounts {
        for blind in blind_spans(account, &company.catalogue, Tz::UTC) {
            assert!(blind.from < blind.until && blind.until <= local_day(Horizon::NOW, Tz::UTC), "{blind:?}");
            *kinds.entry(blind.kind).or_default() += 1;
        }
    }
    assert_eq!(
        kinds.keys().copied().collect::<Vec<_>>(),
        ["coupon", "item_deleted", "no_proration", "pause", "unpaid"]
    );
    let plain = Company::simulate(5, 100, 36);
    assert!(plain.accounts.iter().all(|a| blind_spans(a, &plain.catalogue, Tz::UTC).is_empty()));
}

#[test]
fn the_command_line_knows_the_repertoire_and_is_deterministic() {
    let truth = run(&[&["truth"][..], &WORLD].concat());
    assert_eq!(truth, run(&[&["truth"][..], &WORLD].concat()));
    let blind = run(&[&["truth", "--blind"][..], &WORLD].concat());
    assert!(blind.starts_with("account,from_day,until_day,kind\ncus_"));
    let rates = run(&["rates", "--months", "12", "--repertoire", "full"]);
    assert!(rates.starts_with("Date,USD,JPY,KWD,\n2025-12-31,"));
}

#[test]
fn the_deleted_are_stubs_and_their_subscriptions_stay() {
    let world = Served::start(&["--seed", "1", "--accounts", "200", "--months", "30", "--repertoire", "full"]);
    let customers = world.walk("/v1/customers", 100);
    let deleted: Vec<_> = world
        .walk("/v1/subscriptions?status=all", 100)
        .into_iter()
        .filter(|s| customers.iter().all(|customer| customer["id"] != s["customer"]))
        .collect();
    assert!(!deleted.is_empty());
    for subscription in deleted {
        assert!(["canceled", "incomplete_expired"].contains(&subscription["status"].as_str().expect("a status")));
        let customer = subscription["customer"].as_str().expect("an id");
        assert_eq!(world.get(&format!("/v1/customers/{customer}"))["deleted"], true);
    }
    let coupons = world.walk("/v1/coupons", 100);
    let embedded = world.walk("/v1/subscriptions?status=all&expand[]=data.discounts.source.coupon", 100);
    let discounts = embedded.iter().flat_map(|s| s["discounts"].as_array().expect("discounts"));
    let gone = discounts.map(|d| &d["source"]["coupon"]).find(|c| coupons.iter().all(|known| known["id"] != c["id"]));
    let gone = gone.expect("a deleted coupon in use");
    assert_eq!(gone["object"], "coupon");
    assert_eq!(world.ask(&format!("/v1/coupons/{}", id(gone))).status, 404);
}

#[test]
fn tiers_are_shown_to_those_who_ask() {
    let world = Served::start(&WORLD);
    let prices = world.walk("/v1/prices", 100);
    assert!(prices.iter().all(|price| price.get("tiers").is_none()));
    let asked = world.walk("/v1/prices?expand[]=data.tiers", 100);
    let tiered: Vec<_> = asked.iter().filter(|price| price["billing_scheme"] == "tiered").collect();
    assert!(tiered.len() > 8);
    for price in tiered {
        let tiers = price["tiers"].as_array().expect("tiers");
        assert!(tiers.len() == 3 && tiers[2]["up_to"].is_null() && price["unit_amount_decimal"].is_null());
    }
    let fractional = prices.iter().find(|price| price["unit_amount_decimal"] == "1.25").expect("a fraction of a cent");
    assert!(fractional["unit_amount"].is_null());
    let metered = prices.iter().find(|price| price["recurring"]["usage_type"] == "metered").expect("a metered price");
    assert_eq!(metered["recurring"]["interval"], "month");
}

#[test]
fn deleted_invoice_items_are_gone() {
    let company = company(300);
    let world = Served::start(&["--seed", "5", "--accounts", "300", "--months", "36", "--repertoire", "full"]);
    let ledgers = bill_all(&company);
    let all = ledgers.iter().flat_map(|ledger| &ledger.prorations);
    let (deleted, kept): (Vec<_>, Vec<_>) = all.partition(|proration| proration.deleted.is_some());
    assert!(deleted.len() > 2 && deleted.iter().all(|proration| proration.invoice.is_none()));
    assert_eq!(world.walk("/v1/invoiceitems", 100).len(), kept.len());
    let ids = mrr_sandbox::stripe::Ids::of(&company);
    let (account, gone) = company
        .accounts
        .iter()
        .zip(&ledgers)
        .find_map(|(account, ledger)| Some((account, ledger.prorations.iter().find(|p| p.deleted.is_some())?)))
        .expect("a deleted one");
    let id = ids.invoice_item(account.number, gone.subscription, gone.sequence);
    assert_eq!(world.ask(&format!("/v1/invoiceitems/{id}")).status, 404);
}

#[test]
fn the_products_of_a_coupon_are_shown_to_those_who_ask() {
    let world = Served::start(&WORLD);
    let coupons = world.walk("/v1/coupons", 100);
    assert!(coupons.iter().all(|coupon| coupon.get("applies_to").is_none()));
    let asked = world.walk("/v1/coupons?expand[]=data.applies_to", 100);
    let limited: Vec<_> = asked.iter().filter(|coupon| coupon.get("applies_to").is_some()).collect();
    assert_eq!(limited.len(), 6);
    for product in limited.iter().flat_map(|coupon| coupon["applies_to"]["products"].as_array().expect("products")) {
        assert_eq!(world.get(&format!("/v1/products/{}", product.as_str().expect("an id")))["object"], "product");
    }
}

/// A subscription in a currency that its price has as an option.
#[test]
fn some_prices_are_in_several_currencies() {
    let world = Served::start(&["--seed", "1", "--accounts", "200", "--months", "24", "--repertoire", "full"]);
    assert!(world.walk("/v1/prices", 100).iter().all(|price| price.get("currency_options").is_none()));
    let prices = world.walk("/v1/prices?expand[]=data.currency_options", 100);
    let mut picked = 0;
    for subscription in world.walk("/v1/subscriptions?status=all", 100) {
        for item in subscription["items"]["data"].as_array().expect("items") {
            let price = prices.iter().find(|price| price["id"] == item["price"]["id"]).expect("a listed price");
            if price["currency"] != subscription["currency"] {
                let currency = subscription["currency"].as_str().expect("a currency");
                assert!(price["currency_options"][currency]["unit_amount_decimal"].is_string(), "{price}");
                picked += 1;
            }
        }
    }
    assert!(picked > 5);
}

/// Which payment of which bill went back, and whose it was.
#[test]
fn refunds_lead_to_the_bills_that_they_are_of() {
    let world = Served::start(&WORLD);
    assert!(world.walk("/v1/invoices", 100).iter().all(|invoice| invoice.get("payments").is_none()));
    let invoices = world.walk("/v1/invoices?expand[]=data.payments", 100);
    let refunds = world.walk("/v1/refunds?expand[]=data.charge", 100);
    assert!(refunds.len() > 5);
    for refund in refunds {
        let paid = |invoice: &&serde_json::Value| {
            let payments = invoice["payments"]["data"].as_array().expect("payments");
            payments.iter().any(|payment| payment["payment"]["payment_intent"] == refund["payment_intent"])
        };
        let of: Vec<_> = invoices.iter().filter(paid).collect();
        assert_eq!(of.len(), 1, "{refund}");
        assert_eq!((&of[0]["amount_due"], &of[0]["customer"]), (&refund["amount"], &refund["charge"]["customer"]));
        assert_eq!(
            (&refund["charge"]["refunded"], &refund["charge"]["payment_intent"]),
            (&true.into(), &refund["payment_intent"])
        );
        let listed = world.get(&format!("/v1/refunds/{}", id(&refund)));
        assert_eq!(listed["charge"], refund["charge"]["id"]);
    }
}
