//! How a book that was learnt in one way or another agrees with the truth.

use std::fmt;
use std::path::Path;

use crate::comparison::quoted;
use crate::{Database, END, Outcome, Profile, World};

/// Pairs of account and day, by how they compare with the truth.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Agreement {
    /// All pairs, from the first day on which the account had an amount on either side.
    pub account_days: u64,
    /// The same amount to the last digit, before and after discounts.
    pub exact: u64,
    /// Another amount where a doubt is listed, or the evidence is graded `projected`.
    pub graded: u64,
    /// Another amount where nothing at the source could tell.
    pub untraceable: u64,
    /// Another amount and no word about it.
    pub wrong: u64,
    /// The first of those that are not excused, one a line.
    pub first: String,
}

/// What excuses a difference, besides that nothing at the source could tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excused<'a> {
    /// Nothing at all: who was there from the first day knows every day.
    Nothing,
    /// That a doubt is listed, or that no trace is left at the source.
    ByDoubts,
    /// That a doubt is listed, and nothing else.
    OnlyByDoubts,
    /// The same, or an SQL condition on `c.day` for days that nobody could see.
    ByDoubtsAnd(&'a str),
}

impl Agreement {
    /// Asks the database's functions for every account on every day of the world.
    pub fn of(
        database: &Database<'_>,
        world: World,
        profile: Profile,
        folder: &Path,
        excused: Excused<'_>,
    ) -> Outcome<Self> {
        Self::under(("default", &[]), database, world, profile, folder, excused)
    }

    /// The same under a policy, by its name in the database and the sandbox's arguments for it.
    pub fn under(
        (policy, arguments): (&str, &[&str]),
        database: &Database<'_>,
        world: World,
        profile: Profile,
        folder: &Path,
        excused: Excused<'_>,
    ) -> Outcome<Self> {
        let (excused, exactly, traceless) = match excused {
            Excused::ByDoubts => ("false", "false", "true"),
            Excused::OnlyByDoubts => ("false", "false", "false"),
            Excused::ByDoubtsAnd(days) => (days, "false", "true"),
            Excused::Nothing => ("false", "true", "true"),
        };
        let (truth, blind) = (folder.join("truth.csv"), folder.join("blind.csv"));
        world.write_truth(profile, "UTC", arguments, &truth)?;
        world.write_blind(profile, "UTC", &blind)?;
        let script = include_str!("agreement.sql")
            .replace(":truth_file", &quoted(&truth))
            .replace(":blind_file", &quoted(&blind))
            .replace(":from_day", &format!("date '{}'", world.first_day()))
            .replace(":to_day", &format!("date '{END}'"))
            .replace(":policy", &format!("'{policy}'"))
            .replace(":excused", excused)
            .replace(":exactly", exactly)
            .replace(":traceless", traceless);
        let printed = database.run(&script)?;
        let (counts, first) = printed.split_once('\n').unwrap_or((&printed, ""));
        let counts: Vec<u64> = counts.split('|').filter_map(|count| count.parse().ok()).collect();
        match counts[..] {
            [account_days, exact, graded, untraceable, wrong] => {
                Ok(Self { account_days, exact, graded, untraceable, wrong, first: first.to_owned() })
            }
            _ => Err(format!("the comparison printed `{printed}`")),
        }
    }
}

impl std::ops::AddAssign for Agreement {
    fn add_assign(&mut self, other: Self) {
        self.account_days += other.account_days;
        self.exact += other.exact;
        self.graded += other.graded;
        self.untraceable += other.untraceable;
        self.wrong += other.wrong;
        if self.first.is_empty() {
            self.first = other.first;
        }
    }
}

impl fmt::Display for Agreement {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.account_days.max(1);
        // Parts of a hundred thousand, cut: what is not whole must not look it.
        let share = |part: u64| {
            let share = part * 100_000 / all;
            format!("{}.{:03} %", share / 1_000, share % 1_000)
        };
        write!(
            out,
            "{} account-days: {} exact ({}), {} graded ({}), {} untraceable ({}), {} wrong",
            self.account_days,
            self.exact,
            share(self.exact),
            self.graded,
            share(self.graded),
            self.untraceable,
            share(self.untraceable),
            self.wrong
        )
    }
}
