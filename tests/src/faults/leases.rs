//! Two daemons, and one that was taken for dead.

use std::path::Path;
use std::time::{Duration, Instant};

use super::case::{Case, elsewhere, long, quick, slow};
use super::dialect::{CUSTOMERS, SUBSCRIPTIONS};
use super::fixture::{Context, Fixture, check, expect};
use super::gate::Deed;
use super::running::Running;
use crate::Outcome;

/// As in the daemon: how long a holder that says nothing is taken for alive.
const TERM: Duration = Duration::from_secs(10);

pub const CASES: &[Case] = &[
    quick("B1", "two syncs are started at once, four times", |context| together(context, 4)),
    slow("B1b", "two syncs are started at once, a hundred times", |context| together(context, 100)),
    quick("B2", "the holder of the lease is killed", killed),
    long("B3", "the holder's renewals don't come through for longer than the lease", unrenewed),
    slow("B4", "the holder is stopped (SIGSTOP) for three leases, and goes on", |context| frozen(context, false)),
    long("B4b", "the holder is stopped inside of a transaction that writes, until the next one is done", |context| {
        frozen(context, true)
    }),
    long("B5", "the vendor accepts a request and never answers", silent),
    quick("B6", "the clock of one host is an hour ahead, of the other an hour behind", clocks_apart),
    quick("B9", "a first migration is killed at six moments, and begun again", migration_killed),
    elsewhere(
        "B8",
        "the schema is newer than the program",
        "daemon/src/tests/migrating.rs",
        "a_schema_from_the_future_and_one_from_the_past_are_refused",
        "",
    ),
];

fn busy(fixture: &Fixture<'_>) {
    fixture.gate.rule(|_| Deed::Late(Duration::from_millis(60)));
}

/// I12: each run has a higher token than the one before, so no two of them interleave.
pub(super) fn one_writer(fixture: &Fixture<'_>) -> Outcome<()> {
    let repeated =
        "select count(*) from (select token, lag(token) over (order by run_id) as before from ops.run) as runs
                    where token <= before or token is null";
    expect("I12: runs whose token is not above the one before", &fixture.row(repeated)?, "0")
}

fn together(context: &Context<'_>, times: usize) -> Outcome<String> {
    let fixture = context.fixture(context.book(30).in_pages_of(10))?;
    busy(&fixture);
    let (mut both, mut refused) = (0, 0);
    for _ in 0..times {
        let (mut one, mut other) = (fixture.start(&["sync"])?, fixture.start(&["sync"])?);
        let running = "select count(*) from ops.run where status = 'running'";
        while !one.ended() || !other.ended() {
            let count = fixture.row(running)?;
            check(count == "0" || count == "1", || format!("I12: {count} runs at once"))?;
        }
        for mut sync in [one, other] {
            let finished = sync.finish(&fixture, Duration::from_secs(5))?;
            match finished.code {
                0 => both += 1,
                _ if finished.stderr.contains("is being synced by process") => refused += 1,
                _ => return Err(finished.stderr),
            }
        }
        one_writer(&fixture)?;
    }
    fixture.holds()?;
    check(both >= times, || format!("only {both} syncs went well"))?;
    Ok(format!("{both} went well one after the other, {refused} were told who holds the lease"))
}

/// A sync that has landed something and is waited for.
fn under_way(fixture: &Fixture<'_>) -> Outcome<Running> {
    fixture.gate.rule(
        |asked| {
            if asked.lists(SUBSCRIPTIONS) { Deed::Late(Duration::from_millis(900)) } else { Deed::Pass }
        },
    );
    let sync = fixture.start(&["sync"])?;
    fixture.until("select count(*) > 0 from raw.record where stream = :customers", "t", Duration::from_secs(20))?;
    Ok(sync)
}

fn killed(context: &Context<'_>) -> Outcome<String> {
    let fixture = context.fixture(context.book(300).in_pages_of(10))?;
    fixture.truth()?;
    let mut sync = under_way(&fixture)?;
    sync.signal("KILL")?;
    let killed = Instant::now();
    sync.finish(&fixture, Duration::from_secs(5))?;
    fixture.gate.pass();
    let mut next = fixture.start(&["sync"])?;
    let open = "select count(*) from ops.run where status = 'interrupted'";
    fixture.until(open, "1", Duration::from_secs(60))?;
    let took = killed.elapsed();
    check(took < TERM * 2, || format!("taken over only after {took:?}"))?;
    expect("exit code", &next.finish(&fixture, Duration::from_secs(60))?.code.to_string(), "0")?;
    fixture.holds()?;
    one_writer(&fixture)?;
    Ok(format!("taken over after {:.1} s, of 20 that it may take", took.as_secs_f64()))
}

fn clocks_apart(context: &Context<'_>) -> Outcome<String> {
    let faketime = format!("/usr/lib/{}-linux-gnu/faketime/libfaketime.so.1", std::env::consts::ARCH);
    if !Path::new(&faketime).exists() {
        return Ok(format!("not tried, as {faketime} is missing; install Debian's `libfaketime`"));
    }
    let shifted = |by: &'static str| [("LD_PRELOAD", &*faketime), ("FAKETIME", by), ("DONT_FAKE_MONOTONIC", "1")];
    for (first, second) in [("+1h", "-1h"), ("-1h", "+1h")] {
        let fixture = context.fixture(context.book(300).in_pages_of(10))?;
        fixture.truth()?;
        fixture.gate.rule(|asked| {
            if asked.lists(SUBSCRIPTIONS) { Deed::Late(Duration::from_millis(1_500)) } else { Deed::Pass }
        });
        let mut sync = fixture.start_with(&["sync"], &shifted(first))?;
        fixture.until("select count(*) > 0 from raw.record where stream = :customers", "t", Duration::from_secs(20))?;
        // Whose clock says that the lease ran out, or that it holds for an hour more, is told the same.
        let refused = fixture.run_with(&["sync"], &shifted(second))?;
        check(refused.code == 1 && refused.stderr.contains("is being synced by process"), || {
            format!("{}: {}", refused.code, refused.stderr)
        })?;
        sync.signal("KILL")?;
        let killed = Instant::now();
        sync.finish(&fixture, Duration::from_secs(5))?;
        fixture.gate.pass();
        let mut next = fixture.start_with(&["sync"], &shifted(second))?;
        fixture.until("select count(*) from ops.run where status = 'interrupted'", "1", Duration::from_secs(60))?;
        check(killed.elapsed() < TERM * 2, || format!("taken over only after {:?}", killed.elapsed()))?;
        expect("exit code", &next.finish(&fixture, Duration::from_secs(60))?.code.to_string(), "0")?;
        fixture.holds()?;
        one_writer(&fixture)?;
    }
    Ok("neither clock took a lease over, and a holder that died was followed at once".into())
}

fn unrenewed(context: &Context<'_>) -> Outcome<String> {
    let fixture = context.fixture(context.book(300).in_pages_of(10))?;
    fixture.gate.rule(|asked| if asked.lists(SUBSCRIPTIONS) { Deed::Late(Duration::from_secs(2)) } else { Deed::Pass });
    // Its renewals wait for ever, as behind a pool with nothing free.
    let mut sync = fixture.start_with(&["sync"], &[("MRRD_FAILPOINT", "lease_renews=wait:600000")])?;
    fixture.until(
        "select until between '2000-01-01' and clock_timestamp() from ops.lease",
        "t",
        Duration::from_secs(30),
    )?;
    let last = fixture.dialect().streams().last().copied().unwrap_or_default();
    fixture.gate.rule(move |asked| if asked.lists(last) { Deed::Late(Duration::from_secs(4)) } else { Deed::Pass });
    let next = fixture.start(&["sync"])?.finish(&fixture, Duration::from_secs(60))?;
    expect("the next one's exit code", &next.code.to_string(), "0")
        .map_err(|error| format!("{error}\n{}", next.stderr))?;
    let finished = sync.finish(&fixture, Duration::from_secs(60))?;
    check(finished.code != 0 && finished.stderr.contains("lost lease"), || {
        format!("{}: {}", finished.code, finished.stderr)
    })?;
    fixture.gate.pass();
    fixture.holds()?;
    one_writer(&fixture)?;
    Ok("the next one took over when it had run out, and the first one's writes were refused".into())
}

fn frozen(context: &Context<'_>, inside: bool) -> Outcome<String> {
    let fixture = context.fixture(context.book(300).in_pages_of(10))?;
    fixture.truth()?;
    let mut sync = if inside {
        // Where rows are copied and not yet committed.
        let sync = fixture.start_with(&["sync"], &[("MRRD_FAILPOINT", "land_commits@4=wait:3000")])?;
        // Long enough to be that wait, and not a moment between two statements of another transaction.
        let waits = "select count(*) > 0 from pg_stat_activity where datname = current_database()
                        and state = 'idle in transaction' and state_change < clock_timestamp() - interval '1 second'";
        fixture.until(waits, "t", Duration::from_secs(20))?;
        sync
    } else {
        under_way(&fixture)?
    };
    sync.signal("STOP")?;
    let stopped = Instant::now();
    let before = fixture.row("select token from ops.lease")?;
    fixture.gate.pass();
    let mut next = fixture.start(&["sync"])?;
    fixture.until(&format!("select token > {before} from ops.lease"), "t", Duration::from_secs(60))?;
    let took = stopped.elapsed();
    check(took < TERM * 2, || format!("taken over only after {took:?}"))?;
    check(took > Duration::from_secs(5), || format!("taken over after {took:?}, while it might have been alive"))?;
    expect("the next one's exit code", &next.finish(&fixture, Duration::from_secs(60))?.code.to_string(), "0")?;
    fixture.holds()?;
    let rows = "select md5(string_agg(r::text, ',' order by r::text)) from raw.record r";
    let known = fixture.row(rows)?;
    if let Some(rest) = (TERM * 3).checked_sub(stopped.elapsed()).filter(|_| !inside) {
        std::thread::sleep(rest);
    }
    sync.signal("CONT")?;
    let finished = sync.finish(&fixture, Duration::from_secs(60))?;
    check(finished.code != 0 && finished.stderr.contains("lost lease"), || {
        format!("{}: {}", finished.code, finished.stderr)
    })?;
    expect("rows after the old one woke up", &fixture.row(rows)?, &known)?;
    fixture.holds()?;
    one_writer(&fixture)?;
    // Its own session says that it is refused, were it not ended already.
    let refused =
        format!("begin; select count(*) from ops.lease where source = :source and token = {before} for key share");
    check(
        fixture.row(&refused).is_err()
            || fixture.row(&format!("select count(*) from ops.lease where token = {before}"))? == "0",
        || "the old token still counts".into(),
    )?;
    Ok(format!(
        "taken over after {:.1} s; the old one woke up, said that it lost the lease, and wrote nothing",
        took.as_secs_f64()
    ))
}

fn migration_killed(context: &Context<'_>) -> Outcome<String> {
    // All that makes up a schema, in a line.
    let schema = "select md5(string_agg(what, ',' order by what)) from (
        select format('%s.%s.%s %s', table_schema, table_name, column_name, data_type) from information_schema.columns
        where table_schema in ('raw', 'revenue', 'ops', 'report')
        union all select indexdef from pg_indexes where schemaname in ('raw', 'revenue', 'ops')
        union all select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname in ('public', 'revenue')
    ) as part (what)";
    let fixture = context.fixture(context.book(0))?;
    let whole = fixture.row(schema)?;
    let mut killed = 0;
    for step in 1..=6 {
        let empty = fixture.empty(step)?;
        let mut migrate = fixture.start(&["migrate"])?;
        std::thread::sleep(Duration::from_millis(u64::from(step) * 45));
        killed += u32::from(!migrate.ended());
        migrate.signal("KILL").ok();
        migrate.finish(&fixture, Duration::from_secs(5))?;
        fixture.ok(&["migrate"])?;
        expect("the schema", &empty.run(schema)?, &whole)?;
        fixture.ok(&["sync"])?;
    }
    check(killed > 2, || format!("only {killed} were under way"))?;
    Ok(format!("{killed} killed in the middle; begun again, the schema is the same"))
}

fn silent(context: &Context<'_>) -> Outcome<String> {
    let fixture = context.fixture(context.book(30).in_pages_of(10))?;
    fixture.gate.rule(|asked| if asked.lists(CUSTOMERS) && asked.goes_on() { Deed::Stall(0) } else { Deed::Pass });
    let begun = Instant::now();
    let finished = fixture.hasty(&["sync"])?;
    let took = begun.elapsed();
    fixture.failed(&finished, &[&fixture.stream(CUSTOMERS), "took longer than"])?;
    check(took < Duration::from_secs(40), || format!("it took {took:?}, and half an hour in twentieths is the most"))?;
    fixture.gate.pass();
    fixture.ok(&["sync"])?;
    fixture.holds()?;
    Ok(format!("given up after {:.0} s of twentieths, named, and gone on with", took.as_secs_f64()))
}
