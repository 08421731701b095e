//! Gross revenue retention.

use super::Retention;
use crate::money::Amount;

/// GRR (endpoint form): what of the opening MRR is still there at the closing, account by account
/// and never more than it was, over the opening MRR; 0.95 is 95 %. `None` when there was none.
pub fn gross_retention(sums: &Retention) -> Option<Amount> {
    sums.kept.ratio(sums.opening)
}
