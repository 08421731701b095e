//! What an admin writes in mrrd.toml, checked before anything starts.

mod book;
mod complaint;
mod crosswalk;
mod database;
mod document;
mod source;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use revenue::calendar::Zone;

pub use book::Book;
pub use complaint::{Complaint, Complaints};
pub use crosswalk::{Crosswalk, Rule};
pub use database::Database;
pub use source::Source;

use document::Document;

/// A checked configuration.
#[derive(Debug, Clone)]
pub struct Config {
    pub book: Book,
    /// Where the database is; it may hold a password and is never printed.
    pub database: Database,
    pub rates: Option<Rates>,
    /// Where deliveries are taken; nowhere when there is none.
    pub hooks: Option<SocketAddr>,
    /// How accounts of several sources are found to be one customer.
    pub crosswalk: Arc<Crosswalk>,
    /// In the order of their names.
    pub sources: Vec<Source>,
}

/// Where exchange rates come from.
#[derive(Debug, Clone)]
pub struct Rates {
    /// A CSV file in the layout of the ECB's history.
    pub file: PathBuf,
    /// Who published the rates.
    pub source: String,
}

impl Config {
    /// Reads and checks a file. Nothing else is opened but the secrets it names, and nothing is
    /// sent anywhere.
    pub fn load(path: &Path) -> Result<Self, Complaints> {
        // A pipe or a device would be waited for.
        if path.metadata().is_ok_and(|found| !found.is_file()) {
            return Err(Complaints::one(Complaint::of_file(
                path,
                "it is no file; name the configuration with --config",
            )));
        }
        let text = std::fs::read_to_string(path).map_err(|error| {
            let remedy = match error.kind() {
                std::io::ErrorKind::NotFound => "it does not exist; name it with --config".to_owned(),
                std::io::ErrorKind::InvalidData => "it is not UTF-8; save it as UTF-8".to_owned(),
                kind => format!("it can't be read ({kind})"),
            };
            Complaints::one(Complaint::of_file(path, remedy))
        })?;
        Self::parse(path, &text)
    }

    /// Checks the text of a file; relative paths in it start from the file's folder.
    pub fn parse(path: &Path, text: &str) -> Result<Self, Complaints> {
        let document = Document::parse(path, text)?;
        let mut complaints = document.unknown_keys(&[
            ("", &["book", "database", "rates", "hooks", "crosswalk", "sources"]),
            ("book", &["currency", "time_zone"]),
            ("database", &["url", "password_file", "root_certificate"]),
            ("rates", &["file", "source"]),
            ("hooks", &["listen"]),
            ("crosswalk", &["rules", "free_mail_domains"]),
        ]);
        let layered = complaints.keep(document.layered());
        let (mut book, mut database, mut rates, mut hooks) = (None, None, None, None);
        if let Some(layered) = layered {
            book = complaints.keep(book::read(&document, &layered.book));
            database = complaints.keep(database::read(&document, &layered.database));
            hooks = complaints.keep(layered.hooks.map(|hooks| listen(&document, &hooks.listen)).transpose()).flatten();
            rates = layered.rates.map(|rates| Rates { file: document.path(&rates.file), source: rates.source });
        }
        // Without a book there is a complaint already.
        let zone = book.map_or(Zone::UTC, |book| book.zone);
        let crosswalk = complaints.keep(crosswalk::read(&document)).unwrap_or_default();
        let sources = complaints.keep_all(source::read(&document, zone, &crosswalk));
        match (book, database) {
            (Some(book), Some(database)) if complaints.is_empty() => {
                Ok(Self { book, database, rates, hooks, crosswalk, sources })
            }
            _ => Err(complaints),
        }
    }

    /// The sources that a command is for: one by name, or all.
    pub fn chosen(&self, name: Option<&str>) -> Result<Vec<&Source>, Complaint> {
        let Some(name) = name else { return Ok(self.sources.iter().collect()) };
        match self.sources.iter().find(|source| source.name == name) {
            Some(source) => Ok(vec![source]),
            None => {
                let known: Vec<&str> = self.sources.iter().map(|source| source.name.as_str()).collect();
                Err(Complaint::new(format!(
                    "there is no source `{name}`{}",
                    complaint::instead(name, &known).map_or_else(String::new, |nearest| format!("; write `{nearest}`"))
                )))
            }
        }
    }
}

fn listen(document: &Document, text: &str) -> Result<SocketAddr, Complaint> {
    text.parse().map_err(|_| {
        let sentence = "`listen` is no address with a port; write `listen = \"127.0.0.1:8787\"`, with a proxy that ends TLS in front of it";
        document.complain("hooks.listen", sentence)
    })
}
