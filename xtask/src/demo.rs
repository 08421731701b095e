//! `cargo x demo`: from nothing to true numbers.

use std::process::Command;
use std::sync::mpsc;
use std::time::Instant;

use clap::Args;
use mrr_tests::{Cluster, Daemon, Database, END, Outcome, Profile, Repertoire, World, compare};

use crate::{build, setup};

/// Which company to show.
#[derive(Args)]
pub struct Options {
    /// End after the comparison instead of going on running
    #[arg(long)]
    once: bool,
    /// How many customers the company has
    #[arg(long, default_value_t = 300)]
    accounts: u32,
    /// For how many months it has been in business
    #[arg(long, default_value_t = 36)]
    months: u32,
    /// Where its randomness begins: another number is another company
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

const TIME_ZONE: &str = "Europe/Berlin";

/// Shows the whole path and compares it with the truth.
pub fn demo(options: &Options) -> Outcome<()> {
    let server = step("setting up", setup::setup)?;
    step("building mrrd, the sandbox and pg_mrr", || {
        build::programs(Profile::Dev)?;
        build::extension(&server, Profile::Dev)
    })?;
    let cluster = step("starting a private PostgreSQL", || Cluster::start(&server.pg_config))?;
    let database = cluster.create("demo")?;
    let world =
        World { seed: options.seed, accounts: options.accounts, months: options.months, repertoire: Repertoire::Plain };
    let company =
        step("starting the sandbox company's Stripe API", || world.serve(Profile::Dev, &["--rate-limit-every=97"]))?;
    let daemon = Daemon::new(Profile::Dev, &company.configuration(&database.url(), TIME_ZONE))?;
    let rates = daemon.folder().path().join("rates.csv");
    world.write_rates(Profile::Dev, &rates)?;
    step("mrrd migrate", || daemon.run(&["migrate"]))?;
    let synced = step("mrrd sync", || daemon.run(&["sync"]))?;
    print!("{synced}");

    show(&database)?;

    let truth = daemon.folder().path().join("truth.csv");
    world.write_truth(Profile::Dev, TIME_ZONE, &[], &truth)?;
    let found = step("comparing every account on every day with the truth", || {
        compare(&database, &truth, &rates, &world.first_day(), END)
    })?;
    if !found.first.is_empty() {
        println!("{}", found.first);
    }
    println!("demo: accounts={} days={} differences={}", options.accounts, found.days, found.differences);
    if !options.once {
        println!("\nmrrd goes on running. Look around with: {}\nCtrl-C stops the demo.", database.psql_line());
        let mut running = daemon.start(&["run"])?;
        wait_for_interrupt()?;
        let _ = Command::new("kill").arg(running.id().to_string()).status();
        let _ = running.wait();
    }
    if found.differences == 0 { Ok(()) } else { Err("the database and the truth differ".into()) }
}

/// What an analyst would ask first.
fn show(database: &Database<'_>) -> Outcome<()> {
    let questions = [
        (
            "MRR and ARR at the end of the year",
            "select day, round(mrr, 2) as mrr, round(arr, 2) as arr, round(gross_mrr, 2) as \"before discounts\"
               from mrr_series('2025-12-31', '2026-01-01', 'day')",
        ),
        (
            "Twelve months of movements",
            "select to_char(period_start, 'YYYY-MM') as month, round(opening, 2) as opening, round(new, 2) as new,
                    round(reactivation, 2) as reactivation, round(expansion, 2) as expansion,
                    round(-contraction, 2) as contraction, round(-churn, 2) as churn, round(fx, 2) as fx,
                    round(closing, 2) as closing
               from mrr_movements('2025-01-01', '2026-01-01', decimals => 2)",
        ),
        (
            "Retention over the last 12 months",
            "select cohort, round(nrr(cohort, trailing_period('12 months', '2025-12-31')) * 100, 1) as \"NRR %\",
                    round(grr(cohort, trailing_period('12 months', '2025-12-31')) * 100, 1) as \"GRR %\"
               from (values ('all'), ('currency:eur'), ('currency:usd')) cohorts(cohort)",
        ),
        (
            "The largest accounts",
            "select account, name, round(mrr, 2) as mrr, since from account_mrr('2025-12-31') limit 5",
        ),
        (
            "Why the largest has what it has",
            "select e.arithmetic, round(e.mrr, 2) as mrr, e.currency_code as currency, e.valid_from, e.evidence
               from (select account from account_mrr('2025-12-31') limit 1) a, mrr_explain(a.account, '2025-12-31') e limit 5",
        ),
        (
            "What the past rests on",
            "select day, evidence, round(mrr, 2) as mrr, round(share * 100, 1) as \"%\"
               from mrr_coverage('2025-10-01', '2026-01-01')",
        ),
        ("Does everything add up? (mrr_check: no row is yes)", "select * from mrr_check('2025-01-01', '2026-01-01')"),
    ];
    for (title, query) in questions {
        println!("\n{title}\n{}", database.show(query)?);
    }
    println!();
    Ok(())
}

/// Runs a step, and says what it is and how long it took.
fn step<T>(name: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    let began = Instant::now();
    let result = work()?;
    println!("{name}: {:.1} s", began.elapsed().as_secs_f32());
    Ok(result)
}

fn wait_for_interrupt() -> Outcome<()> {
    let (send, receive) = mpsc::channel();
    ctrlc::set_handler(move || {
        let _ = send.send(());
    })
    .map_err(|error| format!("can't listen for Ctrl-C: {error}"))?;
    receive.recv().map_err(|error| error.to_string())
}
