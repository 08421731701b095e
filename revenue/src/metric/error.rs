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
    /// The days of the report are not those that the metric needs.
    #[error("a retention needs two ascending days, the one before the period and its last; a state needs at least one")]
    Days,
    /// The days of the report do not ascend.
    #[error("the days of a report of periods must ascend: the day before the first period, then the last day of each")]
    Order,
    /// A triangle of more periods than anybody can look at, which would fill the memory.
    #[error("a retention triangle has at most {0} periods")]
    Periods(usize),
    /// A timeline can't be read.
    #[error(transparent)]
    Timeline(#[from] TimelineError),
}
