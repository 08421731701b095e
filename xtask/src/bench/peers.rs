//! Landing beside the tools that a user would take instead: the same pages, a fresh database each.

mod arrived;
mod tool;

use std::process::{Child, Command, Stdio};

use mrr_tests::{Cluster, Daemon, Database, Folder, Outcome, Profile};

use self::arrived::Truth;
use self::tool::{TOOLS, Tool};
use super::landing::{Vendor, configuration, last_run};
use super::memory::watched;
use crate::{build, setup};

/// The customers of the small books in which an odd number is looked for afterwards.
const FEW: u32 = 40;

/// The first integer that a double does not hold, and no integer.
const ODD: [&str; 2] = ["9007199254740993", "12345.5"];

/// How a load went: its seconds, and the most memory of its processes in MB.
struct Load {
    seconds: f64,
    megabytes: f64,
}

/// Measures each in turn, and prints what arrived.
pub fn peers(customers: u32) -> Outcome<()> {
    let server = setup::setup()?;
    for tool in TOOLS {
        tool.install()?;
    }
    build::programs(Profile::Release)?;
    build::extension(&server, Profile::Release)?;
    build::benchmark()?;
    let cluster = Cluster::start(&server.pg_config)?;
    let vendor = Vendor::serve(customers, None)?;
    let truth = Truth::of(customers, None)?;
    println!("{} records, the same pages for each; PostgreSQL {}", truth.len(), server.major);
    println!("{:<44} {:>10} {:>9} {:>7}  rows that arrived", "", "records/s", "seconds", "MB");
    for contestant in contestants() {
        let database = cluster.create(&format!("peer_{}", contestant.name()))?;
        for what in ["first load", "nothing changed"] {
            database.run("checkpoint")?;
            let load = contestant.load(&database, &vendor.address)?;
            println!(
                "{:<44} {:>10.0} {:>9.2} {:>7.0}  {}",
                format!("{}, {what}", contestant.title()),
                truth.len() as f64 / load.seconds,
                load.seconds,
                load.megabytes,
                truth.compare(&database, contestant.rows())?
            );
        }
    }
    ODD.iter().enumerate().try_for_each(|(place, total)| odd(&cluster, total, place))
}

/// The same with one invoice whose total not every type of number holds: whether it arrives.
fn odd(cluster: &Cluster, total: &str, place: usize) -> Outcome<()> {
    let (vendor, truth) = (Vendor::serve(FEW, Some(total))?, Truth::of(FEW, Some(total))?);
    println!("\n{} records, one invoice with a total of {total}:", truth.len());
    for contestant in contestants() {
        let database = cluster.create(&format!("odd_{place}_{}", contestant.name()))?;
        let ended = match contestant.load(&database, &vendor.address) {
            Ok(_) => "ends well".to_owned(),
            Err(error) => format!("ends with `{}`", last_words(&error)),
        };
        let arrived = truth.compare(&database, contestant.rows()).unwrap_or_else(|error| error);
        println!("{:<44} {ended}; {arrived}", contestant.title());
    }
    Ok(())
}

/// The line of an error that names it.
fn last_words(error: &str) -> &str {
    let names = |line: &&str| line.to_lowercase().contains("error");
    error.lines().find(names).or(error.lines().next()).unwrap_or_default().trim()
}

/// Who loads.
enum Contestant {
    Ours,
    Peer(&'static Tool),
}

fn contestants() -> impl Iterator<Item = Contestant> {
    std::iter::once(Contestant::Ours).chain(TOOLS.iter().map(Contestant::Peer))
}

impl Contestant {
    fn name(&self) -> &'static str {
        match self {
            Self::Ours => "mrrd",
            Self::Peer(tool) => tool.name,
        }
    }

    fn title(&self) -> String {
        match self {
            Self::Ours => format!("mrrd {}", env!("CARGO_PKG_VERSION")),
            Self::Peer(tool) => tool.title.to_owned(),
        }
    }

    /// The query for what arrived.
    fn rows(&self) -> &'static str {
        match self {
            Self::Ours => include_str!("peers/mrrd.sql"),
            Self::Peer(tool) => tool.rows,
        }
    }

    /// Loads everything once, in processes of its own.
    fn load(&self, database: &Database<'_>, address: &str) -> Outcome<Load> {
        match self {
            Self::Ours => {
                let daemon = Daemon::new(Profile::Release, &configuration(&database.url(), address))?;
                daemon.run(&["migrate"])?;
                let megabytes = watched(daemon.start(&["sync"])?)?;
                Ok(Load { seconds: last_run(database)?.seconds, megabytes })
            }
            Self::Peer(tool) => {
                let folder = Folder::new("peer")?;
                let (out, err) = (folder.path().join("out"), folder.path().join("err"));
                let child = spawn(tool.command(address, database, folder.path()), &out, &err)?;
                let megabytes = watched(child)?;
                let said = std::fs::read_to_string(&out).unwrap_or_default();
                let seconds = said.lines().last().and_then(|line| line.parse().ok());
                seconds.map(|seconds| Load { seconds, megabytes }).ok_or_else(|| {
                    let why = std::fs::read_to_string(&err).unwrap_or_default();
                    format!("{} failed:\n{said}{why}", tool.title)
                })
            }
        }
    }
}

fn spawn(mut command: Command, out: &std::path::Path, err: &std::path::Path) -> Outcome<Child> {
    let file = |path| std::fs::File::create(path).map_err(|error| error.to_string());
    command.stdin(Stdio::null()).stdout(file(out)?).stderr(file(err)?);
    command.spawn().map_err(|error| format!("can't run {command:?}: {error}"))
}
