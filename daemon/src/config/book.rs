//! `[book]`: the one book of a database.

use revenue::calendar::Zone;
use revenue::money::Currency;

use super::complaint::Complaint;
use super::document::{BookSection, Document};

/// The settings of the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Book {
    /// What reports are in when no other currency is asked for.
    pub currency: Currency,
    /// In which zone an instant becomes a day, and in which schedules are meant.
    pub zone: Zone,
}

/// Checks the section.
pub fn read(document: &Document, section: &BookSection) -> Result<Book, Complaint> {
    let refused = |reason: String| document.complain("book.currency", reason);
    let currency: Currency =
        section.currency.parse().map_err(|error: revenue::money::CurrencyError| refused(error.to_string()))?;
    if currency.exponent().is_none() {
        return Err(refused(format!("`{currency}` is no currency in use: write an ISO 4217 code such as EUR")));
    }
    let zone =
        Zone::named(&section.time_zone).map_err(|error| document.complain("book.time_zone", error.to_string()))?;
    Ok(Book { currency, zone })
}
