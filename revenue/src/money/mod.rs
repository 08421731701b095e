//! Money as integers: currencies and their exponents, exact run rates, exchange, rounding.

mod amount;
mod apportion;
mod currency;
mod exchange;
mod round;
mod run_rate;

pub use amount::{Amount, AmountError};
pub use apportion::{allocate, monthly_flows};
pub use currency::{Currency, CurrencyError};
pub use exchange::{Exchange, ExchangeError, Rate};
pub use round::div_half_even;
pub use run_rate::{RunRate, RunRateError};
