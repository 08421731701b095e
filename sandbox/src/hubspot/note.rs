//! The other direction: ids of the CRM that somebody has noted in billing.

use std::collections::BTreeMap;

use super::ids::Ids;
use crate::random::{Purpose, mix};
use crate::world::Company;
use crate::world::crm::Crm;

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
