//! The sandbox company as a process: the vendor's API on 127.0.0.1, and its truth.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::{Outcome, Profile, Vendor, program};

/// Which company: the same numbers make the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct World {
    /// Where its randomness begins.
    pub seed: u64,
    /// How many customers it has.
    pub accounts: u32,
    /// How many months before its present it began.
    pub months: u32,
    /// What may happen in it.
    pub repertoire: Repertoire,
}

/// What may happen in a company, by the sandbox's own names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repertoire {
    /// Plans and add-ons, seats, coupons for ever.
    Plain,
    /// Everything that a real book holds.
    Full,
    /// The worked examples and the money faults, an account each.
    Vectors,
}

/// A company that serves its API until it is dropped.
pub struct Company {
    server: Child,
    address: String,
}

/// The day after a company's last one: its present, whatever its age.
pub const END: &str = "2026-01-01";

/// The key that the company's API takes.
pub(crate) const API_KEY: &str = "sk_test_sandbox";

impl World {
    /// The company of the worked examples. It is the same whatever the other numbers are; these are its own.
    pub const VECTORS: Self = Self { seed: 0, accounts: 138, months: 24, repertoire: Repertoire::Vectors };

    /// The first day of the company.
    pub fn first_day(self) -> String {
        let months_since_year_zero = 2026 * 12 - self.months;
        format!("{:04}-{:02}-01", months_since_year_zero / 12, months_since_year_zero % 12 + 1)
    }

    fn command(self, verb: &str, profile: Profile) -> Command {
        let mut command = Command::new(program("sandbox", profile));
        command.arg(verb).args([
            format!("--seed={}", self.seed),
            format!("--months={}", self.months),
            format!("--repertoire={}", self.repertoire.name()),
        ]);
        command
    }

    fn of_accounts(self, verb: &str, profile: Profile) -> Command {
        let mut command = self.command(verb, profile);
        command.arg(format!("--accounts={}", self.accounts));
        command
    }

    /// Starts its API. `extra` are further arguments of `sandbox serve`.
    pub fn serve(self, profile: Profile, extra: &[&str]) -> Outcome<Company> {
        let mut server = self
            .of_accounts("serve", profile)
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
    /// it changes, the annual run rate after and before discounts. `policy` has the sandbox's
    /// arguments for what counts otherwise than by default.
    pub fn write_truth(self, profile: Profile, time_zone: &str, policy: &[&str], path: &Path) -> Outcome<()> {
        let file = File::create(path).map_err(|error| format!("can't write {}: {error}", path.display()))?;
        run(self.of_accounts("truth", profile).args(["--format=csv", "--time-zone", time_zone]).args(policy), file)
    }

    /// Writes the spans of days in which an observer who comes at the end has no evidence.
    pub fn write_blind(self, profile: Profile, time_zone: &str, path: &Path) -> Outcome<()> {
        let file = File::create(path).map_err(|error| format!("can't write {}: {error}", path.display()))?;
        run(self.of_accounts("truth", profile).args(["--format=csv", "--blind", "--time-zone", time_zone]), file)
    }

    /// Writes the world's exchange rates in the layout of the ECB's history.
    pub fn write_rates(self, profile: Profile, path: &Path) -> Outcome<()> {
        let file = File::create(path).map_err(|error| format!("can't write {}: {error}", path.display()))?;
        run(self.command("rates", profile).arg("--format=csv"), file)
    }
}

impl Repertoire {
    fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Full => "full",
            Self::Vectors => "vectors",
        }
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
        configuration(&self.address, database_url, time_zone)
    }

    /// Moves the company's present forward to a second of Unix time, at most to its [`END`].
    pub fn advance(&self, to: i64) -> Outcome<()> {
        self.control("POST", &format!("advance?to={to}")).map(drop)
    }

    /// Whether every event that was to be delivered was, or is given up.
    pub fn has_delivered(&self) -> Outcome<bool> {
        let answer = self.control("GET", "deliveries")?;
        Ok(answer.replace(' ', "").contains("\"pending\":0"))
    }

    /// Says something to the sandbox itself; returns its answer.
    fn control(&self, method: &str, what: &str) -> Outcome<String> {
        let host = self.address.trim_start_matches("http://");
        let unreachable = |error: std::io::Error| format!("the sandbox at {host} can't be told `{what}`: {error}");
        let mut stream = TcpStream::connect(host).map_err(unreachable)?;
        let head = format!(
            "{method} /_sandbox/{what} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).map_err(unreachable)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map_err(unreachable)?;
        if answer.starts_with("HTTP/1.1 200") { Ok(answer) } else { Err(format!("the sandbox said `{answer}`")) }
    }

    /// `http://127.0.0.1:PORT`.
    pub fn address(&self) -> &str {
        &self.address
    }
}

/// A `mrrd.toml` that syncs what speaks Stripe's language at an address, with the rates beside it.
pub fn configuration(address: &str, database_url: &str, time_zone: &str) -> String {
    configuration_of(Vendor::Stripe, address, database_url, time_zone)
}

/// The same for what speaks a vendor's language.
pub fn configuration_of(vendor: Vendor, address: &str, database_url: &str, time_zone: &str) -> String {
    configuration_with(&vendor.source(address, API_KEY), database_url, time_zone)
}

/// The same with a source that is written out.
pub(crate) fn configuration_with(source: &str, database_url: &str, time_zone: &str) -> String {
    format!(
        r#"[book]
currency = "EUR"
time_zone = "{time_zone}"

[database]
url = "{database_url}"

[rates]
file = "rates.csv"

{source}"#
    )
}

impl Drop for Company {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
