//! HubSpot's ids: numbers without a meaning.

/// Spells the ids of one portal: the same thing has the same id in every run.
#[derive(Clone, Copy, Debug)]
pub struct Ids;

/// Places of a company's deals, and of a deal's lines.
const DEALS: u64 = 64;
const LINES: u64 = 16;

impl Ids {
    /// Of the portal itself.
    pub const PORTAL: u64 = 26_471_803;

    /// A company, by its number.
    pub fn company(self, firm: u32) -> u64 {
        5_010_000_000 + 7 * u64::from(firm)
    }

    /// A deal of a company.
    pub fn deal(self, firm: u32, deal: u32) -> u64 {
        9_030_000_000 + u64::from(firm) * DEALS + u64::from(deal)
    }

    /// A line of a deal.
    pub fn line(self, firm: u32, deal: u32, line: usize) -> u64 {
        31_000_000_000 + (u64::from(firm) * DEALS + u64::from(deal)) * LINES + line as u64
    }

    /// An answer to a survey.
    pub fn survey(self, firm: u32, survey: u32) -> u64 {
        7_400_000_000 + u64::from(firm) * DEALS + u64::from(survey)
    }

    /// One of the team.
    pub fn owner(self, member: usize) -> u64 {
        70_000 + 11 * member as u64
    }

    /// What people call one of the team; with the id where two have one name.
    pub fn owner_name(self, team: &[crate::world::crm::Member], member: usize) -> String {
        let Some(of) = team.get(member) else { return String::new() };
        let name = format!("{} {}", of.first, of.last);
        let alike = team.iter().filter(|other| (other.first, other.last) == (of.first, of.last)).count();
        if alike > 1 { format!("{name} ({})", self.owner(member)) } else { name }
    }
}
