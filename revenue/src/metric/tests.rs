//! The fast ways against the definitions, on accounts that are as odd as the format allows.

use proptest::prelude::*;

use super::movements::plain;
use super::*;
use crate::calendar::{Day, DayRange};
use crate::money::{Amount, Currency, Exchange, Rate, RunRate};
use crate::timeline::{Steps, Timeline, TimelineBuilder};

/// The report's currency, and two that have rates.
const CODES: [&str; 3] = ["EUR", "JPY", "USD"];

/// A charge: its currency, first day, length and rate. A few are below zero.
type Charge = (usize, i32, i32, i64);

fn charge() -> impl Strategy<Value = Charge> {
    // Small numbers of days and of rates make for changes that meet and rates that cancel.
    let rate = prop_oneof![20 => 1..4i64, 4 => 1..2_000_000_000i64, 1 => -3..0i64];
    (prop_oneof![6 => Just(0usize), 2 => Just(1usize), 2 => Just(2usize)], -5..70i32, 1..40i32, rate)
}

/// An account: its charges, the days on which it belongs, and whether all are in one currency.
#[derive(Debug, Clone)]
struct Account {
    packed: Vec<u8>,
    ranges: Option<Vec<DayRange>>,
}

fn account() -> impl Strategy<Value = Account> {
    let range = (-5..70i32, 0..50i32).prop_map(|(from, days)| DayRange { from: Day(from), until: Day(from + days) });
    let ranges = prop::option::of(prop::collection::vec(range, 0..4));
    (prop::collection::vec(charge(), 0..8), any::<bool>(), ranges).prop_map(|(charges, single, ranges)| {
        let mut builder = TimelineBuilder::default();
        for (currency, from, length, rate) in charges {
            let code = if single { CODES[2] } else { CODES[currency] };
            let until = if length == 39 { Day::END } else { Day(from + length) };
            builder.add(code.parse().unwrap(), DayRange { from: Day(from), until }, RunRate(rate)).unwrap();
        }
        Account { packed: builder.pack().unwrap(), ranges }
    })
}

impl Account {
    fn timeline(&self) -> Timeline<'_> {
        Timeline::read(&self.packed).unwrap()
    }

    fn steps(&self) -> Vec<Steps<'_>> {
        self.timeline().currencies().map(Result::unwrap).collect()
    }

    fn membership(&self) -> Membership<'_> {
        self.ranges.as_deref().map_or(Membership::Always, Membership::On)
    }
}

/// A report on days that ascend, with a rate for each.
fn report() -> impl Strategy<Value = Exchange> {
    prop::collection::vec((-10..80i32, 1..3_000_000_000_000i128, 1..20_000_000_000i128), 1..12).prop_map(|mut days| {
        days.sort_by_key(|(day, ..)| *day);
        let code = |code: &str| code.parse::<Currency>().unwrap();
        let rows = vec![
            (code(CODES[1]), days.iter().map(|(_, _, rate)| Some(Rate(*rate))).collect()),
            (code(CODES[2]), days.iter().map(|(_, rate, _)| Some(Rate(*rate))).collect()),
        ];
        Exchange::new(code(CODES[0]), days.iter().map(|(day, ..)| Day(*day)).collect(), rows)
    })
}

/// Some of the accounts in one state and the rest in another, joined as two workers' are: one as
/// it is, one as what it has summed up.
fn joined<S>(
    accounts: &[Account],
    make: impl Fn() -> S,
    mut add: impl FnMut(&mut S, &Account),
    settle: impl Fn(&S) -> S,
    merge: impl Fn(&mut S, &S),
) -> S {
    let (mut one, mut other, mut third) = (make(), make(), make());
    for (place, account) in accounts.iter().enumerate() {
        add([&mut one, &mut other, &mut third][place % 3], account);
    }
    merge(&mut one, &settle(&other));
    merge(&mut one, &third);
    one
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn movements_are_what_each_period_says(accounts in prop::collection::vec(account(), 0..6), report in report()) {
        let mut expect = vec![Movements::default(); report.days().len() - 1];
        for account in &accounts {
            plain::add(&mut expect, &account.steps(), &report, account.membership()).unwrap();
        }
        let found = joined(
            &accounts,
            || MovementsState::new(&report).unwrap(),
            |state, account| state.add(account.timeline(), &report, account.membership()).unwrap(),
            |state| MovementsState::settled(&report, state.sums(&report).unwrap()).unwrap(),
            |one, other| one.merge(other).unwrap(),
        );
        prop_assert_eq!(found.sums(&report).unwrap(), expect);
    }

    #[test]
    fn states_are_what_each_day_says(
        accounts in prop::collection::vec(account(), 0..6),
        report in report(),
        turned in any::<bool>(),
    ) {
        // The days of states come in any order.
        let mut days = report.days().to_vec();
        if turned {
            days.reverse();
        }
        let code = |code: &str| code.parse::<Currency>().unwrap();
        let count = days.len() as i128;
        let rates = |by: i128| (0..count).map(|place| Some(Rate(by + place))).collect();
        let report = Exchange::new(code(CODES[0]), days, vec![(code(CODES[1]), rates(7)), (code(CODES[2]), rates(1 << 40))]);
        let mut expect = vec![Amount::ZERO; report.days().len()];
        for account in &accounts {
            for (index, sum) in expect.iter_mut().enumerate() {
                if account.membership().on(report.days()[index]) {
                    let amount = account_amount(account.timeline(), &report, index, index).unwrap();
                    *sum = sum.checked_add(amount).unwrap();
                }
            }
        }
        let found = joined(
            &accounts,
            || States::new(&report).unwrap(),
            |state, account| state.add(account.timeline(), account.membership()).unwrap(),
            |state| States::settled(&report, state.sums(&report).unwrap()).unwrap(),
            |one, other| one.merge(other).unwrap(),
        );
        prop_assert_eq!(found.sums(&report).unwrap(), expect);
    }

    #[test]
    fn retention_is_what_both_ends_say(accounts in prop::collection::vec(account(), 0..6), report in report()) {
        let days = report.days();
        let ends = Exchange::new(report.target(), vec![days[0], Day(days[0].0 + 30)], vec![
            (CODES[1].parse().unwrap(), vec![Some(Rate(6_000_000_000)), None]),
            (CODES[2].parse().unwrap(), vec![Some(Rate(912_345_678_901)), None]),
        ]);
        let mut expect = Retention::default();
        for account in &accounts {
            let at = |index| account_amount(account.timeline(), &ends, index, 0).unwrap();
            let (opening, closing) = (at(0), at(1));
            if opening > Amount::ZERO {
                expect.opening.0 += opening.0;
                expect.closing.0 += closing.0;
                expect.kept.0 += opening.min(closing).0;
                expect.accounts += 1;
                expect.lost += u64::from(closing <= Amount::ZERO);
            }
        }
        let found = joined(
            &accounts,
            || RetentionState::new(&ends).unwrap(),
            |state, account| state.add(account.timeline(), &ends).unwrap(),
            |state| RetentionState::settled(&ends, state.sums(&ends).unwrap()).unwrap(),
            |one, other| one.merge(other).unwrap(),
        );
        prop_assert_eq!(found.sums(&ends).unwrap(), expect);
    }
}

/// The triangle by its definition: each account, cohort and period on its own.
fn triangle(accounts: &[Account], report: &Exchange) -> Vec<Vec<Retained>> {
    let days = report.days();
    let periods = days.len() - 1;
    let mut cells: Vec<Vec<Retained>> =
        (0..periods).map(|cohort| vec![Retained::default(); periods - cohort]).collect();
    for account in accounts {
        let Some(first) = account.steps().iter().filter_map(|steps| steps.first_day()).min() else { continue };
        for cohort in 0..periods {
            let at = |place| account_amount(account.timeline(), report, place, cohort + 1).unwrap();
            let begins = days[cohort] < first && first <= days[cohort + 1];
            if !begins || at(cohort + 1) <= Amount::ZERO || !account.membership().on(days[cohort + 1]) {
                continue;
            }
            for (age, cell) in cells[cohort].iter_mut().enumerate() {
                let annual = at(cohort + 1 + age);
                cell.accounts += u64::from(annual > Amount::ZERO);
                cell.annual.0 += annual.0;
            }
        }
    }
    cells
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn triangles_are_what_each_cell_says(accounts in prop::collection::vec(account(), 0..6), report in report()) {
        let found = joined(
            &accounts,
            || TriangleState::new(&report).unwrap(),
            |state, account| state.add(account.timeline(), &report, account.membership()).unwrap(),
            |state| TriangleState::settled(&report, state.sums(&report).unwrap().into_iter().flatten()).unwrap(),
            |one, other| one.merge(other).unwrap(),
        );
        prop_assert_eq!(found.sums(&report).unwrap(), triangle(&accounts, &report));
    }
}

#[test]
fn who_is_gone_at_the_end_of_month_0_is_in_no_cohort() {
    let day = |text: &str| Day::from_date(text.parse().unwrap());
    let report = Exchange::new(
        CODES[0].parse().unwrap(),
        ["2024-12-31", "2025-01-31", "2025-02-28", "2025-03-31"].map(day).to_vec(),
        Vec::new(),
    );
    let mut state = TriangleState::new(&report).unwrap();
    for account in [
        "EUR 2024-12-31 100",                               // before the first period
        "EUR 2025-01-01 100",                               // stays
        "EUR 2025-01-31 100, 2025-02-10 300, 2025-03-31 0", // grows and leaves
        "EUR 2025-01-05 100, 2025-01-20 0, 2025-02-10 500", // gone by the end of January
        "EUR 2025-02-01 10, 2025-03-01 0, 2025-03-31 5",    // of February, gone and back
    ] {
        let packed = crate::timeline::parse(account).unwrap();
        state.add(Timeline::read(&packed).unwrap(), &report, Membership::Always).unwrap();
    }
    let sums = state.sums(&report).unwrap();
    let shown: Vec<Vec<String>> =
        sums.iter().map(|row| row.iter().map(|cell| format!("{} {}", cell.accounts, cell.annual)).collect()).collect();
    assert_eq!(shown, [vec!["2 200", "2 400", "1 100"], vec!["1 10", "1 5"], vec!["0 0"]]);
}

#[test]
fn a_rate_is_missed_only_where_it_is_needed() {
    let usd = CODES[2].parse().unwrap();
    let mut builder = TimelineBuilder::default();
    builder.add(usd, DayRange { from: Day(10), until: Day(20) }, RunRate(5)).unwrap();
    let packed = builder.pack().unwrap();
    let movements = |days: [i32; 3]| {
        let days: Vec<Day> = days.map(Day).to_vec();
        let report = Exchange::new(CODES[0].parse().unwrap(), days, vec![(usd, vec![None, Some(Rate::ONE), None])]);
        let mut state = MovementsState::new(&report).unwrap();
        state.add(Timeline::read(&packed).unwrap(), &report, Membership::Always).unwrap();
        state.sums(&report).map(|sums| sums[0].closing.0).map_err(|error| error.to_string())
    };
    assert_eq!(movements([1, 2, 5]), Ok(0));
    assert_eq!(
        movements([1, 12, 13]).unwrap_err(),
        "no exchange rate from USD to EUR on 2000-01-14 or in the seven days before it"
    );
    assert_eq!(
        movements([12, 13, 14]).unwrap_err(),
        "no exchange rate from USD to EUR on 2000-01-13 or in the seven days before it"
    );
}
