//! Net revenue retention.

use super::Retention;
use crate::money::Amount;

/// NRR: the closing MRR of the accounts that were open at the opening, over their opening MRR;
/// 1.1 is 110 %. `None` when there was none.
pub fn net_retention(sums: &Retention) -> Option<Amount> {
    sums.closing.ratio(sums.opening)
}
