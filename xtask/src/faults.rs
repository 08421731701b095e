//! `cargo x faults`: what a bad day does, done to the real programs on purpose.

use std::time::Duration;

use clap::Args;
use mrr_tests::faults::{Case, DIALECTS, Dialect, Report, Speed, Where, cases, run_all, soak, today, tried};
use mrr_tests::{Cluster, Outcome, Profile, workspace};

use crate::{build, setup};

/// Cases that run side by side: most of each is waiting.
const AT_A_TIME: usize = 5;

/// Which faults.
#[derive(Args)]
pub struct Options {
    /// Faults by their ids, such as A3; the quick ones without any
    ids: Vec<String>,
    /// With the vendors of these connectors only, instead of all that the harness speaks the language of
    #[arg(long, value_name = "CONNECTOR")]
    vendor: Vec<String>,
    /// Also those that take long
    #[arg(long)]
    all: bool,
    /// Only say which there are
    #[arg(long)]
    list: bool,
    /// Of release builds, for the figures in docs/measured.md
    #[arg(long)]
    release: bool,
    /// Instead: a running daemon under one random fault after another, for so many minutes
    #[arg(long, value_name = "MINUTES", num_args = 0..=1, default_missing_value = "10",
          value_parser = clap::value_parser!(u64).range(1..), conflicts_with_all = ["ids", "all", "list"])]
    soak: Option<u64>,
    /// Where the soak's faults come from
    #[arg(long, default_value_t = 1, requires = "soak")]
    seed: u64,
}

/// Runs them and prints the table.
pub fn faults(options: &Options) -> Outcome<()> {
    let chosen = choose(options)?;
    if options.list {
        chosen.iter().for_each(|case| println!("{:<4} {}", case.id, case.injected));
        return Ok(());
    }
    let server = setup::setup()?;
    let profile = if options.release { Profile::Release } else { Profile::Dev };
    build::failpoints(profile)?;
    build::programs(profile)?;
    build::extension(&server, profile)?;
    let cluster = Cluster::start(&server.pg_config)?;
    if let Some(minutes) = options.soak {
        let time = Duration::from_secs(minutes * 60);
        let report = soak(&cluster, profile, time, options.seed, |line| eprintln!("{line}"))?;
        println!("{}: {report}", today());
        return Ok(());
    }
    let reports =
        run_all(&tried(&chosen, &options.vendor), AT_A_TIME, &cluster, profile, |report| eprintln!("{}", line(report)));
    let table = table(&reports);
    println!("\n{table}\n\n{}", counts(&reports));
    if options.all && std::env::var_os("MRR_WRITE_DOCS").is_some() {
        write(&format!("{}\n\n{table}", counts(&reports)))?;
    }
    let failed = reports.iter().filter(|report| report.outcome.is_err());
    let failed: Vec<String> = failed.map(|report| format!("{} of {}", report.case.id, report.dialect.name())).collect();
    if failed.is_empty() { Ok(()) } else { Err(format!("{} failed: {}", failed.len(), failed.join(", "))) }
}

fn choose(options: &Options) -> Outcome<Vec<Case>> {
    let all = cases();
    let spoken = DIALECTS.map(|dialect| dialect.name());
    if let Some(unknown) = options.vendor.iter().find(|name| !spoken.contains(&name.as_str())) {
        return Err(format!("the harness does not speak the language of `{unknown}`: {}", spoken.join(", ")));
    }
    for id in &options.ids {
        if !all.iter().any(|case| case.id.eq_ignore_ascii_case(id)) {
            return Err(format!("there is no fault {id}; `cargo x faults --all --list` says which there are"));
        }
    }
    let named = |case: &Case| options.ids.iter().any(|id| case.id.eq_ignore_ascii_case(id));
    let wanted = |case: &Case| match options.ids.is_empty() {
        true => options.all || case.speed != Speed::Slow,
        false => named(case),
    };
    Ok(all.into_iter().filter(wanted).collect())
}

/// One case, as it ends.
fn line(report: &Report) -> String {
    let Report { case, dialect, outcome, requests, took } = report;
    let (how, said) = match (outcome, case.tested) {
        (Err(error), _) => ("FAILED", error.as_str()),
        (Ok(_), Where::Test(_, name, _)) => ("elsewhere", name),
        (Ok(why), Where::Nowhere(_)) => ("not built", why.as_str()),
        (Ok(said), Where::Here(_)) => ("held", said.as_str()),
    };
    format!(
        "{:<4} {:<9} {how:<9} {:>5.1} s {requests:>5} requests  {}: {said}",
        case.id,
        dialect.name(),
        took.as_secs_f64(),
        case.injected
    )
}

/// How many held, on which day.
fn counts(reports: &[Report]) -> String {
    let count = |wanted: fn(&Report) -> bool| reports.iter().filter(|report| wanted(report)).count();
    let elsewhere = count(|report| matches!(report.case.tested, Where::Test(..)));
    let nowhere = count(|report| matches!(report.case.tested, Where::Nowhere(_)));
    let held = DIALECTS.iter().filter_map(|dialect| {
        let of_it = reports.iter().filter(|report| report.dialect.name() == dialect.name());
        let here: Vec<_> = of_it.filter(|report| matches!(report.case.tested, Where::Here(_))).collect();
        let held = here.iter().filter(|report| report.outcome.is_ok()).count();
        (!here.is_empty()).then(|| format!("{held} of {} held with {}", here.len(), dialect.name()))
    });
    let held = held.collect::<Vec<_>>().join(", ");
    format!("{}: of the harness {held}; {elsewhere} more are other tests, {nowhere} have none.", today())
}

/// Where the page has the table.
const PAGE: &str = "docs/reliability.md";
const BEGIN: &str = "<!-- written by MRR_WRITE_DOCS=1 cargo x faults --all -->\n";
const END: &str = "<!-- end -->";

fn write(text: &str) -> Outcome<()> {
    let path = workspace().join(PAGE);
    let page = std::fs::read_to_string(&path).map_err(|error| format!("can't read {PAGE}: {error}"))?;
    let (Some(begin), Some(end)) = (page.find(BEGIN), page.find(END)) else {
        return Err(format!("{PAGE} has no place for the table; put `{}` and `{END}` there", BEGIN.trim()));
    };
    let page = format!("{}{text}\n{}", &page[..begin + BEGIN.len()], &page[end..]);
    std::fs::write(&path, page).map_err(|error| format!("can't write {PAGE}: {error}"))
}

/// All of them, as docs/reliability.md shows them.
fn table(reports: &[Report]) -> String {
    let mut lines = vec![
        "| id | what is done | outcome | with the others | where | requests | seconds |".to_owned(),
        "| --- | --- | --- | --- | --- | ---: | ---: |".to_owned(),
    ];
    for Report { case, dialect, outcome, requests, took } in reports {
        // A row is a case; what it came to with the other vendors stands beside.
        if dialect.name() != DIALECTS[0].name() {
            continue;
        }
        let others =
            DIALECTS[1..].iter().filter_map(|other| beside(case, *other, reports)).collect::<Vec<_>>().join("; ");
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
        let (outcome, place) = match (outcome, case.tested) {
            (Err(error), Where::Here(_)) => (format!("**fails**: {:.300}", flat(error)), "harness".to_owned()),
            (Err(error), _) => (format!("**fails**: {}", flat(error)), String::new()),
            (Ok(said), Where::Here(_)) => (format!("holds: {}", flat(said)), "harness".to_owned()),
            (Ok(_), Where::Test(file, name, open)) => {
                let open = if open.is_empty() { String::new() } else { format!("; {open}") };
                (format!("holds{open}"), format!("`{name}` in {file}"))
            }
            (Ok(why), Where::Nowhere(_)) => (format!("not built: {}", flat(why)), String::new()),
        };
        let numbers = match case.tested {
            Where::Here(_) => format!("{requests} | {:.1}", took.as_secs_f64()),
            _ => " | ".to_owned(),
        };
        lines.push(format!("| {} | {} | {outcome} | {others} | {place} | {numbers} |", case.id, case.injected));
    }
    lines.join("\n")
}

/// What a case came to with another vendor.
fn beside(case: &Case, dialect: &'static dyn Dialect, reports: &[Report]) -> Option<String> {
    let name = dialect.name();
    let Where::Here(_) = case.tested else { return None };
    if let Err(why) = case.suits(dialect) {
        return Some(format!("{name}: not tried, {why}"));
    }
    let report = reports.iter().find(|report| report.case.id == case.id && report.dialect.name() == name)?;
    Some(if report.outcome.is_ok() { format!("{name} holds") } else { format!("{name} **fails**") })
}
