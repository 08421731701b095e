//! `[database]`: where the database is.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use mrr_connector_sdk::read_secret_file;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::complaint::Complaint;
use super::document::{DatabaseSection, Document};
use crate::store::tls;

/// Where PostgreSQL's socket is when a URL names no host, as in libpq.
const SOCKETS: [&str; 2] = ["/var/run/postgresql", "/tmp"];

/// The database and how to get there.
#[derive(Clone)]
pub struct Database {
    /// Where it is and who we are.
    pub connection: tokio_postgres::Config,
    /// Whose certificates are trusted, where TLS is spoken.
    pub tls: MakeRustlsConnect,
}

impl fmt::Debug for Database {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Which prints without its password.
        self.connection.fmt(out)
    }
}

/// Checks the section. A password is only ever in the result, which prints without it.
pub fn read(document: &Document, section: &DatabaseSection) -> Result<Database, Complaint> {
    // The parser's error is not passed on, because it may quote the URL with its password.
    let mut config: tokio_postgres::Config = section.url.parse().map_err(|_| {
        document.complain(
            "database.url",
            "`url` is not a connection string; write postgresql://user@host/database or postgresql:///database?host=/socket/folder",
        )
    })?;
    if config.get_dbname().is_none() {
        return Err(document.complain("database.url", "`url` names no database; write postgresql://user@host/database"));
    }
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        let folder = SOCKETS.iter().find(|folder| Path::new(folder).is_dir()).unwrap_or(&SOCKETS[0]);
        config.host_path(folder);
    }
    let local = |host: &Host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => matches!(name.as_str(), "localhost" | "127.0.0.1" | "::1"),
    };
    // What leaves this machine is encrypted, unless it was said that it need not be.
    if config.get_ssl_mode() == SslMode::Prefer {
        let here = config.get_hostaddrs().is_empty() && config.get_hosts().iter().all(local);
        config.ssl_mode(if here { SslMode::Disable } else { SslMode::Require });
    }
    let root_certificate = section.root_certificate.as_ref().map(|file| document.path(file));
    let tls = tls(root_certificate.as_deref()).map_err(|error| {
        let remedy = "write the path of the PEM file of the authority that signed the server's certificate";
        document.complain("database.root_certificate", format!("the root certificate {error}; {remedy}"))
    })?;
    if let Some(file) = &section.password_file {
        let path = document.path(file);
        let password = read_secret_file(&path).map_err(|error| {
            document.complain(
                "database.password_file",
                format!(
                    "the password file {} can't be read ({}); correct the path or its rights",
                    path.display(),
                    error.kind()
                ),
            )
        })?;
        config.password(password.trim_end_matches(['\n', '\r']));
    }
    config.connect_timeout(Duration::from_secs(10));
    // A server that vanished without a word is noticed within a minute, not within hours.
    config.keepalives_idle(Duration::from_secs(20));
    config.keepalives_interval(Duration::from_secs(10));
    config.keepalives_retries(3);
    config.tcp_user_timeout(Duration::from_secs(60));
    Ok(Database { connection: config, tls })
}
