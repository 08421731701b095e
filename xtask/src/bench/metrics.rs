//! The metric functions beside plain SQL and DuckDB: the same questions on the same rows, in one run.

mod answer;
mod duckdb;
mod question;
mod server;
mod table;

use mrr_tests::{Cluster, Database, Outcome, Profile};

use self::answer::Answer;
use self::duckdb::DuckDb;
use self::question::{QUESTIONS, Question};
use self::server::Tuned;
use crate::{build, setup};

/// How often a query is run after its first run, unless the budget ends before.
const RUNS: u32 = 21;
/// After how many seconds a query is not run again.
const BUDGET: u32 = 30;
/// After how many seconds PostgreSQL gives up.
const TIMEOUT: u32 = 900;

/// Measures and prints. An answer that differs from the others' is an error.
pub fn metrics(sizes: &[u32]) -> Outcome<()> {
    let server = setup::setup()?;
    build::extension(&server, Profile::Release)?;
    let duckdb = DuckDb::install()?;
    let cluster = Cluster::start(&server.pg_config)?;
    let _tuned = Tuned::restart(&cluster, &server.pg_config)?;
    println!("pg_mrr and plain SQL: PostgreSQL {}, {}", server.major, server::stated());
    println!("DuckDB: {}, threads = {}", duckdb::PACKAGE, duckdb::THREADS);
    let mut differences = Vec::new();
    for &accounts in sizes {
        let database = cluster.create(&format!("book_{accounts}"))?;
        let segments = book(&database, accounts)?;
        println!("{}", table::heading(accounts, &segments));
        let contest = Contest { database: &database, duckdb: &duckdb };
        contest.prepare()?;
        for question in QUESTIONS {
            let answers = contest.ask(question)?;
            println!("{}", table::line(question.name, &answers));
            differences.extend(
                answer::differences(&answers).map(|text| format!("{accounts} accounts, {}: {text}", question.name)),
            );
        }
        cluster.database("postgres").run(&format!("drop database book_{accounts}"))?;
    }
    if differences.is_empty() { Ok(()) } else { Err(format!("answers differ\n{}", differences.join("\n"))) }
}

/// Makes a book and its timelines; says how long those took, and returns how many segments it has.
fn book(database: &Database<'_>, accounts: u32) -> Outcome<String> {
    let number = accounts.to_string();
    database.run(&format!(
        "{}\n{}",
        mrr_tests::schema()?,
        include_str!("metrics/book.sql").replace(":accounts", &number)
    ))?;
    let figures = database.run(&include_str!("metrics/refresh.sql").replace(":accounts", &number))?;
    let [rebuild, refresh, changed, segments] = figures.split('|').collect::<Vec<_>>()[..] else {
        return Err(format!("the timelines were not built: {figures}"));
    };
    println!("\nall timelines of {accounts} accounts: {rebuild} s; those of {changed} that changed: {refresh} s");
    Ok(segments.into())
}

/// Who is asked.
struct Contest<'a> {
    database: &'a Database<'a>,
    duckdb: &'a DuckDb,
}

impl Contest<'_> {
    /// Gives the others their tables.
    fn prepare(&self) -> Outcome<()> {
        self.database.run(include_str!("metrics/plain/tables.sql"))?;
        self.duckdb.load(self.database)
    }

    /// Asks everybody who knows the question, in the order of the table's columns.
    fn ask(&self, question: &Question) -> Outcome<[Option<Answer>; 3]> {
        let known = match question.needs {
            Some(function) => {
                self.database.run(&format!("select count(*) from pg_proc where proname = '{function}'"))? != "0"
            }
            None => true,
        };
        let in_postgres = |query: &str| {
            let timed = include_str!("metrics/time.sql")
                .replace(":runs", &RUNS.to_string())
                .replace(":budget", &BUDGET.to_string())
                .replace(":timeout", &TIMEOUT.to_string())
                .replace(":query", query.trim_end());
            Answer::of_postgres(self.database.run(&timed))
        };
        Ok([
            known.then(|| in_postgres(question.pg_mrr)).transpose()?,
            question.plain.map(in_postgres).transpose()?,
            question.duckdb.map(|query| self.duckdb.ask(query)).transpose()?,
        ])
    }
}
