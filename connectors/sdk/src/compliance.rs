//! The laws of [`Connector`], checked against a live API that nobody changes meanwhile.
//!
//! Every connector's tests call [`check`] and expect that nothing was [`Report::broken`].

use std::collections::BTreeMap;

use revenue::fact::Problem;

use crate::{Connector, Cursor, Http, Page, RawRecord, Record, SourceError, Stream, StreamKind, Version, json};

/// More pages than this in one stream is taken for a walk that does not end.
const MOST_PAGES: usize = 100_000;

/// What was read, and every law that was broken.
#[derive(Debug, Default)]
pub struct Report {
    /// The records of all reference streams, as the engine would hand them to a mapper.
    pub references: Vec<RawRecord>,
    /// The records of each account.
    pub accounts: BTreeMap<String, Vec<RawRecord>>,
    /// Records by stream, duplicates included.
    pub counts: BTreeMap<&'static str, usize>,
    /// Pages of the first walk.
    pub pages: usize,
    /// A sentence for each law broken, with the stream in it.
    pub broken: Vec<String>,
}

/// Walks every stream of `connector`, resumes from each of its cursors, and maps what it read.
pub async fn check(connector: &dyn Connector, http: &Http) -> Result<Report, SourceError> {
    let mut report = Report::default();
    for stream in connector.streams() {
        let pages = walk(connector, http, stream, None, &mut report.broken).await?;
        resume(connector, http, stream, &pages, &mut report.broken).await?;
        for page in &pages {
            report.pages += 1;
            // A record that names no account is kept with a problem beside it.
            let kept = |problem: &&Problem| page.records.iter().any(|record| record.id == problem.record);
            for problem in page.problems.iter().filter(|problem| !kept(problem)) {
                report.broken.push(format!("{}: a record can't be taken apart: {problem}", stream.name));
            }
            for record in &page.records {
                let excused = page.problems.iter().any(|problem| problem.record == record.id);
                check_record(stream, record, excused, &mut report.broken);
                keep(&mut report, stream, page, record);
            }
        }
    }
    check_mapper(connector, &mut report);
    Ok(report)
}

/// All pages behind `from`, with law 1 checked on the way.
async fn walk(
    connector: &dyn Connector,
    http: &Http,
    stream: &Stream,
    from: Option<Cursor>,
    broken: &mut Vec<String>,
) -> Result<Vec<Page>, SourceError> {
    let mut pages: Vec<Page> = Vec::new();
    let mut seen: Vec<Cursor> = from.iter().cloned().collect();
    let mut cursor = from;
    loop {
        let page = connector.fetch(http, stream, cursor.as_ref()).await?;
        let next = page.next.clone();
        pages.push(page);
        let Some(next) = next else { return Ok(pages) };
        if seen.contains(&next) {
            broken.push(format!("{}: the cursor {} was returned twice (law 1)", stream.name, next.0));
            return Ok(pages);
        }
        if pages.len() >= MOST_PAGES {
            broken.push(format!("{}: no end after {MOST_PAGES} pages (law 1)", stream.name));
            return Ok(pages);
        }
        seen.push(next.clone());
        cursor = Some(next);
    }
}

/// Law 2: whoever resumes from a cursor reads what the first walk read behind it.
async fn resume(
    connector: &dyn Connector,
    http: &Http,
    stream: &Stream,
    pages: &[Page],
    broken: &mut Vec<String>,
) -> Result<(), SourceError> {
    for (index, page) in pages.iter().enumerate() {
        let Some(cursor) = &page.next else { break };
        let again = connector.fetch(http, stream, Some(cursor)).await?;
        let expected = pages.get(index + 1);
        // The same page with the same cursor behind it goes on like the first walk did.
        if expected.is_some_and(|page| ids([page]) == ids([&again]) && page.next == again.next) {
            continue;
        }
        let mut rest = vec![again];
        if let Some(next) = rest[0].next.clone() {
            rest.extend(walk(connector, http, stream, Some(next), broken).await?);
        }
        let (mut found, mut wanted) = (ids(&rest), ids(&pages[index + 1..]));
        found.sort_unstable();
        found.dedup();
        wanted.sort_unstable();
        wanted.dedup();
        if found != wanted {
            broken.push(format!(
                "{}: resuming from {} read {} ids, the first walk {} (law 2)",
                stream.name,
                cursor.0,
                found.len(),
                wanted.len()
            ));
        }
    }
    Ok(())
}

fn ids<'a>(pages: impl IntoIterator<Item = &'a Page>) -> Vec<&'a str> {
    pages.into_iter().flat_map(|page| &page.records).map(|record| record.id.as_str()).collect()
}

/// Law 3, as far as it can be seen from one record, and the trait's types.
fn check_record(stream: &Stream, record: &Record, excused: bool, broken: &mut Vec<String>) {
    let mut say = |what: String| broken.push(format!("{}/{}: {what}", stream.name, record.id));
    if record.id.is_empty() {
        say("the id is empty".into());
    }
    match (stream.kind, &record.account) {
        (StreamKind::Account, None) if !excused => {
            say("a record of an account stream names no account, and no problem says so".into());
        }
        (StreamKind::Reference, Some(account)) => say(format!("a reference record names the account {account}")),
        (StreamKind::Account, Some(account)) if account.is_empty() => say("the account's id is empty".into()),
        _ => {}
    }
    if let Err(error) = json::Node::of(&record.payload) {
        say(format!("the payload {error} (law 3)"));
    } else if !record.payload.contains(&record.id) {
        say("the payload does not hold the id (law 3)".into());
    }
}

fn keep(report: &mut Report, stream: &Stream, page: &Page, record: &Record) {
    *report.counts.entry(stream.name).or_default() += 1;
    let raw = RawRecord {
        stream: stream.name.to_owned(),
        id: record.id.clone(),
        versions: vec![Version { payload: record.payload.clone(), seen_at: page.at, deleted: false }],
    };
    let home = match (&record.account, stream.kind) {
        (Some(account), _) => report.accounts.entry(account.clone()).or_default(),
        (None, StreamKind::Reference) => &mut report.references,
        (None, StreamKind::Account) => return,
    };
    // Duplicates are allowed on pages; the engine keeps one of each.
    if !home.iter().any(|kept| kept.stream == raw.stream && kept.id == raw.id) {
        home.push(raw);
    }
}

/// Law 6: the order of the records decides nothing.
fn check_mapper(connector: &dyn Connector, report: &mut Report) {
    let reversed: Vec<RawRecord> = report.references.iter().rev().cloned().collect();
    let (mapper, again) = (connector.mapper(&report.references), connector.mapper(&reversed));
    for (account, records) in &report.accounts {
        let facts = mapper.facts(account, records);
        let mut other: Vec<RawRecord> = records.iter().rev().cloned().collect();
        let middle = other.len() / 2;
        other.rotate_left(middle);
        if again.facts(account, &other) != facts {
            report.broken.push(format!("{account}: the facts depend on the order of the records (law 6)"));
        }
    }
}
