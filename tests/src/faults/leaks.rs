//! I8, after every case: what was planted is looked for wherever something is said or kept.

use std::fs::Permissions;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use super::dialect::Dialect;
use super::fixture::{Fixture, check};
use super::invariants;
use super::running::Running;
use crate::company::configuration_with;
use crate::{Cluster, Daemon, Database, Outcome};

/// What no command of an operator takes longer than.
const PATIENCE: Duration = Duration::from_secs(60);

/// The settings of a case, with a canary wherever a secret can be: the vendor's key, the secret of its
/// deliveries, the key of those who push, the database's password.
pub fn planted(dialect: &dyn Dialect, address: &str, database_url: &str, time_zone: &str) -> String {
    let source = format!(
        "[sources.pushed]\nconnector = \"push\"\nkey = \"canary_push_key_0123456789\"\n\n[sources.{0}]\n\
         connector = \"{0}\"\nbase_url = \"{address}\"\nschedule = \"0 */5 * * * *\"\n\
         requests_per_second = 500\n{1}",
        dialect.name(),
        dialect.settings()
    );
    configuration_with(&source, database_url, time_zone).replace("[rates]", "password_file = \"password\"\n\n[rates]")
}

/// The same beside further settings of the vendor's source.
pub fn with_secret(dialect: &dyn Dialect, settings: &str, more: &str) -> String {
    let (secret, beside) = (dialect.webhook_secret(), dialect.webhook_settings());
    format!("{settings}webhook_secret = \"{secret}\"\n{beside}{more}")
}

/// Writes the file with the database's password, which nobody else may read.
pub fn plant_password(daemon: &Daemon) -> Outcome<()> {
    let path = daemon.folder().write("password", "canary_password\n")?;
    std::fs::set_permissions(&path, Permissions::from_mode(0o600)).map_err(|error| error.to_string())
}

/// Looks through all that the case has left: what its commands printed, also those that were killed,
/// what the tables of operations have, and what an operator is shown now.
pub fn none(fixture: &Fixture<'_>) -> Outcome<()> {
    fixture.gate.pass();
    fixture.configure("")?;
    for command in ["status", "problems", "check"] {
        let mut running = fixture.start(&["--log", "trace", command])?;
        running.finish(fixture, PATIENCE)?;
    }
    invariants::canaries(&fixture.database, &format!("{}{}", fixture.printed(), fixture.logs()))
}

/// Remembers what a running daemon tells whoever watches it.
pub fn endpoints(fixture: &Fixture<'_>, port: u16) -> Outcome<()> {
    for path in ["/metrics", "/readyz", "/livez"] {
        let said = get(port, path).map_err(|error| format!("{path}: {error}"))?;
        check(said.starts_with("HTTP/1.1 "), || format!("{path} answers {said:.200}"))?;
        fixture.remember(&said);
    }
    Ok(())
}

fn get(port: u16, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes())?;
    let mut said = String::new();
    stream.read_to_string(&mut said)?;
    Ok(said)
}

/// Makes the server log every statement of a database from now on, as pg_stat_activity shows them.
pub fn log_statements(cluster: &Cluster, database: &Database<'_>) -> Outcome<()> {
    let admin = cluster.database("postgres");
    admin.run("alter system set log_line_prefix = '%a of %d: '")?;
    admin.run("alter system set log_parameter_max_length = 0")?;
    admin.run("select pg_reload_conf()")?;
    admin.run(&format!("alter database \"{}\" set log_statement = 'all'", database.name())).map(drop)
}

/// How many statements of mrrd the server has logged for a database; none of them has a canary.
pub fn statements(cluster: &Cluster, database: &Database<'_>) -> Outcome<usize> {
    // Errors are the server's own words, and its log is its administrator's.
    let prefix = format!("mrrd of {}: LOG:", database.name());
    let log = cluster.log()?;
    let mut ours = false;
    let mut count = 0;
    for line in log.lines() {
        // A statement of several lines goes on behind a tab.
        ours = line.starts_with(&prefix) || (ours && line.starts_with('\t'));
        count += usize::from(line.starts_with(&prefix));
        if let Some(canary) = invariants::CANARIES.iter().find(|canary| ours && line.contains(*canary)) {
            return Err(format!("I8: a statement has `{canary}`: {line:.300}"));
        }
    }
    Ok(count)
}

/// What a process shows of itself to everybody on its machine.
pub fn command_line(running: &Running) -> String {
    let line = std::fs::read_to_string(format!("/proc/{}/cmdline", running.pid())).unwrap_or_default();
    format!("{}\n", line.replace('\0', " "))
}
