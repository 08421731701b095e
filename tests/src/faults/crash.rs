//! Processes that end in the middle.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::case::{Case, long, quick, slow};
use super::dialect::{CUSTOMERS, SUBSCRIPTIONS};
use super::fake_vendor::BEGIN;
use super::fixture::{Context, Fixture, check, expect};
use super::gate::Deed;
use crate::{Outcome, workspace};

pub const CASES: &[Case] = &[
    long("A1", "kill -9 at 4 random moments", |context| random(context, 4)),
    slow("A1b", "kill -9 at 200 random moments", |context| random(context, 200)),
    long("A2", "the process aborts at each named commit boundary", |context| places(context, &[1])),
    slow("A2b", "the same at the second and the third time that it comes there", |context| places(context, &[2, 3])),
    quick("A6", "SIGTERM in mid-batch; a second one; one while it drains", stopped),
];

/// Every place that the daemon names, in the order in which a scenario comes there. Those of
/// deliveries are in `webhooks.rs`.
const PLACES: [&str; 18] = [
    "lease_taken",
    "lease_renews",
    "run_opened",
    "page_fetched",
    "log_read",
    "land_begun",
    "copy_half",
    "land_merged",
    "land_commits",
    "land_committed",
    "records_reread",
    "left_out_commits",
    "left_out_committed",
    "derive_commits",
    "derive_committed",
    "run_closes",
    "run_closed",
    "run_closing",
];

/// Places on the way of a delivery.
pub const DELIVERY_PLACES: [&str; 2] = ["delivery_read", "delivery_stored"];

/// Until so many kills have met a process: one that was done before is no kill.
fn random(context: &Context<'_>, wanted: usize) -> Outcome<String> {
    // Two whole batches, and a rest.
    const BOOK: usize = 2_500;
    let late = |fixture: &Fixture<'_>| fixture.gate.rule(|_| Deed::Late(Duration::from_millis(40)));
    let book = || {
        let mut vendor = context.book(20);
        (20..BOOK).for_each(|number| {
            vendor.add_customer(&format!("cus_{number:05}"), BEGIN + i64::try_from(number).unwrap_or_default() * 3_600);
        });
        vendor
    };
    let undisturbed = context.fixture(book())?;
    late(&undisturbed);
    let begun = Instant::now();
    undisturbed.ok(&["sync"])?;
    // While it reads; what it derives afterwards is A2's.
    let whole = undisturbed.gate.asked().last().map_or(begun.elapsed(), |asked| asked.at - begun);
    undisturbed.holds()?;
    let (mut kills, mut resumed, mut seed) = (0, 0, 0_u64);
    while kills < wanted {
        seed += 1;
        check(seed < 20 + 4 * wanted as u64, || format!("only {kills} of {seed} kills met a process"))?;
        let fixture = context.fixture(book())?;
        late(&fixture);
        fixture.truth()?;
        // Any number that jumps about will do.
        let share = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407) >> 33;
        let after = whole.mul_f64((share % 1_000) as f64 / 1_000.0);
        let mut sync = fixture.start(&["sync"])?;
        fixture.watched(|| {
            std::thread::sleep(after);
            Ok(())
        })?;
        let met = !sync.ended();
        sync.signal("KILL").ok();
        let at = |error: String| format!("killed after {after:?}: {error}");
        sync.finish(&fixture, Duration::from_secs(10))?;
        if !met {
            continue;
        }
        kills += 1;
        fixture.cursors_hold().map_err(at)?;
        let open = "select w.stream || ' ' || cardinality(w.cursors) || ' ' || count(r)
                    from ops.walk w left join raw.record r using (source, stream) where w.cursors <> '{}' and w.stream <> 'events'
                    group by w.stream, w.cursors";
        let open = fixture.row(open)?;
        let before = fixture.gate.count();
        fixture.ok(&["sync"]).map_err(at)?;
        fixture.holds().map_err(at)?;
        // What was walked is not walked again: only pages that are left, one for each part, and one more.
        if let [stream, parts, rows] = open.split(' ').collect::<Vec<_>>()[..] {
            let number = |text: &str| text.parse::<usize>().unwrap_or_default();
            let asked = fixture.gate.asked();
            let again = asked[before..].iter().filter_map(|asked| asked.list.as_ref());
            let again = again.filter(|list| fixture.own(list.stream) == stream).count();
            let most = (BOOK - number(rows)).div_ceil(100) + number(parts) + 1;
            check(again <= most, || format!("{stream} took {again} requests to go on, and {most} would do"))?;
            resumed += 1;
        }
    }
    Ok(format!("{kills} killed, {resumed} of them inside of a stream that was gone on with"))
}

fn places(context: &Context<'_>, times: &[u32]) -> Outcome<String> {
    let named = named_places()?;
    let known: BTreeSet<String> = PLACES.iter().chain(&DELIVERY_PLACES).map(|place| (*place).to_owned()).collect();
    check(named == known, || format!("the daemon names {named:?} and these are tried: {known:?}"))?;
    let mut reached = 0;
    for place in PLACES {
        for time in times {
            let died = killed_at(context, place, *time).map_err(|error| format!("{place}@{time}: {error}"))?;
            check(died || *time > 1, || format!("no scenario comes by {place}"))?;
            reached += usize::from(died);
        }
    }
    Ok(format!("{reached} deaths at {} places", PLACES.len()))
}

/// One life that ends at a place, and the next one; returns whether the place was met.
fn killed_at(context: &Context<'_>, place: &str, time: u32) -> Outcome<bool> {
    let fixture = context.fixture(context.book(if time > 1 { 1_100 } else { 40 }))?;
    fixture.truth()?;
    if place == "lease_renews" {
        // It comes every two and a half seconds.
        fixture.gate.rule(|_| Deed::Late(Duration::from_millis(700)));
    }
    let point = format!("{place}@{time}=abort");
    let mut died = false;
    for (step, command) in ["sync", "follow", "sync"].iter().enumerate() {
        if step == 1 {
            let mut records = fixture.records();
            records.customer("cus_00001", BEGIN + 3_600, "Grace");
            records.subscription("sub_00002", "cus_00002", BEGIN + 7_200, 3);
            records.tell("evt_1", "customer.updated", CUSTOMERS, "cus_00001");
            records.tell("evt_2", "customer.subscription.updated", SUBSCRIPTIONS, "sub_00002");
        } else if step == 2 {
            fixture.records().delete(CUSTOMERS, "cus_00007");
        }
        if fixture.run_with(&[command], &[("MRRD_FAILPOINT", &point)])?.code == -1 {
            died = true;
            break;
        }
    }
    if died {
        fixture.gate.pass();
        fixture.truth()?;
        // A record that is new at the vendor is not behind any cursor; here are none.
        fixture.cursors_hold()?;
        fixture.run(&["sync"]).and_then(|_| fixture.ok(&["follow"]))?;
        fixture.ok(&["sync"])?;
        fixture.holds()?;
    }
    Ok(died)
}

/// The places in the daemon's sources.
fn named_places() -> Outcome<BTreeSet<String>> {
    fn look(folder: &std::path::Path, found: &mut BTreeSet<String>) -> std::io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                look(&path, found)?;
            } else {
                let text = std::fs::read_to_string(&path)?;
                let places = text.split("failpoint::pass(\"").skip(1).filter_map(|rest| rest.split('"').next());
                found.extend(places.map(str::to_owned));
            }
        }
        Ok(())
    }
    let mut found = BTreeSet::new();
    let folder = workspace().join("daemon/src");
    look(&folder, &mut found).map_err(|error| format!("can't read {}: {error}", folder.display()))?;
    Ok(found)
}

fn stopped(context: &Context<'_>) -> Outcome<String> {
    let started = |second: Option<Duration>| -> Outcome<(Fixture<'_>, i32, Duration)> {
        let fixture = context.fixture(context.book(400).in_pages_of(10))?;
        fixture.gate.rule(|_| Deed::Late(Duration::from_millis(30)));
        fixture.truth()?;
        let mut sync = fixture.start(&["sync"])?;
        let half = |fixture: &Fixture<'_>| fixture.gate.asked().iter().filter(|a| a.lists(SUBSCRIPTIONS)).count() > 8;
        let begun = Instant::now();
        while !half(&fixture) && begun.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(5));
        }
        sync.signal("TERM")?;
        let asked = Instant::now();
        if let Some(pause) = second {
            std::thread::sleep(pause);
            // It may have ended by itself, which is as good.
            sync.signal("TERM").ok();
        }
        let finished = sync.finish(&fixture, Duration::from_secs(20))?;
        let took = asked.elapsed();
        fixture.cursors_hold()?;
        fixture.gate.pass();
        Ok((fixture, finished.code, took))
    };
    let mut waits = Vec::new();
    for second in [None, Some(Duration::ZERO), Some(Duration::from_millis(15))] {
        let (fixture, code, took) = started(second)?;
        expect("exit code", &code.to_string(), "143")?;
        check(took < Duration::from_secs(5), || format!("it took {took:?} to stop"))?;
        if second.is_none() {
            expect("status", &fixture.row("select status from ops.run")?, "interrupted")?;
            check(fixture.row("select count(*) from raw.record where stream = :subscriptions")? != "0", || {
                "what was read when it was asked to stop was thrown away".into()
            })?;
        }
        fixture.ok(&["sync"])?;
        fixture.holds()?;
        waits.push(took.as_millis().to_string());
    }
    Ok(format!("stopped after {} ms", waits.join(", ")))
}
