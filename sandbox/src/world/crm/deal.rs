//! A deal: what was agreed at a signing, and how it got there.

use chrono::NaiveDate;

use crate::world::clock::Moment;
use crate::world::money::{Currency, Minor};

/// How far a deal has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// Somebody is interested.
    Appointment,
    /// An offer was sent.
    ContractSent,
    /// It was signed.
    Won,
    /// It came to nothing, or to an end.
    Lost,
}

/// How often a line is billed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Frequency {
    /// Every week.
    Weekly,
    /// Every month.
    Monthly,
    /// Every three months.
    Quarterly,
    /// Every year.
    Annually,
    /// Every two years.
    TwoYearly,
}

impl Frequency {
    /// Billings in so many years, `(billings, years)`. A year counts as 52 weeks.
    pub fn billings(self) -> (i128, i128) {
        match self {
            Self::Weekly => (52, 1),
            Self::Monthly => (12, 1),
            Self::Quarterly => (4, 1),
            Self::Annually => (1, 1),
            Self::TwoYearly => (1, 2),
        }
    }
}

/// When a line begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Start {
    /// When the deal is closed.
    AtClose,
    /// On a day, wherever one is.
    On(NaiveDate),
}

/// What one billing of a line costs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Terms {
    /// How many units.
    pub quantity: u32,
    /// Each, before the line's discount.
    pub unit: Minor,
    /// Percent off.
    pub percent: u32,
}

impl Terms {
    /// What is billed.
    pub fn amount(self) -> Minor {
        let full = i128::from(self.unit) * i128::from(self.quantity) * i128::from(100 - self.percent);
        crate::world::money::divide_half_up(full, 100)
    }
}

/// A change of what a line costs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Amendment {
    /// Since when.
    pub at: Moment,
    /// What it costs from then on.
    pub terms: Terms,
}

/// One line of a deal.
#[derive(Clone, Debug)]
pub struct LineItem {
    /// What is sold.
    pub name: String,
    /// How often it is billed; once without.
    pub frequency: Option<Frequency>,
    /// When it begins.
    pub start: Start,
    /// For how many months; without an end otherwise.
    pub term_months: Option<u32>,
    /// What it costs, since when: the first since it was entered.
    pub amendments: Vec<Amendment>,
}

/// A deal with one company.
#[derive(Clone, Debug)]
pub struct Deal {
    /// Its number within the company.
    pub number: u32,
    /// With which company; none when nobody wrote it down.
    pub firm: Option<u32>,
    /// Whose it would be, for the spelling of its id.
    pub of: u32,
    /// What it is called.
    pub name: String,
    /// Whether it continues an earlier one.
    pub renewal: bool,
    /// Its currency.
    pub currency: Currency,
    /// The stages that it came to, each with its moment; the first when it was entered.
    pub stages: Vec<(Moment, Stage)>,
    /// When it was or is to be closed.
    pub close: Moment,
    /// What is sold.
    pub lines: Vec<LineItem>,
    /// When it was put away.
    pub archived: Option<Moment>,
}

impl Deal {
    /// When it was entered.
    pub fn created(&self) -> Moment {
        self.stages[0].0
    }

    /// The times in which it was won, each until when, if it ended.
    pub fn won(&self) -> Vec<(Moment, Option<Moment>)> {
        let until = |index: usize| self.stages.get(index + 1).map(|(at, _)| *at);
        let stages = self.stages.iter().enumerate().filter(|(_, (_, stage))| *stage == Stage::Won);
        stages.map(|(index, (at, _))| (*at, until(index))).collect()
    }
}
