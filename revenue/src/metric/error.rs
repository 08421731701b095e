//! Why a metric can't be computed.

use crate::money::{AmountError, ExchangeError};
use crate::timeline::TimelineError;

/// Why a metric can't be computed. It is never a wrong number instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetricError {
    /// A rate is missing.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// A sum does not fit.
    #[error(transparent)]
    OutOfRange(#[from] AmountError),
    /// A timeline can't be read.
    #[error(transparent)]
    Timeline(#[from] TimelineError),
}
