//! Deliveries that are forged, repeated, out of order, too many, or come at the wrong moment.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::case::{Case, elsewhere, long, quick, slow};
use super::crash::DELIVERY_PLACES;
use super::dialect::CUSTOMERS;
use super::fake_vendor::BEGIN;
use super::fixture::{Context, Fixture, check, expect};
use super::flood::{self, Flood};
use super::gate::Deed;
use super::leaks;
use super::receiver::{Receiver, free_port, hooks, now};
use super::wire::{Cut, Wire};
use crate::Outcome;

pub const CASES: &[Case] = &[
    quick("H1", "two events of one record, the newer one first", out_of_order),
    quick("H2", "two events in one second, in either order, while a list is read", one_second),
    quick("H3", "one event a thousand times at once", repeated),
    quick("H4", "forged, unsigned, v0 only, two v1, upper case, cut", forged),
    quick("H5", "a signature 301 s old, one of the future, four minutes either way", stale),
    elsewhere(
        "H6",
        "another account's event; live and test mixed up",
        "connectors/stripe/tests/log.rs",
        "a_delivery_is_believed_only_when_it_is_signed_now_and_for_us",
        "",
    ),
    elsewhere(
        "H7",
        "bodies that are too large, slow or never come",
        "daemon/src/tests/hooking.rs",
        "whoever_is_slow_keeps_nobody_out",
        "not with ten thousand connections",
    ),
    long("H8", "500 deliveries a second while the database can't be reached for 3 s", flood),
    slow("H8b", "2,000 deliveries a second for a minute; the database crashes and is away for 20 s", long_flood),
    slow("H8c", "1,000 deliveries a second for 30 s; the database says nothing any more for 15 s", silent_flood),
    quick("H9", "an unknown type or object, no data.object, an array, a form", unknown),
    quick("H10", "an event for a record that is landed just now", during_landing),
    quick("H11", "mrrd is down while events are sent, and the sender gives up", missed),
    elsewhere(
        "H12",
        "events in other versions than the list",
        "tests/tests/end_to_end/ways.rs",
        "who_follows_from_the_first_day_knows_every_day",
        "companies followed by webhooks and events of four API versions",
    ),
    quick("H13", "the vendor's clock is an hour before this host's, and the other way round", clocks),
    quick("H14", "killed before an event is stored, and between that and its answer", killed),
];

fn customer_event(fixture: &Fixture<'_>, entry: &str, id: &str) -> String {
    fixture.records().event(entry, "customer.updated", CUSTOMERS, id)
}

fn out_of_order(context: &Context<'_>) -> Outcome<String> {
    let receiver = Receiver::open(context, context.book(5))?;
    receiver.fixture.records().customer("cus_00001", BEGIN + 3_600, "Newest");
    for entry in ["evt_newer", "evt_older"] {
        expect(entry, &receiver.deliver(&customer_event(&receiver.fixture, entry, "cus_00001")).to_string(), "200")?;
        receiver.heeded()?;
    }
    expect("name", &receiver.fixture.name_of("cus_00001")?, "Newest")?;
    receiver.close()?;
    Ok("the record is read again, so the order does not matter".into())
}

fn one_second(context: &Context<'_>) -> Outcome<String> {
    for order in [["evt_a", "evt_b"], ["evt_b", "evt_a"]] {
        let receiver = Receiver::open(context, context.book(200).in_pages_of(20))?;
        // A list that was begun before the change and goes on behind it.
        receiver
            .fixture
            .gate
            .rule(|asked| if asked.lists(CUSTOMERS) { Deed::Late(Duration::from_millis(150)) } else { Deed::Pass });
        let mut sync = receiver.fixture.start(&["sync"])?;
        std::thread::sleep(Duration::from_millis(300));
        receiver.fixture.records().customer("cus_00199", BEGIN + 199 * 3_600, "First");
        receiver.deliver(&customer_event(&receiver.fixture, order[0], "cus_00199"));
        receiver.fixture.records().customer("cus_00199", BEGIN + 199 * 3_600, "Second");
        receiver.deliver(&customer_event(&receiver.fixture, order[1], "cus_00199"));
        sync.finish(&receiver.fixture, Duration::from_secs(60))?;
        receiver.fixture.gate.pass();
        // The daemon was told who holds the lease; its next look heeds what waits.
        receiver.deliver(&customer_event(&receiver.fixture, "evt_later", "cus_00000"));
        receiver.heeded()?;
        expect("name", &receiver.fixture.name_of("cus_00199")?, "Second")?;
        receiver.close()?;
    }
    Ok("the later state in either order".into())
}

fn repeated(context: &Context<'_>) -> Outcome<String> {
    let receiver = Receiver::open(context, context.book(5))?;
    let body = customer_event(&receiver.fixture, "evt_often", "cus_00001");
    let taken = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| {
                for _ in 0..50 {
                    taken.fetch_add(usize::from(receiver.deliver(&body) == 200), Ordering::Relaxed);
                }
            });
        }
    });
    expect("acknowledged", &taken.into_inner().to_string(), "1000")?;
    receiver.heeded()?;
    expect("ledger", &receiver.fixture.row("select count(*) from ops.event where delivered")?, "1")?;
    let known = receiver.fixture.id("cus_00001");
    let reads = receiver.fixture.gate.asked().iter().filter(|asked| asked.path.ends_with(&format!("/{known}"))).count();
    expect("reads of the record", &reads.to_string(), "1")?;
    receiver.close()?;
    Ok("all acknowledged, one row, one read".into())
}

fn forged(context: &Context<'_>) -> Outcome<String> {
    let receiver = Receiver::open(context, context.book(5))?;
    let body = customer_event(&receiver.fixture, "evt_forged", "cus_00001");
    let (dialect, at) = (receiver.fixture.dialect(), now());
    let refused = dialect.forged(dialect.webhook_secret(), at, &body);
    let before = receiver.fixture.row("select count(*) from ops.event")?;
    for headers in &refused {
        expect(headers, &receiver.post(headers, &body).to_string(), "401")?;
    }
    expect("ledger", &receiver.fixture.row("select count(*) from ops.event")?, &before)?;
    let said = match dialect.with_two(dialect.webhook_secret(), at, &body) {
        Some(two) => {
            expect("a wrong proof and a right one", &receiver.post(&two, &body).to_string(), "200")?;
            "; the right one of two counts"
        }
        None => "",
    };
    receiver.heeded()?;
    receiver.close()?;
    Ok(format!("{} refused with 401{said}", refused.len()))
}

fn stale(context: &Context<'_>) -> Outcome<String> {
    let receiver = Receiver::open(context, context.book(5))?;
    for (age, status) in [(301, "401"), (240, "200"), (-240, "200"), (-3_600, "200")] {
        let body = customer_event(&receiver.fixture, &format!("evt_{age}"), "cus_00001");
        expect(
            &format!("{age} s old"),
            &receiver.post(&receiver.signed(now() - age, &body), &body).to_string(),
            status,
        )?;
    }
    check(receiver.running.said().contains("check this host's clock"), || "the skew is not logged".into())?;
    receiver.heeded()?;
    receiver.close()?;
    Ok("too old is refused; the future is taken and logged, as Stripe's own libraries do".into())
}

/// The connections to PostgreSQL break off, and none is let in for a while.
fn flood(context: &Context<'_>) -> Outcome<String> {
    cut_off(context, Flood { rate: 500, seconds: 6 }, Cut::All, Duration::from_secs(3))
}

/// Nobody can know whether PostgreSQL only takes its time.
fn silent_flood(context: &Context<'_>) -> Outcome<String> {
    cut_off(context, Flood { rate: 1_000, seconds: 30 }, Cut::Silent, Duration::from_secs(15))
}

fn cut_off(context: &Context<'_>, flood: Flood, how: Cut, long: Duration) -> Outcome<String> {
    let fixture = context.fixture(context.book(20))?;
    let port = free_port()?;
    let wire = Wire::open(context.cluster.socket())?;
    let toml = fixture.toml().replace(&fixture.database.url(), &wire.url(fixture.database.name()));
    fixture.daemon.configure(&leaks::with_secret(fixture.dialect(), &toml, &hooks(port)))?;
    fixture.ok(&["sync"])?;
    let receiver = Receiver::run(fixture, port, &[])?;
    flooded(receiver, flood, Duration::from_secs(1), || {
        wire.cut(how);
        std::thread::sleep(long);
        wire.cut(Cut::Never);
        Ok(())
    })
}

/// PostgreSQL itself crashes, and comes back with what was on its disk.
fn long_flood(context: &Context<'_>) -> Outcome<String> {
    let cluster = context.cluster.durable()?;
    let fixture = context.fixture_in(&cluster, context.book(20))?;
    let port = free_port()?;
    fixture.configure(&hooks(port))?;
    fixture.ok(&["sync"])?;
    let receiver = Receiver::run(fixture, port, &[])?;
    let flood = Flood { rate: 2_000, seconds: 60 };
    flooded(receiver, flood, Duration::from_secs(20), || cluster.crash(Duration::from_secs(20)))
}

/// Sends, does something after a while, and looks what became of it all.
fn flooded(
    mut receiver: Receiver<'_>,
    flood: Flood,
    after: Duration,
    done: impl FnOnce() -> Outcome<()>,
) -> Outcome<String> {
    let body =
        |number: usize| customer_event(&receiver.fixture, &flood::id(number), &format!("cus_{:05}", number % 20));
    let answers = std::thread::scope(|scope| {
        let sending = scope.spawn(|| flood.send(&receiver, body));
        std::thread::sleep(after);
        let done = done();
        let answers = sending.join().map_err(|_| "the sender panicked".to_owned())?;
        done.map(|()| answers)
    })?;
    let said = answers.hold(&receiver.fixture)?;
    receiver.heeded()?;
    check(!receiver.running.ended(), || "the daemon ended".into())?;
    let peak = receiver.running.peak();
    receiver.close()?;
    Ok(format!("{said}; {peak} MB at most"))
}

fn unknown(context: &Context<'_>) -> Outcome<String> {
    let receiver = Receiver::open(context, context.book(5))?;
    let (bodies, problems) = receiver.fixture.dialect().odd();
    for body in bodies {
        expect(body, &receiver.deliver(body).to_string(), "200")?;
    }
    receiver.heeded()?;
    let kept = receiver.fixture.row("select count(*) from ops.event where delivered")?;
    expect("ledger", &kept, &bodies.len().to_string())?;
    expect("problems", &receiver.fixture.row("select count(*) from ops.problem")?, &problems.to_string())?;
    let fixture = receiver.close()?;
    // A whole sync has learnt what they told.
    fixture.ok(&["sync"]).or_else(|_| fixture.run(&["sync"]))?;
    Ok("five in the ledger, three of them listed as problems".into())
}

fn during_landing(context: &Context<'_>) -> Outcome<String> {
    let fixture = context.fixture(context.book(50).in_pages_of(10))?;
    let port = free_port()?;
    fixture.configure(&hooks(port))?;
    fixture.ok(&["sync"])?;
    let receiver = Receiver::run(fixture, port, &[])?;
    receiver.fixture.records().customer("cus_00003", BEGIN + 3 * 3_600, "Before");
    // The row is written and its transaction waits, while an event of the same record comes.
    let mut sync = receiver.fixture.start_with(&["sync"], &[("MRRD_FAILPOINT", "land_commits@4=wait:1500")])?;
    std::thread::sleep(Duration::from_millis(900));
    receiver.fixture.records().customer("cus_00003", BEGIN + 3 * 3_600, "After");
    expect(
        "the delivery",
        &receiver.deliver(&customer_event(&receiver.fixture, "evt_now", "cus_00003")).to_string(),
        "200",
    )?;
    let finished = sync.finish(&receiver.fixture, Duration::from_secs(30))?;
    check(matches!(finished.code, 0 | 3), || finished.stderr.clone())?;
    receiver.deliver(&customer_event(&receiver.fixture, "evt_next", "cus_00000"));
    receiver.heeded()?;
    expect("name", &receiver.fixture.name_of("cus_00003")?, "After")?;
    receiver.close()?;
    Ok("no deadlock, and the newest wins".into())
}

fn missed(context: &Context<'_>) -> Outcome<String> {
    let fixture = context.fixture(context.book(20))?;
    fixture.ok(&["sync"])?;
    {
        let mut records = fixture.records();
        records.now += 7_200;
        for number in 0..10 {
            let id = format!("cus_{number:05}");
            records.customer(&id, BEGIN + number * 3_600, "Grace");
            records.tell(&format!("evt_{number}"), "customer.updated", CUSTOMERS, &id);
        }
    }
    fixture.ok(&["follow"])?;
    fixture.holds()?;
    Ok("found in the log with the next look".into())
}

fn clocks(context: &Context<'_>) -> Outcome<String> {
    for hours in [-1_i64, 1] {
        let mut vendor = context.book(20);
        // The first list is read under one clock, events come under another.
        vendor.now = now() + hours * 3_600;
        let receiver = Receiver::open(context, vendor)?;
        let mut records = receiver.fixture.records();
        records.now = now();
        records.customer("cus_00001", BEGIN + 3_600, "Grace");
        drop(records);
        expect(
            "the delivery",
            &receiver.deliver(&customer_event(&receiver.fixture, "evt_skewed", "cus_00001")).to_string(),
            "200",
        )?;
        receiver.heeded()?;
        expect("name", &receiver.fixture.name_of("cus_00001")?, "Grace")?;
        receiver.close()?;
    }
    Ok("what was read last counts, by nobody's clock".into())
}

fn killed(context: &Context<'_>) -> Outcome<String> {
    for place in DELIVERY_PLACES {
        let fixture = context.fixture(context.book(5))?;
        let port = free_port()?;
        fixture.configure(&hooks(port))?;
        fixture.ok(&["sync"])?;
        let point = format!("{place}=abort");
        let mut receiver = Receiver::run(fixture, port, &[("MRRD_FAILPOINT", &point)])?;
        receiver.fixture.records().customer("cus_00001", BEGIN + 3_600, "Grace");
        let body = customer_event(&receiver.fixture, "evt_killed", "cus_00001");
        expect("the answer", &receiver.deliver(&body).to_string(), "0")?;
        expect(
            "exit code",
            &receiver.running.finish(&receiver.fixture, Duration::from_secs(5))?.code.to_string(),
            "-1",
        )?;
        let stored = receiver.fixture.row("select count(*) from ops.event where delivered")?;
        expect(place, &stored, if place == "delivery_stored" { "1" } else { "0" })?;
        let Receiver { fixture, running, .. } = receiver;
        drop(running);
        let receiver = Receiver::run(fixture, port, &[])?;
        // The sender comes again.
        expect("the answer", &receiver.deliver(&body).to_string(), "200")?;
        receiver.heeded()?;
        expect("ledger", &receiver.fixture.row("select count(*) from ops.event where delivered")?, "1")?;
        expect("name", &receiver.fixture.name_of("cus_00001")?, "Grace")?;
        receiver.close()?;
    }
    Ok("the sender comes again, one row, heeded".into())
}
