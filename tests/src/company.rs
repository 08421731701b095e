//! The sandbox company as a process: the vendor's API on 127.0.0.1, and its truth.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::{Outcome, Profile, program};

/// Which company: the same numbers make the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct World {
    /// Where its randomness begins.
    pub seed: u64,
    /// How many customers it has.
    pub accounts: u32,
    /// How many months before its present it began.
    pub months: u32,
}

/// A company that serves its API until it is dropped.
pub struct Company {
    server: Child,
    address: String,
}

/// The day after a company's last one: its present, whatever its age.
pub const END: &str = "2026-01-01";

/// The key that the company's API takes.
const API_KEY: &str = "sk_test_sandbox";

impl World {
    /// The first day of the company.
    pub fn first_day(self) -> String {
        let months_since_year_zero = 2026 * 12 - self.months;
        format!("{:04}-{:02}-01", months_since_year_zero / 12, months_since_year_zero % 12 + 1)
    }

    fn command(self, verb: &str, profile: Profile) -> Command {
        let mut command = Command::new(program("sandbox", profile));
        let World { seed, accounts, months } = self;
        command.arg(verb).args([
            format!("--seed={seed}"),
            format!("--accounts={accounts}"),
            format!("--months={months}"),
        ]);
        command
    }

    /// Starts its API. `extra` are further arguments of `sandbox serve`.
    pub fn serve(self, profile: Profile, extra: &[&str]) -> Outcome<Company> {
        let mut server = self
            .command("serve", profile)
            .args(["--port=0", "--key", API_KEY])
            .args(extra)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("can't start the sandbox: {error}"))?;
        let mut line = String::new();
        if let Some(stdout) = server.stdout.take() {
            BufReader::new(stdout).read_line(&mut line).map_err(|error| error.to_string())?;
        }
        match line.trim().strip_prefix("listening on ") {
            Some(address) => Ok(Company { server, address: address.into() }),
            None => Err(format!("the sandbox said `{}` and not where it listens", line.trim())),
        }
    }

    /// Writes the truth: for each account and currency, on each local day of `time_zone` on which
    /// it changes, the annual run rate after and before discounts.
    pub fn write_truth(self, profile: Profile, time_zone: &str, path: &Path) -> Outcome<()> {
        let file = File::create(path).map_err(|error| format!("can't write {}: {error}", path.display()))?;
        run(self.command("truth", profile).args(["--format=csv", "--time-zone", time_zone]), file)
    }

    /// Writes the world's exchange rates in the layout of the ECB's history.
    pub fn write_rates(self, profile: Profile, path: &Path) -> Outcome<()> {
        let file = File::create(path).map_err(|error| format!("can't write {}: {error}", path.display()))?;
        let World { seed, months, .. } = self;
        let mut command = Command::new(program("sandbox", profile));
        command.arg("rates").args([format!("--seed={seed}"), format!("--months={months}"), "--format=csv".into()]);
        run(&mut command, file)
    }
}

fn run(command: &mut Command, into: File) -> Outcome<()> {
    match command.stdin(Stdio::null()).stdout(into).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("the sandbox ended with {status}")),
        Err(error) => Err(format!("can't run the sandbox: {error}")),
    }
}

impl Company {
    /// A `mrrd.toml` that syncs this company into a database, with the rates beside it.
    pub fn configuration(&self, database_url: &str, time_zone: &str) -> String {
        format!(
            r#"[book]
currency = "EUR"
time_zone = "{time_zone}"

[database]
url = "{database_url}"

[rates]
file = "rates.csv"

[sources.stripe]
connector = "stripe"
api_key = "{API_KEY}"
base_url = "{address}"
schedule = "0 */5 * * * *"
requests_per_second = 500
"#,
            address = self.address,
        )
    }

    /// `http://127.0.0.1:PORT`.
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Company {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
