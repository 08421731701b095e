//! Laws that hold for every book, with books made from a seed.

use crate::support::{Book, day, timeline};
use proptest::prelude::*;
use revenue::calendar::Grain;
use revenue::fact::AccountFacts;
use revenue::money::Amount;

/// A charge as text: account, contract, cents, currency, interval, first month, length in days.
fn line() -> impl Strategy<Value = String> {
    (0..4u8, 0..3u8, 1..50_000u32, any::<bool>(), 0..5usize, 0..700i32, 1..500i32).prop_map(
        |(account, contract, cents, dollars, interval, start, length)| {
            let from = day("2023-01-01").0 + start;
            let date = |number: i32| revenue::calendar::Day(number).to_string();
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
        let periods = read(&lines).movements_by(grain, day("2022-12-20"), day("2025-07-10"));
        let mut before: Option<Amount> = None;
        for annual in periods {
            prop_assert_eq!(annual.explained().unwrap(), annual.closing);
            let monthly = annual.monthly();
            prop_assert_eq!(monthly.explained().unwrap(), monthly.closing);
            prop_assert_eq!(monthly.opening, annual.opening.monthly());
            prop_assert!(before.is_none_or(|closing| closing == annual.opening));
            before = Some(annual.closing);
        }
    }

    #[test]
    fn splitting_a_period_keeps_its_ends(lines in book(), cut in 1..900i32) {
        let (from, until) = (day("2022-12-20"), day("2025-07-10"));
        let cut = revenue::calendar::Day(from.0 + cut);
        let book = read(&lines);
        // A year as grain leaves ranges whole only within one; a decade is put together here.
        let ends = |from, until| {
            let periods = book.movements_by(Grain::Year, from, until);
            (periods[0].opening, periods[periods.len() - 1].closing)
        };
        let (whole, first, second) = (ends(from, until), ends(from, cut), ends(cut, until));
        prop_assert_eq!((whole.0, whole.1), (first.0, second.1));
        prop_assert_eq!(first.1, second.0);
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
        prop_assert_eq!(one.movements_by(Grain::Month, span.0, span.1), other.movements_by(Grain::Month, span.0, span.1));
    }

    #[test]
    fn accounts_partition_the_book(lines in book()) {
        let span = (day("2023-01-01"), day("2025-01-01"));
        let whole = read(&lines).movements_by(Grain::Quarter, span.0, span.1);
        let mut sums = vec![revenue::metric::Movements::default(); whole.len()];
        for account in 0..4 {
            let mine: Vec<String> = lines.iter().filter(|line| line.starts_with(&format!("a{account} "))).cloned().collect();
            for (sum, part) in sums.iter_mut().zip(read(&mine).movements_by(Grain::Quarter, span.0, span.1)) {
                let added: Vec<Amount> = sum.fields().into_iter().zip(part.fields()).map(|(a, b)| a.checked_add(b).unwrap()).collect();
                *sum = revenue::metric::Movements::from_fields(added.try_into().unwrap());
            }
        }
        prop_assert_eq!(sums, whole);
    }
}

#[test]
fn an_account_without_charges_has_an_empty_timeline() {
    assert_eq!(timeline(&AccountFacts::default()), revenue::timeline::parse("").unwrap());
}
