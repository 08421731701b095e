//! What the commands say and with which code they end: the real program, on a real PostgreSQL, the
//! one that MRR_TEST_DATABASE_URL names. Without the variable these tests print a note and pass.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::path::PathBuf;
use std::process::Command;

use tokio_postgres::NoTls;

/// A migrated database with a file that names it, both gone after a test that passes.
struct Admin {
    name: String,
    server: String,
    folder: PathBuf,
}

impl Admin {
    fn new(name: &str) -> Option<Self> {
        let Ok(server) = std::env::var("MRR_TEST_DATABASE_URL") else {
            println!("skipped: MRR_TEST_DATABASE_URL is not set");
            return None;
        };
        let name = format!("mrrd_{name}_{}", std::process::id());
        let folder = std::env::temp_dir().join(&name);
        std::fs::create_dir_all(&folder).unwrap();
        let admin = Self { name, server, folder };
        admin.sql(&admin.server, &format!("create database {}", admin.name));
        admin.configure("schedule = '0 15 2 * * *'");
        assert_eq!(admin.run(&["migrate"]).0, 0);
        Some(admin)
    }

    fn url(&self) -> String {
        self.server.replacen("///postgres?", &format!("///{}?", self.name), 1)
    }

    /// The source's settings are on line 8.
    fn configure(&self, settings: &str) {
        let url = self.url();
        let toml = format!(
            "[book]\ncurrency = 'EUR'\n[database]\nurl = '{url}'\n[sources.shop]\nconnector = 'stripe'\napi_key = 'k'\n{settings}\n"
        );
        std::fs::write(self.folder.join("mrrd.toml"), toml).unwrap();
    }

    fn sql(&self, url: &str, script: &str) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
            tokio::spawn(connection);
            client.batch_execute(script).await.unwrap();
        });
    }

    /// Runs a command; its exit code, and what it says.
    fn run(&self, arguments: &[&str]) -> (i32, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_mrrd")).current_dir(&self.folder).args(arguments).output();
        let output = output.unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.code().unwrap(), said)
    }

    fn drop(self) {
        self.sql(&self.server, &format!("drop database {} with (force)", self.name));
        std::fs::remove_dir_all(&self.folder).unwrap();
    }
}

#[test]
fn a_source_that_was_never_synced_whole_is_not_followed_in_silence() {
    let Some(admin) = Admin::new("unsynced") else { return };
    let (code, said) = admin.run(&["follow"]);
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("shop: it can't be followed before it was synced whole; run `mrrd sync shop` first"),
        "{said}"
    );
    assert!(!said.contains("nothing new"), "{said}");
    admin.drop();
}

#[test]
fn following_well_does_not_hide_a_whole_sync_that_failed() {
    let Some(admin) = Admin::new("hidden") else { return };
    assert_eq!(admin.run(&["status"]).0, 0);
    let row = |kind: &str, status: &str| {
        let insert = format!(
            "insert into ops.run (source, kind, status, finished_at) values ('shop', '{kind}', '{status}', now())"
        );
        admin.sql(&admin.url(), &insert);
        admin.run(&["status"])
    };
    assert_eq!(row("sync", "failed").0, 1);
    let (code, said) = row("follow", "ok");
    let lines: Vec<Vec<&str>> = said.lines().map(|line| line.split_whitespace().collect()).collect();
    let shown =
        |kind: &str, status: &str| lines.iter().any(|line| line.starts_with(&["shop", kind]) && line.contains(&status));
    assert!(shown("sync", "failed") && shown("follow", "ok"), "{said}");
    assert!(
        said.contains("shop: the newest whole sync failed; remedy what ERROR says, then run `mrrd sync shop`"),
        "{said}"
    );
    assert_eq!(code, 1);
    // A new attempt is no success yet.
    assert_eq!(row("sync", "running").0, 1);
    assert_eq!(row("sync", "problems").0, 0);
    assert_eq!(row("follow", "failed").0, 1);
    assert_eq!(row("follow", "ok").0, 0);
    admin.drop();
}

#[test]
fn following_without_a_schedule_is_refused_before_anything_starts() {
    let Some(admin) = Admin::new("alone") else { return };
    admin.configure("follow = '0 * * * * *'");
    let (code, said) = admin.run(&["run"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("mrrd.toml:8:1: `follow` needs a `schedule` beside it"), "{said}");
    // Whoever takes deliveries, but nowhere, is told so.
    admin.configure("webhook_secret = 'whsec_x'");
    let (code, said) = admin.run(&["run"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("or `listen` in [hooks] for one with a `webhook_secret`"), "{said}");
    admin.drop();
}
