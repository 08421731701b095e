//! What a daemon and its database hold, and whether that grows.

use super::fixture::{Fixture, expect};
use super::running::Running;
use crate::Outcome;

/// What is measured, and how much the mean of the last third may be above that of the first: a factor, and an
/// amount for what is small. The ledger of runs and events grows for weeks on purpose and has a bound of its own.
const FIGURES: [(&str, Option<(f64, f64)>); 13] = [
    ("resident memory, KiB", Some((1.25, 8_192.0))),
    ("open files", Some((1.0, 6.0))),
    ("threads", Some((1.0, 4.0))),
    ("connections", Some((1.0, 3.0))),
    ("ops.* but run and event, rows", Some((2.0, 200.0))),
    ("ops.* but run and event, KiB", Some((2.0, 512.0))),
    ("ops.*, dead rows", Some((2.0, 1_000.0))),
    ("ops.run and ops.event, rows", None),
    ("ops.run and ops.event, KiB", None),
    ("raw.record, rows", None),
    ("raw.record, dead rows", None),
    ("raw.record, KiB", None),
    ("WAL written, KiB", None),
];

/// The figures that the database has, in that order from the fourth on. A crash of PostgreSQL makes it forget how many rows are dead.
const COUNTED: &str = "
    with size as (
        select relname in ('run', 'event') as ledger, sum(pg_total_relation_size(relid)) / 1024 as kib, sum(n_dead_tup) as dead
        from pg_stat_user_tables where schemaname = 'ops' group by 1)
    select (select count(*) from pg_stat_activity where datname = current_database() and application_name = 'mrrd'),
           (select count(*) from ops.hint) + (select count(*) from ops.touched) + (select count(*) from ops.problem)
               + (select count(*) from ops.gap) + (select count(*) from ops.walk) + (select count(*) from ops.lease),
           (select kib::bigint from size where not ledger), (select sum(dead) from size),
           (select count(*) from ops.run) + (select count(*) from ops.event), (select kib::bigint from size where ledger),
           (select count(*) from raw.record),
           (select n_dead_tup from pg_stat_user_tables where relid = 'raw.record'::regclass), pg_total_relation_size('raw.record') / 1024,
           (pg_current_wal_lsn() - '0/0') / 1024 :: bigint";

/// One row of figures.
pub fn sample(fixture: &Fixture<'_>, daemon: &Running) -> Outcome<Vec<f64>> {
    let process = format!("/proc/{}", daemon.pid());
    let status = std::fs::read_to_string(format!("{process}/status")).unwrap_or_default();
    let of = |key: &str| -> Option<f64> {
        status.lines().find_map(|line| line.strip_prefix(key)?.split_whitespace().next()?.parse().ok())
    };
    let files = std::fs::read_dir(format!("{process}/fd")).map_or(0, Iterator::count) as f64;
    let (Some(memory), Some(threads)) = (of("VmRSS:"), of("Threads:")) else {
        return Err(format!("the daemon is not there to be measured:\n{}", daemon.said()));
    };
    let counted = fixture.row(COUNTED)?;
    let counted = counted.split('|').map(|field| field.parse::<f64>().map_err(|_| format!("no figures: {counted}")));
    let figures: Vec<f64> = [memory, files, threads].into_iter().map(Ok).chain(counted).collect::<Outcome<_>>()?;
    expect("figures", &figures.len().to_string(), &FIGURES.len().to_string())?;
    Ok(figures)
}

/// The means of the first and the last third.
fn thirds(samples: &[Vec<f64>], figure: usize) -> (f64, f64) {
    let third = (samples.len() / 3).max(1);
    let mean = |of: &[Vec<f64>]| of.iter().map(|sample| sample[figure]).sum::<f64>() / of.len() as f64;
    (mean(&samples[..third]), mean(&samples[samples.len() - third..]))
}

/// What is above its bound.
pub fn grown(samples: &[Vec<f64>]) -> Vec<&'static str> {
    let above = |figure: usize, bound: Option<(f64, f64)>| {
        let (first, last) = thirds(samples, figure);
        bound.is_some_and(|(factor, amount)| last > first * factor + amount)
    };
    let figures = FIGURES.iter().enumerate();
    figures.filter(|(figure, (_, bound))| above(*figure, *bound)).map(|(_, (name, _))| *name).collect()
}

/// The thirds side by side.
pub fn table(samples: &[Vec<f64>]) -> String {
    let mut lines = vec![
        format!(
            "| mean of {} samples of {} | first third | last third | at most |",
            (samples.len() / 3).max(1),
            samples.len()
        ),
        "| --- | ---: | ---: | --- |".to_owned(),
    ];
    for (figure, (name, bound)) in FIGURES.iter().enumerate() {
        let (first, last) = thirds(samples, figure);
        let bound = bound.map_or_else(String::new, |(factor, amount)| format!("{factor} times and {amount} more"));
        lines.push(format!("| {name} | {first:.0} | {last:.0} | {bound} |"));
    }
    lines.join("\n")
}
