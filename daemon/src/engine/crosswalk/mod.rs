//! The crosswalk: which accounts of the sources are one customer.
//!
//! Accounts of a CRM are whom others are linked to; what was merged at its source and what somebody
//! decided may link any. A link holds for all days: whose charges are counted together changes, and
//! with it the past, so that it makes neither churn nor new. What was known before stays, as of then.

mod admin;
mod decide;
mod find;
mod identity;
mod keep;
mod place;

use std::collections::{BTreeMap, BTreeSet};

use deadpool_postgres::Transaction;

pub use self::admin::{Named, Verdict, decide, parts, unmatched};
use self::decide::{Candidate, ends, link};
pub use self::identity::{IdentityRow, comparable};
pub use self::keep::identities;
pub use self::place::settle;
use crate::config::Crosswalk;
use crate::failure::Failure;

/// Keeps everybody else from writing what is derived until the transaction ends: a link moves rows of
/// other sources. Taken before any row is, so that two can't wait for each other.
pub async fn hold(transaction: &Transaction<'_>) -> Result<(), Failure> {
    transaction.execute("select pg_advisory_xact_lock(hashtextextended('mrrd.crosswalk', 0))", &[]).await?;
    Ok(())
}

/// Links the accounts that something new is known of, and those that this may touch. Returns the accounts
/// whose charges are others now.
pub async fn relink(
    transaction: &Transaction<'_>,
    crosswalk: &Crosswalk,
    touched: &Touched,
) -> Result<BTreeSet<i64>, Failure> {
    if touched.accounts.is_empty() {
        return Ok(BTreeSet::new());
    }
    let (of_crms, others) = find::affected(transaction, touched).await?;
    let mut changed = BTreeSet::new();
    // Whom others may be linked to first: two companies that are one are one for them too.
    for accounts in [of_crms, others] {
        if !accounts.is_empty() {
            changed.extend(relink_these(transaction, crosswalk, &accounts).await?);
        }
    }
    Ok(changed)
}

/// Accounts of which something new is known, and by what they could be told before and can be now.
#[derive(Debug, Default)]
pub struct Touched {
    pub accounts: BTreeSet<i64>,
    pub identities: BTreeSet<IdentityRow>,
}

async fn relink_these(
    transaction: &Transaction<'_>,
    crosswalk: &Crosswalk,
    accounts: &[i64],
) -> Result<BTreeSet<i64>, Failure> {
    let found = find::candidates(transaction, accounts).await?;
    let decided = find::decisions(transaction, accounts).await?;
    let wanted: BTreeMap<i64, Option<Candidate>> = accounts
        .iter()
        .map(|account| {
            let candidates = found.get(account).map_or(&[][..], Vec::as_slice);
            (*account, link(decided.get(account).copied(), candidates, &crosswalk.rules))
        })
        .collect();
    let mut links = find::links(transaction, &wanted).await?;
    for (account, link) in &wanted {
        match link {
            Some(link) => links.insert(*account, link.target),
            None => links.remove(account),
        };
    }
    let ends = ends(&links);
    for account in links.keys().filter(|account| !ends.contains_key(account)) {
        tracing::warn!(account_key = account, "its links go round in a circle, so it stands alone; see revenue.link");
    }
    let moved = keep::links(transaction, &wanted, &ends).await?;
    place::rows(transaction, &moved).await
}

/// Accounts whose link is not as somebody decided.
pub async fn undone(transaction: &Transaction<'_>) -> Result<Touched, Failure> {
    Ok(Touched { accounts: find::undone(transaction).await?, identities: BTreeSet::new() })
}
