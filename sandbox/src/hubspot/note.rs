//! What one system notes of the other: ids of the CRM in billing, and of billing in the CRM.

use std::collections::BTreeMap;

use super::ids::Ids;
use crate::random::{Purpose, mix};
use crate::world::Company;
use crate::world::billed::{Customer, System};
use crate::world::clock::Moment;
use crate::world::crm::{Crm, Firm};

/// Notes with half of the customers which company of the CRM they are.
pub fn note_in_billing(company: &mut Company) {
    let crm = Crm::of(company);
    let firms = crm.firms.iter().flat_map(|firm| firm.accounts.iter().map(|account| (*account, firm.number)));
    let firms: BTreeMap<u32, u32> = firms.collect();
    for account in &mut company.accounts {
        let noted = mix(company.seed, Purpose::Crm, &[account.number.into(), 1]).is_multiple_of(2);
        let firm = firms.get(&account.number).filter(|_| noted);
        account.customer.crm_id = firm.map(|firm| Ids.company(*firm).to_string());
    }
}

/// Which customers in billing a company names: the property, since when if that is later than the company, and the
/// customer's number. It names its first customer or none, and where that is in one of two systems, half of the companies
/// also name the first in the other.
pub fn noted_of_billing(company: &Company, firm: &Firm) -> Vec<(&'static str, Option<Moment>, u32)> {
    let property = |system: Option<System>| match system {
        None | Some(System::Older) => "stripe_customer_id",
        Some(System::Newer) => "chargebee_customer_id",
    };
    let note = |of: &Customer| (property(of.system), of.since, of.number);
    let all: Vec<Customer> = firm.accounts.iter().flat_map(|account| company.customers_of(*account)).collect();
    let Some(first) = all.first() else { return Vec::new() };
    let other = all.iter().find(|other| other.system != first.system);
    let names_other = mix(company.seed, Purpose::Billed, &[firm.number.into(), 1]).is_multiple_of(2);
    let named = [Some(first).filter(|_| firm.names_customer), other.filter(|_| names_other)];
    named.into_iter().flatten().map(note).collect()
}
