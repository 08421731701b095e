//! All records as they are at one virtual now.

use std::collections::BTreeMap;

use super::ids::Ids;
use super::note::noted_of_billing;
use super::object::{History, Kind, Object};
use super::stamp::Stamp;
use crate::stripe;
use crate::world::Company;
use crate::world::clock::Moment;
use crate::world::crm::{Crm, Deal, Firm, Frequency, LineItem, Property, Stage, Start, Survey};
use crate::world::money::{Currency, Minor};

/// The records, by kind and id.
pub struct Shelf {
    pub now: Moment,
    objects: BTreeMap<Kind, BTreeMap<u64, Object>>,
    /// Those that were merged into others, by their ids.
    pub merged: BTreeMap<u64, u64>,
}

impl Shelf {
    /// What has happened before `now`.
    pub fn new(company: &Company, crm: &Crm, now: Moment) -> Self {
        let mut shelf = Self { now, objects: BTreeMap::new(), merged: BTreeMap::new() };
        let customers = stripe::Ids::of(company);
        let mut absorbed: BTreeMap<u32, History> = BTreeMap::new();
        for firm in &crm.firms {
            if let Some((at, into)) = firm.merged.filter(|(at, _)| *at < now) {
                shelf.merged.insert(Ids.company(firm.number), Ids.company(into));
                let list = absorbed.entry(into).or_default();
                let before = list.last().map(|(_, ids)| format!("{ids};")).unwrap_or_default();
                list.push((Stamp::of(at), format!("{before}{}", Ids.company(firm.number))));
            }
        }
        for firm in crm.firms.iter().filter(|firm| firm.created < now && firm.merged.is_none_or(|(at, _)| at >= now)) {
            let mut object = of_firm(firm, now);
            if let Some(list) = absorbed.remove(&firm.number) {
                object.properties.insert("hs_merged_object_ids", list);
            }
            for (property, since, customer) in noted_of_billing(company, firm) {
                let noted = (since.unwrap_or(firm.created), customers.customer(customer));
                object.properties.insert(property, before(now, std::iter::once(noted)));
            }
            shelf.put(Kind::Company, object);
        }
        for deal in crm.deals.iter().filter(|deal| deal.created() < now) {
            shelf.put_deal(deal);
        }
        for survey in crm.surveys.iter().filter(|survey| survey.at < now) {
            let object = of_survey(survey);
            shelf.put(Kind::Feedback, object);
        }
        shelf
    }

    fn put(&mut self, kind: Kind, object: Object) {
        self.objects.entry(kind).or_default().insert(object.id, object);
    }

    fn put_deal(&mut self, deal: &Deal) {
        let mut object = of_deal(deal, self.now);
        for (number, line) in deal.lines.iter().enumerate() {
            let mut item = of_line(deal, line, Ids.line(deal.of, deal.number, number), self.now);
            item.associations.insert(Kind::Deal, vec![object.id]);
            item.archived = object.archived;
            object.associations.entry(Kind::LineItem).or_default().push(item.id);
            self.put(Kind::LineItem, item);
        }
        self.put(Kind::Deal, object);
    }

    /// The records of a kind, by id.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Object> {
        self.objects.get(&kind).into_iter().flat_map(BTreeMap::values)
    }

    /// One, also when it is put away.
    pub fn get(&self, kind: Kind, id: u64) -> Option<&Object> {
        self.objects.get(&kind)?.get(&id)
    }
}

fn before(now: Moment, steps: impl Iterator<Item = (Moment, String)>) -> History {
    steps.filter(|(at, _)| *at < now).map(|(at, value)| (Stamp::of(at), value)).collect()
}

fn of_firm(firm: &Firm, now: Moment) -> Object {
    let mut object = Object::new(Ids.company(firm.number), Stamp::of(firm.created));
    object.fix("name", &firm.name);
    if let Some(main) = firm.domains.first() {
        object.fix("domain", main);
    }
    if firm.domains.len() > 1 {
        object.fix("hs_additional_domains", &firm.domains[1..].join(";"));
    }
    for (property, track) in &firm.tracks {
        let spell = |value: &Option<String>| match (property, value) {
            (Property::Owner, Some(member)) => member.parse().map(|n| Ids.owner(n).to_string()).unwrap_or_default(),
            (_, value) => value.clone().unwrap_or_default(),
        };
        let name = match property {
            Property::Owner => "hubspot_owner_id",
            Property::Segment => "customer_tier",
            Property::Stage => "lifecyclestage",
            Property::Country => "country",
            Property::Seats => "active_users",
            Property::Health => "customer_health",
        };
        let history = before(now, track.steps().iter().map(|(at, value)| (*at, spell(value))));
        if !history.is_empty() {
            object.properties.insert(name, history);
        }
    }
    object.archived = firm.archived.filter(|at| *at < now).map(Stamp::of);
    object
}

fn of_deal(deal: &Deal, now: Moment) -> Object {
    let mut object = Object::new(Ids.deal(deal.of, deal.number), Stamp::of(deal.created()));
    object.fix("dealname", &deal.name);
    object.fix("pipeline", "default");
    object.fix("dealtype", if deal.renewal { "existingbusiness" } else { "newbusiness" });
    object.fix("deal_currency_code", deal.currency.code());
    let stage = |stage: Stage| match stage {
        Stage::Appointment => "appointmentscheduled",
        Stage::ContractSent => "contractsent",
        Stage::Won => "closedwon",
        Stage::Lost => "closedlost",
    };
    let stages = deal.stages.iter().map(|(at, of)| (*at, stage(*of).to_owned()));
    object.properties.insert("dealstage", before(now, stages));
    // It is set to the present whenever a deal is won or lost.
    let closes = deal.stages.iter().filter(|(_, of)| matches!(of, Stage::Won | Stage::Lost));
    let closes = closes.map(|(at, _)| (*at, Stamp::of(*at).iso()));
    let planned = (deal.created(), Stamp::of(deal.close).iso());
    object.properties.insert("closedate", before(now, std::iter::once(planned).chain(closes)));
    let worked_out: Minor = deal.lines.iter().map(|line| line.amendments[0].terms.amount()).sum();
    object.calculated.insert("amount", decimal(worked_out, deal.currency));
    object.archived = deal.archived.filter(|at| *at < now).map(Stamp::of);
    if let Some(firm) = deal.firm {
        object.associations.insert(Kind::Company, vec![Ids.company(firm)]);
    }
    object
}

fn of_line(deal: &Deal, line: &LineItem, id: u64, now: Moment) -> Object {
    let mut object = Object::new(id, Stamp::of(deal.created()));
    object.fix("name", &line.name);
    object.fix("hs_line_item_currency_code", deal.currency.code());
    let frequency = line.frequency.map(|frequency| match frequency {
        Frequency::Weekly => "weekly",
        Frequency::Monthly => "monthly",
        Frequency::Quarterly => "quarterly",
        Frequency::Annually => "annually",
        Frequency::TwoYearly => "per_two_years",
    });
    object.fix("recurringbillingfrequency", frequency.unwrap_or_default());
    if let Some(months) = line.term_months {
        object.fix("hs_recurring_billing_period", &format!("P{months}M"));
    }
    if let Start::On(day) = line.start {
        object.fix("hs_recurring_billing_start_date", &day.to_string());
    }
    let mut note = |name: &'static str, of: &dyn Fn(usize) -> String| {
        let steps = line.amendments.iter().enumerate().map(|(index, amendment)| (amendment.at, of(index)));
        let mut history = before(now, steps);
        history.dedup_by(|next, held| next.1 == held.1);
        object.properties.insert(name, history);
    };
    let terms = |index: usize| line.amendments[index].terms;
    note("quantity", &|index| terms(index).quantity.to_string());
    note("price", &|index| decimal(terms(index).unit, deal.currency));
    note("hs_discount_percentage", &|index| match terms(index).percent {
        0 => String::new(),
        percent => percent.to_string(),
    });
    note("amount", &|index| decimal(terms(index).amount(), deal.currency));
    object
}

fn of_survey(survey: &Survey) -> Object {
    let at = Stamp::of(survey.at);
    let mut object = Object::new(Ids.survey(survey.asked, survey.number), at);
    object.fix("hs_survey_type", "NPS");
    object.fix("hs_survey_name", "NPS");
    object.fix("hs_value", &survey.score.to_string());
    object.fix("hs_submission_timestamp", &at.iso());
    let group = match survey.score {
        9.. => "PROMOTER",
        7..9 => "PASSIVE",
        _ => "DETRACTOR",
    };
    object.fix("hs_response_group", group);
    if let Some(firm) = survey.firm {
        object.associations.insert(Kind::Company, vec![Ids.company(firm)]);
    }
    object
}

/// Minor units as a decimal of the major one.
fn decimal(amount: Minor, currency: Currency) -> String {
    let digits = currency.exponent();
    if digits == 0 {
        return amount.to_string();
    }
    let unit = 10_i64.pow(digits);
    format!("{}.{:0width$}", amount / unit, amount % unit, width = digits as usize)
}
