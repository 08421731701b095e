//! Laws that hold for every book, with books made from a seed.

use crate::support::{Book, day};
use proptest::prelude::*;
use revenue::calendar::{Day, DayRange, Grain};
use revenue::metric::Membership;
use revenue::money::Amount;

/// A charge as text: account, contract, cents, currency, interval, first month, length in days.
fn line() -> impl Strategy<Value = String> {
    (0..4u8, 0..3u8, 1..50_000u32, any::<bool>(), 0..5usize, 0..700i32, 1..500i32).prop_map(
        |(account, contract, cents, dollars, interval, start, length)| {
            let from = day("2023-01-01").0 + start;
            let date = |number: i32| Day(number).to_string();
            let interval = ["1 month", "3 months", "1 year", "1 week", "7 months"][interval];
            let currency = if dollars { "USD" } else { "EUR" };
            format!(
                "a{account} c{contract}/i{start} {}.{:02} {currency} every {interval} {}..{}",
                cents / 100,
                cents % 100,
                date(from),
                date(from + length),
            )
        },
    )
}

const RATES: &str = "rate 2022-01-01 0.9123\nrate 2023-05-05 0.95\nrate 2023-11-01 0.87654321\nrate 2024-06-01 1.01";

fn book() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(line(), 0..25)
}

fn read(lines: &[String]) -> Book {
    Book::read(&format!("{}\n{RATES}", lines.join("\n")))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn opening_and_movements_are_closing(lines in book(), grain in 0..4usize) {
        let grain = [Grain::Week, Grain::Month, Grain::Quarter, Grain::Year][grain];
        let periods = read(&lines).movements_by(grain, day("2022-12-20"), day("2025-07-10"), |_| Membership::Always);
        let mut before: Option<Amount> = None;
        for annual in periods {
            prop_assert_eq!(annual.explained().unwrap(), annual.closing);
            let monthly = annual.monthly(18);
            prop_assert_eq!(monthly.explained().unwrap(), monthly.closing);
            prop_assert_eq!(monthly.opening, annual.opening.monthly());
            prop_assert!(before.is_none_or(|closing| closing == annual.opening));
            before = Some(annual.closing);
        }
    }

    #[test]
    fn splitting_a_period_keeps_its_ends_and_its_change(lines in book(), cut in 1..900i32) {
        let (from, until) = (day("2022-12-20"), day("2025-07-10"));
        let cut = Day(from.0 + cut);
        let book = read(&lines);
        let change = |from, until| {
            let periods = book.movements_by(Grain::Month, from, until, |_| Membership::Always);
            let (opening, closing) = (periods[0].opening, periods[periods.len() - 1].closing);
            let moved: i128 = periods.iter().map(|period| period.explained().unwrap().0 - period.opening.0).sum();
            (opening, moved, closing)
        };
        let (whole, first, second) = (change(from, until), change(from, cut), change(cut, until));
        prop_assert_eq!(first.2, second.0);
        prop_assert_eq!((whole.0, whole.2), (first.0, second.2));
        prop_assert_eq!(whole.1, first.1 + second.1);
    }

    #[test]
    fn cohorts_that_partition_the_book_add_up_to_it(lines in book(), moves in prop::collection::vec(0..900i32, 4)) {
        // Each account belongs to one cohort until a day of its own, and to the other from then on.
        let until = |account: &str| Day(day("2022-12-20").0 + moves[usize::from(account.as_bytes()[1] - b'0')]);
        let first: Vec<[DayRange; 1]> =
            (0..4).map(|n| [DayRange { from: Day::START, until: until(&format!("a{n}")) }]).collect();
        let second: Vec<[DayRange; 1]> =
            (0..4).map(|n| [DayRange { from: until(&format!("a{n}")), until: Day::END }]).collect();
        let place = |account: &str| usize::from(account.as_bytes()[1] - b'0');
        let book = read(&lines);
        let (from, to) = (day("2022-12-20"), day("2025-07-10"));
        let whole = book.movements_by(Grain::Month, from, to, |_| Membership::Always);
        let one = book.movements_by(Grain::Month, from, to, |account| Membership::On(&first[place(account)]));
        let other = book.movements_by(Grain::Month, from, to, |account| Membership::On(&second[place(account)]));
        for ((whole, one), other) in whole.iter().zip(&one).zip(&other) {
            prop_assert_eq!(one.explained().unwrap(), one.closing);
            prop_assert_eq!(other.explained().unwrap(), other.closing);
            prop_assert_eq!(one.opening.0 + other.opening.0, whole.opening.0);
            prop_assert_eq!(one.closing.0 + other.closing.0, whole.closing.0);
            // Who comes and goes does so somewhere; who moves from one to the other does neither.
            prop_assert_eq!(one.new.0 + other.new.0, whole.new.0);
            prop_assert_eq!(one.reactivation.0 + other.reactivation.0, whole.reactivation.0);
            prop_assert_eq!(one.churn.0 + other.churn.0, whole.churn.0);
        }
    }

    #[test]
    fn a_segment_told_twice_over_touching_ranges_is_one(lines in book(), cut in 1..500i32) {
        // The same charge, cut in two at some day, changes nothing.
        let halves: Vec<String> = lines.iter().flat_map(|line| {
            let (head, range) = line.rsplit_once(' ').unwrap();
            let (from, until) = range.split_once("..").unwrap();
            let middle = Day(day(from).0 + cut);
            if middle >= day(until) {
                return vec![line.clone()];
            }
            vec![format!("{head} {from}..{middle}"), format!("{head} {middle}..{until}")]
        }).collect();
        let span = (day("2023-01-01"), day("2025-01-01"));
        prop_assert_eq!(
            read(&halves).movements_by(Grain::Month, span.0, span.1, |_| Membership::Always),
            read(&lines).movements_by(Grain::Month, span.0, span.1, |_| Membership::Always)
        );
    }

    #[test]
    fn order_does_not_matter(lines in book(), seed in any::<u64>()) {
        let mut shuffled = lines.clone();
        // A fixed shuffle from the seed: swaps at places that depend on it.
        for place in (1..shuffled.len()).rev() {
            shuffled.swap(place, (seed.rotate_left(place as u32) % (place as u64 + 1)) as usize);
        }
        let (one, other) = (read(&lines), read(&shuffled));
        let span = (day("2023-01-01"), day("2025-01-01"));
        prop_assert_eq!(one.movements_by(Grain::Month, span.0, span.1, |_| Membership::Always), other.movements_by(Grain::Month, span.0, span.1, |_| Membership::Always));
    }

    #[test]
    fn accounts_partition_the_book(lines in book()) {
        let span = (day("2023-01-01"), day("2025-01-01"));
        let whole = read(&lines).movements_by(Grain::Quarter, span.0, span.1, |_| Membership::Always);
        let mut sums = vec![revenue::metric::Movements::default(); whole.len()];
        for account in 0..4 {
            let mine: Vec<String> = lines.iter().filter(|line| line.starts_with(&format!("a{account} "))).cloned().collect();
            for (sum, part) in sums.iter_mut().zip(read(&mine).movements_by(Grain::Quarter, span.0, span.1, |_| Membership::Always)) {
                let added: Vec<Amount> = sum.fields().into_iter().zip(part.fields()).map(|(a, b)| a.checked_add(b).unwrap()).collect();
                *sum = revenue::metric::Movements::from_fields(added.try_into().unwrap());
            }
        }
        prop_assert_eq!(sums, whole);
    }
}
