//! What was found against what was true: every account on every day.

use std::collections::{BTreeMap, BTreeSet};

use revenue::calendar::{Day, DayRange};
use rust_decimal::Decimal;

/// Net and gross annual run rate, in millionths.
pub type Rates = (i128, i128);
/// Per account and currency, the days on which the rates change.
pub type Book = BTreeMap<(String, String), BTreeMap<Day, Rates>>;
/// Per account, days of which something is said, and what.
pub type Spans = BTreeMap<String, Vec<(DayRange, String)>>;

/// The truth, as `sandbox truth` writes it.
pub fn read_truth(path: &str) -> Book {
    let mut book = Book::new();
    for line in std::fs::read_to_string(path).unwrap().lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let micros = |text: &str| {
            let rate = text.parse::<Decimal>().unwrap() * Decimal::from(1_000_000);
            rate.round_dp(0).to_string().parse::<i128>().unwrap()
        };
        let days = book.entry((fields[0].to_owned(), fields[2].to_owned())).or_default();
        days.insert(Day::from_date(fields[1].parse().unwrap()), (micros(fields[3]), micros(fields[4])));
    }
    book
}

/// The blind spans, as `sandbox truth --blind` writes them.
pub fn read_blind(path: &str) -> Spans {
    let mut spans = Spans::new();
    for line in std::fs::read_to_string(path).unwrap().lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let day = |text: &str| Day::from_date(text.parse().unwrap());
        let days = DayRange { from: day(fields[1]), until: day(fields[2]) };
        spans.entry(fields[0].to_owned()).or_default().push((days, fields[3].to_owned()));
    }
    spans
}

/// How many account-days came out how.
#[derive(Debug, Default)]
pub struct Tally {
    pub compared: usize,
    pub exact: usize,
    /// Exact although a doubt was raised: what doubts cost.
    pub doubted: usize,
    /// Other than the truth, and said to be a guess.
    pub graded: usize,
    /// The same by kinds of blind spots.
    pub graded_by: BTreeMap<String, usize>,
    /// Other than the truth where nothing at the source tells that it may be.
    pub untraceable: BTreeMap<String, usize>,
    /// Other than the truth for no good reason.
    pub wrong: usize,
}

impl Tally {
    /// One line for a table of seeds.
    pub fn told(&self) -> String {
        let share = |days: usize| Decimal::from(days * 100) / Decimal::from(self.compared.max(1));
        let untraceable: usize = self.untraceable.values().sum();
        format!(
            "{} account-days: exact {:.3} % (of them doubted {:.2} %), graded {:.3} % {:?}, untraceable {:.3} % {:?}, wrong {}",
            self.compared,
            share(self.exact),
            share(self.doubted),
            share(self.graded),
            self.graded_by,
            share(untraceable),
            self.untraceable,
            self.wrong,
        )
    }
}

/// Every account and day up to `last`. Without blind spans each difference is wrong.
pub fn compare(found: &Book, truth: &Book, doubts: &Spans, blind: Option<&Spans>, last: Day) -> Tally {
    let mut tally = Tally::default();
    let keys: BTreeSet<_> = found.keys().chain(truth.keys()).collect();
    let none = BTreeMap::new();
    for key in keys {
        let (found, truth) = (found.get(key).unwrap_or(&none), truth.get(key).unwrap_or(&none));
        let borders: BTreeSet<Day> = found.keys().chain(truth.keys()).filter(|day| **day <= last).copied().collect();
        let borders: Vec<Day> = borders.into_iter().chain([Day(last.0 + 1)]).collect();
        let on =
            |book: &BTreeMap<Day, Rates>, day: Day| book.range(..=day).next_back().map_or((0, 0), |(_, rates)| *rates);
        for pair in borders.windows(2) {
            let (found, truth) = (on(found, pair[0]), on(truth, pair[0]));
            let mut wrong = 0;
            for day in pair[0].0..pair[1].0 {
                wrong += tally.count(&key.0, Day(day), found == truth, doubts, blind);
            }
            if found != truth {
                let (days, from, until) = (pair[1].0 - pair[0].0, pair[0], pair[1]);
                let said = if wrong > 0 { format!(", {wrong} of {days} days wrong") } else { String::new() };
                let why = |spans: Option<&Spans>| kinds(spans.unwrap_or(&Spans::new()), &key.0, from).join(" + ");
                let (doubted, blind) = (why(Some(doubts)), why(blind));
                eprintln!(
                    "{} {}: {from} to {until}: found {found:?}, truth {truth:?}{said}; doubts: {doubted}; blind: {blind}",
                    key.0, key.1
                );
            }
        }
    }
    tally
}

impl Tally {
    /// Counts one day; answers 1 when it is wrong.
    fn count(&mut self, account: &str, day: Day, equal: bool, doubts: &Spans, blind: Option<&Spans>) -> usize {
        let doubted = !kinds(doubts, account, day).is_empty();
        let kinds = blind.map(|blind| kinds(blind, account, day)).unwrap_or_default().join("+");
        self.compared += 1;
        // Without blind spans nothing is excused but what could not be read.
        let graded = doubted && (blind.is_some() || self::kinds(doubts, account, day).contains(&"problem"));
        match (equal, graded) {
            (true, _) => {
                self.exact += 1;
                self.doubted += usize::from(doubted);
            }
            (false, true) => {
                self.graded += 1;
                *self.graded_by.entry(kinds).or_default() += 1;
            }
            (false, ..) if !kinds.is_empty() => *self.untraceable.entry(kinds).or_default() += 1,
            _ => {
                self.wrong += 1;
                return 1;
            }
        }
        0
    }
}

fn kinds<'a>(spans: &'a Spans, account: &str, day: Day) -> Vec<&'a str> {
    let spans = spans.get(account).map(Vec::as_slice).unwrap_or_default();
    let kinds: BTreeSet<&str> =
        spans.iter().filter(|(days, _)| days.contains(day)).map(|(_, kind)| kind.as_str()).collect();
    kinds.into_iter().collect()
}
