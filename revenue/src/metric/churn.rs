//! What went away, over what was there at the opening.

use super::{MetricError, Retention};
use crate::money::Amount;

/// Gross revenue churn: contraction and churn over the opening MRR. `None` when there was none.
pub fn gross_churn(sums: &Retention) -> Result<Option<Amount>, MetricError> {
    Ok(sums.opening.checked_sub(sums.kept)?.ratio(sums.opening))
}

/// Net revenue churn: contraction and churn less expansion, over the opening MRR; below zero
/// where the accounts grew. `None` when there was none.
pub fn net_churn(sums: &Retention) -> Result<Option<Amount>, MetricError> {
    Ok(sums.opening.checked_sub(sums.closing)?.ratio(sums.opening))
}

/// Logo churn: the accounts that have no MRR at the closing, over those that had some at the
/// opening. `None` when there were none.
pub fn logo_churn(sums: &Retention) -> Option<Amount> {
    Amount(i128::from(sums.lost)).ratio(Amount(i128::from(sums.accounts)))
}

/// Lifetime in periods: 1 over logo churn. `None` when nobody left.
pub fn lifetime(sums: &Retention) -> Option<Amount> {
    Amount(i128::from(sums.accounts)).ratio(Amount(i128::from(sums.lost)))
}
