//! PostgreSQL going away, refusing, or changed by somebody.

use std::time::{Duration, Instant};

use super::case::{Case, elsewhere, long, quick, slow};
use super::gate::Deed;
use super::house::{House, Site, check, expect};
use super::shelf::Shelf;
use super::wire::{Cut, Wire};
use crate::{Outcome, Repertoire, World};

const DISTURBANCES: &str = "daemon/src/tests/disturbances.rs";

pub const CASES: &[Case] = &[
    quick("A3", "the answer to a COMMIT is lost, three times", answers_lost),
    long("A4", "PostgreSQL stops at once in mid-run and comes back", crashed),
    long("A5", "every session is terminated every 0.3 s", |site| terminated(site, Duration::from_millis(300), 12)),
    slow("A5b", "every session is terminated every 2 s for a minute", |site| {
        terminated(site, Duration::from_secs(2), 30)
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

/// A house that reaches its database through a wire.
fn wired<'a>(site: &'a Site<'a>, shelf: Shelf) -> Outcome<(House<'a>, Wire)> {
    let house = site.shelf(shelf)?;
    let wire = Wire::open(site.cluster.socket())?;
    house.daemon.configure(&house.toml().replace(&house.database.url(), &wire.url(house.database.name())))?;
    Ok((house, wire))
}

/// Cuts from the moment on at which the vendor is asked for the first record: what comes before a
/// run is only tried again for a moment.
fn begin_with(house: &House<'_>, wire: &Wire, cut: Cut) {
    let (wire, mut begun) = (wire.clone(), false);
    house.gate.rule(move |asked| {
        if asked.path == "/v1/products" && !std::mem::replace(&mut begun, true) {
            wire.cut(cut);
        }
        Deed::Pass
    });
}

fn answers_lost(site: &Site<'_>) -> Outcome<String> {
    let (house, wire) = wired(site, Shelf::with(1_300))?;
    begin_with(&house, &wire, Cut::Answered(3));
    house.ok(&["sync"])?;
    expect("cuts", &wire.cuts().to_string(), "3")?;
    house.holds()?;
    house.counted(0)?;
    let again = house.row("select count(*) from raw.record where version > 1")?;
    expect("versions beyond the first", &again, "0")?;
    Ok("each batch is there once".into())
}

fn copies_cut(site: &Site<'_>) -> Outcome<String> {
    let (house, wire) = wired(site, Shelf::with(1_300))?;
    begin_with(&house, &wire, Cut::Copying(3));
    house.ok(&["sync"])?;
    expect("cuts", &wire.cuts().to_string(), "3")?;
    house.holds()?;
    house.counted(0)?;
    Ok("each batch is there once".into())
}

fn crashed(site: &Site<'_>) -> Outcome<String> {
    // The case's own, as the others want theirs.
    let cluster = site.cluster.another()?;
    let world = World { seed: 11, accounts: 60, months: 18, repertoire: Repertoire::Plain };
    let house = site.company_in(&cluster, world, &[])?;
    house.truth()?;
    house.gate.rule(|_| Deed::Late(Duration::from_millis(40)));
    let mut sync = house.start(&["sync"])?;
    house.until("select count(*) > 50 from raw.record", "t", Duration::from_secs(20))?;
    cluster.crash(Duration::from_secs(2))?;
    let back = Instant::now();
    let finished = sync.finish(&house, Duration::from_secs(60))?;
    expect("exit code", &finished.code.to_string(), "0").map_err(|error| format!("{error}\n{}", finished.stderr))?;
    let took = back.elapsed();
    check(took < Duration::from_secs(30), || format!("I10: it took {took:?} after the server was back"))?;
    house.holds()?;
    expect("I6: runs", &house.row("select string_agg(status, ' ') from ops.run")?, "ok")?;
    house.adds_up(world)?;
    Ok(format!("ended well {:.1} s after the server was back, in the same run", took.as_secs_f64()))
}

fn terminated(site: &Site<'_>, every: Duration, times: usize) -> Outcome<String> {
    let house = site.shelf(Shelf::with(1_400).in_pages_of(20))?;
    house.truth()?;
    // Slow enough to be disturbed all the time.
    let pause = every.mul_f64(times as f64) / 20;
    house.gate.rule(move |_| Deed::Late(pause));
    // Once it waits inside of a transaction, so that one is met there for sure.
    let wait = format!("land_commits@4=wait:{}", every.as_millis() * 2);
    let mut sync = house.start_with(&["sync"], &[("MRRD_FAILPOINT", &wait)])?;
    let mut killed = 0;
    for _ in 0..times {
        std::thread::sleep(every);
        let terminate = "select count(pg_terminate_backend(pid)) from pg_stat_activity
                         where datname = current_database() and application_name = 'mrrd'";
        killed += house.row(terminate)?.parse::<usize>().unwrap_or_default();
    }
    check(killed >= times / 3, || format!("only {killed} sessions were there to be terminated"))?;
    let finished = house.watched(|| sync.finish(&house, Duration::from_secs(120)))?;
    expect("exit code", &finished.code.to_string(), "0").map_err(|error| format!("{error}\n{}", finished.stderr))?;
    house.holds()?;
    house.counted(0)?;
    // A session that is found closed is simply made anew.
    let retries = finished.stderr.matches("database step is tried again").count();
    check(retries > 0, || "no step was tried again".into())?;
    Ok(format!("{killed} sessions ended, {retries} steps tried again"))
}

fn read_only(site: &Site<'_>) -> Outcome<String> {
    let house = site.shelf(Shelf::with(5))?;
    house.ok(&["sync"])?;
    house.admin(&format!("alter database \"{}\" set default_transaction_read_only = on", house.database.name()))?;
    let finished = house.run(&["sync"])?;
    expect("exit code", &finished.code.to_string(), "1")?;
    check(finished.stderr.contains("read-only") && finished.stderr.contains("primary"), || finished.stderr.clone())?;
    house.admin(&format!("alter database \"{}\" reset default_transaction_read_only", house.database.name()))?;
    house.ok(&["sync"])?;
    house.holds()?;
    Ok("said so, and went on when it was over".into())
}

fn locked(site: &Site<'_>) -> Outcome<String> {
    let house = site.shelf(Shelf::with(20))?;
    let finished = std::thread::scope(|scope| {
        let holder = scope
            .spawn(|| house.row("begin; lock table raw.record in access exclusive mode; select pg_sleep(4); commit"));
        std::thread::sleep(Duration::from_millis(300));
        let name = house.database.name();
        house.row(&format!("alter database \"{name}\" set lock_timeout = '1s'"))?;
        let finished = house.run(&["sync", "stripe"])?;
        holder.join().map_err(|_| "the holder of the lock panicked".to_owned())??;
        Ok::<_, String>(finished)
    })?;
    expect("exit code", &finished.code.to_string(), "0")?;
    check(finished.stderr.contains("a lock or time limit of the server stopped us"), || finished.stderr.clone())?;
    house.holds()?;
    Ok("waited for it, and went on".into())
}

fn deadlocked(site: &Site<'_>) -> Outcome<String> {
    let house = site.shelf(Shelf::with(20))?;
    // Between its records and where its walk stands; who has waited for a second looks for a circle first.
    let mut sync = house.start_with(&["sync"], &[("MRRD_FAILPOINT", "land_merged=wait:1500")])?;
    let written = "select exists (select from pg_locks
                                  where relation = 'raw.record'::regclass and mode = 'RowExclusiveLock' and granted)";
    house.until(written, "t", Duration::from_secs(20))?;
    house.row(
        "set deadlock_timeout = '1min'; begin; lock table ops.walk in exclusive mode;
         lock table raw.record in exclusive mode; commit",
    )?;
    let finished = sync.finish(&house, Duration::from_secs(60))?;
    expect("exit code", &finished.code.to_string(), "0").map_err(|error| format!("{error}\n{}", finished.stderr))?;
    check(finished.stderr.contains("another transaction was in the way"), || finished.stderr.clone())?;
    house.holds()?;
    house.counted(0)?;
    Ok("the batch was rolled back and landed again".into())
}

fn unanswered(site: &Site<'_>) -> Outcome<String> {
    let mut took = Vec::new();
    for (cut, times) in [(Cut::Swallowed(2), "2"), (Cut::Kept(1), "1")] {
        let (house, wire) = wired(site, Shelf::with(1_300))?;
        begin_with(&house, &wire, cut);
        let begun = Instant::now();
        let finished = house.hasty(&["sync"])?;
        expect("exit code", &finished.code.to_string(), "0")
            .map_err(|error| format!("{error}\n{}", finished.stderr))?;
        expect("cuts", &wire.cuts().to_string(), times)?;
        let said = finished.stderr.matches("PostgreSQL took a statement and no answer came").count();
        expect("answers that were given up", &said.to_string(), times)?;
        house.holds()?;
        house.counted(0)?;
        took.push(format!("{:.1}", begun.elapsed().as_secs_f64()));
    }
    Ok(format!(
        "given up and done again in the same run, after {} s of twentieths; each batch is there once",
        took.join(" and ")
    ))
}

fn silent(site: &Site<'_>) -> Outcome<String> {
    let (house, wire) = wired(site, Shelf::with(300).in_pages_of(10))?;
    begin_with(&house, &wire, Cut::Silent);
    let begun = Instant::now();
    let finished = house.hasty(&["sync"])?;
    let took = begun.elapsed();
    expect("exit code", &finished.code.to_string(), "1").map_err(|error| format!("{error}\n{}", finished.stderr))?;
    let said = ["no connection to PostgreSQL can be had", "PostgreSQL took a statement and no answer came"];
    check(said.iter().any(|words| finished.stderr.contains(words)), || finished.stderr.clone())?;
    wire.cut(Cut::Never);
    house.gate.pass();
    house.ok(&["sync"])?;
    house.holds()?;
    Ok(format!("given up after {:.1} s of twentieths, named, and gone on with by the next run", took.as_secs_f64()))
}

fn changed(site: &Site<'_>) -> Outcome<String> {
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
    let house = site.shelf(Shelf::with(10))?;
    house.ok(&["sync"])?;
    for (number, (change, undo, words)) in changes.iter().enumerate() {
        house.records().customer(&format!("cus_new{number}"), super::shelf::BEGIN + 90_000, "Ada");
        house.row(change)?;
        let finished = house.run(&["sync"])?;
        house.row(&format!("set client_min_messages = warning; {undo}"))?;
        house.failed(&finished, words).map_err(|error| format!("{change}: {error}"))?;
        house.ok(&["sync"])?;
        house.holds().map_err(|error| format!("after {undo}: {error}"))?;
    }
    Ok(format!("{} changes named, each with its remedy", changes.len()))
}
