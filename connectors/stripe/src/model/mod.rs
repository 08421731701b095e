//! Stripe's objects, as far as revenue needs them, read field by field: what can't be read is
//! named with its path, and what stands beside it is still used.

mod coupon;
mod discount;
mod event;
mod invoice;
mod line;
mod parent;
mod price;
mod refund;
mod schedule;
mod subscription;
mod value;

pub(crate) use coupon::Coupon;
pub(crate) use discount::{Applied, Attached, CouponSource};
pub(crate) use event::{About, Event};
pub(crate) use invoice::{Invoice, InvoiceStatus};
pub(crate) use line::{Direction, Line, Taken, invoice_item};
pub(crate) use price::{Listed, Price, PriceTerms};
pub(crate) use refund::Refund;
pub(crate) use schedule::Schedule;
pub(crate) use subscription::{Item, Status, Subscription, Suspension};
pub(crate) use value::{id_of, is_simulated};

use mrr_connector_sdk::json::Unreadable;
use revenue::fact::Problem;

/// The problems of one record.
pub(crate) struct Problems<'a> {
    stream: &'a str,
    record: &'a str,
    found: &'a mut Vec<Problem>,
}

impl<'a> Problems<'a> {
    pub(crate) fn of(stream: &'a str, record: &'a str, found: &'a mut Vec<Problem>) -> Self {
        Self { stream, record, found }
    }

    /// The value, or a problem that says what it means for the numbers.
    pub(crate) fn keep<T>(&mut self, read: Result<T, Unreadable>, consequence: &str) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(error) => {
                self.say(&error.path, format!("{}; {consequence}", error.message));
                None
            }
        }
    }

    pub(crate) fn say(&mut self, field: &str, message: String) {
        self.found.push(Problem {
            stream: self.stream.to_owned(),
            record: self.record.to_owned(),
            field: field.to_owned(),
            message,
        });
    }
}
