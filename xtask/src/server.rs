//! The PostgreSQL server to work with.

use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use mrr_tests::Outcome;

use crate::rights::run;

/// A PostgreSQL server on this machine.
pub struct Server {
    /// Its `pg_config`.
    pub pg_config: PathBuf,
    /// The `pg_config` that knows where its headers are.
    pub headers: PathBuf,
    /// Its major version.
    pub major: u32,
    /// Where it looks for libraries.
    pub libraries: PathBuf,
    /// Where it looks for all else.
    pub shared: PathBuf,
    programs: PathBuf,
}

impl Server {
    /// The server whose `pg_config` this is.
    pub fn of(pg_config: &Path) -> Outcome<Self> {
        let ask = |question: &str| -> Outcome<String> {
            let answer = Command::new(pg_config).arg(question).output();
            match answer {
                Ok(answer) if answer.status.success() => Ok(String::from_utf8_lossy(&answer.stdout).trim().to_owned()),
                _ => Err(format!(
                    "can't run `{} {question}`: install PostgreSQL's server headers, or name another pg_config",
                    pg_config.display()
                )),
            }
        };
        let version = ask("--version")?;
        let digits: String =
            version.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
        match digits.parse() {
            Ok(major @ 14..=18) => Ok(Self {
                pg_config: which(pg_config),
                headers: which(pg_config),
                major,
                libraries: ask("--pkglibdir")?.into(),
                shared: ask("--sharedir")?.into(),
                programs: ask("--bindir")?.into(),
            }),
            _ => Err(format!("{version} is not supported: pg_mrr is built for PostgreSQL 14 to 18")),
        }
    }
    /// The same server in folders of this workspace's own: what is tried out here must not replace
    /// the extension of databases that people use, and two checkouts not each other's.
    pub fn apart(self) -> Outcome<Self> {
        let mut workspace = std::hash::DefaultHasher::new();
        (mrr_tests::workspace(), env!("CARGO_PKG_VERSION")).hash(&mut workspace);
        // Not below the workspace: PostgreSQL runs as another user, who may not look into it.
        let root = std::env::temp_dir().join(format!("mrr-postgresql-{}-{:016x}", self.major, workspace.finish()));
        let moved = |path: &Path| root.join(path.strip_prefix("/").unwrap_or(path));
        let program = self.programs.join("postgres");
        let made = |path: &Path| fs::metadata(path).and_then(|found| Ok((found.len(), found.modified()?))).ok();
        if made(&moved(&program)) != made(&program) {
            for folder in [&self.shared, &self.libraries, &self.programs] {
                copy(folder, &moved(folder))?;
            }
        }
        Ok(Self {
            pg_config: moved(&self.programs).join("pg_config"),
            libraries: moved(&self.libraries),
            shared: moved(&self.shared),
            programs: moved(&self.programs),
            ..self
        })
    }
}

/// Copies a folder with the times of its files.
fn copy(from: &Path, to: &Path) -> Outcome<()> {
    fs::create_dir_all(to).map_err(|error| format!("can't make {}: {error}", to.display()))?;
    run(Command::new("cp").arg("-a").arg(from.join(".")).arg(to))
}

/// pgrx wants a path, not a name to look up.
fn which(program: &Path) -> PathBuf {
    let places = std::env::var_os("PATH").unwrap_or_default();
    let mut found = std::env::split_paths(&places).map(|place| place.join(program)).filter(|path| path.is_file());
    if program.components().count() > 1 { program.into() } else { found.next().unwrap_or_else(|| program.into()) }
}
