//! `cargo x`: the project's commands, the same on a laptop and in CI.

mod bench;
mod build;
mod demo;
mod faults;
mod new_connector;
mod rights;
mod server;
mod setup;
mod soak;
mod test;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use mrr_tests::Outcome;

/// The project's own commands.
#[derive(Parser)]
#[command(name = "cargo x", about, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install what is missing: PostgreSQL 15 with headers, clang, libclang
    Setup,
    /// Show the whole path on a simulated company and compare it with the truth
    Demo(demo::Options),
    /// Run all tests
    Test {
        /// Arguments for `cargo test`, such as `-p revenue`; all tests without any
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Build pg_mrr and install it into a PostgreSQL server on this machine
    Install {
        /// The pg_config of that server
        #[arg(long, default_value = "pg_config")]
        pg_config: PathBuf,
    },
    /// Make a connector to begin with, registered, with tests that pass
    NewConnector {
        /// What it is called, such as paddle
        name: String,
    },
    /// Learn many simulated companies in every way there is, and compare each with its truth
    Soak(soak::Options),
    /// Do to the real programs what a bad day does, and look whether all that must hold still holds
    Faults(faults::Options),
    /// Measure
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Setup => setup::setup().map(drop),
        Command::Demo(options) => demo::demo(&options),
        Command::Test { arguments } => test::test(&arguments),
        Command::Install { pg_config } => install(&pg_config),
        Command::NewConnector { name } => new_connector::new_connector(&name),
        Command::Soak(options) => soak::soak(&options),
        Command::Faults(options) => faults::faults(&options),
        Command::Bench(options) => bench::bench(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn install(pg_config: &std::path::Path) -> Outcome<()> {
    let server = server::Server::of(pg_config)?;
    build::extension(&server, mrr_tests::Profile::Release)?;
    println!("pg_mrr is installed in PostgreSQL {}. Next: mrrd migrate, as README.md says.", server.major);
    Ok(())
}
