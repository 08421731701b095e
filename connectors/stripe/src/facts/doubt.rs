//! Times that nobody can know, in the words of whoever reads them.

use chrono::{DateTime, Utc};
use revenue::fact::Doubt;

use super::contract::Contract;
use super::history::{Change, Gap, Why};
use super::span::earlier;

/// What was assumed of a time, and between which records it lies.
#[derive(Debug, Clone)]
pub(super) struct Open {
    /// The item that it is about; all of the contract without one.
    pub(super) item: Option<String>,
    pub(super) from: DateTime<Utc>,
    pub(super) until: Option<DateTime<Utc>>,
    pub(super) reason: String,
    pub(super) origin: Vec<String>,
}

impl Open {
    /// What bills leave open of an item.
    pub(super) fn of_item(item: &str, gap: Gap) -> Self {
        let reason = match gap.why {
            Why::Changed => format!(
                "price or quantity of {item} was changed without a proration, and nothing says on which day; \
                 it is counted as before for the first half of this time, and as after for the second"
            ),
            Why::Unbilled => {
                format!("no bill shows {item} in this time; it is counted at the price and quantity that it had next")
            }
        };
        Self { item: Some(item.to_owned()), from: gap.from, until: Some(gap.until), reason, origin: gap.origins }
    }

    /// What can't be priced is left out for as long as it was sold so.
    pub(super) fn unpriced(contract: &Contract<'_>, item: &str, change: &Change, until: Option<DateTime<Utc>>) -> Self {
        let reason = format!("the price of {item} can't be read, so it is counted with nothing");
        let origin = match change.origins.first() {
            Some(begun) => begun.clone(),
            None => format!("subscriptions/{}", contract.id),
        };
        Self { item: Some(item.to_owned()), from: change.at, until, reason, origin: vec![origin] }
    }
}

/// A doubt, and the one item that it is about.
pub(super) type Doubted = (Doubt, Option<String>);

/// The doubts of a contract: what is open, as far as it lies in the contract's life.
pub(super) fn doubts(contract: &Contract<'_>, open: Vec<Open>) -> Vec<Doubted> {
    let within = |open: Open| {
        let (from, until) = (open.from.max(contract.start), earlier(open.until, contract.end));
        let mut origin = open.origin;
        origin.dedup();
        let doubt = Doubt { contract: contract.id.to_owned(), from, until, reason: open.reason, origin };
        until.is_none_or(|until| from < until).then_some((doubt, open.item))
    };
    let mut doubts: Vec<Doubted> = open.into_iter().filter_map(within).collect();
    doubts.sort();
    doubts.dedup();
    doubts
}
