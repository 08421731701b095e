//! A book made from a seed: whatever may stand in the facts, and more of the rare than a real one has.

use std::fmt::Write;

use chrono::{Datelike, Days, NaiveDate};

use super::dice::Dice;

/// When something became known: the first sync, and two later ones that corrected it.
pub const KNOWN: [&str; 3] = ["2025-02-01 03:00:00+00", "2025-06-15 03:00:00+00", "2025-11-30 03:00:00+00"];

/// The first day on which anything can begin.
pub const FIRST_DAY: NaiveDate = NaiveDate::from_ymd_opt(2022, 1, 1).expect("a day of the calendar");

const ACCOUNTS: u64 = 40;
const PLANS: [&str; 4] = ["Pro", "Team", "Solo", "Add-on: backup"];
const CURRENCIES: [&str; 4] = ["EUR", "USD", "GBP", "JPY"];
const EVIDENCE: [&str; 4] = ["observed", "history", "invoice", "projected"];
const ATTRIBUTES: [(&str, [&str; 3]); 3] =
    [("country", ["DE", "US", "FR"]), ("segment", ["SMB", "Mid", "Enterprise"]), ("owner", ["Ana", "Tom", "Kim"])];

/// One row of `revenue.segment`, but for what no metric reads.
#[derive(Clone)]
struct Segment {
    account: u64,
    contract: u64,
    plan: &'static str,
    currency: &'static str,
    from: NaiveDate,
    until: Option<NaiveDate>,
    gross: i64,
    net: i64,
    stood: Stood,
    evidence: &'static str,
    since: usize,
    known_until: Option<usize>,
}

/// How a contract stands, and what it would come to under other policies.
#[derive(Clone)]
struct Stood {
    standing: &'static str,
    since: NaiveDate,
    ending: bool,
    refunded: bool,
    usage: bool,
    forever: i64,
    all: i64,
}

impl Stood {
    /// Mostly active; else one that began on the same day or earlier.
    fn thrown(dice: &mut Dice, from: NaiveDate, gross: i64, net: i64) -> Self {
        let others = ["trial", "paused", "past_due", "past_due"];
        let standing = if dice.chance(60) { "active" } else { dice.pick(&others) };
        Self {
            standing,
            since: from - Days::new(dice.pick(&[0, 0, 3, 40])),
            ending: dice.chance(15),
            refunded: dice.chance(8),
            usage: dice.chance(8),
            forever: dice.pick(&[net, net, gross]),
            all: dice.pick(&[net, net, net / 3, 0]),
        }
    }

    fn counts(&self) -> bool {
        !self.usage && !["trial", "paused"].contains(&self.standing)
    }
}

/// A script that empties the schema and fills it with the book of a seed.
pub fn script(seed: u64) -> String {
    let mut dice = Dice::new(seed);
    let book_currency = dice.pick(&CURRENCIES[..3]);
    let mut segments = Vec::new();
    for account in 1..=ACCOUNTS {
        // One account in twenty never buys.
        for contract in 0..dice.pick(&[1, 1, 1, 2, 2, 3]) * u64::from(!dice.chance(5)) {
            contract_of(&mut dice, account, account * 10 + contract, &mut segments);
        }
    }
    let mut script = format!(
        "truncate revenue.book, revenue.account, revenue.exchange_rate, revenue.day_change, revenue.month_change restart identity cascade;
         delete from revenue.policy where name in ('strict', 'lenient', 'kept');
         insert into revenue.policy (name, discounts, trials, paused, past_due_days, ending, refunded, usage, free_plan, constant_rate, rate_day) values
           ('strict', 'all', false, false, 0, false, false, false, 'churn', false, null),
           ('lenient', 'none', true, true, 7, true, true, true, 'contraction', true, '2024-03-05'),
           ('kept', 'running', false, false, null, true, true, false, 'contraction', false, null);
         insert into revenue.book (currency, time_zone, synced_at, last_day) values ('{book_currency}', 'UTC', '{}', '2025-12-31');
         insert into revenue.account (key, source, id, name) overriding system value
           select i, case when i % 7 = 0 then 'chargebee' else 'stripe' end, 'cus_' || i - (i % 7 = 0)::integer, 'Account ' || i from generate_series(1, {ACCOUNTS}) i;\n",
        KNOWN[0]
    );
    rates(&mut dice, &mut script);
    attributes(&mut dice, &mut script);
    // What the first sync knew is refreshed before it is corrected, as in a life of two syncs.
    segments.iter().for_each(|segment| segment.insert(&mut script));
    script.push_str("select mrr_refresh(array_agg(key)) from revenue.account;\n");
    for (place, segment) in segments.iter().enumerate() {
        correct(&mut dice, place, segment, &mut script);
    }
    script.push_str("select mrr_refresh(array_agg(key)) from revenue.account; analyze;\n");
    script
}

/// Phase after phase of one contract: a change of plan or price on the same day, a gap, an end.
fn contract_of(dice: &mut Dice, account: u64, contract: u64, segments: &mut Vec<Segment>) {
    let currency =
        if dice.chance(80) { CURRENCIES[(account % CURRENCIES.len() as u64) as usize] } else { dice.pick(&CURRENCIES) };
    let mut day = some_day(dice);
    for _ in 0..=dice.below(6) {
        let until = (!dice.chance(15)).then(|| match dice.pick(&[1, 31, 365, 0, 0, 0]) {
            0 => day + Days::new(1 + dice.below(300)),
            length => day + Days::new(length),
        });
        let gross = run_rate(dice);
        let net = match dice.below(10) {
            0 => 0,
            1 => gross / 100 * 85,
            2 => (gross - 12_000_001).max(0),
            _ => gross,
        };
        let stood = Stood::thrown(dice, day, gross, net);
        let evidence = dice.pick(&EVIDENCE);
        let (plan, since) = (dice.pick(&PLANS), 0);
        segments.push(Segment {
            account,
            contract,
            plan,
            currency,
            from: day,
            until,
            gross,
            net,
            stood,
            evidence,
            since,
            known_until: None,
        });
        let Some(until) = until else { return };
        // Half of the changes are on the same day; a gap may end on a special day.
        day = if dice.chance(50) { until } else { (until + Days::new(dice.below(150))).max(some_day(dice)) };
    }
}

/// A day of four years, leap days and month ends more often than they come.
fn some_day(dice: &mut Dice) -> NaiveDate {
    let special = ["2024-02-29", "2023-02-28", "2024-12-31", "2025-01-01", "2023-03-31", "2026-02-28"];
    if dice.chance(15) {
        return dice.pick(&special).parse().unwrap_or(FIRST_DAY);
    }
    FIRST_DAY + Days::new(dice.below(1400))
}

/// An annual run rate in millionths: what comes out even, what does not, and a free plan.
fn run_rate(dice: &mut Dice) -> i64 {
    let cents = (1 + dice.below(50_000)) as i64 * 10_000;
    match dice.below(8) {
        0 => 0,
        1 => cents * 12 / 7,
        2 => cents * 52,
        3 => cents / 3,
        4 => cents,
        _ => cents * 12,
    }
}

impl Segment {
    fn insert(&self, script: &mut String) {
        let until = self.until.map_or("infinity".into(), |day| day.to_string());
        let known_until = self.known_until.map_or("infinity", |known| KNOWN[known]);
        let Self { account, contract, plan, currency, from, gross, net, stood, evidence, since, .. } = self;
        let Stood { standing, ending, refunded, usage, .. } = stood;
        let (counted_gross, counted_net) = if stood.counts() { (*gross, *net) } else { (0, 0) };
        let unless = |stored: i64, rate: i64| if rate == stored { "null".to_owned() } else { rate.to_string() };
        let (list, running) = (unless(counted_gross, *gross), unless(counted_net, *net));
        let (forever, all) = (unless(counted_net, stood.forever), unless(counted_net, stood.all));
        let stood_from =
            if *standing == "active" { "null".to_owned() } else { format!("'{}'", stood.since.min(*from)) };
        let _ = writeln!(
            script,
            "insert into revenue.segment (account_key, contract, item, plan, currency, valid_from, valid_until, gross, net, amount, quantity, \
             billing_interval, evidence, origin, known_since, known_until, standing, stood_from, ending, list, net_running, net_forever, net_all, refunded, usage) \
             values ({account}, 'sub_{contract}', 'si_{contract}', '{plan}', '{currency}', '{from}', '{until}', {counted_gross}, {counted_net}, 1, 1, \
             '1 month', '{evidence}', '{{}}', '{}', '{known_until}', '{standing}', {stood_from}, {ending}, {list}, {running}, {forever}, {all}, {refunded}, {usage});",
            KNOWN[*since]
        );
    }
}

/// What a later sync found otherwise: another price, another end, nothing at all, or one thing more.
fn correct(dice: &mut Dice, place: usize, segment: &Segment, script: &mut String) {
    if !dice.chance(20) {
        return;
    }
    let since = 1 + dice.below(2) as usize;
    let mut successor = Segment { since, ..segment.clone() };
    if !dice.chance(15) {
        let _ = writeln!(
            script,
            "update revenue.segment set known_until = '{}' where segment_id = {};",
            KNOWN[since],
            place + 1
        );
    }
    match dice.below(4) {
        0 => return,
        1 => successor.until = Some(segment.from + Days::new(1 + dice.below(400))),
        2 => successor.net = segment.gross / 2,
        _ => successor.from = segment.from.checked_sub_days(Days::new(dice.below(90))).unwrap_or(segment.from),
    }
    successor.insert(script);
}

/// Properties that hold always, that change, that end, and that were known otherwise.
fn attributes(dice: &mut Dice, script: &mut String) {
    for account in 1..=ACCOUNTS {
        for (name, values) in ATTRIBUTES {
            let mut from = "-infinity".to_owned();
            for _ in 0..dice.below(4) {
                let until = if dice.chance(40) { "infinity".to_owned() } else { some_day(dice).to_string() };
                if until == "infinity" || from == "-infinity" || until > from {
                    let (was, is) = (dice.pick(&values), dice.pick(&values));
                    let known = if dice.chance(15) { Some(1) } else { None };
                    let mut row = |value: &str, since: &str, known_until: &str| {
                        let _ = writeln!(
                            script,
                            "insert into revenue.attribute values ({account}, '{name}', '{value}', '{from}', '{until}', '{since}', '{known_until}');"
                        );
                    };
                    match known {
                        None => row(is, KNOWN[0], "infinity"),
                        Some(since) => {
                            row(was, KNOWN[0], KNOWN[since]);
                            row(is, KNOWN[since], "infinity");
                        }
                    }
                    from = until;
                }
                if from == "infinity" {
                    break;
                }
            }
        }
    }
}

/// Rates of the working days, with holes of up to a week: what can be carried forward, to the last day of it.
fn rates(dice: &mut Dice, script: &mut String) {
    let mut rates = [("USD", 10_800_i64), ("GBP", 8_600), ("JPY", 1_600_000)];
    let mut day = FIRST_DAY.checked_sub_days(Days::new(20)).unwrap_or(FIRST_DAY);
    let mut rows = Vec::new();
    while day.year() < 2030 {
        for (currency, rate) in &mut rates {
            *rate += *rate / 1_000 * (dice.below(13) as i64 - 6) / 2;
            rows.push(format!("('EUR', '{currency}', '{day}', {}.{:04}, 'test')", *rate / 10_000, *rate % 10_000));
        }
        let hole = if dice.chance(2) { 8 } else { 1 };
        day = day + Days::new(hole);
        let weekend = u64::from(day.weekday().num_days_from_monday());
        if hole == 1 && weekend > 4 {
            day = day + Days::new(7 - weekend);
        }
    }
    let _ = writeln!(script, "insert into revenue.exchange_rate values {};", rows.join(", "));
}
