//! Records as Chargebee shows them.

mod amount;
mod catalogue;
mod customer;
mod document;
mod names;
mod offered;
mod reductions;
mod renewal;
mod subscription;

use crate::billing::Ledger;
use crate::stripe::Ids;
use crate::world::Company;
use crate::world::account::Account;
use crate::world::clock::Moment;

/// Which product catalog the site has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, clap::ValueEnum)]
pub enum Catalog {
    /// Items and item prices.
    #[default]
    V2,
    /// Plans and addons.
    V1,
}

/// The company as it was right after a moment.
pub(super) struct View<'a> {
    pub company: &'a Company,
    /// The second that has just passed.
    pub at: Moment,
    pub ids: Ids,
    pub catalog: Catalog,
}

/// An account in it.
pub(super) struct Seen<'a> {
    pub view: &'a View<'a>,
    pub account: &'a Account,
    pub ledger: &'a Ledger,
}
