//! What went wrong: a kind that decides what happens next, and a sentence for the operator.

use std::error::Error as _;

use deadpool_postgres::{HookError, PoolError};
use mrr_connector_sdk::SourceError;
use tokio_postgres::error::{DbError, SqlState};

/// What the engine and the shell do about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The configuration is at fault: nothing was begun, exit code 2.
    Settings,
    /// The connection to PostgreSQL is gone or can't be had: the batch is tried again for a while.
    Connection,
    /// Somebody else was in the way (a deadlock, a lock, a timeout): tried again for a while.
    Contention,
    /// PostgreSQL can't hold this data: the batch is halved until the bad record is alone.
    Refused,
    /// PostgreSQL said no, and an operator has to change something.
    Database,
    /// Another process syncs this source.
    Busy,
    /// The source was never synced whole, so that it can't be followed.
    Unsynced,
    /// The database no longer has what it had confirmed: it was restored, or a standby took over
    /// that lacked the last transactions. The streams are walked again from where it stands.
    Rewound,
    /// The vendor's API failed.
    Source,
    /// A connector broke a law of its trait.
    Law,
    /// We were asked to stop.
    Stopped,
}

/// A failure. Its sentence names the thing and the remedy and never holds a secret or the
/// contents of a row, so it may go to logs, tables and terminals.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct Failure {
    pub kind: Kind,
    sentence: String,
}

impl Failure {
    pub fn new(kind: Kind, sentence: impl Into<String>) -> Self {
        Self { kind, sentence: sentence.into() }
    }

    /// The same failure with the place where it happened in front: ``stream `invoices` ``.
    pub fn at(self, place: impl std::fmt::Display) -> Self {
        Self { kind: self.kind, sentence: format!("{place}: {}", self.sentence) }
    }

    /// Whether the same step may succeed a moment later.
    pub fn passes(&self) -> bool {
        matches!(self.kind, Kind::Connection | Kind::Contention)
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        Self::new(Kind::Source, error.to_string())
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        if let Some(db) = error.as_db_error() {
            return from_database(db);
        }
        // The client's own words and the system's, such as "Connection refused": no row in them.
        let detail = error.source().map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"));
        if error.to_string().starts_with("error serializing") || error.to_string().starts_with("error encoding") {
            return Self::new(Kind::Refused, "it is larger than PostgreSQL's protocol can carry");
        }
        if detail.contains("TLS") {
            let sentence = format!(
                "PostgreSQL and mrrd don't agree on TLS ({detail}); name the authority that signed the server's certificate in `root_certificate` of [database], or write sslmode=disable into `url` where the network is private"
            );
            return Self::new(Kind::Database, sentence);
        }
        Self::new(
            Kind::Connection,
            format!("PostgreSQL can't be reached ({detail}); check that it runs and that `url` in [database] is right"),
        )
    }
}

impl From<PoolError> for Failure {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => error.into(),
            other => Self::new(Kind::Connection, format!("no connection to PostgreSQL can be had ({other})")),
        }
    }
}

impl From<refinery::Error> for Failure {
    fn from(error: refinery::Error) -> Self {
        if let refinery::error::Kind::Connection(_, cause) = error.kind()
            && let Some(postgres) = cause.downcast_ref::<tokio_postgres::Error>()
            && let Some(db) = postgres.as_db_error()
        {
            return from_database(db).at("a migration was rolled back");
        }
        Self::new(Kind::Database, format!("the migrations can't be applied: {error}"))
    }
}

/// The sentence follows the SQLSTATE. DETAIL is never used, because it quotes rows; the primary
/// message only where PostgreSQL puts nothing but names into it.
fn from_database(error: &DbError) -> Failure {
    let code = error.code();
    let state = code.code();
    let message = error.message();
    let (kind, sentence) = match &state[..2] {
        "08" | "57" if *code != SqlState::QUERY_CANCELED => {
            (Kind::Connection, format!("PostgreSQL ended the connection ({message})"))
        }
        "22" | "54" => (Kind::Refused, refusal(code).to_owned()),
        "40" => (Kind::Contention, "another transaction was in the way".to_owned()),
        "28" => (
            Kind::Database,
            format!("PostgreSQL does not let us in ({message}); check user and password in [database]"),
        ),
        "23" | "P0" => (
            Kind::Database,
            format!(
                "a constraint or trigger{} refused the rows; mrrd's tables must be as `mrrd migrate` made them, so remove what was added",
                place(error)
            ),
        ),
        "42" if *code == SqlState::INSUFFICIENT_PRIVILEGE => (
            Kind::Database,
            format!("the role lacks a right ({message}); grant it, or use the role that ran `mrrd migrate`"),
        ),
        "42" | "3F" => (
            Kind::Database,
            format!(
                "the schema is not as it should be ({message}); run `mrrd migrate`, and restore what was dropped or changed by hand"
            ),
        ),
        "3D" => (Kind::Database, format!("{message}; create it with `createdb` or correct `url` in [database]")),
        _ if *code == SqlState::DISK_FULL => {
            (Kind::Database, "the disk of the PostgreSQL server is full; free space, then sync again".to_owned())
        }
        _ if *code == SqlState::TOO_MANY_CONNECTIONS => (
            Kind::Connection,
            "PostgreSQL has no free connection; raise max_connections or stop other clients".to_owned(),
        ),
        _ if *code == SqlState::READ_ONLY_SQL_TRANSACTION => (
            Kind::Database,
            "the database is read-only; point `url` in [database] at the primary, or end default_transaction_read_only"
                .to_owned(),
        ),
        _ if [
            SqlState::LOCK_NOT_AVAILABLE,
            SqlState::QUERY_CANCELED,
            SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        ]
        .contains(code) =>
        {
            (
                Kind::Contention,
                format!("a lock or time limit of the server stopped us ({message}); see pg_stat_activity"),
            )
        }
        _ => (Kind::Database, format!("PostgreSQL failed ({message}); see its log")),
    };
    Failure::new(kind, format!("{sentence} [SQLSTATE {state}]"))
}

/// Class 22 and 54 messages quote the value, so these are our own words.
fn refusal(code: &SqlState) -> &'static str {
    match code.code() {
        "22P02" | "22032" => "it is not valid JSON",
        "22021" | "22P05" => "it holds a byte or character that PostgreSQL can't store, such as U+0000",
        "54001" => "it is nested too deeply",
        "54000" => "it is too large, or its id is too long for an index",
        _ => "PostgreSQL can't store it",
    }
}

fn place(error: &DbError) -> String {
    let mut place = String::new();
    if let Some(constraint) = error.constraint() {
        place.push_str(&format!(" `{constraint}`"));
    }
    if let (Some(schema), Some(table)) = (error.schema(), error.table()) {
        place.push_str(&format!(" on {schema}.{table}"));
    }
    place
}
