//! The command line.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::accounts::{Accounts, accounts};
use crate::config::{Config, Source};
use crate::engine::{self, Manner, Outcome};
use crate::exit::{FAILED, MISCONFIGURED, STOPPED, report};
use crate::failure::{Failure, Kind};
use crate::stop::Stop;
use crate::store::{Store, answered};
use crate::{check, init, log, maintain, migrate, problems, reload, status};

/// Keeps billing and CRM records in PostgreSQL and derives recurring revenue from them.
#[derive(Debug, Parser)]
#[command(
    version,
    about,
    after_help = "Exit codes: 0 ok; 1 failed; 2 configuration or command line at fault, \
nothing begun; 3 complete, but records could not be read."
)]
struct Arguments {
    /// The configuration file.
    #[arg(long, value_name = "FILE", default_value = "mrrd.toml", env = "MRRD_CONFIG", global = true)]
    config: PathBuf,
    /// How log lines look.
    #[arg(long, value_enum, default_value = "text", env = "MRRD_LOG_FORMAT", global = true)]
    log_format: log::Format,
    /// What is logged: error, warn, info, debug or trace.
    #[arg(long, value_name = "LEVEL", env = "MRRD_LOG", global = true)]
    log: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Writes a configuration to begin with, with comments; never over one that is there.
    Init,
    /// Brings the database's schema, the book's settings and the exchange rates up to date.
    Migrate,
    /// Checks configuration, database and sources; changes nothing.
    Check {
        /// Only this source.
        source: Option<String>,
    },
    /// Lists every record of every source once.
    Sync {
        /// Only this source.
        source: Option<String>,
        /// Believe a list that leaves out more than a fifth of the known records.
        #[arg(long)]
        accept_deletions: bool,
        /// Forget where earlier lists stopped, and list everything anew from its first page.
        #[arg(long)]
        full: bool,
    },
    /// Reads again what the sources' logs of changes name since the last time.
    Follow {
        /// Only this source.
        source: Option<String>,
    },
    /// Syncs and follows each source by its schedules, and takes what is sent, until SIGTERM or SIGINT;
    /// SIGHUP reads the configuration again.
    Run,
    /// Shows runs, records and problems; fails when the newest sync of a source did.
    Status,
    /// Lists what could not be read.
    Problems {
        /// Only of this source.
        source: Option<String>,
        /// Shows one record of the source as it was received, with what is wrong with it.
        #[arg(long, value_name = "STREAM/ID", requires = "source", conflicts_with = "replay")]
        show: Option<String>,
        /// Tries again after a fix: reads the records anew and derives their accounts.
        #[arg(long)]
        replay: bool,
    },
    /// Compares every record at the source with the one that is stored.
    Audit {
        /// Only this source.
        source: Option<String>,
        /// Brings in what differs, as a version of its own.
        #[arg(long)]
        repair: bool,
    },
    /// Derives every account anew from the stored records, and builds all timelines anew.
    Rebuild {
        /// Only the accounts of this source; the timelines are those of all.
        source: Option<String>,
    },
    /// Which accounts of the sources are one customer.
    Accounts {
        #[command(subcommand)]
        asked: Accounts,
    },
    /// Removes the records, name and attributes of an account for good, and drops what comes of it later.
    Forget {
        /// The source that knows the account.
        source: String,
        /// The source's id of the account.
        account: String,
        /// Really.
        #[arg(long)]
        yes: bool,
    },
}

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    log::start(arguments.log_format, arguments.log.as_deref());
    if matches!(arguments.command, Command::Init) {
        return match init::init(&arguments.config) {
            Ok(said) => {
                println!("{said}");
                ExitCode::SUCCESS
            }
            Err(failure) => {
                eprintln!("{failure}");
                MISCONFIGURED.into()
            }
        };
    }
    let config = match Config::load(&arguments.config) {
        Ok(config) => config,
        Err(complaints) => {
            eprintln!("{complaints}");
            return MISCONFIGURED.into();
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("no threads can be started ({error}); raise the limits of the process");
            return FAILED.into();
        }
    };
    match runtime.block_on(command(&arguments, &config)) {
        Ok(code) => code.into(),
        Err(failure) => {
            eprintln!("{failure}");
            if failure.kind == Kind::Settings { MISCONFIGURED.into() } else { FAILED.into() }
        }
    }
}

async fn command(arguments: &Arguments, config: &Config) -> Result<u8, Failure> {
    let chosen = |name: &Option<String>| {
        config.chosen(name.as_deref()).map_err(|complaint| Failure::new(Kind::Settings, complaint.to_string()))
    };
    let store = Store::new(&config.database)?;
    let signals = || {
        Stop::on_signal()
            .map_err(|error| Failure::new(Kind::Database, format!("signals can't be listened to ({error})")))
    };
    match &arguments.command {
        Command::Migrate => {
            println!("{}", migrate::migrate(&store, config).await?);
            Ok(0)
        }
        Command::Check { source } => {
            let report = check::check(&store, config, &chosen(source)?).await;
            print!("{report}");
            Ok(if report.all_readable() { 0 } else { FAILED })
        }
        Command::Sync { source, accept_deletions, full } => {
            let manner = Manner { accept_deletions: *accept_deletions, full: *full };
            let sources = chosen(source)?;
            engine::prepare(&store, config).await?;
            each(sources, &signals()?, async |source, stop| {
                engine::sync(&store, source, config.book, stop, manner).await.map(Some)
            })
            .await
        }
        Command::Follow { source } => {
            let sources = chosen(source)?;
            engine::ready(&store, config).await?;
            each(sources, &signals()?, async |source, stop| engine::follow(&store, source, config.book, stop).await)
                .await
        }
        Command::Run => {
            reload::run(&arguments.config, config.clone(), &signals()?).await?;
            Ok(0)
        }
        // Before there is a configuration, `main` has done it.
        Command::Init => Ok(0),
        Command::Accounts { asked } => {
            print!("{}", accounts(&store, config, asked).await?);
            Ok(0)
        }
        Command::Status => {
            let report = answered(status::status(&store, config)).await?;
            print!("{}", report.text);
            report.faults.iter().for_each(|fault| eprintln!("{fault}"));
            Ok(if report.faults.is_empty() { 0 } else { FAILED })
        }
        Command::Problems { source, show: Some(record), .. } => {
            let (stream, id) = record.split_once('/').ok_or_else(|| {
                Failure::new(Kind::Settings, format!("--show {record}: write STREAM/ID, such as subscriptions/sub_1"))
            })?;
            print!("{}", problems::show(&store, source.as_deref().unwrap_or_default(), stream, id).await?);
            Ok(0)
        }
        Command::Problems { source, replay: true, .. } => {
            let sources = chosen(source)?;
            engine::ready(&store, config).await?;
            each(sources, &signals()?, async |source, stop| {
                engine::replay(&store, source, config.book, stop).await.map(Some)
            })
            .await
        }
        Command::Problems { source, .. } => {
            chosen(source)?;
            print!("{}", problems::list(&store, config, source.as_deref()).await?);
            Ok(0)
        }
        Command::Audit { source, repair } => {
            let sources = chosen(source)?;
            engine::ready(&store, config).await?;
            maintain::audit(&store, config, sources, &signals()?, *repair).await
        }
        Command::Rebuild { source } => {
            let sources = chosen(source)?;
            engine::ready(&store, config).await?;
            maintain::rebuild(&store, config, sources, &signals()?).await
        }
        Command::Forget { source, account, yes } => {
            let sources = chosen(&Some(source.clone()))?;
            engine::ready(&store, config).await?;
            maintain::forget(&store, sources, account, *yes).await
        }
    }
}

/// Does the same for each source; returns the worst code.
async fn each(
    sources: Vec<&Source>,
    stop: &Stop,
    mut run: impl AsyncFnMut(&Source, &Stop) -> Result<Option<Outcome>, Failure>,
) -> Result<u8, Failure> {
    let mut worst = 0;
    for source in sources {
        if stop.requested() {
            worst = STOPPED.max(worst);
            break;
        }
        let code = match run(source, stop).await {
            Ok(None) => {
                println!("{}: nothing new", source.name);
                0
            }
            Ok(Some(outcome)) => report(&source.name, Ok(outcome)),
            Err(failure) => report(&source.name, Err(failure)),
        };
        // A failure outranks problems, though its number is the smaller one.
        worst = if code == FAILED || worst == FAILED { FAILED } else { worst.max(code) };
    }
    Ok(worst)
}
