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
pub(crate) use mrr_connector_sdk::Problems;
pub(crate) use price::{Listed, Price, PriceTerms};
pub(crate) use refund::Refund;
pub(crate) use schedule::Schedule;
pub(crate) use subscription::{Item, Status, Subscription, Suspension};
pub(crate) use value::{id_of, is_simulated};
