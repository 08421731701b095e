//! From raw records to accounts, segments, attributes and problems, for the accounts that were touched.

mod account;
mod convertible;
mod current;
mod inlet;
mod known;
mod records;
mod rows;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use deadpool_postgres::Transaction;
use mrr_connector_sdk::Mapper;
use revenue::calendar::Zone;

use self::account::{Derived, derived};
use self::convertible::Convertible;
use self::rows::Closing;
use super::crosswalk;
use super::land::touch_all;
use super::problem::{ProblemRow, record_name};
use super::run;
use super::session::Session;
use crate::config::Source;
use crate::failpoint;
use crate::failure::{Failure, Kind};
use crate::stop::Stop;
use crate::store::Writer;

/// Accounts in one transaction.
const ACCOUNTS: i64 = 500;

/// What deriving needs besides the database.
struct Derivation<'a> {
    run: i64,
    source: &'a Source,
    zone: Zone,
    mapper: Box<dyn Mapper>,
    references: records::References,
    convertible: Convertible,
}

/// Counted up when segments come to say more, so that those of an older version are derived anew.
const SEGMENTS: &str = "segments 4";

/// How many accounts were derived.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Total {
    pub accounts: usize,
    /// Those whose segments came out otherwise than they were stored.
    pub changed: usize,
}

/// By which rules a source is derived.
pub fn rules(source: &Source) -> String {
    let contracted = if source.contracted { "contracted, " } else { "" };
    format!("{SEGMENTS}, {contracted}{}", source.connector.rules())
}

/// Derives every touched account of a source.
pub async fn derive(session: &mut Session, source: &Source, zone: Zone, stop: &Stop) -> Result<Total, Failure> {
    let name = source.name.clone();
    session.attempt(async |client| follow_rules(client, source).await).await?;
    session.attempt(async |client| follow_decisions(client, source).await).await?;
    let convertible = session.attempt(async |client| Convertible::read(client, &name).await).await?;
    let waiting: bool = session
        .attempt(async |client| {
            let exists = "select exists (select from ops.touched where source = $1)";
            Ok(client.query_one(exists, &[&name]).await?.get(0))
        })
        .await?;
    if !waiting {
        return Ok(Total::default());
    }
    let references = session.attempt(async |client| records::references(client, source).await).await?;
    let mapper = catch_unwind(AssertUnwindSafe(|| source.connector.mapper(&references.records))).map_err(|_| {
        Failure::new(
            Kind::Law,
            format!("connector `{}` panicked at its reference streams; report this to its maintainers", source.vendor),
        )
    })?;
    let references = records::References { records: Vec::new(), ..references };
    let derivation = Derivation { run: session.run(), source, zone, mapper, references, convertible };
    let mut limit = ACCOUNTS;
    let mut total = Total::default();
    loop {
        if stop.requested() {
            return Err(Failure::new(Kind::Stopped, "stopped on request; the rest is derived by the next sync"));
        }
        match session.attempt(async |client| batch(client, &derivation, limit).await).await {
            Ok(Total { accounts: 0, .. }) => break,
            Ok(derived) => {
                total.accounts += derived.accounts;
                total.changed += derived.changed;
                limit = (limit * 2).min(ACCOUNTS);
            }
            // One account says something that PostgreSQL can't store: the batch is halved until
            // it is alone, and then it is a problem like any other.
            Err(failure) if failure.kind == Kind::Refused && limit > 1 => limit /= 2,
            Err(failure) if failure.kind == Kind::Refused => {
                session.attempt(async |client| set_aside(client, &name, &failure).await).await?;
                limit = ACCOUNTS;
            }
            Err(failure) => return Err(failure.at("deriving")),
        }
    }
    tracing::info!(
        source = source.name,
        account_count = total.accounts,
        changed_count = total.changed,
        "accounts derived"
    );
    Ok(total)
}

/// Touches every account when the rules are no longer those by which they were derived.
async fn follow_rules(client: &mut Writer, source: &Source) -> Result<(), Failure> {
    let (rules, connector, crm) = (rules(source), source.vendor, source.connector.keeps_customers());
    let source = &source.name;
    let known = client
        .query_opt(
            "select rules, connector is not distinct from $2 and crm = $3 from ops.source where source = $1",
            &[source, &connector, &crm],
        )
        .await?;
    if known.as_ref().is_some_and(|row| row.get::<_, &str>(0) == rules && row.get(1)) {
        return Ok(());
    }
    let transaction = client.transaction().await?;
    transaction
        .execute(
            "insert into ops.source (source, rules, connector, crm) values ($1, $2, $3, $4)
             on conflict (source) do update set rules = excluded.rules, connector = excluded.connector, crm = excluded.crm",
            &[source, &rules, &connector, &crm],
        )
        .await?;
    if known.is_some() {
        let accounts = touch_all(&transaction, source).await?;
        tracing::info!(source, account_count = accounts, "the connector's rules changed: accounts are derived anew");
    }
    transaction.commit().await?;
    Ok(())
}

/// Links what somebody decided about by hand and nobody has linked yet.
async fn follow_decisions(client: &mut Writer, source: &Source) -> Result<(), Failure> {
    let transaction = client.transaction().await?;
    let undone = crosswalk::undone(&transaction).await?;
    if undone.accounts.is_empty() {
        return Ok(());
    }
    crosswalk::hold(&transaction).await?;
    let changed = crosswalk::relink(&transaction, &source.crosswalk, &undone).await?;
    refresh(&transaction, changed).await?;
    Ok(transaction.commit().await?)
}

/// Builds the timelines of these accounts anew.
pub(super) async fn refresh(transaction: &Transaction<'_>, accounts: BTreeSet<i64>) -> Result<(), Failure> {
    if accounts.is_empty() {
        return Ok(());
    }
    let accounts: Vec<i64> = accounts.into_iter().collect();
    let refresh = transaction.prepare_cached("select public.mrr_refresh($1::bigint[])").await?;
    transaction.query_one(&refresh, &[&accounts]).await?;
    Ok(())
}

/// Derives the next accounts in one transaction; returns how many.
async fn batch(client: &mut Writer, derivation: &Derivation<'_>, limit: i64) -> Result<Total, Failure> {
    let source = &derivation.source.name;
    let transaction = client.transaction().await?;
    hold_zone(&transaction, derivation.zone).await?;
    crosswalk::hold(&transaction).await?;
    let next = transaction
        // Locked, so that what is pushed meanwhile is noted behind this and not forgotten with it.
        .prepare_cached("select account from ops.touched where source = $1 order by account limit $2 for update")
        .await?;
    let accounts: Vec<String> =
        transaction.query(&next, &[source, &limit]).await?.iter().map(|row| row.get(0)).collect();
    if accounts.is_empty() {
        return Ok(Total::default());
    }

    let mut found: BTreeMap<String, Derived> = BTreeMap::new();
    records::by_account(&transaction, derivation.source, &accounts, |account, landed_at, records| {
        let facts = derived(derivation, account, records, landed_at);
        found.insert(account.to_owned(), facts);
    })
    .await?;

    let (keys, new) = write::accounts(&transaction, source, &found).await?;
    let told =
        found.iter().filter_map(|(id, derived)| Some((*keys.get(id)?, derived.rows.as_ref()?.identities.as_slice())));
    let touched = crosswalk::identities(&transaction, &told.collect(), &new).await?;
    let mut changed = crosswalk::relink(&transaction, &derivation.source.crosswalk, &touched).await?;
    let customers = write::customers(&transaction, &keys).await?;
    let current = current::read(&transaction, source, &keys, &accounts).await?;
    let known = known::boundaries(&transaction, &derivation.references, &keys, &found).await?;
    let closing = Closing::between(&current, &found, &keys, &known);
    write::changes(&transaction, source, &closing, &customers).await?;
    let parts: BTreeSet<i64> = closing.attributed.iter().copied().filter(|key| customers.in_group(*key)).collect();
    if !parts.is_empty() {
        crosswalk::settle(&transaction, &parts).await?;
    }
    changed.extend(closing.changed.iter().map(|key| customers.of(*key)));
    refresh(&transaction, changed).await?;
    let done = transaction.prepare_cached("delete from ops.touched where source = $1 and account = any($2)").await?;
    transaction.execute(&done, &[source, &accounts]).await?;
    run::progressed(&transaction, derivation.run).await?;
    failpoint::pass("derive_commits").await;
    transaction.commit().await?;
    failpoint::pass("derive_committed").await;
    Ok(Total { accounts: accounts.len(), changed: closing.changed.len() })
}

/// Holds the book's zone for the transaction, and refuses to derive in another one.
async fn hold_zone(transaction: &Transaction<'_>, zone: Zone) -> Result<(), Failure> {
    let row = transaction.query_opt("select time_zone from revenue.book for share", &[]).await?;
    if row.is_some_and(|row| row.get::<_, &str>(0) == zone.name()) {
        return Ok(());
    }
    Err(Failure::new(
        Kind::Database,
        "the book's time zone was changed meanwhile; sync again with the new configuration",
    ))
}

/// Takes the first waiting account out of the way and says why.
async fn set_aside(client: &mut Writer, source: &str, failure: &Failure) -> Result<(), Failure> {
    let transaction = client.transaction().await?;
    let first = transaction
        .query_opt("select account from ops.touched where source = $1 order by account limit 1 for update", &[&source])
        .await?;
    if let Some(first) = first {
        let account: String = first.get(0);
        let problem = ProblemRow {
            stream: "accounts".into(),
            record: record_name(&account),
            field: String::new(),
            message: format!("what follows from its records can't be stored: {failure}; its numbers are as they were"),
        };
        write::replace_problems(&transaction, source, &account, &[problem]).await?;
        transaction.execute("delete from ops.touched where source = $1 and account = $2", &[&source, &account]).await?;
    }
    transaction.commit().await?;
    Ok(())
}
