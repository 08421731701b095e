//! A book written as text, so that a case is data.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use revenue::calendar::{Day, DayRange, Grain, Interval, Zone};
use revenue::fact::{AccountFacts, Charge, Discount, DiscountScope, DiscountValue, Duration, Evidence};
use revenue::metric::{
    Membership, Movements, MovementsState, Retention, RetentionState, States, gross_retention, net_retention,
};
use revenue::money::{Amount, Currency, Exchange, Rate};
use revenue::segment::{Segment, segments};
use revenue::timeline::{Timeline, TimelineBuilder};

/// Timelines of all accounts of a book, and the rates from USD to EUR.
pub struct Book {
    timelines: BTreeMap<String, Vec<u8>>,
    segments: Vec<Segment>,
    rates: BTreeMap<Day, Rate>,
}

impl Book {
    /// Reads a book. A line is one of
    ///
    /// ```text
    /// ACCOUNT CONTRACT/ITEM [QUANTITY x] AMOUNT CURRENCY every INTERVAL FROM..[UNTIL]
    /// ACCOUNT CONTRACT off AMOUNT|PERCENT% [CURRENCY] forever|repeating|once FROM..[UNTIL]
    /// rate DAY DECIMAL
    /// ```
    ///
    /// `N*` before a line repeats it for N accounts.
    pub fn read(text: &str) -> Self {
        let mut facts: BTreeMap<String, AccountFacts> = BTreeMap::new();
        let mut rates = BTreeMap::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (count, line) = match line.split_once("* ") {
                Some((count, line)) => (count.parse().unwrap(), line),
                None => (1, line),
            };
            let words: Vec<&str> = line.split_whitespace().collect();
            if let ["rate", on, rate] = words[..] {
                let scaled: Amount = rate.parse().unwrap();
                rates.insert(day(on), Rate(scaled.0 / 1_000_000));
                continue;
            }
            for number in 0..count {
                let account = if count > 1 { format!("{}{number}", words[0]) } else { words[0].to_owned() };
                let facts = facts.entry(account).or_default();
                if words[2] == "off" {
                    facts.discounts.push(discount(&words));
                } else {
                    facts.charges.push(charge(&words));
                }
            }
        }
        let segments: BTreeMap<String, Vec<Segment>> =
            facts.into_iter().map(|(account, facts)| (account, segments_of(&facts))).collect();
        let timelines = segments.iter().map(|(account, segments)| (account.clone(), timeline(segments))).collect();
        Self { timelines, segments: segments.into_values().flatten().collect(), rates }
    }

    fn exchange(&self, days: Vec<Day>) -> Exchange {
        let rate = |day: &Day| self.rates.range(..=*day).next_back().map(|(_, rate)| *rate);
        let row = days.iter().map(rate).collect();
        Exchange::new("EUR".parse().unwrap(), days, vec![("USD".parse().unwrap(), row)])
    }

    fn accounts(&self) -> impl Iterator<Item = Timeline<'_>> {
        self.timelines.values().map(|packed| Timeline::read(packed).unwrap())
    }

    fn state(&self, on: &str) -> Amount {
        let exchange = self.exchange(vec![day(on)]);
        let mut states = States::new(&exchange).unwrap();
        self.accounts().for_each(|timeline| states.add(timeline, Membership::Always).unwrap());
        states.sums(&exchange).unwrap()[0]
    }

    /// MRR at the end of a day.
    pub fn mrr(&self, on: &str) -> String {
        self.state(on).monthly().to_string()
    }

    /// ARR at the end of a day.
    pub fn arr(&self, on: &str) -> String {
        self.state(on).to_string()
    }

    /// What each item in force on a day is worth a month, after discounts.
    pub fn items(&self, on: &str) -> String {
        let in_force = self.segments.iter().filter(|segment| segment.days.contains(day(on)));
        let worth = in_force.map(|segment| {
            let annual = Amount(i128::from(segment.net.0) * 1_000_000_000_000);
            format!("{} {}", segment.item, annual.monthly())
        });
        worth.collect::<Vec<_>>().join(", ")
    }

    /// The movements of `[from, until)`, as `name amount` pairs of those that are not 0.
    pub fn movements(&self, from: &str, until: &str) -> String {
        let all = self.movements_by(Grain::Year, day(from), day(until), |_| Membership::Always);
        let total = all.iter().map(|movements| movements.monthly(18)).next().unwrap();
        let [opening, new, reactivation, expansion, contraction, churn, fx, transfer, closing] = total.fields();
        let named = [
            ("opening", opening),
            ("new", new),
            ("reactivation", reactivation),
            ("expansion", expansion),
            ("contraction", contraction),
            ("churn", churn),
            ("fx", fx),
            ("transfer", transfer),
            ("closing", closing),
        ];
        let shown = named.iter().filter(|(_, amount)| *amount != Amount::ZERO);
        shown.map(|(name, amount)| format!("{name} {amount}")).collect::<Vec<_>>().join(", ")
    }

    /// The annual movements of each period, for the accounts on the days on which they belong.
    pub fn movements_by<'m>(
        &self,
        grain: Grain,
        from: Day,
        until: Day,
        membership: impl Fn(&str) -> Membership<'m>,
    ) -> Vec<Movements> {
        let borders = grain.borders(DayRange { from, until }).unwrap();
        let exchange = self.exchange(borders.iter().map(|border| border.before()).collect());
        let mut state = MovementsState::new(&exchange).unwrap();
        for (account, packed) in &self.timelines {
            state.add(Timeline::read(packed).unwrap(), &exchange, membership(account)).unwrap();
        }
        state.sums(&exchange).unwrap()
    }

    /// What became of the accounts open at the opening of `[from, until)`.
    pub fn retention(&self, from: &str, until: &str) -> Retention {
        let exchange = self.exchange(vec![day(from).before(), day(until).before()]);
        let mut state = RetentionState::new(&exchange).unwrap();
        self.accounts().for_each(|timeline| state.add(timeline, &exchange).unwrap());
        state.sums(&exchange).unwrap()
    }

    /// NRR of `[from, until)`.
    pub fn nrr(&self, from: &str, until: &str) -> String {
        net_retention(&self.retention(from, until)).map_or("undefined".into(), |ratio| ratio.to_string())
    }

    /// GRR of `[from, until)`.
    pub fn grr(&self, from: &str, until: &str) -> String {
        gross_retention(&self.retention(from, until)).map_or("undefined".into(), |ratio| ratio.to_string())
    }
}

fn segments_of(facts: &AccountFacts) -> Vec<Segment> {
    let (found, problems) = segments(facts, Zone::UTC);
    assert_eq!(problems, []);
    found
}

/// The net timeline of an account.
fn timeline(segments: &[Segment]) -> Vec<u8> {
    let mut builder = TimelineBuilder::default();
    segments.iter().for_each(|segment| builder.add(segment.currency, segment.days, segment.net).unwrap());
    builder.pack().unwrap()
}

/// A day from its date.
pub fn day(text: &str) -> Day {
    Day::from_date(text.parse().unwrap())
}

fn charge(words: &[&str]) -> Charge {
    let (contract, item) = words[1].split_once('/').unwrap();
    let (quantity, rest) = if words[3] == "x" { (words[2], &words[4..]) } else { ("1", &words[2..]) };
    let [amount, currency, "every", count, unit, range] = rest else { panic!("{words:?}") };
    let (quantity, amount): (rust_decimal::Decimal, rust_decimal::Decimal) =
        (quantity.parse().unwrap(), amount.parse().unwrap());
    let (from, until) = instants(range);
    Charge {
        contract: contract.into(),
        item: item.into(),
        usage: false,
        plan: "plan".into(),
        currency: currency.parse().unwrap(),
        amount: amount * quantity,
        quantity,
        interval: format!("{count} {unit}").parse::<Interval>().unwrap(),
        from: from.unwrap(),
        until,
        evidence: Evidence::Observed,
        origin: Vec::new(),
    }
}

fn discount(words: &[&str]) -> Discount {
    let (value, rest) = match words[3].strip_suffix('%') {
        Some(percent) => (DiscountValue::Percent(percent.parse().unwrap()), &words[4..]),
        None => {
            let currency: Currency = words[4].parse().unwrap();
            let decimals = currency.exponent().unwrap();
            (DiscountValue::Amount { amount: words[3].parse().unwrap(), currency, decimals }, &words[5..])
        }
    };
    let [duration, range] = rest else { panic!("{words:?}") };
    let (from, until) = instants(range);
    Discount {
        id: "discount".into(),
        scope: DiscountScope::Contract(words[1].into()),
        value,
        duration: match *duration {
            "forever" => Duration::Forever,
            "repeating" => Duration::Repeating,
            "once" => Duration::Once,
            other => panic!("{other}"),
        },
        from,
        until,
    }
}

fn instants(range: &str) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
    let (from, until) = range.split_once("..").unwrap();
    let instant = |text: &str| {
        let date: NaiveDate = text.parse().ok()?;
        Some(date.and_hms_opt(12, 0, 0)?.and_utc())
    };
    (instant(from), instant(until))
}
