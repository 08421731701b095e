//! A line of a deal: what is billed how often, and from when until when.

use chrono::{DateTime, Days, Months, NaiveDate, Utc};
use mrr_connector_sdk::json::Unreadable;
use revenue::calendar::{Interval, IntervalUnit, Zone};
use rust_decimal::Decimal;

use super::term::Term;
use super::value::{decimal, moment};
use super::{Seen, Track};

type At = DateTime<Utc>;

/// A line with its past.
pub(crate) struct Line {
    pub(crate) id: String,
    /// When it was entered.
    pub(crate) created: At,
    properties: Vec<(&'static str, Track)>,
}

/// What a line costs at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) plan: String,
    pub(crate) amount: Decimal,
    pub(crate) quantity: Decimal,
    pub(crate) interval: Interval,
}

/// From when until when a line is agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) from: At,
    /// Whether a day of its own says so, and not the day of the deal.
    pub(crate) dated: bool,
    pub(crate) until: Option<At>,
}

const PRICED: [&str; 6] =
    ["quantity", "price", "discount", "hs_discount_percentage", "amount", "recurringbillingfrequency"];

const DATED: [&str; 6] = [
    "name",
    "hs_recurring_billing_period",
    "hs_recurring_billing_start_date",
    "hs_billing_start_delay_days",
    "hs_billing_start_delay_months",
    "hs_line_item_currency_code",
];

impl Line {
    /// Takes the versions of a line, oldest first.
    pub(crate) fn of(id: &str, versions: &[Seen<'_>], most: usize) -> Result<Self, Unreadable> {
        let properties = PRICED.into_iter().chain(DATED).map(|name| Ok((name, Track::of(versions, name, most)?)));
        let first = versions.first();
        let created = first.and_then(|seen| super::instant(&seen.fields.get("createdAt")?).ok());
        let created = created.or(first.map(|seen| seen.at)).unwrap_or_default();
        Ok(Self { id: id.to_owned(), created, properties: properties.collect::<Result<_, _>>()? })
    }

    fn at(&self, name: &str, at: At) -> Option<&str> {
        self.properties.iter().find(|(known, _)| *known == name)?.1.at_or_first(at)
    }

    fn number(&self, name: &str, at: At) -> Result<Option<Decimal>, Unreadable> {
        self.at(name, at).map(|text| decimal(name, text)).transpose()
    }

    /// When what it costs may have changed.
    pub(crate) fn changes(&self) -> Vec<At> {
        let priced = self.properties.iter().filter(|(name, _)| PRICED.contains(name));
        let mut all: Vec<At> = priced.flat_map(|(_, track)| track.changes()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The code of its currency.
    pub(crate) fn currency(&self, at: At) -> Option<&str> {
        self.at("hs_line_item_currency_code", at)
    }

    /// What it costs at an instant; `None` when it is billed once.
    pub(crate) fn terms(&self, at: At) -> Result<Option<Terms>, Unreadable> {
        let Some(frequency) = self.at("recurringbillingfrequency", at) else { return Ok(None) };
        let interval = interval(frequency).ok_or_else(|| Unreadable {
            path: "recurringbillingfrequency".into(),
            message: format!("is `{frequency}`, which is no billing frequency that is known: choose one of HubSpot's own in the line item"),
        })?;
        let quantity = self.number("quantity", at)?.unwrap_or(Decimal::ONE);
        let plan = self.at("name", at).unwrap_or(&self.id).to_owned();
        Ok(Some(Terms { plan, amount: self.amount(quantity, at)?, quantity, interval }))
    }

    /// What one billing costs, after the line's own discount: as HubSpot has it, else worked out.
    fn amount(&self, quantity: Decimal, at: At) -> Result<Decimal, Unreadable> {
        if let Some(amount) = self.number("amount", at)? {
            return Ok(amount);
        }
        let missing = |message: &str| Unreadable { path: "amount".into(), message: message.to_owned() };
        let price = self.number("price", at)?;
        let price =
            price.ok_or_else(|| missing("is missing, and so is the price: write a price into the line item"))?;
        let percent = self.number("hs_discount_percentage", at)?.unwrap_or_default();
        let each = self.number("discount", at)?.unwrap_or_default();
        let kept = Decimal::ONE_HUNDRED.checked_sub(percent);
        let amount = kept
            .and_then(|kept| price.checked_mul(kept))
            .and_then(|of| of.checked_div(Decimal::ONE_HUNDRED))
            // HubSpot takes one kind of discount only.
            .and_then(|unit| if percent.is_zero() { price.checked_sub(each) } else { Some(unit) })
            .and_then(|unit| unit.checked_mul(quantity));
        amount.map(|amount| amount.normalize()).ok_or_else(|| missing("is too large to be kept"))
    }

    /// From when until when it is agreed, as it is told at an instant, in a deal that is closed at
    /// another.
    pub(crate) fn window(&self, at: At, closed: At, zone: Zone) -> Result<Window, Unreadable> {
        let start = "hs_recurring_billing_start_date";
        let wrong = |name: &str, message: &str| Unreadable { path: name.to_owned(), message: message.to_owned() };
        let dated = self.at(start, at);
        let (day, from) = match dated {
            Some(text) => {
                let day = day(text, zone).ok_or_else(|| wrong(start, "is no date: correct it in the line item"))?;
                (day, None)
            }
            None => match self.delayed(at, zone.date_of(closed))? {
                Some(day) => (day, None),
                None => (zone.date_of(closed), Some(closed)),
            },
        };
        let far = || wrong(start, "is beyond the calendar: correct it in the line item");
        let from = from.or_else(|| zone.begin_of(day)).ok_or_else(far)?;
        let period = "hs_recurring_billing_period";
        let until = match self.at(period, at) {
            None => None,
            Some(text) => {
                let term = Term::of(text)
                    .ok_or_else(|| wrong(period, "is no term such as P12M: correct it in the line item"))?;
                Some(term.end(day).and_then(|end| zone.begin_of(end)).ok_or_else(far)?)
            }
        };
        Ok(Window { from, dated: dated.is_some(), until })
    }

    /// When billing begins some time after the deal was closed.
    fn delayed(&self, at: At, closed: NaiveDate) -> Result<Option<NaiveDate>, Unreadable> {
        let count = |name: &str| -> Result<u32, Unreadable> {
            let number = self.number(name, at)?.unwrap_or_default();
            u32::try_from(number)
                .map_err(|_| Unreadable { path: name.to_owned(), message: "is no count of days or months".into() })
        };
        let (days, months) = (count("hs_billing_start_delay_days")?, count("hs_billing_start_delay_months")?);
        if days == 0 && months == 0 {
            return Ok(None);
        }
        Ok(closed.checked_add_months(Months::new(months)).and_then(|day| day.checked_add_days(Days::new(days.into()))))
    }
}

/// A date, wherever one is; where HubSpot has an instant instead, it is midnight in UTC.
fn day(text: &str, zone: Zone) -> Option<NaiveDate> {
    if let Ok(day) = text.parse() {
        return Some(day);
    }
    let at = moment(text)?;
    let midnight = at.time() == chrono::NaiveTime::MIN;
    Some(if midnight { at.date_naive() } else { zone.date_of(at) })
}

fn interval(frequency: &str) -> Option<Interval> {
    let (unit, count) = match frequency {
        "weekly" => (IntervalUnit::Week, 1),
        "biweekly" => (IntervalUnit::Week, 2),
        "monthly" => (IntervalUnit::Month, 1),
        "quarterly" => (IntervalUnit::Month, 3),
        "per_six_months" => (IntervalUnit::Month, 6),
        "annually" => (IntervalUnit::Year, 1),
        "per_two_years" => (IntervalUnit::Year, 2),
        "per_three_years" => (IntervalUnit::Year, 3),
        "per_four_years" => (IntervalUnit::Year, 4),
        "per_five_years" => (IntervalUnit::Year, 5),
        _ => return None,
    };
    Interval::new(unit, count).ok()
}
