//! How fast records land, beside what HTTP and PostgreSQL take for the same pages.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use mrr_tests::{Cluster, Daemon, Database, Outcome, Profile, program};

use super::ledger::Ledger;
use super::memory::watched;
use crate::{build, setup};

/// Measures everything in each round, so that whatever else the machine does falls on all of it.
pub fn landing(customers: u32, rounds: usize) -> Outcome<()> {
    let server = setup::setup()?;
    build::programs(Profile::Release)?;
    build::extension(&server, Profile::Release)?;
    build::benchmark()?;
    let cluster = Cluster::start(&server.pg_config)?;
    let vendor = Vendor::serve(customers, None)?;
    let floors = cluster.create("floors")?;
    let (count, url) = (customers.to_string(), floors.url());
    let mut ledger = Ledger::default();
    for round in 1..=rounds {
        ledger.add("pages fetched and thrown away", floor(&["fetch", &vendor.address])?);
        ledger.add("pages taken apart and thrown away", floor(&["take-apart", &vendor.address])?);
        // What one measurement left to be written must not fall on the next.
        floors.run("checkpoint")?;
        ledger.add("(b) COPY to a bare table, lz4", floor(&["copy", &url, &count])?);
        floors.run("checkpoint")?;
        ledger.add("(c) COPY and merge by key, lz4", floor(&["merge", &url, &count])?);
        let name = format!("round_{round}");
        sync_twice(&cluster.create(&name)?, &vendor.address, &mut ledger)?;
        floors.run(&format!("checkpoint; drop database {name}"))?;
    }
    ledger.print();
    Ok(())
}

fn sync_twice(database: &Database<'_>, address: &str, ledger: &mut Ledger) -> Outcome<()> {
    let daemon = Daemon::new(Profile::Release, &configuration(&database.url(), address))?;
    daemon.run(&["migrate"])?;
    for (landed, all) in
        [("mrrd, first load: landing", "mrrd, first load: with deriving"), ("mrrd, unchanged", "mrrd, unchanged: all")]
    {
        database.run("checkpoint")?;
        let resident = watched(daemon.start(&["sync"])?)?;
        let Landed { records, seconds, whole } = last_run(database)?;
        ledger.add_with_memory(landed, (records, seconds), resident);
        ledger.add(all, (records, whole));
    }
    println!("{}", database.show(include_str!("sizes.sql"))?);
    Ok(())
}

/// A daemon's settings for a database and the address of the pages.
pub fn configuration(database: &str, address: &str) -> String {
    format!(
        "[book]\ncurrency = \"EUR\"\ntime_zone = \"UTC\"\n[database]\nurl = \"{database}\"\n\
         [sources.stripe]\nconnector = \"stripe\"\napi_key = \"sk_live_bench\"\nbase_url = \"{address}\"\n\
         schedule = \"0 0 0 * * *\"\nrequests_per_second = 1000000\n"
    )
}

/// What the last sync of a daemon came to.
pub struct Landed {
    records: f64,
    /// Until the last record was landed or compared.
    pub seconds: f64,
    /// With deriving.
    whole: f64,
}

/// Reads it from the daemon's own ledger.
pub fn last_run(database: &Database<'_>) -> Outcome<Landed> {
    let run = database.run(include_str!("landed.sql"))?;
    let figures: Vec<f64> = run.split('|').filter_map(|figure| figure.parse().ok()).collect();
    match figures[..] {
        [records, seconds, whole] => Ok(Landed { records, seconds, whole }),
        _ => Err(format!("the sync did not end well: {run}")),
    }
}

/// Runs one of the benchmark's own processes; returns records and seconds.
fn floor(arguments: &[&str]) -> Outcome<(f64, f64)> {
    let began = Instant::now();
    let output = Command::new(program("mrr-bench", Profile::Release))
        .args(arguments)
        .output()
        .map_err(|error| format!("can't run mrr-bench: {error}"))?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let figures: Vec<f64> = printed.split_whitespace().filter_map(|figure| figure.parse().ok()).collect();
    match figures[..] {
        [records, seconds] if output.status.success() => Ok((records, seconds)),
        _ => {
            let (after, said) = (began.elapsed().as_secs(), String::from_utf8_lossy(&output.stderr));
            Err(format!("mrr-bench {} ended after {after} s: {said}", arguments[0]))
        }
    }
}

/// The vendor's API, as a process.
pub struct Vendor {
    server: Child,
    pub address: String,
}

impl Vendor {
    /// Serves a book of so many customers. One invoice comes to `odd`, if that is given.
    pub fn serve(customers: u32, odd: Option<&str>) -> Outcome<Self> {
        let mut server = Command::new(program("mrr-bench", Profile::Release))
            .args(["serve", &customers.to_string()])
            .args(odd.map(|total| format!("--odd={total}")))
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("can't start mrr-bench: {error}"))?;
        let mut line = String::new();
        if let Some(stdout) = server.stdout.take() {
            BufReader::new(stdout).read_line(&mut line).map_err(|error| error.to_string())?;
        }
        let address = line.trim().trim_start_matches("listening on ").to_owned();
        Ok(Self { server, address })
    }
}

impl Drop for Vendor {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
