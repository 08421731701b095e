//! Billing documents agree with the world that they were written from.

use std::collections::HashMap;

use mrr_sandbox::billing::{Invoice, Ledger, Reason, bill_all};
use mrr_sandbox::world::Company;
use mrr_sandbox::world::catalogue::Reduction;
use mrr_sandbox::world::clock::Moment;
use mrr_sandbox::world::subscription::{Act, Edit, Subscription};

fn world() -> (Company, Vec<Ledger>) {
    let company = Company::simulate(11, 250, 36);
    let ledgers = bill_all(&company);
    (company, ledgers)
}

fn subscriptions<'a>(
    company: &'a Company,
    ledgers: &'a [Ledger],
) -> impl Iterator<Item = (&'a Subscription, &'a Ledger, Vec<&'a Invoice>)> {
    company.accounts.iter().zip(ledgers).flat_map(|(account, ledger)| {
        account.subscriptions.iter().map(move |subscription| {
            let of_it = |invoice: &&Invoice| invoice.subscription == subscription.number;
            (subscription, ledger, ledger.invoices.iter().filter(of_it).collect())
        })
    })
}

#[test]
fn balances_carry_credits_forward() {
    let (_, ledgers) = world();
    let mut credits = 0;
    for ledger in &ledgers {
        let mut balance = 0;
        for invoice in &ledger.invoices {
            assert_eq!(invoice.starting_balance, balance);
            assert_eq!(invoice.starting_balance + invoice.total(), invoice.due + invoice.ending_balance);
            assert!(invoice.due >= 0 && invoice.ending_balance <= 0);
            balance = invoice.ending_balance;
            credits += usize::from(balance < 0);
        }
        assert_eq!(ledger.balance, balance);
        assert!(ledger.invoices.windows(2).all(|two| two[0].at <= two[1].at));
    }
    assert!(credits > 20, "{credits}");
}

#[test]
fn every_period_has_one_plain_line_for_each_item() {
    let (company, ledgers) = world();
    for (subscription, _, invoices) in subscriptions(&company, &ledgers) {
        let mut expected_start = subscription.started();
        for invoice in invoices.iter().filter(|invoice| invoice.lines.iter().any(|l| l.proration.is_none())) {
            let plain: Vec<_> = invoice.lines.iter().filter(|line| line.proration.is_none()).collect();
            // What is billed is what was agreed the second after the period began.
            let contract = subscription.contract_before(invoice.at.plus_seconds(1));
            let billed: Vec<_> = plain.iter().map(|l| (l.item, l.price, l.quantity)).collect();
            let agreed: Vec<_> = contract.items.iter().map(|i| (i.number, i.price, i.quantity)).collect();
            assert_eq!(billed, agreed);
            assert_eq!(plain[0].period, contract.cycle.period_at(invoice.at));
            assert_eq!(plain[0].period.from, invoice.at);
            for line in &plain {
                assert_eq!(line.period, plain[0].period);
                let price = company.catalogue.price(line.price);
                assert_eq!(
                    (price.currency, line.amount),
                    (subscription.currency, price.charge(line.quantity).rounded())
                );
            }
            if invoice.reason == Reason::Renewed {
                assert_eq!(invoice.at, expected_start, "periods follow each other without a gap");
            }
            expected_start = plain[0].period.to;
        }
        // It was billed up to its end, or up to now.
        let until = subscription.ended().unwrap_or(company.horizon.now);
        assert!(expected_start >= until, "{subscription:?}");
    }
}

#[test]
fn reductions_are_exact_on_every_invoice() {
    let (company, ledgers) = world();
    let mut larger_than_the_invoice = 0;
    for (subscription, _, invoices) in subscriptions(&company, &ledgers) {
        let reduction = subscription.first_coupon().map(|number| company.catalogue.coupon(number).reduction);
        for invoice in invoices {
            let plain: i64 = invoice.lines.iter().filter(|l| l.proration.is_none()).map(|l| l.amount).sum();
            match reduction {
                None => assert_eq!(invoice.discount(), 0),
                Some(Reduction::Fixed(_, off)) => {
                    assert_eq!(invoice.discount(), off.min(plain));
                    larger_than_the_invoice += usize::from(plain > 0 && off > plain);
                }
                Some(Reduction::Percent(hundredths)) => {
                    for line in invoice.lines.iter().filter(|line| line.proration.is_none()) {
                        let twice = line.amount * i64::from(hundredths) * 2;
                        assert!((twice - line.discount() * 20_000).abs() <= 10_000, "within half a cent");
                    }
                }
            }
        }
    }
    assert!(larger_than_the_invoice > 0);
}

#[test]
fn prorations_tell_each_change_once() {
    let (company, ledgers) = world();
    let mut pairs = 0;
    for (subscription, ledger, _) in subscriptions(&company, &ledgers) {
        let mut by_moment: HashMap<Moment, Vec<_>> = HashMap::new();
        for proration in ledger.prorations.iter().filter(|p| p.subscription == subscription.number) {
            by_moment.entry(proration.period.from).or_default().push(proration);
        }
        for change in &subscription.history {
            let before = subscription.contract_before(change.at);
            let found = by_moment.remove(&change.at).unwrap_or_default();
            let shape: Vec<(u16, bool)> = found.iter().map(|p| (p.item, p.amount < 0)).collect();
            let mut expected: Vec<(u16, bool)> = Vec::new();
            match &change.act {
                Act::Amended { edits, .. } => {
                    for edit in edits {
                        match edit {
                            Edit::Add(item) => expected.push((item.number, false)),
                            Edit::Remove { item } => expected.push((*item, true)),
                            Edit::Quantity { item, .. } | Edit::Price { item, .. } | Edit::Replace { item, .. } => {
                                expected.extend([(*item, true), (*item, false)]);
                                pairs += 1;
                            }
                        }
                    }
                }
                Act::Switched { .. } | Act::EndedAtOnce => {
                    expected.extend(before.items.iter().map(|item| (item.number, true)));
                }
                _ => {}
            }
            // A credit of less than half a cent rounds to nothing and has no sign.
            if found.iter().all(|p| p.amount != 0) {
                assert_eq!(shape, expected, "{change:?}");
            } else {
                assert_eq!(shape.len(), expected.len());
            }
            if let (Some(first), false) = (found.first(), before.items.is_empty()) {
                let running = before.cycle.period_at(change.at);
                assert!(found.iter().all(|p| p.period == first.period && p.period.to == running.to));
                assert!(running.from < change.at, "no change falls on a renewal");
            }
        }
        assert!(by_moment.is_empty(), "a proration without a change");
    }
    assert!(pairs > 500, "{pairs}");
}

#[test]
fn each_proration_is_billed_once_or_waits() {
    let (company, ledgers) = world();
    for (account, ledger) in company.accounts.iter().zip(&ledgers) {
        for (number, proration) in ledger.prorations.iter().enumerate() {
            let lines: Vec<_> = ledger
                .invoices
                .iter()
                .enumerate()
                .flat_map(|(n, i)| i.lines.iter().map(move |line| (n, line)))
                .filter(|(_, line)| line.proration == Some(number))
                .collect();
            match (proration.invoice, &lines[..]) {
                (Some(invoice), [(n, line)]) => {
                    assert_eq!((*n, line.amount, line.period), (invoice, proration.amount, proration.period));
                }
                (None, []) => {
                    let subscription = &account.subscriptions[usize::from(proration.subscription)];
                    assert!(subscription.ended().is_none(), "an end leaves nothing to be billed");
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn half_a_month_of_a_second_seat_costs_half() {
    let (company, ledgers) = world();
    for (subscription, ledger, _) in subscriptions(&company, &ledgers) {
        if subscription.first_coupon().is_some() {
            continue;
        }
        for proration in ledger.prorations.iter().filter(|p| p.subscription == subscription.number) {
            let before = subscription.contract_before(proration.period.from);
            let running = before.cycle.period_at(proration.period.from);
            let full = company.catalogue.price(proration.price).charge(proration.quantity).rounded();
            let exact = i128::from(full) * i128::from(proration.period.seconds());
            let billed = i128::from(proration.amount.abs()) * i128::from(running.seconds());
            assert!((exact - billed).abs() * 2 <= i128::from(running.seconds()), "to the second, within half a cent");
        }
    }
}
