//! The crosswalk: which accounts of the sources are one customer.
//!
//! Accounts of a CRM are whom others are linked to; what was merged at its source and what somebody
//! decided may link any. A link holds for all days: whose charges are counted together changes, and
//! with it the past, so that it makes neither churn nor new. What was known before stays, as of then.

mod admin;
mod circle;
mod decide;
mod find;
mod identity;
mod keep;
mod place;

use std::collections::{BTreeMap, BTreeSet};

use deadpool_postgres::Transaction;

pub use self::admin::{Named, Verdict, decide, parts, unmatched};
use self::decide::{Candidate, circles};
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
    let mut wanted = BTreeMap::new();
    let (mut ends, mut round) = (BTreeMap::new(), Vec::new());
    // Whom others may be linked to first: two companies that are one are one for them too.
    for accounts in [of_crms, others].into_iter().filter(|accounts| !accounts.is_empty()) {
        for (account, link) in want(transaction, crosswalk, &accounts, &ends).await? {
            // Who stands alone from now on is itself, whatever is stored.
            ends.insert(account, None);
            wanted.insert(account, link);
        }
        let mut links = find::links(transaction, &wanted).await?;
        for (account, link) in &wanted {
            match link {
                Some(link) => links.insert(*account, link.target),
                None => links.remove(account),
            };
        }
        round = circles(&links);
        ends.extend(decide::ends(&links, &round));
    }
    let moved = keep::links(transaction, &wanted, &ends).await?;
    circle::keep(transaction, &round).await?;
    place::rows(transaction, &moved).await
}

/// By which link each of these accounts is part of another. `ends` has those that were decided on before them.
async fn want(
    transaction: &Transaction<'_>,
    crosswalk: &Crosswalk,
    accounts: &[i64],
    ends: &BTreeMap<i64, Option<i64>>,
) -> Result<BTreeMap<i64, Option<Candidate>>, Failure> {
    let mut found = find::candidates(transaction, accounts).await?;
    for candidate in found.values_mut().flatten() {
        if let Some(end) = ends.get(&candidate.target) {
            candidate.counted_as = end.unwrap_or(candidate.target);
        }
    }
    let decided = find::decisions(transaction, accounts).await?;
    let link = |account: &i64| {
        let candidates = found.get(account).map_or(&[][..], Vec::as_slice);
        (*account, decide::link(decided.get(account).copied(), candidates, &crosswalk.rules))
    };
    Ok(accounts.iter().map(link).collect())
}

/// Accounts of which something new is known, and by what they could be told before and can be now.
#[derive(Debug, Default)]
pub struct Touched {
    pub accounts: BTreeSet<i64>,
    pub identities: BTreeSet<IdentityRow>,
}

/// Accounts whose link is not as somebody decided, and those whose links make a circle.
pub async fn undone(transaction: &Transaction<'_>) -> Result<Touched, Failure> {
    Ok(Touched { accounts: find::undone(transaction).await?, identities: BTreeSet::new() })
}
