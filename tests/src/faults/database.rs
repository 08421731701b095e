//! PostgreSQL going away, refusing, or changed by somebody.

use std::time::{Duration, Instant};

use super::case::{Case, elsewhere, long, quick, slow};
use super::dialect::{Dialect as _, PRODUCTS, Stripe};
use super::fake_vendor::{BEGIN, FakeVendor};
use super::fixture::{Context, Fixture, check, expect};
use super::gate::Deed;
use super::wire::{Cut, Wire};
use crate::{Outcome, Repertoire, World};

const DISTURBANCES: &str = "daemon/src/tests/disturbances.rs";

pub const CASES: &[Case] = &[
    quick("A3", "the answer to a COMMIT is lost, three times", answers_lost),
    long("A4", "PostgreSQL stops at once in mid-run and comes back", crashed),
    long("A5", "every session is terminated every 0.3 s", |context| {
        terminated(context, Duration::from_millis(300), 12)
    }),
    slow("A5b", "every session is terminated every 2 s for a minute", |context| {
        terminated(context, Duration::from_secs(2), 30)
    }),
    quick("A7", "the connection is cut inside of a COPY, three times", copies_cut),
    elsewhere(
        "A8",
        "the database goes back in time",
        DISTURBANCES,
        "a_database_that_goes_back_in_time_takes_the_sync_with_it",
        "the rewind is made by SQL, not by restoring a copy",
    ),
    elsewhere(
        "A9",
        "the server's disk is full",
        "tests/tests/end_to_end/failures.rs",
        "a_full_disk_is_named_and_the_sync_goes_on_afterwards",
        "",
    ),
    quick("A11", "the database is read-only", read_only),
    quick("A12", "somebody locks the table of records for 4 s", locked),
    quick("A12b", "the answer to a COMMIT, and the rows of a COPY, get lost and the connection stays", unanswered),
    long("A12c", "nothing at all comes from PostgreSQL any more, and nothing is closed", silent),
    quick("A13", "somebody locks the same tables in another order, so that each waits for the other", deadlocked),
    quick("A14", "a table or column is dropped, a type changed, a column or trigger added", changed),
];

/// A fixture that reaches its database through a wire.
fn wired<'a>(context: &'a Context<'a>, vendor: FakeVendor) -> Outcome<(Fixture<'a>, Wire)> {
    let fixture = context.fixture(vendor)?;
    let wire = Wire::open(context.cluster.socket())?;
    fixture.daemon.configure(&fixture.toml().replace(&fixture.database.url(), &wire.url(fixture.database.name())))?;
    Ok((fixture, wire))
}

/// Cuts from the moment on at which the vendor is asked for the first record: what comes before a
/// run is only tried again for a moment.
fn begin_with(fixture: &Fixture<'_>, wire: &Wire, cut: Cut) {
    let (wire, mut begun) = (wire.clone(), false);
    fixture.gate.rule(move |asked| {
        if asked.lists(PRODUCTS) && !std::mem::replace(&mut begun, true) {
            wire.cut(cut);
        }
        Deed::Pass
    });
}

fn answers_lost(context: &Context<'_>) -> Outcome<String> {
    let (fixture, wire) = wired(context, context.book(1_300))?;
    begin_with(&fixture, &wire, Cut::Answered(3));
    fixture.ok(&["sync"])?;
    expect("cuts", &wire.cuts().to_string(), "3")?;
    fixture.holds()?;
    fixture.counted(0)?;
    let again = fixture.row("select count(*) from raw.record where version > 1")?;
    expect("versions beyond the first", &again, "0")?;
    Ok("each batch is there once".into())
}

fn copies_cut(context: &Context<'_>) -> Outcome<String> {
    let (fixture, wire) = wired(context, context.book(1_300))?;
    begin_with(&fixture, &wire, Cut::Copying(3));
    fixture.ok(&["sync"])?;
    expect("cuts", &wire.cuts().to_string(), "3")?;
    fixture.holds()?;
    fixture.counted(0)?;
    Ok("each batch is there once".into())
}

fn crashed(context: &Context<'_>) -> Outcome<String> {
    // The case's own, as the others want theirs.
    let cluster = context.cluster.another()?;
    let world = World { seed: 11, accounts: 60, months: 18, repertoire: Repertoire::Plain };
    // A company speaks as Stripe does.
    let is_company = context.dialect.name() == Stripe.name();
    let fixture = match is_company {
        true => context.company_in(&cluster, world, &[])?,
        false => context.fixture_in(&cluster, context.book(300).in_pages_of(20))?,
    };
    fixture.truth()?;
    fixture.gate.rule(|_| Deed::Late(Duration::from_millis(40)));
    let mut sync = fixture.start(&["sync"])?;
    fixture.until("select count(*) > 50 from raw.record", "t", Duration::from_secs(20))?;
    cluster.crash(Duration::from_secs(2))?;
    let back = Instant::now();
    let finished = sync.finish(&fixture, Duration::from_secs(60))?;
    expect("exit code", &finished.code.to_string(), "0").map_err(|error| format!("{error}\n{}", finished.stderr))?;
    let took = back.elapsed();
    check(took < Duration::from_secs(30), || format!("I10: it took {took:?} after the server was back"))?;
    fixture.holds()?;
    expect("I6: runs", &fixture.row("select string_agg(status, ' ') from ops.run")?, "ok")?;
    if is_company {
        fixture.adds_up(world)?;
    }
    Ok(format!("ended well {:.1} s after the server was back, in the same run", took.as_secs_f64()))
}

fn terminated(context: &Context<'_>, every: Duration, times: usize) -> Outcome<String> {
    let fixture = context.fixture(context.book(1_400).in_pages_of(20))?;
    fixture.truth()?;
    // Slow enough to be disturbed all the time.
    let pause = every.mul_f64(times as f64) / 20;
    fixture.gate.rule(move |_| Deed::Late(pause));
    // Once it waits inside of a transaction, so that one is met there for sure.
    let wait = format!("land_commits@4=wait:{}", every.as_millis() * 2);
    let mut sync = fixture.start_with(&["sync"], &[("MRRD_FAILPOINT", &wait)])?;
    let mut killed = 0;
    for _ in 0..times {
        std::thread::sleep(every);
        let terminate = "select count(pg_terminate_backend(pid)) from pg_stat_activity
                         where datname = current_database() and application_name = 'mrrd'";
        killed += fixture.row(terminate)?.parse::<usize>().unwrap_or_default();
    }
    check(killed >= times / 3, || format!("only {killed} sessions were there to be terminated"))?;
    let finished = fixture.watched(|| sync.finish(&fixture, Duration::from_secs(120)))?;
    expect("exit code", &finished.code.to_string(), "0").map_err(|error| format!("{error}\n{}", finished.stderr))?;
    fixture.holds()?;
    fixture.counted(0)?;
    // A session that is found closed is simply made anew.
    let retries = finished.stderr.matches("database step is tried again").count();
    check(retries > 0, || "no step was tried again".into())?;
    Ok(format!("{killed} sessions ended, {retries} steps tried again"))
}

fn read_only(context: &Context<'_>) -> Outcome<String> {
    let fixture = context.fixture(context.book(5))?;
    fixture.ok(&["sync"])?;
    fixture.admin(&format!("alter database \"{}\" set default_transaction_read_only = on", fixture.database.name()))?;
    let finished = fixture.run(&["sync"])?;
    expect("exit code", &finished.code.to_string(), "1")?;
    check(finished.stderr.contains("read-only") && finished.stderr.contains("primary"), || finished.stderr.clone())?;
    fixture.admin(&format!("alter database \"{}\" reset default_transaction_read_only", fixture.database.name()))?;
    fixture.ok(&["sync"])?;
    fixture.holds()?;
    Ok("said so, and went on when it was over".into())
}

fn locked(context: &Context<'_>) -> Outcome<String> {
    let fixture = context.fixture(context.book(20))?;
    let finished = std::thread::scope(|scope| {
        let holder = scope
            .spawn(|| fixture.row("begin; lock table raw.record in access exclusive mode; select pg_sleep(4); commit"));
        std::thread::sleep(Duration::from_millis(300));
        let name = fixture.database.name();
        fixture.row(&format!("alter database \"{name}\" set lock_timeout = '1s'"))?;
        let finished = fixture.run(&["sync", fixture.dialect().name()])?;
        holder.join().map_err(|_| "the holder of the lock panicked".to_owned())??;
        Ok::<_, String>(finished)
    })?;
    expect("exit code", &finished.code.to_string(), "0")?;
    check(finished.stderr.contains("a lock or time limit of the server stopped us"), || finished.stderr.clone())?;
    fixture.holds()?;
    Ok("waited for it, and went on".into())
}

fn deadlocked(context: &Context<'_>) -> Outcome<String> {
    let fixture = context.fixture(context.book(20))?;
    // Between its first records (before them it lands its place in the log) and where its walk stands. It is the first
    // to look for a circle, as the other waits for a minute before that.
    let mut sync = fixture.start_with(&["sync"], &[("MRRD_FAILPOINT", "land_merged@2=wait:1500")])?;
    // The tables of every copy of a database have the same numbers.
    let written = "select exists (select from pg_locks l join pg_database d on d.oid = l.database
                                  where d.datname = current_database() and l.relation = 'raw.record'::regclass
                                    and l.mode = 'RowExclusiveLock' and l.granted)";
    fixture.until(written, "t", Duration::from_secs(20))?;
    fixture.row(
        "set deadlock_timeout = '1min'; begin; lock table ops.walk in exclusive mode;
         lock table raw.record in exclusive mode; commit",
    )?;
    let finished = sync.finish(&fixture, Duration::from_secs(60))?;
    expect("exit code", &finished.code.to_string(), "0").map_err(|error| format!("{error}\n{}", finished.stderr))?;
    check(finished.stderr.contains("another transaction was in the way"), || finished.stderr.clone())?;
    fixture.holds()?;
    fixture.counted(0)?;
    Ok("the batch was rolled back and landed again".into())
}

fn unanswered(context: &Context<'_>) -> Outcome<String> {
    let mut took = Vec::new();
    for (cut, times) in [(Cut::Swallowed(2), "2"), (Cut::Kept(1), "1")] {
        let (fixture, wire) = wired(context, context.book(1_300))?;
        begin_with(&fixture, &wire, cut);
        let begun = Instant::now();
        let finished = fixture.hasty(&["sync"])?;
        expect("exit code", &finished.code.to_string(), "0")
            .map_err(|error| format!("{error}\n{}", finished.stderr))?;
        expect("cuts", &wire.cuts().to_string(), times)?;
        let said = finished.stderr.matches("PostgreSQL took a statement and no answer came").count();
        expect("answers that were given up", &said.to_string(), times)?;
        fixture.holds()?;
        fixture.counted(0)?;
        took.push(format!("{:.1}", begun.elapsed().as_secs_f64()));
    }
    Ok(format!(
        "given up and done again in the same run, after {} s of twentieths; each batch is there once",
        took.join(" and ")
    ))
}

fn silent(context: &Context<'_>) -> Outcome<String> {
    let (fixture, wire) = wired(context, context.book(300).in_pages_of(10))?;
    begin_with(&fixture, &wire, Cut::Silent);
    let begun = Instant::now();
    let finished = fixture.hasty(&["sync"])?;
    let took = begun.elapsed();
    expect("exit code", &finished.code.to_string(), "1").map_err(|error| format!("{error}\n{}", finished.stderr))?;
    let said = ["no connection to PostgreSQL can be had", "PostgreSQL took a statement and no answer came"];
    check(said.iter().any(|words| finished.stderr.contains(words)), || finished.stderr.clone())?;
    wire.cut(Cut::Never);
    fixture.gate.pass();
    fixture.ok(&["sync"])?;
    fixture.holds()?;
    Ok(format!("given up after {:.1} s of twentieths, named, and gone on with by the next run", took.as_secs_f64()))
}

fn changed(context: &Context<'_>) -> Outcome<String> {
    let raise = "create function public.no() returns trigger language plpgsql as $$ begin raise 'not today: canary-pii'; end $$;
                 create trigger no before insert on raw.record for each row execute function public.no()";
    // What is done, what undoes it, and what has to be said.
    let changes = [
        (
            "alter table raw.record rename to away",
            "alter table raw.away rename to record",
            ["schema is not as it should be", "raw.record"],
        ),
        (
            "alter table raw.record rename column account to konto",
            "alter table raw.record rename column konto to account",
            ["schema is not as it should be", "account"],
        ),
        (
            "alter table raw.record add extra text; update raw.record set extra = ''; alter table raw.record alter extra set not null",
            "alter table raw.record drop extra",
            ["a constraint or trigger", "raw.record"],
        ),
        (raise, "drop function public.no() cascade", ["a constraint or trigger", "remove what was added"]),
    ];
    let fixture = context.fixture(context.book(10))?;
    fixture.ok(&["sync"])?;
    for (number, (change, undo, words)) in changes.iter().enumerate() {
        fixture.records().customer(&format!("cus_new{number}"), BEGIN + 90_000, "Ada");
        fixture.row(change)?;
        let finished = fixture.run(&["sync"])?;
        fixture.row(&format!("set client_min_messages = warning; {undo}"))?;
        fixture.failed(&finished, words).map_err(|error| format!("{change}: {error}"))?;
        fixture.ok(&["sync"])?;
        fixture.holds().map_err(|error| format!("after {undo}: {error}"))?;
    }
    Ok(format!("{} changes named, each with its remedy", changes.len()))
}
