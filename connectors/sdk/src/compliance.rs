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
                let named = page.problems.iter().any(|problem| problem.record == record.id);
                let excused = named || connector.lost_without(stream).is_some();
                check_record(stream, record, excused, &mut report.broken);
                keep(&mut report, stream, page, record);
            }
        }
    }
    follow(connector, http, &mut report).await?;
    check_mapper(connector, &mut report);
    Ok(report)
}

/// All pages behind `from`, branch after branch, with law 1 checked on the way.
async fn walk(
    connector: &dyn Connector,
    http: &Http,
    stream: &Stream,
    from: Option<Cursor>,
    broken: &mut Vec<String>,
) -> Result<Vec<Page>, SourceError> {
    let mut pages: Vec<Page> = Vec::new();
    let mut seen: Vec<Cursor> = from.iter().cloned().collect();
    let mut open = vec![from];
    while let Some(cursor) = open.pop() {
        let page = connector.fetch(http, stream, cursor.as_ref()).await?;
        for next in &page.next {
            if seen.contains(next) {
                broken.push(format!("{}: the cursor {} was returned twice (law 1)", stream.name, next.0));
                pages.push(page);
                return Ok(pages);
            }
            seen.push(next.clone());
        }
        // The first branch comes first.
        open.extend(page.next.iter().rev().cloned().map(Some));
        pages.push(page);
        if pages.len() >= MOST_PAGES {
            broken.push(format!("{}: no end after {MOST_PAGES} pages (law 1)", stream.name));
            return Ok(pages);
        }
    }
    Ok(pages)
}

/// Law 2: whoever resumes from the cursors that were open after a page reads what the first walk
/// read behind it.
async fn resume(
    connector: &dyn Connector,
    http: &Http,
    stream: &Stream,
    pages: &[Page],
    broken: &mut Vec<String>,
) -> Result<(), SourceError> {
    let mut open: Vec<Cursor> = Vec::new();
    for (index, page) in pages.iter().enumerate() {
        open.extend(page.next.iter().rev().cloned());
        let Some(cursor) = open.pop() else { break };
        let again = connector.fetch(http, stream, Some(&cursor)).await?;
        let expected = pages.get(index + 1);
        // The same page with the same cursors behind it goes on like the first walk did.
        if expected.is_some_and(|page| ids([page]) == ids([&again]) && page.next == again.next) {
            continue;
        }
        let mut rest = vec![again];
        for next in rest[0].next.clone().into_iter().chain(open.iter().rev().cloned()) {
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

/// The log to its end, kept as the engine would: each entry once, with its account.
async fn follow(connector: &dyn Connector, http: &Http, report: &mut Report) -> Result<(), SourceError> {
    let Some(feed) = connector.feed() else { return Ok(()) };
    let stream = Stream { name: feed.stream, kind: StreamKind::Log };
    let mut cursor: Option<Cursor> = None;
    for _ in 0..MOST_PAGES {
        let followed = connector.follow(http, cursor.as_ref()).await?;
        for record in followed.page.records.iter().filter(|record| record.account.is_some()) {
            keep(report, &stream, &followed.page, record);
        }
        cursor = followed.page.next.into_iter().next();
        if !followed.more {
            return Ok(());
        }
    }
    report.broken.push(format!("{}: no end after {MOST_PAGES} pages (law 1)", feed.stream));
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
        (Some(_), StreamKind::Kept) => return,
        (Some(account), _) => report.accounts.entry(account.clone()).or_default(),
        (None, StreamKind::Reference) => &mut report.references,
        (None, StreamKind::Account | StreamKind::Log | StreamKind::Kept) => return,
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
