//! mrrd keeps a company's billing and CRM records in PostgreSQL and its recurring revenue derived
//! from them.

mod accounts;
mod check;
mod cli;
mod config;
mod connectors;
mod engine;
mod exit;
mod failpoint;
mod failure;
mod grid;
mod health;
mod init;
mod log;
mod maintain;
mod metrics;
mod migrate;
mod problems;
mod reload;
mod schedule;
mod scheduler;
mod server;
mod settler;
mod status;
mod stop;
mod store;
#[cfg(test)]
mod tests;

fn main() -> std::process::ExitCode {
    cli::main()
}
