//! Customers: who they are, nothing about what they buy.

use super::clock::{Horizon, Moment};
use super::money::Currency;
use crate::random::Random;

/// A company that may subscribe.
#[derive(Clone, Debug)]
pub struct Customer {
    /// Trade name.
    pub name: String,
    /// Where bills go.
    pub email: String,
    /// ISO 3166 code, upper case.
    pub country: &'static str,
    /// A city of the country.
    pub city: &'static str,
    /// The one currency that it is billed in.
    pub currency: Currency,
    /// When it signed up.
    pub created: Moment,
    /// What the CRM calls its company, where somebody has noted that in billing.
    pub crm_id: Option<String>,
}

impl Customer {
    /// Draws the customer with this number.
    pub fn draw(random: &mut Random, number: u32, horizon: Horizon) -> Self {
        let first = *random.one_of(&FIRST);
        let second = *random.one_of(&SECOND);
        let &(country, city, form, currency) = random.one_of(&PLACES);
        let name = format!("{first} {second} {form}");
        let email = format!("billing@{}-{}-{number}.example", first.to_lowercase(), second.to_lowercase());
        Self { name, email, country, city, currency, created: signed_up(random, horizon), crm_id: None }
    }
}

/// A company that grows: half of the customers come evenly over the span, half ever more often.
fn signed_up(random: &mut Random, horizon: Horizon) -> Moment {
    let span = horizon.seconds() as u64;
    let once = random.below(span);
    let again = random.below(span);
    let after = if random.per_mille(500) { once } else { once.max(again) };
    horizon.begin.plus_seconds(after as i64)
}

const FIRST: [&str; 24] = [
    "Nordwind", "Alder", "Bluebird", "Castor", "Delta", "Ember", "Fjord", "Granite", "Harbour", "Iris", "Juniper",
    "Kestrel", "Lumen", "Meridian", "Nimbus", "Orchard", "Pinnacle", "Quartz", "Ravel", "Sable", "Tundra", "Umber",
    "Vela", "Willow",
];

const SECOND: [&str; 16] = [
    "Logistics",
    "Software",
    "Foods",
    "Media",
    "Robotics",
    "Health",
    "Energy",
    "Travel",
    "Finance",
    "Textiles",
    "Design",
    "Analytics",
    "Learning",
    "Maritime",
    "Optics",
    "Works",
];

const PLACES: [(&str, &str, &str, Currency); 10] = [
    ("DE", "Berlin", "GmbH", Currency::Eur),
    ("DE", "Hamburg", "AG", Currency::Eur),
    ("AT", "Wien", "GmbH", Currency::Eur),
    ("FR", "Lyon", "SAS", Currency::Eur),
    ("NL", "Utrecht", "BV", Currency::Eur),
    ("US", "Portland", "Inc", Currency::Usd),
    ("US", "Austin", "LLC", Currency::Usd),
    ("CA", "Toronto", "Ltd", Currency::Usd),
    ("GB", "Leeds", "Ltd", Currency::Usd),
    ("AU", "Perth", "Pty", Currency::Usd),
];
