//! DuckDB, from the package index, in an environment of its own.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use mrr_tests::{Database, Folder, Outcome, Profile, program};

use super::answer::Answer;
use super::{BUDGET, RUNS};
use crate::rights::run;

/// Which one; a figure without a version can't be measured again.
pub const PACKAGE: &str = "duckdb==2.0.0";
/// As many as the machine of docs/measured.md has processors.
pub const THREADS: &str = "2";

/// A Python that has DuckDB, and the database of the book at hand.
pub struct DuckDb {
    python: PathBuf,
    folder: Folder,
}

impl DuckDb {
    /// Installs it under `target/`, unless it is there.
    pub fn install() -> Outcome<Self> {
        let environment = program("duckdb", Profile::Release);
        let python = environment.join("bin/python");
        let installed = environment.join("installed");
        if !std::fs::read_to_string(&installed).is_ok_and(|package| package == PACKAGE) {
            run(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
            run(Command::new(&python).args(["-m", "pip", "install", "--quiet", PACKAGE]))?;
            std::fs::write(installed, PACKAGE).map_err(|error| error.to_string())?;
        }
        Ok(Self { python, folder: Folder::new("duckdb")? })
    }

    /// Copies the plain tables into a database of its own format.
    pub fn load(&self, from: &Database<'_>) -> Outcome<()> {
        let folder = self.folder.path().display().to_string();
        for table in ["account", "segment", "change"] {
            // A table and not a query: parallel workers would mix its rows, which are in the order of the accounts.
            from.run(&format!("\\copy plain.{table} to '{folder}/{table}.csv' csv"))?;
        }
        // The book before this one, of another size.
        let _ = std::fs::remove_file(self.folder.path().join("book.duckdb"));
        self.python("load", &include_str!("duckdb/tables.sql").replace(":folder", &folder)).map(drop)
    }

    /// Asks and times.
    pub fn ask(&self, query: &str) -> Outcome<Answer> {
        Answer::read(&self.python("ask", query)?)
    }

    fn python(&self, what: &str, script: &str) -> Outcome<String> {
        let mut python = Command::new(&self.python)
            .args(["-c", include_str!("duckdb/ask.py"), what])
            .arg(self.folder.path().join("book.duckdb"))
            .args([THREADS, &RUNS.to_string(), &BUDGET.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("can't run Python: {error}"))?;
        if let Some(mut stdin) = python.stdin.take() {
            // A Python that stops at an error stops reading too; its own message says why.
            let _ = stdin.write_all(script.as_bytes());
        }
        let finished = python.wait_with_output().map_err(|error| error.to_string())?;
        if finished.status.success() {
            Ok(String::from_utf8_lossy(&finished.stdout).trim_end().to_owned())
        } else {
            Err(format!("DuckDB failed: {}", String::from_utf8_lossy(&finished.stderr)))
        }
    }
}
