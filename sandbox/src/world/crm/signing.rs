//! From what customers subscribe to, to the deals that sales people made of it.
//!
//! A deal is what was signed, not what is billed: it has a term, it is renewed by another one, and nobody looks at it
//! when seats come and go.

use chrono::{Datelike, NaiveDate};

use super::deal::{Amendment, Deal, Frequency, LineItem, Stage, Start, Terms};
use super::firm::Firm;
use crate::random::Random;
use crate::world::Company;
use crate::world::account::Account;
use crate::world::clock::{DAY, Moment};
use crate::world::cycle::Interval;
use crate::world::money::Currency;
use crate::world::subscription::Subscription;

/// The deals of one company, in the order of their numbers.
pub fn deals(random: &mut Random, firm: &Firm, accounts: &[&Account], company: &Company) -> Vec<Deal> {
    let mut deals = Vec::new();
    for subscription in accounts.iter().flat_map(|account| &account.subscriptions) {
        let Some(frequency) = frequency(subscription) else { continue };
        let mut signed = subscription.started();
        let mut renewal = false;
        // Each term is a deal of its own, for as long as there is a subscription.
        while signed < company.horizon.now && deals.len() < 60 {
            let term = term(random, frequency);
            let mut deal = sign(random, subscription, company, Signing { at: signed, frequency, term, renewal });
            (deal.firm, deal.of, deal.number) = (Some(firm.number), firm.number, deals.len() as u32);
            let over = term.map(|months| signed.plus_months(months));
            let ended = subscription.ended().filter(|ended| over.is_none_or(|over| *ended < over));
            if let Some(ended) = ended
                && random.per_mille(500)
            {
                deal.stages.push((ended, Stage::Lost));
            }
            mess(random, &mut deal, company);
            deals.push(deal);
            match (over, ended) {
                (Some(over), None) => signed = over,
                _ => break,
            }
            renewal = true;
        }
    }
    if random.per_mille(200) {
        let at = firm.created.plus_seconds(random.between(1, 400) * DAY);
        if at < company.horizon.now {
            deals.push(never_won(random, firm, at, deals.len() as u32));
        }
    }
    deals
}

struct Signing {
    at: Moment,
    frequency: Frequency,
    term: Option<u32>,
    renewal: bool,
}

fn frequency(subscription: &Subscription) -> Option<Frequency> {
    match subscription.contract_before(subscription.started().plus_seconds(1)).cycle.interval {
        Interval::Week => Some(Frequency::Weekly),
        Interval::Month => Some(Frequency::Monthly),
        Interval::Quarter => Some(Frequency::Quarterly),
        Interval::Year => Some(Frequency::Annually),
        Interval::TwoYears => Some(Frequency::TwoYearly),
        // No frequency that a deal can have.
        Interval::Day | Interval::FourWeeks => None,
    }
}

fn term(random: &mut Random, frequency: Frequency) -> Option<u32> {
    match frequency {
        Frequency::TwoYearly => Some(24),
        Frequency::Annually => Some(*random.one_of(&[12, 12, 24, 36, 18])),
        _ => (!random.per_mille(400)).then(|| *random.one_of(&[12, 12, 6, 24])),
    }
}

fn sign(random: &mut Random, subscription: &Subscription, company: &Company, signing: Signing) -> Deal {
    let Signing { at, frequency, term, renewal } = signing;
    let created = Moment(at.0 - random.between(20, 90) * DAY - random.between(0, 50_000));
    let contract = subscription.contract_before(at.plus_seconds(1));
    let day = at.utc().date_naive();
    let start = match random.below(1000) {
        0..250 => Start::AtClose,
        250..320 => Start::On(first_of_next_month(day)),
        320..360 => Start::On(day - chrono::Days::new(10)),
        _ => Start::On(day),
    };
    let percent = if random.per_mille(200) { *random.one_of(&[5, 10, 15, 33]) } else { 0 };
    let mut lines: Vec<LineItem> = Vec::new();
    for item in contract.items.iter().take(6) {
        let price = company.catalogue.price(item.price);
        let unit = price.charge(item.quantity.max(1)).rounded() / i64::from(item.quantity.max(1));
        if price.tariff.is_metered() || unit == 0 {
            continue;
        }
        let terms = Terms { quantity: item.quantity.max(1), unit, percent };
        let name = company.catalogue.products[price.product.0].name.clone();
        let amendments = vec![Amendment { at: created, terms }];
        lines.push(LineItem { name, frequency: Some(frequency), start, term_months: term, amendments });
    }
    // A ramp: the second year costs more, and never adds to the first.
    if term == Some(24) && frequency == Frequency::Annually && random.per_mille(500) {
        let day = match start {
            Start::On(day) => day,
            Start::AtClose => day,
        };
        let next = day.with_year(day.year() + 1).unwrap_or(day + chrono::Days::new(365));
        let ramp: Vec<LineItem> = lines.iter().map(|line| ramped(line, next)).collect();
        lines.iter_mut().for_each(|line| (line.start, line.term_months) = (Start::On(day), Some(12)));
        lines.extend(ramp);
    }
    if random.per_mille(150) {
        let terms = Terms { quantity: 1, unit: 500_000, percent: 0 };
        let amendments = vec![Amendment { at: created, terms }];
        let name = "Onboarding".to_owned();
        lines.push(LineItem { name, frequency: None, start: Start::AtClose, term_months: None, amendments });
    }
    Deal {
        number: 0,
        firm: None,
        of: 0,
        name: if renewal { "Renewal".into() } else { "New business".into() },
        renewal,
        currency: subscription.currency,
        stages: vec![
            (created, Stage::Appointment),
            (Moment(created.0 + (at.0 - created.0) / 2), Stage::ContractSent),
            (at, Stage::Won),
        ],
        close: at,
        lines,
        archived: None,
    }
}

fn ramped(line: &LineItem, from: NaiveDate) -> LineItem {
    let mut next = line.clone();
    for amendment in &mut next.amendments {
        amendment.terms.unit *= 2;
    }
    (next.start, next.term_months) = (Start::On(from), Some(12));
    next
}

fn first_of_next_month(day: NaiveDate) -> NaiveDate {
    let first = day.with_day(1).unwrap_or(day);
    first.checked_add_months(chrono::Months::new(1)).unwrap_or(day)
}

/// What people do to deals.
fn mess(random: &mut Random, deal: &mut Deal, company: &Company) {
    let now = company.horizon.now;
    let signed = deal.close;
    let still_won = deal.stages.len() == 3;
    match random.below(1000) {
        // Reopened for some days to correct it.
        0..40 if still_won => {
            let reopened = signed.plus_seconds(random.between(2, 60) * DAY);
            deal.stages.push((reopened, Stage::ContractSent));
            deal.stages.push((reopened.plus_seconds(random.between(1, 20) * DAY), Stage::Won));
        }
        // More seats, noted in the line itself.
        40..120 => {
            let at = signed.plus_seconds(random.between(20, 200) * DAY);
            for line in deal.lines.iter_mut().take(1).filter(|line| line.frequency.is_some() && at < now) {
                let mut terms = line.amendments[0].terms;
                terms.quantity += 3;
                line.amendments.push(Amendment { at, terms });
            }
        }
        120..150 => deal.archived = Some(signed.plus_seconds(random.between(30, 300) * DAY)).filter(|at| *at < now),
        // Nobody wrote down with whom.
        150..160 => deal.firm = None,
        _ => {}
    }
    let over = deal.archived.unwrap_or(now);
    deal.stages.retain(|(at, _)| *at < over);
}

/// A deal that is still open, or came to nothing.
fn never_won(random: &mut Random, firm: &Firm, at: Moment, number: u32) -> Deal {
    let mut stages = vec![(at, Stage::Appointment)];
    if random.per_mille(500) {
        stages.push((at.plus_seconds(30 * DAY), Stage::Lost));
    }
    let terms = Terms { quantity: 5, unit: 4_900, percent: 0 };
    let line = LineItem {
        name: "Team".into(),
        frequency: Some(Frequency::Monthly),
        start: Start::AtClose,
        term_months: Some(12),
        amendments: vec![Amendment { at, terms }],
    };
    Deal {
        number,
        firm: Some(firm.number),
        of: firm.number,
        name: "Expansion".into(),
        renewal: true,
        currency: Currency::Eur,
        stages,
        close: at.plus_seconds(60 * DAY),
        lines: vec![line],
        archived: None,
    }
}
