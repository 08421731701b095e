//! What the company's own people know of its customers: its CRM.
//!
//! Everything is drawn from streams of its own, so that a world is the same whether or not anybody looks at its CRM.
//! What is not so clean in it is so on purpose: companies with two billing customers, duplicates that were merged,
//! properties that turn up late, histories longer than a vendor keeps.

mod deal;
mod firm;
mod signing;
mod survey;
mod team;
mod track;

pub use deal::{Amendment, Deal, Frequency, LineItem, Stage, Start, Terms};
pub use firm::{Firm, Property};
pub use survey::Survey;
pub use team::Member;
pub use track::Track;

use super::Company;
use crate::random::{Purpose, Random};

/// The CRM of a company.
#[derive(Clone, Debug)]
pub struct Crm {
    /// Who looks after customers.
    pub team: Vec<Member>,
    /// The companies that are customers or might become some, duplicates included.
    pub firms: Vec<Firm>,
    /// What was, is or might be agreed with them.
    pub deals: Vec<Deal>,
    /// What they answered when they were asked.
    pub surveys: Vec<Survey>,
}

impl Crm {
    /// The CRM that follows from a company.
    pub fn of(company: &Company) -> Self {
        let team = team::team();
        let mut crm = Self { team, firms: Vec::new(), deals: Vec::new(), surveys: Vec::new() };
        let mut accounts = company.accounts.iter().peekable();
        while let Some(account) = accounts.next() {
            let mut random = Random::stream(company.seed, Purpose::Crm, u64::from(account.number));
            let mut of_firm = vec![account];
            // A company may be billed twice: for its subsidiary, or because somebody signed up again.
            if random.per_mille(70) {
                of_firm.extend(accounts.next());
            }
            let firm = Firm::draw(&mut random, &of_firm, crm.firms.last(), company.horizon, &crm.team);
            let mut deals = signing::deals(&mut random, &firm, &of_firm, company);
            survey::ask(&mut random, &firm, &of_firm, company.horizon, &mut crm.surveys);
            crm.firms.extend(firm.duplicate(&mut random, company.horizon));
            crm.deals.append(&mut deals);
            crm.firms.push(firm);
        }
        team::hand_over(&mut crm.firms, company.horizon);
        crm.firms.sort_by_key(|firm| firm.number);
        crm
    }
}
