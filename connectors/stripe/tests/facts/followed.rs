//! A law: whoever follows a subscription from its beginning knows it on every second, whatever
//! happens to it, and in whichever order the news of it come.

use mrr_connector_sdk::RawRecord;
use revenue::fact::Evidence;
use serde_json::{Value, json};

use super::build::*;
use super::case::*;
use super::event::{changed, event, made};

/// Small numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// What a subscription is at some time.
#[derive(Clone, PartialEq)]
struct State {
    seats: i64,
    add_on: bool,
    standing: u64,
    reduced: bool,
}

impl State {
    fn rendered(&self) -> Value {
        let status = if self.standing == 1 { "unpaid" } else { "active" };
        let pause = if self.standing == 2 { json!({"behavior": "void"}) } else { Value::Null };
        let discounts = if self.reduced { json!(["di_1"]) } else { json!([]) };
        let mut items = vec![item("si_1", "team_m", self.seats, "2025-01-01", JAN)];
        items.extend(self.add_on.then(|| item("si_2", "add_m", 1, "2025-01-01", JAN)));
        subscription(status, "2025-01-01", items, json!({"pause_collection": pause, "discounts": discounts}))
    }

    /// The sum of what is charged; a discount is told apart.
    fn amount(&self) -> i64 {
        if self.standing > 0 { 0 } else { self.seats * 10 + i64::from(self.add_on) * 5 }
    }
}

fn told_at(seconds: i64) -> String {
    chrono::DateTime::from_timestamp(seconds, 0).unwrap().format("%Y-%m-%dT%H:%M:%S").to_string()
}

#[test]
fn whoever_follows_from_the_beginning_knows_every_second() {
    let mapper = mapper(&references());
    for seed in 0..60 {
        let mut dice = Dice(seed);
        let mut state = State { seats: 1, add_on: false, standing: 0, reduced: false };
        let mut now = seconds("2025-01-01");
        let mut records: Vec<RawRecord> = vec![made("evt_a", "2025-01-01", &state.rendered())];
        let mut versions = Vec::new();
        let mut truth = vec![(now, state.clone())];
        let mut given = None;
        for step in 0..30 {
            // Now and then several changes in one second.
            now += if dice.below(4) == 0 { 0 } else { dice.below(200_000) as i64 + 61 };
            let before = state.clone();
            match dice.below(5) {
                0 | 1 => state.seats = 1 + (state.seats + dice.below(3) as i64) % 7,
                2 => state.add_on = !state.add_on,
                3 => state.standing = (state.standing + 1 + dice.below(2)) % 3,
                // A discount has an id of its own each time; one is given here and taken off.
                _ if given.is_none() && state.standing == 0 => {
                    (state.reduced, given) = (true, Some(now));
                    let discount = discount("di_1", json!("third"), &told_at(now), None);
                    records.push(event("evt_d", "customer.discount.created", &told_at(now), &discount, None));
                }
                _ => state.reduced = false,
            }
            if before == state {
                continue;
            }
            // Ids are in no order of time.
            let id = format!("evt_{}{step}", dice.below(9));
            records.push(changed(&id, &told_at(now), &before.rendered(), &state.rendered()));
            truth.push((now, state.clone()));
            if dice.below(5) == 0 {
                versions.push((now + 61, state.clone()));
                now += 130;
            }
        }
        // What was read is whole, also of its discounts.
        let read = |at: i64, state: &State| {
            let mut whole = state.rendered();
            if let Some(given) = given.filter(|_| state.reduced) {
                whole["discounts"] = json!([discount("di_1", json!("third"), &told_at(given), None)]);
            }
            version(&told_at(at), &whole)
        };
        versions.push((now + 100, state.clone()));
        records.push(RawRecord {
            stream: "subscriptions".into(),
            id: "sub_1".into(),
            versions: versions.iter().map(|(at, state)| read(*at, state)).collect(),
        });
        let found = mapper.facts("cus_1", &records);
        for turn in [1, 7] {
            let mut shuffled = records.clone();
            shuffled.rotate_left(turn % records.len());
            shuffled.reverse();
            assert_eq!(mapper.facts("cus_1", &shuffled), found, "seed {seed}: the order decides something");
        }
        assert_eq!(found.problems, []);
        assert_eq!(doubts(&found), [] as [&str; 0], "seed {seed}");
        assert!(found.charges.iter().all(|charge| charge.evidence <= Evidence::History));
        for (index, (at, _)) in truth.iter().enumerate() {
            // Of one second the end counts.
            let last = truth.iter().rev().find(|(other, _)| other == at).unwrap();
            let next = truth.get(index + 1).map_or(now + 500, |(next, _)| *next);
            for second in [*at, next - 1].into_iter().filter(|second| (*at..next).contains(second)) {
                let holds = |from: Option<i64>, until: Option<i64>| {
                    from.is_none_or(|from| from <= second) && until.is_none_or(|until| second < until)
                };
                let stamp = |at: chrono::DateTime<chrono::Utc>| at.timestamp();
                let charges = counted(&found);
                let charges = charges.iter();
                let charges = charges.filter(|charge| holds(Some(stamp(charge.from)), charge.until.map(stamp)));
                let sum: rust_decimal::Decimal = charges.map(|charge| charge.amount).sum();
                let reduced = found.discounts.iter().any(|one| holds(one.from.map(stamp), one.until.map(stamp)));
                let found = (sum, reduced);
                assert_eq!(found, (last.1.amount().into(), last.1.reduced), "seed {seed} at {}", told_at(second));
            }
        }
    }
}
