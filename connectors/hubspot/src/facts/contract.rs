//! A deal: its recurring lines are charges for as long as it is won.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use mrr_connector_sdk::RawRecord;
use mrr_connector_sdk::json::{Object, Unreadable};
use revenue::fact::{AccountFacts, Charge, Doubt, Evidence, Problem};
use revenue::money::Currency;

use super::book::Book;
use super::{Rules, told};
use crate::model::{Associations, Line, Problems, Seen, Terms, Track, Window, instant, moment, property};

type At = DateTime<Utc>;

/// A line that is entered so soon after the deal was won is one that was signed.
const ENTERED: TimeDelta = TimeDelta::days(1);

/// A time in which a deal was won.
struct Won {
    from: At,
    until: Option<At>,
    /// Whether it had been won before and was reopened.
    again: bool,
}

/// A deal while it is made charges of.
struct Contract<'a> {
    record: &'a RawRecord,
    won: Vec<Won>,
    closes: Track,
    /// The day of the deal is all that dates it.
    undated: bool,
    gone: Option<At>,
    currency: Option<Currency>,
    rules: &'a Rules,
}

/// By deals that were merged into others, the lines that those have now: they are counted there.
pub(super) type Absorbed = BTreeMap<String, BTreeSet<String>>;

/// Finds them: a deal lists the ids of those that were merged into it.
pub(super) fn absorbed(deals: &[&RawRecord]) -> Absorbed {
    let mut found = Absorbed::new();
    for deal in deals {
        let Some(fields) = deal.newest().and_then(|newest| Object::of(&newest.payload).ok()) else { continue };
        let Ok(Some(ids)) = property(&fields, "hs_merged_object_ids") else { continue };
        let has: BTreeSet<String> = lines(&[Seen { at: DateTime::UNIX_EPOCH, fields }]).into_keys().collect();
        for id in ids.split([';', ',']).map(str::trim).filter(|id| !id.is_empty()) {
            found.entry(id.to_owned()).or_default().extend(has.iter().cloned());
        }
    }
    found
}

/// Adds the charges of a deal.
pub(super) fn add(record: &RawRecord, absorbed: &Absorbed, book: &Book, rules: &Rules, facts: &mut AccountFacts) {
    let mut found = Vec::new();
    let mut problems = Problems::of("deals", &record.id, &mut facts.problems);
    let (versions, gone) = told(record, &mut problems);
    let Some(last) = versions.last() else { return };
    let consequence = "the deal is left out";
    let stages = problems.keep(Track::of(&versions, "dealstage", rules.history_length), consequence);
    let closes = problems.keep(Track::of(&versions, "closedate", rules.history_length), consequence);
    let (Some(stages), Some(closes)) = (stages, closes) else { return };
    let made = last.fields.get("createdAt").and_then(|at| instant(&at).ok()).unwrap_or(last.at);
    let won = won(&stages, &closes, made, book, &mut problems);
    if won.is_empty() {
        return;
    }
    let Some(currency) = problems.keep(currency(&last.fields), consequence) else { return };
    let undated = !stages.is_dated();
    let contract = Contract { record, won, closes, undated, gone, currency, rules };
    let mut lines = lines(&versions);
    if let Some(elsewhere) = absorbed.get(&record.id) {
        lines.retain(|id, _| !elsewhere.contains(id));
    } else if lines.is_empty() {
        let message = "are none, so that nothing recurring is known of it: add what is sold as line items with a billing frequency";
        problems.say("associations.line items", message.into());
    }
    for (id, (versions, removed)) in &lines {
        // An object of its own, but a part of its deal: the path says which.
        let within = |error: Unreadable| Unreadable { path: format!("line_items/{id} {}", error.path), ..error };
        let line = Line::of(id, versions, rules.history_length).map_err(within);
        let Some(line) = problems.keep(line, "the line is left out") else { continue };
        for won in &contract.won {
            let charges = contract.charges(&line, won, *removed, book).map_err(within);
            found.extend(problems.keep(charges, "the line is left out").unwrap_or_default());
        }
    }
    for (_, until) in stages.holes.iter().filter(|_| !found.is_empty()) {
        let day = rules.zone.date_of(*until);
        let message = format!(
            "is not known for all of the time before {day}: HubSpot keeps the newest changes only; the deal is taken not to have been won then"
        );
        facts.problems.push(Problem {
            stream: "deals".into(),
            record: record.id.clone(),
            field: "dealstage".into(),
            message,
        });
    }
    if contract.undated && !found.is_empty() {
        facts.doubts.push(contract.doubt());
    }
    facts.charges.extend(found);
}

/// The times in which the deal was won. Without a history it was since the day that it was closed.
fn won(stages: &Track, closes: &Track, made: At, book: &Book, problems: &mut Problems<'_>) -> Vec<Won> {
    let mut found: Vec<Won> = Vec::new();
    for (from, until, stage) in stages.spans() {
        match book.is_won(&stage) {
            Some(true) => {
                let closed = || closes.at(until.unwrap_or(DateTime::<Utc>::MAX_UTC)).and_then(moment);
                let from = from.or_else(closed).unwrap_or(made);
                match found.last_mut().filter(|before| before.until == Some(from)) {
                    // From one won stage to another nothing ends.
                    Some(before) => before.until = until,
                    None => found.push(Won { from, until, again: !found.is_empty() }),
                }
            }
            Some(false) => {}
            None => problems.say(
                "dealstage",
                format!("was `{stage}`, which is a stage of no pipeline; the deal is taken not to have been won then"),
            ),
        }
    }
    found
}

fn currency(deal: &Object<'_>) -> Result<Option<Currency>, Unreadable> {
    let name = "deal_currency_code";
    let code = property(deal, name)?;
    let wrong = |error| Unreadable { path: name.to_owned(), message: format!("{error}") };
    code.map(|code| code.parse().map_err(wrong)).transpose()
}

/// By id, the versions of each line, and since when the deal no longer has it.
fn lines<'a>(versions: &[Seen<'a>]) -> BTreeMap<String, (Vec<Seen<'a>>, Option<At>)> {
    let mut found: BTreeMap<String, (Vec<Seen<'a>>, Option<At>)> = BTreeMap::new();
    for version in versions {
        let mut there = BTreeSet::new();
        let all = version.fields.get("associations").and_then(|all| all.object().ok());
        let lists = all.iter().flat_map(|all| all.entries()).filter(|(name, _)| Associations::are_lines(name));
        let results = lists.filter_map(|(_, list)| list.object().ok()?.get("results")?.list().ok()).flatten();
        for line in results.collect::<Vec<_>>() {
            let Ok(fields) = Object::of(line.text()) else { continue };
            let Some(id) = fields.get("id").and_then(|id| id.string().ok()) else { continue };
            // One that is only named could not be read by its id: it is gone.
            if fields.get("properties").is_none() {
                continue;
            }
            there.insert(id.clone());
            let (versions, removed) = found.entry(id).or_default();
            versions.push(Seen { at: version.at, fields });
            *removed = None;
        }
        let archived = version.fields.get("archived").is_some_and(|archived| archived.boolean() == Ok(true));
        for (id, (_, removed)) in found.iter_mut().filter(|_| !archived) {
            if !there.contains(id) {
                *removed = removed.or(Some(version.at));
            }
        }
    }
    found
}

impl Contract<'_> {
    /// What a line comes to while the deal is won.
    fn charges(&self, line: &Line, won: &Won, removed: Option<At>, book: &Book) -> Result<Vec<Charge>, Unreadable> {
        // What was corrected while the deal stayed won counts as if it had been so from the first.
        let latest = won.until.map_or(DateTime::<Utc>::MAX_UTC, |until| until - TimeDelta::milliseconds(1));
        let closed = self.closes.at(latest).and_then(moment).unwrap_or(won.from);
        // What it cost when the deal was signed, and what became of that.
        let signed = won.from.max(line.created);
        let first = line.terms(signed)?;
        let changes = line.changes().into_iter().filter(|change| signed < *change && *change <= latest);
        let changes: Vec<(At, Option<Terms>)> =
            changes.map(|change| Ok((change, line.terms(change)?))).collect::<Result<_, _>>()?;
        if first.is_none() && changes.iter().all(|(_, terms)| terms.is_none()) {
            return Ok(Vec::new());
        }
        let Window { from, dated, until } = line.window(latest, closed, self.rules.zone)?;
        let mut from = if won.again { from.max(won.from) } else { from };
        // A line that was added later begins then, unless its own day says otherwise. An import enters
        // a deal that is won, with an old day, and its lines a moment after it.
        if !dated && line.created > won.from + ENTERED {
            from = from.max(line.created);
        }
        let until = [until, won.until, self.gone, removed].into_iter().flatten().min();
        let currency = self.currency(line, latest, book)?;
        // What was changed before the line began is what it began with.
        let early = changes.iter().rfind(|(change, _)| *change <= from).map(|(_, terms)| terms.clone());
        let mut pieces = vec![(from, early.unwrap_or(first))];
        pieces.extend(changes.into_iter().filter(|(change, _)| *change > from));
        pieces.dedup_by(|next, held| next.1 == held.1);
        let mut found = Vec::new();
        for (index, (begin, terms)) in pieces.iter().enumerate() {
            let next = pieces.get(index + 1).map(|(next, _)| *next);
            let end = until.into_iter().chain(next).min();
            let Some(terms) = terms.as_ref().filter(|_| end.is_none_or(|end| *begin < end)) else { continue };
            self.graded(line, terms, currency, (*begin, end), &mut found);
        }
        Ok(found)
    }

    fn currency(&self, line: &Line, at: At, book: &Book) -> Result<Currency, Unreadable> {
        let wrong = |message: String| Unreadable { path: "hs_line_item_currency_code".into(), message };
        let own = line.currency(at).map(|code| code.parse().map_err(|error| wrong(format!("{error}")))).transpose()?;
        self.currency.or(own).or(book.currency).ok_or_else(|| {
            wrong("is missing, as are the deal's and the account's: set the currency of the deal in HubSpot".into())
        })
    }

    /// Up to when the deal was first read its history tells, then it was seen.
    fn graded(&self, line: &Line, terms: &Terms, currency: Currency, span: (At, Option<At>), into: &mut Vec<Charge>) {
        let before = if self.undated { Evidence::Projected } else { Evidence::History };
        let seen = self.record.first_seen().unwrap_or(span.0);
        let parts = [(span.0, Some(seen), before), (span.0.max(seen), None, Evidence::Observed)];
        for (from, until, evidence) in parts {
            let until = until.into_iter().chain(span.1).min();
            if until.is_some_and(|until| until <= from) {
                continue;
            }
            into.push(Charge {
                contract: self.record.id.clone(),
                item: line.id.clone(),
                usage: false,
                plan: terms.plan.clone(),
                currency,
                amount: terms.amount,
                quantity: terms.quantity,
                interval: terms.interval,
                from,
                until,
                evidence,
                origin: vec![format!("deals/{}", self.record.id)],
            });
        }
    }

    fn doubt(&self) -> Doubt {
        let from = self.won.first().map(|won| won.from).unwrap_or_default();
        Doubt {
            contract: self.record.id.clone(),
            from,
            until: self.record.first_seen(),
            reason: "no history says since when the deal is won; it is taken to be so since the day it was closed"
                .into(),
            origin: vec![format!("deals/{}", self.record.id)],
        }
    }
}
