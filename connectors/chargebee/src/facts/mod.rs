//! From the records of one customer to facts: pure, total, and the same in any order.

mod account;
mod book;
mod charge;
mod contract;
mod discount;
mod figure;
mod gather;
mod history;
mod planned;
mod rebuild;
mod stood;

use std::collections::BTreeMap;

use mrr_connector_sdk::{Mapper, RawRecord};
use revenue::fact::AccountFacts;

use crate::config::Config;
use book::Book;
use contract::Contract;

/// Maps customers with the prices and coupons of the whole site.
pub(crate) struct ChargebeeMapper {
    book: Book,
    foreign_ids: BTreeMap<String, String>,
}

impl ChargebeeMapper {
    pub(crate) fn new(references: &[RawRecord], config: &Config) -> Self {
        Self { book: Book::of(references, config.exponents.clone()), foreign_ids: config.foreign_ids.clone() }
    }
}

impl Mapper for ChargebeeMapper {
    fn facts(&self, account: &str, records: &[RawRecord]) -> AccountFacts {
        let mut facts = AccountFacts::default();
        let mut records: Vec<&RawRecord> = records.iter().collect();
        // One order for all orders, so that no choice below depends on how the records came.
        records.sort_by_key(|record| (&record.stream, &record.id));
        for record in records.iter().filter(|record| record.stream == "customers" && record.id == account) {
            account::read(record, &self.foreign_ids, &mut facts);
        }
        let told = gather::gather(&records, &self.book.exponents, &mut facts.problems);
        let contracts: Vec<Contract<'_>> = told.iter().map(|(id, told)| Contract::of(id, told, &self.book)).collect();
        for contract in &contracts {
            contract.add(&mut facts);
        }
        figure::add(&contracts, &self.book.exponents, &mut facts);
        facts.problems.sort_unstable();
        facts.problems.dedup();
        facts
    }
}
