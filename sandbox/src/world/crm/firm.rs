//! A company as the CRM has it.

use std::collections::BTreeMap;

use super::team::Member;
use super::track::Track;
use crate::random::Random;
use crate::world::account::Account;
use crate::world::clock::{DAY, Horizon, Moment};

/// What is noted about a company and changes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Property {
    /// Who looks after it: a position in the team.
    Owner,
    /// How large it is, by the company's own tiers.
    Segment,
    /// How far it has come on its way to being a customer.
    Stage,
    /// ISO 3166 code.
    Country,
    /// Seats in use.
    Seats,
    /// 0 to 100.
    Health,
}

/// A company.
#[derive(Clone, Debug)]
pub struct Firm {
    /// Its number: even for the company itself, odd for its duplicate.
    pub number: u32,
    /// Its customers in billing, the first of which it was made for.
    pub accounts: Vec<u32>,
    /// Its name.
    pub name: String,
    /// Its main domain, as somebody typed it, and further ones.
    pub domains: Vec<String>,
    /// When it was entered.
    pub created: Moment,
    /// What was noted when.
    pub tracks: BTreeMap<Property, Track>,
    /// Whether it names its first customer in billing.
    pub names_customer: bool,
    /// When it was merged into the company with which number.
    pub merged: Option<(Moment, u32)>,
    /// When it was put away.
    pub archived: Option<Moment>,
}

const SEGMENTS: [&str; 3] = ["SMB", "Mid-Market", "Enterprise"];

impl Firm {
    /// Draws the company of some customers. `before` is the one before it, whose domain it may share.
    pub fn draw(
        random: &mut Random,
        accounts: &[&Account],
        before: Option<&Self>,
        horizon: Horizon,
        team: &[Member],
    ) -> Self {
        let first = accounts[0];
        let signed_up = accounts.iter().map(|account| account.customer.created).min().unwrap_or(first.customer.created);
        let created = Moment(signed_up.0 - random.between(10, 70) * DAY - random.between(0, 80_000));
        let mut firm = Self {
            number: first.number * 2,
            accounts: accounts.iter().map(|account| account.number).collect(),
            name: first.customer.name.clone(),
            domains: domains(random, &first.customer.email, before),
            created,
            tracks: BTreeMap::new(),
            names_customer: random.per_mille(600),
            merged: None,
            archived: None,
        };
        let started = accounts.iter().flat_map(|account| &account.subscriptions).map(|of| of.started()).min();
        firm.note_owner(random, horizon, team);
        firm.note_segment(random, horizon);
        let stage = firm.track(Property::Stage);
        stage.set(created, Some("lead".into()));
        if let Some(started) = started {
            stage.set(created.plus_seconds((started.0 - created.0) / 2), Some("opportunity".into()));
            stage.set(started, Some("customer".into()));
        } else if random.per_mille(300) {
            firm.archived =
                Some(moment_in(random, signed_up.plus_seconds(DAY), horizon)).filter(|at| *at < horizon.now);
        }
        firm.track(Property::Country).set(created, Some(first.customer.country.into()));
        if let Some(started) = started {
            firm.note_usage(random, started, horizon);
        }
        firm
    }

    /// Whether it is in the CRM at a moment, neither merged nor put away.
    pub fn is_there(&self, at: Moment) -> bool {
        let gone = self.merged.map(|(at, _)| at).into_iter().chain(self.archived).min();
        self.created < at && gone.is_none_or(|gone| at <= gone)
    }

    /// Now and then somebody enters a company twice, and somebody else merges the two.
    pub fn duplicate(&self, random: &mut Random, horizon: Horizon) -> Option<Self> {
        if !random.per_mille(80) || self.archived.is_some() {
            return None;
        }
        let created = moment_in(random, self.created.plus_seconds(DAY), horizon);
        let merged = moment_in(random, created.plus_seconds(DAY), horizon);
        if merged >= horizon.now {
            return None;
        }
        let mut twin = Self {
            number: self.number + 1,
            accounts: Vec::new(),
            name: self.name.to_uppercase(),
            domains: Vec::new(),
            created,
            tracks: BTreeMap::new(),
            names_customer: false,
            merged: Some((merged, self.number)),
            archived: None,
        };
        twin.track(Property::Stage).set(created, Some("lead".into()));
        twin.track(Property::Owner).set(created, Some("1".into()));
        Some(twin)
    }

    fn track(&mut self, property: Property) -> &mut Track {
        self.tracks.entry(property).or_default()
    }

    fn note_owner(&mut self, random: &mut Random, horizon: Horizon, team: &[Member]) {
        let someone = |random: &mut Random| Some(random.below(team.len() as u64).to_string());
        // Some are nobody's at first.
        let mut at = self.created;
        if random.per_mille(120) {
            at = moment_in(random, at.plus_seconds(DAY), horizon);
        }
        let changes = *random.one_of(&[0, 0, 0, 1, 1, 2]);
        for _ in 0..=changes {
            if at < horizon.now {
                let owner = someone(random);
                self.track(Property::Owner).set(at, owner);
            }
            at = moment_in(random, at.plus_seconds(DAY), horizon);
        }
    }

    fn note_segment(&mut self, random: &mut Random, horizon: Horizon) {
        let mut at = self.created;
        match random.below(1000) {
            // Nobody ever says.
            0..60 => return,
            // Somebody says late.
            60..330 => at = moment_in(random, at.plus_seconds(DAY), horizon),
            _ => {}
        }
        // A rule of somebody's sets a few companies to and fro, more often than a vendor remembers.
        let flips = random.per_mille(30);
        let changes = if flips { 34 } else { *random.one_of(&[0, 0, 1, 2]) };
        let mut segment = random.below(3) as usize;
        for _ in 0..=changes {
            if at >= horizon.now {
                return;
            }
            let emptied = !flips && random.per_mille(40);
            self.track(Property::Segment).set(at, (!emptied).then(|| SEGMENTS[segment].to_owned()));
            segment = (segment + 1) % SEGMENTS.len();
            let later = if flips { at.plus_seconds(9 * DAY + random.between(0, 40_000)) } else { at.plus_seconds(DAY) };
            at = if flips { later } else { moment_in(random, later, horizon) };
        }
    }

    /// Seats in use are written once a month, health every six weeks: longer histories than a vendor keeps.
    fn note_usage(&mut self, random: &mut Random, started: Moment, horizon: Horizon) {
        let mut seats = random.between(2, 60);
        let mut at = started.plus_seconds(random.between(1, 30 * DAY));
        while at < horizon.now {
            self.track(Property::Seats).set(at, Some(seats.to_string()));
            seats = (seats + random.between(-4, 6)).max(0);
            at = at.plus_seconds(30 * DAY);
        }
        at = started.plus_seconds(random.between(20 * DAY, 90 * DAY));
        while at < horizon.now {
            let health = random.between(20, 100).to_string();
            self.track(Property::Health).set(at, Some(health));
            at = at.plus_seconds(42 * DAY + random.between(0, 80_000));
        }
    }
}

/// Some moment between one and a year behind virtual now, so that not everything has happened yet.
fn moment_in(random: &mut Random, from: Moment, horizon: Horizon) -> Moment {
    let span = (horizon.now.0 - from.0).max(1) + 120 * DAY;
    from.plus_seconds(random.below(span as u64) as i64)
}

/// Most have the domain that their bills go to; what people type is not always that.
fn domains(random: &mut Random, email: &str, before: Option<&Firm>) -> Vec<String> {
    let own = email.split('@').nth(1).unwrap_or_default().to_owned();
    let main = match random.below(1000) {
        0..60 => None,
        60..110 => before.and_then(|before| before.domains.first().cloned()),
        110..150 => Some("gmail.com".to_owned()),
        150..200 => Some(format!("www.{own}")),
        200..240 => Some(own.to_uppercase()),
        _ => Some(own.clone()),
    };
    let further = (main.is_some() && random.per_mille(100)).then(|| own.replace(".example", ".test"));
    main.into_iter().chain(further).collect()
}
