//! The trait, with its laws.

use std::time::Duration;

use async_trait::async_trait;
use revenue::fact::AccountFacts;

use crate::{Api, Check, Cursor, Feed, Followed, Http, Page, Push, RawRecord, Retrieved, SourceError, Webhook};

/// A vendor's API, read.
///
/// # Laws
///
/// The engine checks them at run time and blames the connector and stream by name; the
/// compliance test in this crate checks them before that.
///
/// 1. `fetch` MUST return only cursors that differ from every cursor it was given before in the
///    same walk, and MUST end: the last page of each branch has none.
/// 2. Duplicates are allowed, gaps are not: a record that existed when the walk began and still
///    exists when it ends MUST have been on some page, also when the walk was interrupted after
///    any page and resumed from its cursor, by another process, days later.
/// 3. A record MUST be whole: where the vendor cuts nested lists, `fetch` reads the rest and puts
///    it in place before it returns the page. Apart from that the payload MUST be the vendor's
///    own text, unknown fields and the digits of numbers included.
/// 4. One record that can't be taken apart MUST NOT cost its neighbours: it goes into the page's
///    problems, and the others into its records. One with an id that names no account is a record
///    all the same, with a problem beside it; only where a stream may be missing altogether
///    ([`lost_without`](Connector::lost_without)) it may be nobody's, such as a refund of a payment
///    by a guest.
/// 5. `fetch` MUST NOT sleep, retry or catch an error of [`Http`] to go on without the data.
/// 6. `mapper` and its `facts` MUST be pure and total: no clock, no I/O, no panic, the same
///    result for the same records in any order. What can't be read is a problem beside the facts.
/// 7. An entry of the log never changes: `follow` and a delivery MUST give one entry the same id.
///    Entries MAY come twice, late and in any order; they are hints, and the record that
///    `retrieve` returns is right.
#[async_trait]
pub trait Connector: Send + Sync {
    /// The host, how to authenticate there, and the request budget.
    fn api(&self) -> Api;

    /// The streams in the order in which they are best read.
    fn streams(&self) -> &'static [Stream];

    /// What is lost without a stream that the key need not be allowed to read, as the end of a sentence; `None` for one
    /// without which no account can be derived.
    fn lost_without(&self, _stream: &Stream) -> Option<&'static str> {
        None
    }

    /// Asks the vendor who we are, which streams we may read and about how much there is. Reads at
    /// most a handful of pages a stream, writes nothing.
    async fn check(&self, http: &Http) -> Result<Check, SourceError>;

    /// One page of a stream: the first when there is no cursor, else the one behind it.
    async fn fetch(&self, http: &Http, stream: &Stream, cursor: Option<&Cursor>) -> Result<Page, SourceError>;

    /// The vendor's log of changes; `None` when only a walk tells what changed.
    fn feed(&self) -> Option<Feed> {
        None
    }

    /// The log from where `cursor` stands, or as far back as the vendor keeps it. The client is the one
    /// [for changes](Http::for_changes).
    async fn follow(&self, _http: &Http, _cursor: Option<&Cursor>) -> Result<Followed, SourceError> {
        Err(SourceError::ConnectorFault { detail: "the connector has no log of changes to follow".into() })
    }

    /// One record as it is now, whole. Only connectors with a log are asked. Where it is read because
    /// it changed, the client is the one [for changes](Http::for_changes), whatever walk goes on beside.
    async fn retrieve(&self, _http: &Http, stream: &Stream, _id: &str) -> Result<Retrieved, SourceError> {
        Err(SourceError::ConnectorFault { detail: format!("records of `{}` can't be read one by one", stream.name) })
    }

    /// How many records of a stream [`retrieve_many`](Self::retrieve_many) is given at most: more than 1
    /// where together they take fewer requests.
    fn at_once(&self, _stream: &Stream) -> usize {
        1
    }

    /// The same as [`retrieve`](Self::retrieve) of several records: an outcome for each id, in their
    /// order. One that fails MUST NOT cost its neighbours, unless they were asked for together.
    async fn retrieve_many(&self, http: &Http, stream: &Stream, ids: &[&str]) -> Vec<Result<Retrieved, SourceError>> {
        let mut outcomes = Vec::with_capacity(ids.len());
        for id in ids {
            outcomes.push(self.retrieve(http, stream, id).await);
        }
        outcomes
    }

    /// How long after a look into the log the next one begins at the earliest that a delivery sets off.
    /// More than nothing where a look takes many requests, so that a stream of deliveries can't use up
    /// the vendor's limits. Looks by schedule are not kept waiting.
    fn between_looks(&self) -> Duration {
        Duration::ZERO
    }

    /// Where deliveries are checked; `None` when none are expected.
    fn webhook(&self) -> Option<&dyn Webhook> {
        None
    }

    /// How items are taken that somebody pushes; `None` for a source that is asked. One that is
    /// pushed to is never fetched from.
    fn push(&self) -> Option<&dyn Push> {
        None
    }

    /// Whether its accounts are who the customers are, so that accounts of other sources are linked
    /// to them: a CRM. Its charges are contracts that are billed elsewhere, unless an admin says otherwise.
    fn keeps_customers(&self) -> bool {
        false
    }

    /// What facts depend on besides the records: the version of the rules and the settings among
    /// them. When it changes, every account is derived anew.
    fn rules(&self) -> String {
        String::new()
    }

    /// Takes the records of all [`StreamKind::Reference`] streams, once, for many accounts.
    fn mapper(&self, references: &[RawRecord]) -> Box<dyn Mapper>;
}

/// Turns the records of one account into facts.
pub trait Mapper: Send + Sync {
    /// The facts of one account, from all records that name it as their account, each with all
    /// of its versions. What a version showed stays a fact when a later one no longer shows it.
    fn facts(&self, account: &str, records: &[RawRecord]) -> AccountFacts;
}

/// One kind of record that a vendor lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream {
    /// The vendor's own plural: `invoices`.
    pub name: &'static str,
    /// Whom its records are about.
    pub kind: StreamKind,
}

/// Whom the records of a stream are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamKind {
    /// Each record belongs to one account.
    Account,
    /// Records that many accounts refer to, such as prices.
    Reference,
    /// Entries of the log of changes: each belongs to one account, and none ever changes.
    Log,
    /// Records of an account that are kept and that no fact follows from, such as what was
    /// measured each day: a mapper never sees them, however many there are.
    Kept,
}
