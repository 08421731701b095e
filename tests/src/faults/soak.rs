//! A running daemon under one fault after another for minutes: `cargo x faults --soak`. What no single case can
//! show is whether anything grows with the faults; so it is measured all the time, and its end compared with its
//! beginning.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::dialect::{CUSTOMERS, Dialect as _, SUBSCRIPTIONS, Stripe, Subscription};
use super::fake_vendor::BEGIN;
use super::fixture::{Context, Fixture, check, expect};
use super::gate::Deed;
use super::receiver::{free_port, hooks, now, post};
use super::running::Running;
use super::{growth, invariants, leases};
use crate::{Cluster, Daemon, Outcome, Profile};

/// Customers at the beginning.
const BOOK: usize = 60;

/// The record changes this often.
const CHANGE: Duration = Duration::from_millis(500);

/// The vendor's answers take so long, that faults meet runs under way.
const ANSWER: Duration = Duration::from_millis(150);

/// How long the book may take to converge once nothing is done to it any more.
const CONVERGES: Duration = Duration::from_secs(120);

/// Faults to draw from; killing comes apart, as a process must live for long to show that it grows.
const FAULTS: [&str; 8] =
    ["stopped", "sessions ended", "PostgreSQL crashes", "429", "500", "answers cut", "answers slow", "a second daemon"];

/// Numbers from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % count
    }

    /// So many milliseconds at least, and less than so many.
    fn millis(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.below(to - from))
    }
}

/// What the vendor's side did.
#[derive(Default)]
struct Told {
    over: AtomicBool,
    changes: AtomicUsize,
    events: AtomicUsize,
}

/// Runs for so long and says how it went; `told` hears of each fault.
pub fn soak(cluster: &Cluster, profile: Profile, time: Duration, seed: u64, told: impl Fn(&str)) -> Outcome<String> {
    let context = Context::new(cluster, profile, &Stripe, "soak");
    let mut vendor = context.book(BOOK).in_pages_of(20);
    vendor.now = now();
    let fixture = context.fixture(vendor)?;
    let port = free_port()?;
    let often = "schedule = \"*/30 * * * * *\"\nfollow = \"*/5 * * * * *\"";
    let toml = fixture.toml().replace("schedule = \"0 */5 * * * *\"", often);
    fixture.daemon.configure(&super::leaks::with_secret(&Stripe, &toml, &hooks(port)))?;
    // The second daemon takes no deliveries: the port is the first one's.
    let other = Daemon::new(profile, &toml)?;
    super::leaks::plant_password(&other)?;
    std::fs::copy(fixture.daemon.folder().path().join("rates.csv"), other.folder().path().join("rates.csv"))
        .map_err(|error| format!("can't copy the rates: {error}"))?;

    fixture.gate.rule(|_| Deed::Late(ANSWER));
    let vendor = Told::default();
    let mut daemon = started(&fixture)?;
    let (samples, thrown) = std::thread::scope(|scope| {
        scope.spawn(|| change(&fixture, port, seed, &vendor));
        let done = torment(&fixture, cluster, &other, &mut daemon, time, seed, &told);
        vendor.over.store(true, Ordering::Relaxed);
        done
    })?;
    fixture.gate.pass();
    told("no more faults and changes");
    let converged = converge(&fixture, &mut daemon)?;
    daemon.signal("TERM")?;
    let ended = daemon.finish(&fixture, Duration::from_secs(30))?;
    check(ended.code == 0, || format!("it ended with {}:\n{}", ended.code, tail(&ended.stderr)))?;
    fixture.holds()?;
    leases::one_writer(&fixture)?;
    let (first, last) = (chrono::DateTime::from_timestamp(BEGIN, 0), chrono::DateTime::from_timestamp(now(), 0));
    let (first, last) = (first.unwrap_or_default().format("%Y-%m-01"), last.unwrap_or_default().format("%Y-%m-%d"));
    let differences = fixture.row(&format!("select * from mrr_check('{first}', date '{last}' + 1, 'day')"))?;
    expect("mrr_check", &differences, "")?;

    let (changes, events) = (vendor.changes.into_inner(), vendor.events.into_inner());
    let runs: usize = fixture.row("select count(*) from ops.run")?.parse().unwrap_or(usize::MAX);
    let entries: usize = fixture.row("select count(*) from ops.event")?.parse().unwrap_or(usize::MAX);
    let endings =
        fixture.row("select string_agg(n || ' ' || status, ', ' order by status) from (select status, count(*) n from ops.run group by 1) as of")?;
    let report = format!(
        "seed {seed}, {} s: {thrown}\n{changes} changes, {events} events told, {entries} of them in the ledger, {} requests; {runs} runs ({endings}); \
         converged {:.1} s after the last fault; mrr_check without rows\n\n{}",
        time.as_secs(),
        fixture.gate.count(),
        converged.as_secs_f64(),
        growth::table(&samples)
    );
    // No event is there twice, and no more runs than there were looks and reasons to look.
    check(entries <= events, || format!("{entries} rows of ops.event for {events} events\n{report}"))?;
    let looks = usize::try_from(time.as_secs() + CONVERGES.as_secs()).unwrap_or_default() / 2 + events;
    check(runs <= looks, || format!("{runs} runs, and at most {looks} reasons for one\n{report}"))?;
    let grown = growth::grown(&samples);
    check(grown.is_empty(), || format!("{} grew\n{report}", grown.join(", ")))?;
    Ok(report)
}

/// The daemon, once there is a book to change.
fn started(fixture: &Fixture<'_>) -> Outcome<Running> {
    let daemon = fixture.start_with(&["run"], &[("MRRD_HASTE", "20")])?;
    let synced = "select exists (select from ops.run where kind = 'sync' and status = 'ok')";
    fixture.until(synced, "t", Duration::from_secs(60)).map_err(|error| format!("{error}\n{}", daemon.said()))?;
    Ok(daemon)
}

/// Changes records until told to stop. Most changes are told by an event, and some of these delivered.
fn change(fixture: &Fixture<'_>, port: u16, seed: u64, told: &Told) {
    let mut dice = Dice(seed ^ 0x5eed);
    let mut customers: Vec<(String, i64)> =
        (0..BOOK).map(|number| (format!("{number:05}"), BEGIN + 3_600 * number as i64)).collect();
    for number in 0_usize.. {
        std::thread::sleep(CHANGE);
        if told.over.load(Ordering::Relaxed) {
            return;
        }
        let at = now();
        let picked = usize::try_from(dice.below(customers.len() as u64)).unwrap_or_default();
        let (name, created) = customers[picked].clone();
        let (customer, subscription) = (format!("cus_{name}"), format!("sub_{name}"));
        let mut records = fixture.records();
        records.now = at;
        let (kind, stream, id) = match dice.below(20) {
            0 => {
                let name = format!("new{number}");
                records.customer(&format!("cus_{name}"), at, "Ada");
                records.subscription(&format!("sub_{name}"), &format!("cus_{name}"), at, 1);
                // Its customer is told of by nobody: a whole list finds it.
                customers.push((name.clone(), at));
                ("customer.subscription.created", SUBSCRIPTIONS, format!("sub_{name}"))
            }
            1 if customers.len() > BOOK / 2 => {
                customers.swap_remove(picked);
                // As at Stripe, where subscriptions end with their customer and are never deleted themselves.
                let last = Subscription { id: &subscription, customer: &customer, created, quantity: 1, flaw: None };
                let ended = Stripe
                    .subscription(&last)
                    .replace(r#""status":"active""#, r#""status":"canceled""#)
                    .replace(r#""canceled_at":null"#, &format!(r#""canceled_at":{at}"#))
                    .replace(r#""ended_at":null"#, &format!(r#""ended_at":{at}"#));
                records.put(SUBSCRIPTIONS, &subscription, created, &ended);
                records.delete(CUSTOMERS, &customer);
                ("customer.deleted", CUSTOMERS, customer)
            }
            2..=5 => {
                records.customer(&customer, created, &format!("Grace {number}"));
                ("customer.updated", CUSTOMERS, customer)
            }
            _ => {
                records.subscription(&subscription, &customer, created, 1 + number as u32 % 50);
                ("customer.subscription.updated", SUBSCRIPTIONS, subscription)
            }
        };
        told.changes.fetch_add(1, Ordering::Relaxed);
        if dice.below(10) == 0 {
            continue;
        }
        let entry = format!("evt_{number}");
        records.tell(&entry, kind, stream, &id);
        told.events.fetch_add(1, Ordering::Relaxed);
        if dice.below(3) == 0 {
            // A daemon that is stopped keeps its sender waiting, and not the others.
            let body = records.event(&entry, kind, stream, &id);
            let headers = Stripe.signed(Stripe.webhook_secret(), at, &body);
            std::thread::spawn(move || post(port, Stripe.name(), &headers, &body));
        }
    }
}

/// Throws faults for so long, and measures.
fn torment(
    fixture: &Fixture<'_>,
    cluster: &Cluster,
    other: &Daemon,
    daemon: &mut Running,
    time: Duration,
    seed: u64,
    told: &impl Fn(&str),
) -> Outcome<(Vec<Vec<f64>>, String)> {
    let mut dice = Dice(seed);
    let (begun, every) = (Instant::now(), Duration::from_secs(30).min(time / 12));
    let mut samples = vec![growth::sample(fixture, daemon)?];
    let mut thrown = std::collections::BTreeMap::<&str, usize>::new();
    while begun.elapsed() < time {
        std::thread::sleep(dice.millis(1_500, 5_000));
        // Only in the first half: what lives through the whole second one shows whether it grows.
        let fault = match dice.below(12) {
            number if number < 3 && begun.elapsed() < time / 2 => "killed",
            _ => FAULTS[usize::try_from(dice.below(FAULTS.len() as u64)).unwrap_or_default()],
        };
        told(&format!("{:>5.1} s  {fault}", begun.elapsed().as_secs_f64()));
        *thrown.entry(fault).or_default() += 1;
        let lasts = dice.millis(2_000, 7_000);
        match fault {
            "killed" => {
                daemon.signal("KILL")?;
                daemon.finish(fixture, Duration::from_secs(5))?;
                *daemon = started(fixture)?;
            }
            "stopped" => {
                daemon.signal("STOP")?;
                // Longer than a lease, now and then.
                std::thread::sleep(lasts * 2);
                daemon.signal("CONT")?;
            }
            "sessions ended" => {
                fixture.row(
                    "select count(pg_terminate_backend(pid)) from pg_stat_activity
                     where datname = current_database() and application_name = 'mrrd'",
                )?;
            }
            "PostgreSQL crashes" => cluster.crash(lasts / 3)?,
            "a second daemon" => {
                let mut command = other.command_of("mrrd-failpoints", &["run"]);
                command.env("MRRD_HASTE", "20");
                let mut second = Running::start(command, other.folder().path().join("log"))?;
                std::thread::sleep(lasts);
                check(!second.ended(), || format!("the second daemon ended:\n{}", second.said()))?;
                second.signal("KILL")?;
                second.finish(fixture, Duration::from_secs(5))?;
            }
            _ => {
                fixture.gate.rule(move |_| match fault {
                    "429" => Deed::Say(429, "Retry-After: 1\r\n".into(), b"{}".to_vec()),
                    "500" => Deed::Say(500, String::new(), b"{}".to_vec()),
                    "answers cut" => Deed::Cut(50, false),
                    _ => Deed::Late(Duration::from_secs(1)),
                });
                std::thread::sleep(lasts);
                fixture.gate.rule(|_| Deed::Late(ANSWER));
            }
        }
        check(!daemon.ended(), || format!("the daemon ended by itself:\n{}", tail(&daemon.said())))?;
        if begun.elapsed() > every * u32::try_from(samples.len()).unwrap_or(u32::MAX) {
            // Sessions of a process that was killed are gone by then.
            std::thread::sleep(Duration::from_secs(1));
            samples.push(growth::sample(fixture, daemon)?);
        }
    }
    let thrown: Vec<String> = thrown.into_iter().map(|(fault, times)| format!("{times} × {fault}")).collect();
    Ok((samples, thrown.join(", ")))
}

/// Waits until the tables are as the vendor is, and the newest whole sync went well.
fn converge(fixture: &Fixture<'_>, daemon: &mut Running) -> Outcome<Duration> {
    let begun = Instant::now();
    fixture.truth()?;
    let well = "select status from ops.run where kind = 'sync' order by run_id desc limit 1";
    loop {
        let found = invariants::tables(&fixture.database, Stripe.name())
            .and_then(|()| expect("the newest sync", &fixture.row(well)?, "ok"));
        match found {
            Ok(()) => return Ok(begun.elapsed()),
            Err(error) if begun.elapsed() > CONVERGES || daemon.ended() => {
                return Err(format!("not converged after {CONVERGES:?}: {error}\n{}", tail(&daemon.said())));
            }
            Err(_) => std::thread::sleep(Duration::from_millis(500)),
        }
    }
}

/// The end of what was logged.
fn tail(said: &str) -> String {
    let lines: Vec<&str> = said.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}
