//! The three ways to learn a book: to follow it from its first day, to look in now and then, and to
//! come on the last day.

use std::time::{Duration, Instant};

use chrono::{NaiveDate, NaiveTime};

use crate::agreement::Excused;
use crate::company::configuration_of;
use crate::{Agreement, Cluster, Company, Daemon, Database, END, Outcome, Profile, Vendor, World};

/// How a daemon comes to know a company.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From the first day on, by deliveries and the log of events.
    Live,
    /// From the first day on by the log alone, and twice not at all for longer than it reaches back.
    Polling,
    /// On the last day, for the first time.
    Today,
    /// The same, where the log of changes has lost all but the last months.
    Imported,
}

/// What became of one world in one way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Learnt {
    /// How it compares with the truth.
    pub agreement: Agreement,
    /// How many segments a sync that lists everything still changes after following: none, if
    /// following is as good as listing.
    pub changed_by_listing: u64,
    /// How many times the log had nothing more to tell.
    pub gaps: u64,
}

impl Learnt {
    /// What is not as it must be, in a sentence.
    pub fn fault(&self, vendor: Vendor, way: Way) -> Option<String> {
        let Agreement { account_days, exact, wrong, first, .. } = &self.agreement;
        if *wrong > 0 || *account_days == 0 {
            return Some(format!("{}\n{first}", self.agreement));
        }
        let complete = way == Way::Live || (way == Way::Polling && !vendor.forgets());
        if complete && exact < account_days {
            return Some(format!("who was there from the first day must know every day: {}\n{first}", self.agreement));
        }
        if way == Way::Polling && vendor.forgets() && self.gaps == 0 {
            return Some("nobody noticed that the log was not looked into for too long".into());
        }
        if self.changed_by_listing > 0 {
            return Some(format!("after following, listing still changed {} segments", self.changed_by_listing));
        }
        None
    }
}

const DAY: i64 = 86_400;

impl Way {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Live, Self::Polling, Self::Today, Self::Imported];

    /// Those that make a difference with a vendor: a log that forgets is never whole.
    pub fn of(vendor: Vendor) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |way| *way != Self::Imported || !vendor.forgets())
    }

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Polling => "polling only",
            Self::Today => "connected today",
            Self::Imported => "connected today after an import",
        }
    }

    /// Learns a world in a database of its own, and compares.
    pub fn learn(self, cluster: &Cluster, vendor: Vendor, world: World, profile: Profile) -> Outcome<Learnt> {
        let name = format!("{}_{}_{}", vendor.name(), self.name().replace(' ', "_"), world.seed);
        let database = cluster.create(&name)?;
        let learner = Learner { database: &database, vendor, world, profile };
        let learnt = match self {
            Self::Live => learner.live(&[]).map(|(learnt, _)| learnt),
            Self::Polling => learner.polling(),
            Self::Today => learner.today(&[]),
            Self::Imported => learner.today(&["--events-kept=180"]),
        };
        let learnt = learnt.map_err(|error| {
            let problems = "select stream, record, field, message from ops.problem order by found_at limit 5";
            let problems = database.run(problems).unwrap_or_default();
            format!("{} of seed {}: {error}{problems}", self.name(), world.seed)
        })?;
        cluster.database("postgres").run(&format!("drop database \"{name}\" with (force)"))?;
        Ok(learnt)
    }
}

/// Learns one world.
struct Learner<'a> {
    database: &'a Database<'a>,
    vendor: Vendor,
    world: World,
    profile: Profile,
}

impl Learner<'_> {
    fn today(&self, manners: &[&str]) -> Outcome<Learnt> {
        let company = self.serve(manners)?;
        let daemon = self.begin(&company, "")?;
        read(&daemon, "sync")?;
        // What a vendor's log still has, nobody need guess.
        let whole = manners.is_empty() && !self.vendor.forgets();
        let excused = if whole { Excused::OnlyByDoubts } else { Excused::ByDoubts };
        let agreement = self.compare(&daemon, excused)?;
        Ok(Learnt { agreement, ..Learnt::default() })
    }

    fn polling(&self) -> Outcome<Learnt> {
        let Self { database, world, .. } = *self;
        let from = world.first_day();
        let mut manners = vec!["--from", &from[..7]];
        manners.extend(self.vendor.old_shapes().iter().filter(|manner| manner.starts_with("--events")));
        let company = self.serve(&manners)?;
        let daemon = self.begin(&company, "")?;
        daemon.run(&["sync"])?;
        let count = Steps::of(world).count();
        let away = [count / 3, count * 2 / 3];
        for (number, at) in Steps::of(world).enumerate() {
            company.advance(at)?;
            // Now and then nobody looks for longer than a month.
            if !away.iter().any(|begin| (*begin..begin + 3).contains(&number)) {
                read(&daemon, "follow")?;
            }
        }
        let changed_by_listing = list(database, &daemon)?;
        let gaps = database.run("select count(*) from ops.gap")?.trim().parse().unwrap_or_default();
        let missed = "exists (select from ops.gap g where c.day >= g.from_time::date and c.day <= g.until::date)";
        let excused = if self.vendor.forgets() { Excused::ByDoubtsAnd(missed) } else { Excused::Nothing };
        let agreement = self.compare(&daemon, excused)?;
        Ok(Learnt { agreement, changed_by_listing, gaps })
    }

    fn live(&self, policies: &[Policy<'_>]) -> Outcome<(Learnt, Vec<Agreement>)> {
        let Self { database, vendor, world, profile } = *self;
        let port = free_port()?;
        let secret = vendor.webhook_secret();
        let hook = format!("http://127.0.0.1:{port}/hooks/{}", vendor.name());
        let from = world.first_day();
        let mut manners = vec![
            "--from",
            &from[..7],
            "--webhook",
            &hook,
            "--webhook-secret",
            secret,
            "--webhook-shuffle",
            "--webhook-duplicates=10",
            "--webhook-drop=5",
        ];
        manners.extend(vendor.old_shapes());
        let company = self.serve(&manners)?;
        let settings = format!("webhook_secret = \"{secret}\"\n\n[hooks]\nlisten = \"127.0.0.1:{port}\"\n");
        let daemon = self.begin(&company, &settings)?;
        let mut running = Running(daemon.start(&["run"])?);
        wait("the first sync", || Ok(database.run("select count(*) from ops.run where status = 'ok'")?.trim() == "1"))?;
        for at in Steps::of(world) {
            company.advance(at)?;
            wait("the deliveries", || company.has_delivered())?;
            settled(database)?;
        }
        running.stop();
        // Those that never came are found with the next look, and here with the last.
        daemon.run(&["follow"])?;
        let changed_by_listing = list(database, &daemon)?;
        let agreement = self.compare(&daemon, Excused::Nothing)?;
        let under = policies.iter().map(|(name, row, arguments)| {
            database.run(row)?;
            Agreement::under((name, arguments), database, world, profile, daemon.folder().path(), Excused::Nothing)
        });
        let under = under.collect::<Outcome<Vec<Agreement>>>()?;
        Ok((Learnt { agreement, changed_by_listing, gaps: 0 }, under))
    }

    fn serve(&self, manners: &[&str]) -> Outcome<Company> {
        let mut arguments = vec!["--face", self.vendor.name()];
        arguments.extend(manners);
        self.world.serve(self.profile, &arguments)
    }

    fn begin(&self, company: &Company, settings: &str) -> Outcome<Daemon> {
        let toml = configuration_of(self.vendor, company.address(), &self.database.url(), "UTC") + settings;
        let daemon = Daemon::new(self.profile, &toml)?;
        self.world.write_rates(self.profile, &daemon.folder().path().join("rates.csv"))?;
        daemon.run(&["migrate"])?;
        Ok(daemon)
    }

    fn compare(&self, daemon: &Daemon, excused: Excused<'_>) -> Outcome<Agreement> {
        Agreement::of(self.database, self.world, self.profile, daemon.folder().path(), excused)
    }
}

/// A policy: its name, its row of `revenue.policy` if it is not there already, and the sandbox's
/// arguments for the truth under it.
pub type Policy<'a> = (&'a str, &'a str, &'a [&'a str]);

/// Follows a world from its first day, and compares it under policies too.
pub fn follow_under(
    cluster: &Cluster,
    world: World,
    profile: Profile,
    policies: &[Policy<'_>],
) -> Outcome<Vec<Agreement>> {
    let database = cluster.create("under_policies")?;
    let learner = Learner { database: &database, vendor: Vendor::Stripe, world, profile };
    learner.live(policies).map(|(_, agreements)| agreements)
}

/// Reads from the source. That something could not be read, and is listed as a problem, is no
/// failure: who comes late may find a coupon that nobody knows any more.
fn read(daemon: &Daemon, how: &str) -> Outcome<()> {
    let finished = daemon.finish(&[how])?;
    match finished.code {
        0 | 3 => Ok(()),
        code => Err(format!("mrrd {how} ended with {code}:\n{}{}", finished.stdout, finished.stderr)),
    }
}

/// Lists everything; returns how many segments were written or closed by that. Records themselves
/// may differ: Stripe has no event for an invoice item that its invoice takes up, nor for a coupon
/// within a discount that is redeemed once more.
fn list(database: &Database<'_>, daemon: &Daemon) -> Outcome<u64> {
    let count = || -> Outcome<u64> {
        let query = "select count(*) + count(*) filter (where known_until < 'infinity') from revenue.segment";
        database.run(query)?.trim().parse().map_err(|_| "the segments can't be counted".to_owned())
    };
    let before = count()?;
    read(daemon, "sync")?;
    Ok(count()? - before)
}

/// Waits until the deliveries are heeded. Whoever heeds one looks into the log too, and finds those
/// that never came.
fn settled(database: &Database<'_>) -> Outcome<()> {
    let query = "select not exists (select from ops.event where payload is not null)
            and not exists (select from ops.hint) and not exists (select from ops.touched)
            and not exists (select from ops.run where status = 'running')";
    wait("the daemon to have caught up", || Ok(database.run(query)?.trim() == "t"))
}

/// Seconds at which somebody looks: uneven ones from the seed, up to the world's end.
struct Steps {
    at: i64,
    end: i64,
    random: u64,
}

impl Steps {
    fn of(world: World) -> Self {
        let second = |day: &str| {
            let day: NaiveDate = day.parse().unwrap_or_default();
            day.and_time(NaiveTime::MIN).and_utc().timestamp()
        };
        Self { at: second(&world.first_day()), end: second(END), random: world.seed.wrapping_mul(2) | 1 }
    }
}

impl Iterator for Steps {
    type Item = i64;

    fn next(&mut self) -> Option<i64> {
        if self.at >= self.end {
            return None;
        }
        // Any number that jumps about will do.
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let days = 20 + i64::try_from(self.random >> 33).unwrap_or_default() % 9;
        self.at = (self.at + days * DAY + 7_919).min(self.end);
        Some(self.at)
    }
}

/// A daemon that is ended with its test.
struct Running(std::process::Child);

impl Running {
    fn stop(&mut self) {
        let _ = std::process::Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn wait(what: &str, mut is_so: impl FnMut() -> Outcome<bool>) -> Outcome<()> {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(120) {
        if is_so()? {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err(format!("{what} took more than two minutes"))
}

fn free_port() -> Outcome<u16> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    Ok(listener.local_addr().map_err(|error| error.to_string())?.port())
}
