//! mrrd keeps a company's billing and CRM records in PostgreSQL and its recurring revenue derived
//! from them.

mod check;
mod cli;
mod config;
mod connectors;
mod door;
mod engine;
mod failure;
mod grid;
mod hooks;
mod log;
mod maintain;
mod migrate;
mod problems;
mod schedule;
mod scheduler;
mod status;
mod stop;
mod store;
#[cfg(test)]
mod tests;

fn main() -> std::process::ExitCode {
    cli::main()
}
