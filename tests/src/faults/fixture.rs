//! What a case works with: a vendor behind a gate, a migrated database, and the daemon's programs.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use super::dialect::{CUSTOMERS, Dialect, SUBSCRIPTIONS, Stripe};
use super::fake_vendor::FakeVendor;
use super::gate::{Gate, Vendor, lock};
use super::running::Running;
use super::{invariants, leaks, ledger};
use crate::{Cluster, Company, Daemon, Database, END, Finished, Outcome, Profile, World, compare, configuration};

/// A zone with summer time, so that days are not the API's days.
pub const TIME_ZONE: &str = "Europe/Berlin";

/// No command of a case takes longer.
const LONGEST: Duration = Duration::from_secs(180);

/// Where a case is run.
pub struct Context<'a> {
    pub cluster: &'a Cluster,
    pub profile: Profile,
    /// What its vendors speak.
    pub dialect: &'static dyn Dialect,
    case: &'static str,
    fixtures: AtomicUsize,
    requests: AtomicUsize,
    /// What came through of what was planted.
    leaks: Mutex<Vec<String>>,
}

/// A vendor, a database and a daemon.
pub struct Fixture<'a> {
    context: &'a Context<'a>,
    pub database: Database<'a>,
    pub daemon: Daemon,
    pub gate: Gate,
    pub vendor: Vendor,
    pub company: Option<Company>,
    printed: Mutex<String>,
    logs: AtomicUsize,
}

impl<'a> Context<'a> {
    pub fn new(cluster: &'a Cluster, profile: Profile, dialect: &'static dyn Dialect, case: &'static str) -> Self {
        Self {
            cluster,
            profile,
            dialect,
            case,
            fixtures: AtomicUsize::new(0),
            requests: AtomicUsize::new(0),
            leaks: Mutex::default(),
        }
    }

    /// Requests of all fixtures that are gone.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    /// The first thing that came through of what was planted in all fixtures that are gone.
    pub fn leak(&self) -> Option<String> {
        lock(&self.leaks).first().cloned()
    }

    /// A vendor with a book of so many customers, an hour apart, each with a subscription.
    pub fn book(&self, customers: usize) -> FakeVendor {
        FakeVendor::with(self.dialect, customers)
    }

    /// A fixture in a cluster of the case's own, which it may break.
    pub fn fixture_in(&'a self, cluster: &'a Cluster, vendor: FakeVendor) -> Outcome<Fixture<'a>> {
        self.build(cluster, Vendor::Fake(Arc::new(Mutex::new(vendor))), None)
    }

    /// A fixture whose vendor has these records.
    pub fn fixture(&'a self, vendor: FakeVendor) -> Outcome<Fixture<'a>> {
        self.build(self.cluster, Vendor::Fake(Arc::new(Mutex::new(vendor))), None)
    }

    /// A fixture whose vendor is a company of the sandbox.
    pub fn company(&'a self, world: World, serve: &[&str]) -> Outcome<Fixture<'a>> {
        self.company_in(self.cluster, world, serve)
    }

    /// The same in a cluster of the case's own, which it may break.
    pub fn company_in(&'a self, cluster: &'a Cluster, world: World, serve: &[&str]) -> Outcome<Fixture<'a>> {
        expect("the language of a company", self.dialect.name(), Stripe.name())?;
        let company = world.serve(self.profile, serve)?;
        let host = company.address().trim_start_matches("http://").to_owned();
        let fixture = self.build(cluster, Vendor::Company(host), Some(company))?;
        world.write_rates(self.profile, &fixture.daemon.folder().path().join("rates.csv"))?;
        Ok(fixture)
    }

    fn build(&'a self, cluster: &'a Cluster, vendor: Vendor, company: Option<Company>) -> Outcome<Fixture<'a>> {
        let number = self.fixtures.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}_{}_{number}", self.dialect.name(), self.case.to_lowercase());
        let gate = Gate::open(vendor.clone(), self.dialect)?;
        migrated(cluster, self.profile)?;
        cluster.database("postgres").run(&format!("create database \"{name}\" template fixture"))?;
        let database = cluster.database(&name);
        let settings = leaks::planted(self.dialect, &gate.address(), &database.url(), TIME_ZONE);
        let daemon = Daemon::new(self.profile, &leaks::with_secret(self.dialect, &settings, ""))?;
        leaks::plant_password(&daemon)?;
        daemon.folder().write("rates.csv", RATES)?;
        let (printed, logs) = (Mutex::default(), AtomicUsize::new(0));
        Ok(Fixture { context: self, database, daemon, gate, vendor, company, printed, logs })
    }
}

const RATES: &str = "Date,USD,\n2025-12-31,1.25,\n";

/// Migrates one database, of which the others are copies.
fn migrated(cluster: &Cluster, profile: Profile) -> Outcome<()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = lock(&ONE_AT_A_TIME);
    let admin = cluster.database("postgres");
    if admin.run("select 1 from pg_database where datname = 'fixture' and datistemplate")? == "1" {
        return Ok(());
    }
    // One that could not be migrated says why each time.
    admin.run("set client_min_messages = warning; drop database if exists fixture")?;
    let database = cluster.create("fixture")?;
    let daemon = Daemon::new(profile, &configuration("http://127.0.0.1:9", &database.url(), TIME_ZONE))?;
    daemon.folder().write("rates.csv", RATES)?;
    daemon.run(&["migrate"])?;
    admin.run("alter database fixture is_template true").map(drop)
}

impl<'a> Fixture<'a> {
    /// The records of its vendor, to look at and to change.
    pub fn records(&self) -> MutexGuard<'_, FakeVendor> {
        match &self.vendor {
            Vendor::Fake(vendor) => lock(vendor),
            Vendor::Company(_) => panic!("a company's records can't be changed"),
        }
    }

    /// Its configuration.
    pub fn toml(&self) -> String {
        leaks::planted(self.dialect(), &self.gate.address(), &self.database.url(), TIME_ZONE)
    }

    /// What its vendor speaks.
    pub fn dialect(&self) -> &'static dyn Dialect {
        self.context.dialect
    }

    /// How its vendor calls a stream.
    pub fn own(&self, stream: &'static str) -> &'static str {
        self.dialect().own(stream)
    }

    /// How its vendor spells an id.
    pub fn id(&self, id: &str) -> String {
        self.dialect().id(id)
    }

    /// As messages name a stream.
    pub fn stream(&self, stream: &'static str) -> String {
        format!("stream `{}`", self.own(stream))
    }

    /// The name that the newest version of a customer's record has.
    pub fn name_of(&self, id: &str) -> Outcome<String> {
        let (path, id) = (self.dialect().name_path(), self.id(id));
        self.row(&format!(
            "select payload::json #>> '{path}' from raw.record where id = '{id}' order by version desc limit 1"
        ))
    }

    /// The same with some settings of the source, and tables, behind it.
    pub fn configure(&self, more: &str) -> Outcome<()> {
        self.daemon.configure(&leaks::with_secret(self.dialect(), &self.toml(), more))
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Outcome<Finished> {
        self.run_with(arguments, &[])
    }

    /// Runs a command whose waits take a twentieth of their time.
    pub fn hasty(&self, arguments: &[&str]) -> Outcome<Finished> {
        self.run_with(arguments, &[("MRRD_HASTE", "20")])
    }

    /// Runs a command with variables that only the build for faults reads.
    pub fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Outcome<Finished> {
        self.start_with(arguments, variables)?.finish(self, LONGEST)
    }

    /// Runs a command that must end well.
    pub fn ok(&self, arguments: &[&str]) -> Outcome<Finished> {
        let finished = self.run(arguments)?;
        if finished.code == 0 { Ok(finished) } else { Err(ended(arguments, &finished)) }
    }

    /// Starts a command.
    pub fn start(&self, arguments: &[&str]) -> Outcome<Running> {
        self.start_with(arguments, &[])
    }

    /// Starts a command with variables that only the build for faults reads.
    pub fn start_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Outcome<Running> {
        let program = if variables.is_empty() { "mrrd" } else { "mrrd-failpoints" };
        let number = self.logs.fetch_add(1, Ordering::Relaxed);
        let log = self.daemon.folder().path().join(format!("log-{number}"));
        let mut command = self.daemon.command_of(program, arguments);
        command.envs(variables.iter().copied());
        let running = Running::start(command, log)?;
        self.remember(&leaks::command_line(&running));
        Ok(running)
    }

    /// Remembers what was printed, for the canaries.
    pub(super) fn remember(&self, text: &str) {
        lock(&self.printed).push_str(text);
    }

    /// All that was printed by commands that have ended.
    pub fn printed(&self) -> String {
        lock(&self.printed).clone()
    }

    /// All that any command has printed so far, also one that was killed.
    pub fn logs(&self) -> String {
        let folder = self.daemon.folder().path();
        let logs = 0..self.logs.load(Ordering::Relaxed);
        // What is no text may still hold some.
        let read = |number| std::fs::read(folder.join(format!("log-{number}"))).unwrap_or_default();
        logs.map(|number| String::from_utf8_lossy(&read(number)).into_owned()).collect()
    }

    /// Writes down what the vendor has now.
    pub fn truth(&self) -> Outcome<usize> {
        ledger::write(&self.vendor, &self.database)
    }

    /// Everything that must hold once all is over: I1 to I6, I8 and that nothing waits.
    pub fn holds(&self) -> Outcome<()> {
        self.truth()?;
        self.cursors_hold()?;
        invariants::tables(&self.database, self.dialect().name())?;
        invariants::canaries(&self.database, &self.printed())
    }

    /// I4 with what the vendor had when the truth was last written.
    pub fn cursors_hold(&self) -> Outcome<()> {
        invariants::cursors(&self.database, self.dialect())
    }

    /// I4, every 50 ms while something is done. The truth must have been written before.
    pub fn watched<T>(&self, done: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
        let over = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            let watch = scope.spawn(|| -> Outcome<()> {
                while !over.load(Ordering::Relaxed) {
                    self.cursors_hold()?;
                    std::thread::sleep(Duration::from_millis(50));
                }
                Ok(())
            });
            let result = done();
            over.store(true, Ordering::Relaxed);
            watch.join().map_err(|_| "the watch panicked".to_owned())??;
            result
        })
    }

    /// I11: every account on every day, every movement and ratio, against the company's own truth.
    pub fn adds_up(&self, world: World) -> Outcome<()> {
        let folder = self.daemon.folder().path();
        let truth = folder.join("truth.csv");
        world.write_truth(self.context.profile, TIME_ZONE, &[], &truth)?;
        let compared = compare(&self.database, &truth, &folder.join("rates.csv"), &world.first_day(), END)?;
        expect("I11: differences", &format!("{}{}", compared.differences, compared.first), "0")
    }

    /// I5: what the newest run has counted is what was sent since the request of a number.
    pub fn counted(&self, since: usize) -> Outcome<()> {
        let fetched = self.row("select fetched from ops.run order by run_id desc limit 1")?;
        let served = self.gate.served(since) + self.dialect().unlisted();
        expect("I5: records fetched, and served", &fetched, &served.to_string())
    }

    /// One value of the cluster's own database, for what can't be done from within.
    pub fn admin(&self, query: &str) -> Outcome<String> {
        self.context.cluster.database("postgres").run(query)
    }

    /// An empty database, which its configuration names from now on.
    pub fn empty(&self, number: u32) -> Outcome<Database<'a>> {
        let name = format!("{}_empty{number}", self.database.name());
        self.admin(&format!("create database \"{name}\""))?;
        let empty = self.context.cluster.database(&name);
        let toml = leaks::planted(self.dialect(), &self.gate.address(), &empty.url(), TIME_ZONE);
        self.daemon.configure(&toml)?;
        Ok(empty)
    }

    /// One value of the database. `:customers`, `:subscriptions`, `:source` and ids such as `:cus_00001` are put in as
    /// the vendor has them.
    pub fn row(&self, query: &str) -> Outcome<String> {
        self.database.run(&self.translated(query))
    }

    fn translated(&self, query: &str) -> String {
        let mut parts = query.split(':');
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let end = part.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(part.len());
            let (word, rest) = part.split_at(end);
            let own = match word {
                "customers" => self.own(CUSTOMERS).to_owned(),
                "subscriptions" => self.own(SUBSCRIPTIONS).to_owned(),
                "source" => self.dialect().name().to_owned(),
                _ if word.starts_with("cus_") || word.starts_with("sub_") => self.id(word),
                _ => {
                    text.push(':');
                    text.push_str(part);
                    continue;
                }
            };
            text.push_str(&format!("'{own}'{rest}"));
        }
        text
    }

    /// Waits until a query answers so.
    pub fn until(&self, query: &str, answer: &str, within: Duration) -> Outcome<Duration> {
        let begun = Instant::now();
        loop {
            let found = self.row(query);
            if found.as_deref() == Ok(answer) {
                return Ok(begun.elapsed());
            }
            if begun.elapsed() > within {
                return Err(format!("`{query}` answers {found:?} after {within:?} and not `{answer}`"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The newest run failed for all of these reasons, and said so everywhere.
    pub fn failed(&self, finished: &Finished, words: &[&str]) -> Outcome<()> {
        if finished.code != 1 {
            return Err(format!("I6: {}", ended(&["the command"], finished)));
        }
        expect("I6: status", &self.row("select status from ops.run order by run_id desc limit 1")?, "failed")?;
        let status = self.run(&["status"])?;
        if status.code == 0 {
            return Err(format!("I6: mrrd status says that all is well:\n{}", status.stdout));
        }
        invariants::message(&self.database, &format!("{}{}", finished.stdout, finished.stderr), words)
    }
}

impl Drop for Fixture<'_> {
    fn drop(&mut self) {
        self.context.requests.fetch_add(self.gate.count(), Ordering::Relaxed);
        // A case that panics says so itself.
        if !std::thread::panicking()
            && let Err(leak) = leaks::none(self)
        {
            lock(&self.context.leaks).push(leak);
        }
    }
}

fn ended(arguments: &[&str], Finished { code, stdout, stderr }: &Finished) -> String {
    let said: String = format!("{stdout}{stderr}").chars().rev().take(1_500).collect();
    let said: String = said.chars().rev().collect();
    format!("mrrd {} ended with {code}:\n{said}", arguments.join(" "))
}

/// Two things that must be the same.
pub fn expect(what: &str, found: &str, wanted: &str) -> Outcome<()> {
    if found == wanted { Ok(()) } else { Err(format!("{what}: {found}, and not {wanted}")) }
}

/// Something that must hold.
pub fn check(holds: bool, otherwise: impl FnOnce() -> String) -> Outcome<()> {
    if holds { Ok(()) } else { Err(otherwise()) }
}
