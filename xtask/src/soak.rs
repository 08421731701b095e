//! `cargo x soak`: many companies, each learnt in every way, and compared with the truth.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use clap::{Args, Subcommand};
use mrr_tests::{Agreement, Cluster, Outcome, Profile, Repertoire, Vendor, Way, World};

use crate::{build, setup};

/// What to repeat.
#[derive(Args)]
pub struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Follow Stripe live, by polling only, and connect on the last day
    Stripe(Companies),
    /// The same of Chargebee, and connect when only the last months of its events are left
    Chargebee(Companies),
}

/// Which companies.
#[derive(Args)]
struct Companies {
    /// How many companies
    #[arg(long, default_value_t = 200)]
    seeds: u64,
    /// The first of them
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// How many customers each has
    #[arg(long, default_value_t = 30)]
    accounts: u32,
    /// For how many months each has been in business
    #[arg(long, default_value_t = 36)]
    months: u32,
    /// Build without optimisation, as the tests do
    #[arg(long)]
    dev: bool,
    /// One of the ways alone: `live`, `polling`, `today` or `import`
    #[arg(long, value_parser = way)]
    way: Option<Way>,
}

/// A way by the word of its name that is its own.
fn way(word: &str) -> Result<Way, String> {
    let known = Way::ALL.into_iter().find(|way| way.name().split(' ').any(|of| of == word));
    known.ok_or_else(|| "is none of `live`, `polling`, `today` and `import`".to_owned())
}

/// Companies learnt at a time.
const AT_A_TIME: usize = 2;

/// Runs it and prints the figures.
pub fn soak(options: &Options) -> Outcome<()> {
    let (vendor, options) = match &options.what {
        What::Stripe(options) => (Vendor::Stripe, options),
        What::Chargebee(options) => (Vendor::Chargebee, options),
    };
    let profile = if options.dev { Profile::Dev } else { Profile::Release };
    let server = setup::setup()?;
    build::programs(profile)?;
    build::extension(&server, profile)?;
    let cluster = Cluster::start(&server.pg_config)?;
    let mut failed = Vec::new();
    for way in Way::of(vendor).filter(|way| options.way.is_none_or(|only| only == *way)) {
        let begun = Instant::now();
        let (total, gaps, faults) = all(vendor, options, profile, &cluster, way);
        println!(
            "{}: {} companies of {} accounts and {} months: {total}{} [{:.0} s]",
            way.name(),
            options.seeds,
            options.accounts,
            options.months,
            if gaps > 0 { format!(", {gaps} gaps noticed") } else { String::new() },
            begun.elapsed().as_secs_f64()
        );
        if !total.first.is_empty() {
            println!("{}", total.first);
        }
        failed.extend(faults);
    }
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n")) }
}

/// Learns every company in one way; returns the sum, the gaps, and what is not as it must be.
fn all(
    vendor: Vendor,
    options: &Companies,
    profile: Profile,
    cluster: &Cluster,
    way: Way,
) -> (Agreement, u64, Vec<String>) {
    let next = AtomicU64::new(options.from);
    let found = Mutex::new((Agreement::default(), 0, Vec::new(), 0_u64));
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= options.from + options.seeds {
                        return;
                    }
                    let (accounts, months) = (options.accounts, options.months);
                    let world = World { seed, accounts, months, repertoire: Repertoire::Full };
                    let learnt = way.learn(cluster, vendor, world, profile);
                    let mut found = found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    match learnt {
                        Ok(learnt) => {
                            found.2.extend(
                                learnt.fault(vendor, way).map(|fault| format!("{}, seed {seed}: {fault}", way.name())),
                            );
                            found.1 += learnt.gaps;
                            found.0 += learnt.agreement;
                        }
                        Err(error) => found.2.push(error),
                    }
                    found.3 += 1;
                    if found.3 % 10 == 0 {
                        eprintln!("{}: {} of {} companies", way.name(), found.3, options.seeds);
                    }
                }
            });
        }
    });
    let (total, gaps, faults, _) = found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    (total, gaps, faults)
}
