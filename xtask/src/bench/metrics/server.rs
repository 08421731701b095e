//! The cluster's server, started again with room for a book of a million accounts.

use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use mrr_tests::{Cluster, Outcome};

use crate::rights::run;

/// What both who ask PostgreSQL work with. Whatever the book, its tables fit the buffers;
/// compiling a query (jit) costs more than it saves in most of these.
const SETTINGS: &[(&str, &str)] = &[
    ("shared_buffers", "6GB"),
    ("effective_cache_size", "12GB"),
    ("work_mem", "256MB"),
    ("maintenance_work_mem", "1GB"),
    ("max_wal_size", "8GB"),
    ("max_parallel_workers_per_gather", "2"),
    ("jit", "off"),
    ("autovacuum", "off"),
];

/// The settings as text.
pub fn stated() -> String {
    SETTINGS.iter().map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>().join(", ")
}

/// A server that `pg_ctl` started in place of the cluster's own; stopped on drop, before the
/// cluster removes the folder.
pub struct Tuned<'a> {
    cluster: &'a Cluster,
    pg_ctl: PathBuf,
}

impl<'a> Tuned<'a> {
    /// Writes the settings and starts the server again.
    pub fn restart(cluster: &'a Cluster, pg_config: &Path) -> Outcome<Self> {
        let settings: String =
            SETTINGS.iter().map(|(name, value)| format!("alter system set {name} = '{value}';\n")).collect();
        cluster.database("postgres").run(&settings)?;
        let asked = Command::new(pg_config).arg("--bindir").output().map_err(|error| error.to_string())?;
        let pg_ctl = Path::new(String::from_utf8_lossy(&asked.stdout).trim()).join("pg_ctl");
        let tuned = Self { cluster, pg_ctl };
        tuned.control(&["restart", "--wait", "--mode=fast", "--log=tuned.log"])?;
        Ok(tuned)
    }

    /// Runs `pg_ctl` as the one to whom the cluster belongs: it refuses to be root.
    fn control(&self, arguments: &[&str]) -> Outcome<()> {
        let folder = self.cluster.socket();
        let owner = std::fs::metadata(folder.join("data")).map_err(|error| error.to_string())?;
        let mut pg_ctl = Command::new(&self.pg_ctl);
        pg_ctl.args(arguments).arg("--silent").arg("--pgdata=data").current_dir(folder).stdin(Stdio::null());
        run(pg_ctl.gid(owner.gid()).uid(owner.uid()))
    }
}

impl Drop for Tuned<'_> {
    fn drop(&mut self) {
        // The data goes anyway; a server that is gone already needs no stopping.
        let _ = self.control(&["stop", "--wait", "--mode=immediate"]);
    }
}
