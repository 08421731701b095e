//! What syncs without changes write.

use mrr_tests::{Cluster, Daemon, Outcome, Profile, Repertoire, World};

use crate::{build, setup};

/// Syncs a small company once, and then again and again with nothing changed.
pub fn idle(syncs: u32) -> Outcome<()> {
    let server = setup::setup()?;
    build::programs(Profile::Release)?;
    build::extension(&server, Profile::Release)?;
    let cluster = Cluster::start(&server.pg_config)?;
    let database = cluster.create("idle")?;
    let world = World { seed: 1, accounts: 100, months: 24, repertoire: Repertoire::Plain };
    let company = world.serve(Profile::Release, &[])?;
    let daemon = Daemon::new(Profile::Release, &company.configuration(&database.url(), "UTC"))?;
    world.write_rates(Profile::Release, &daemon.folder().path().join("rates.csv"))?;
    daemon.run(&["migrate"])?;

    let before = database.run("select pg_current_wal_insert_lsn()")?;
    print!("first: {}", daemon.run(&["sync"])?);
    let wal = |since: &str| database.run(&format!("select pg_current_wal_insert_lsn() - '{since}'::pg_lsn"));
    let first = number(&wal(&before)?)?;
    // From here on dead rows are those of the syncs without changes.
    database.run("vacuum (analyze); checkpoint; select pg_stat_reset()")?;

    let before = database.run("select pg_current_wal_insert_lsn()")?;
    let mut last = String::new();
    for _ in 0..syncs {
        last = daemon.run(&["sync"])?;
    }
    let each = number(&wal(&before)?)? / f64::from(syncs);
    print!("last of {syncs} more: {last}");
    println!("{}", database.show(&include_str!("idle.sql").replace(":syncs", &syncs.to_string()))?);
    println!(
        "WAL of the first sync: {first:.0} bytes; of one without changes: {each:.0}, {:.2} %",
        each / first * 100.0
    );
    Ok(())
}

fn number(text: &str) -> Outcome<f64> {
    text.trim().parse().map_err(|error| format!("`{text}` is not a number: {error}"))
}
