//! From the core's errors to what a SQL user gets: a SQLSTATE, a sentence and a hint.

use pgrx::pg_sys::panic::ErrorReport;
use pgrx::prelude::PgSqlErrorCode;
use revenue::calendar::GrainError;
use revenue::metric::MetricError;
use revenue::money::{AmountError, CurrencyError, ExchangeError, RunRateError};
use revenue::timeline::{TimelineError, TimelineTextError};

/// What a function of this extension returns.
pub type Sql<T> = Result<T, ErrorReport>;

/// An error of the core, as SQL reports it.
pub trait IntoReport {
    /// The report.
    fn into_report(self) -> ErrorReport;
}

/// A report from its three parts.
pub fn report(code: PgSqlErrorCode, message: impl Into<String>, hint: &str) -> ErrorReport {
    let report = ErrorReport::new(code, message.into(), "pg_mrr");
    if hint.is_empty() { report } else { report.set_hint(hint) }
}

/// An argument that must not be null.
pub fn given<T>(argument: Option<T>, name: &str) -> Sql<T> {
    argument
        .ok_or_else(|| report(PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE, format!("{name} must not be null"), ""))
}

/// `?` on an error of the core.
pub trait OrReport<T> {
    /// The value, or the report.
    fn or_report(self) -> Sql<T>;
}

impl<T, E: IntoReport> OrReport<T> for Result<T, E> {
    fn or_report(self) -> Sql<T> {
        self.map_err(IntoReport::into_report)
    }
}

impl IntoReport for MetricError {
    fn into_report(self) -> ErrorReport {
        match self {
            Self::Exchange(error) => error.into_report(),
            Self::OutOfRange(error) => error.into_report(),
            Self::Timeline(error) => error.into_report(),
            Self::Order => report(
                PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE,
                self.to_string(),
                "The months of the first quarter of 2026 take mrr_exchange(null, '{2025-12-31,2026-01-31,2026-02-28,2026-03-31}').",
            ),
            Self::Periods(_) => report(
                PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE,
                self.to_string(),
                "Take a coarser grain, or fewer years.",
            ),
            Self::Days => report(
                PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE,
                self.to_string(),
                "The first quarter of 2026 takes mrr_exchange(null, '{2025-12-31,2026-03-31}').",
            ),
        }
    }
}

impl IntoReport for ExchangeError {
    fn into_report(self) -> ErrorReport {
        match self {
            Self::Missing { .. } => report(
                PgSqlErrorCode::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
                self.to_string(),
                "Load rates into revenue.exchange_rate ([rates] in mrrd.toml), ask in another currency, or pass mrr_exchange(...) to an aggregate.",
            ),
            Self::OutOfRange(error) => error.into_report(),
        }
    }
}

impl IntoReport for TimelineError {
    fn into_report(self) -> ErrorReport {
        report(
            PgSqlErrorCode::ERRCODE_DATA_CORRUPTED,
            self.to_string(),
            "select mrr_rebuild() rebuilds all timelines from the segments.",
        )
    }
}

impl IntoReport for AmountError {
    fn into_report(self) -> ErrorReport {
        report(PgSqlErrorCode::ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, self.to_string(), "")
    }
}

impl IntoReport for RunRateError {
    fn into_report(self) -> ErrorReport {
        report(PgSqlErrorCode::ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, self.to_string(), "")
    }
}

impl IntoReport for CurrencyError {
    fn into_report(self) -> ErrorReport {
        report(PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE, self.to_string(), "")
    }
}

impl IntoReport for GrainError {
    fn into_report(self) -> ErrorReport {
        let hint = match self {
            Self::Unknown(_) => "",
            Self::Empty(..) => "Ranges are half-open: the year 2025 is from 2025-01-01 to 2026-01-01.",
            Self::TooMany(..) => "Ask for a shorter range or a coarser grain.",
        };
        report(PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE, self.to_string(), hint)
    }
}

impl IntoReport for TimelineTextError {
    fn into_report(self) -> ErrorReport {
        report(PgSqlErrorCode::ERRCODE_INVALID_TEXT_REPRESENTATION, self.to_string(), "")
    }
}
