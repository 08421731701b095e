//! The truth: every account's annual run rate on every day, from what was agreed and nothing else.
//!
//! It reads the world's history and computes with its own arithmetic. That is what makes it a judge of whatever a
//! product works out from an API. Billing documents are read for what nobody agrees to in advance and for nothing else:
//! usage, and money that is given back, which count or not by policy.

mod billed;
mod blind;
mod crm;
mod days;
mod policy;
mod rate;

pub use blind::{Blind, blind_csv, blind_spans};
pub use crm::{Names, attributes_csv, contracts_csv, links_csv};
pub use days::{DayChange, account_days, local_day, truth_csv};
pub use policy::{Policy, Reducing};
pub use rate::{RunRate, contract_rate};
