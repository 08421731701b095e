//! The truth about a CRM: what was noted of a company on each day, which customers are its own, and what it had agreed
//! to pay.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::{Months, NaiveDate};
use chrono_tz::Tz;

use super::days::local_day;
use crate::world::Company;
use crate::world::billed::System;
use crate::world::clock::Moment;
use crate::world::crm::{Crm, Deal, LineItem, Property, Start};
use crate::world::money::{Currency, Rate, divide_half_even};

/// How a face calls what the truth is about.
pub struct Names<'a> {
    /// A company, by its number.
    pub company: &'a dyn Fn(u32) -> String,
    /// One of the team, by position.
    pub owner: &'a dyn Fn(usize) -> String,
    /// A customer in billing, by its number.
    pub customer: &'a dyn Fn(u32) -> String,
    /// One of two billing systems.
    pub system: &'a dyn Fn(System) -> &'static str,
}

/// `company,attribute,day,value`: a row for each local day at whose end an attribute has another value than the day
/// before, for the companies that are still there at the end. An empty value is none.
pub fn attributes_csv(crm: &Crm, names: &Names<'_>, now: Moment, zone: Tz) -> String {
    let mut rows: BTreeMap<(String, &str, NaiveDate), String> = BTreeMap::new();
    for firm in crm.firms.iter().filter(|firm| firm.is_there(now)) {
        let company = (names.company)(firm.number);
        for (property, track) in &firm.tracks {
            for (at, value) in track.steps().iter().filter(|(at, _)| *at < now) {
                let value = value.clone().unwrap_or_default();
                let told = match property {
                    Property::Owner => value.parse().map(names.owner).unwrap_or_default(),
                    _ => value,
                };
                rows.insert((company.clone(), attribute(*property), local_day(*at, zone)), told);
            }
        }
    }
    for survey in crm.surveys.iter().filter(|survey| survey.at < now) {
        let firm = crm.firms.iter().find(|firm| Some(firm.number) == survey.firm && firm.is_there(now));
        if let Some(firm) = firm {
            let company = (names.company)(firm.number);
            rows.insert((company, "nps", local_day(survey.at, zone)), survey.score.to_string());
        }
    }
    let mut csv = String::from("company,attribute,day,value\n");
    let mut before: Option<(&String, &str, &String)> = None;
    for ((company, attribute, day), value) in &rows {
        let same = before.is_some_and(|(of, name, held)| of == company && name == *attribute && held == value);
        if !same {
            let _ = writeln!(csv, "{company},{attribute},{day},{value}");
        }
        before = Some((company, attribute, value));
    }
    csv
}

fn attribute(property: Property) -> &'static str {
    match property {
        Property::Owner => "owner",
        Property::Segment => "segment",
        Property::Stage => "stage",
        Property::Country => "country",
        Property::Seats => "seats_in_use",
        Property::Health => "health",
    }
}

/// `company,customer`: whose customers in billing are whose. A customer who never got one in the CRM has no row. Where
/// there are two billing systems, `company,customer,system`.
pub fn links_csv(company: &Company, crm: &Crm, names: &Names<'_>) -> String {
    let links = crm.firms.iter().flat_map(|firm| firm.accounts.iter().map(move |account| (firm, *account)));
    let links = links.flat_map(|(firm, account)| company.customers_of(account).into_iter().map(move |of| (firm, of)));
    let (mut rows, mut in_two) = (String::new(), false);
    for (firm, customer) in links {
        let _ = write!(rows, "{},{}", (names.company)(firm.number), (names.customer)(customer.number));
        if let Some(system) = customer.system {
            let _ = write!(rows, ",{}", (names.system)(system));
            in_two = true;
        }
        rows.push('\n');
    }
    let header = if in_two { "company,customer,system" } else { "company,customer" };
    format!("{header}\n{rows}")
}

/// `account,day,currency,arr,gross_arr` as of billing, by the deals instead: what each company had signed for, on each
/// local day on which that changes.
pub fn contracts_csv(crm: &Crm, names: &Names<'_>, now: Moment, zone: Tz) -> String {
    let mut changes: BTreeMap<(String, Currency), BTreeMap<NaiveDate, i128>> = BTreeMap::new();
    for deal in crm.deals.iter().filter(|deal| deal.created() < now) {
        let Some(firm) = deal.firm else { continue };
        let of = changes.entry(((names.company)(firm), deal.currency)).or_default();
        for line in &deal.lines {
            for (from, until, rate) in in_force(deal, line, zone) {
                *of.entry(from).or_default() += rate;
                if let Some(until) = until {
                    *of.entry(until).or_default() -= rate;
                }
            }
        }
    }
    let mut rows: BTreeMap<(String, NaiveDate, Currency), Rate> = BTreeMap::new();
    for ((company, currency), days) in changes {
        let mut sum = 0;
        for (day, change) in days.into_iter().filter(|(_, change)| *change != 0) {
            sum += change;
            rows.insert((company.clone(), day, currency), Rate(sum));
        }
    }
    let mut csv = String::from("account,day,currency,arr,gross_arr\n");
    for ((company, day, currency), rate) in rows {
        let _ = writeln!(csv, "{company},{day},{},{rate},{rate}", currency.code());
    }
    csv
}

/// The days on which a line is in force, with its annual rate in millionths.
///
/// A deal that is signed for the first time counts from when its lines say, also when that is before the signing; one
/// that was reopened and signed again counts from then. It counts until its term is over, or until it is lost,
/// reopened or put away.
fn in_force(deal: &Deal, line: &LineItem, zone: Tz) -> Vec<(NaiveDate, Option<NaiveDate>, i128)> {
    let Some(frequency) = line.frequency else { return Vec::new() };
    let mut found = Vec::new();
    for (index, (won, lost)) in deal.won().into_iter().enumerate() {
        let signed = local_day(won, zone);
        let start = match line.start {
            Start::AtClose => signed,
            Start::On(day) => day,
        };
        let over = line.term_months.and_then(|months| start.checked_add_months(Months::new(months)));
        let from = if index == 0 { start } else { start.max(signed) };
        let ends = [over, lost.map(|at| local_day(at, zone)), deal.archived.map(|at| local_day(at, zone))];
        let until = ends.into_iter().flatten().min();
        for (index, amendment) in line.amendments.iter().enumerate() {
            let begins = if index == 0 { from } else { from.max(local_day(amendment.at, zone)) };
            let next = line.amendments.get(index + 1).map(|next| local_day(next.at, zone));
            let ends = until.into_iter().chain(next).min();
            let (billings, years) = frequency.billings();
            let amount = Rate::of_minor(amendment.terms.amount().into(), deal.currency).0;
            let rate = divide_half_even(amount * billings, years);
            if ends.is_none_or(|ends| begins < ends) {
                found.push((begins, ends, rate));
            }
        }
    }
    found
}
