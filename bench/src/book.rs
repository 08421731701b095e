//! A company's records as Stripe would list them: newest first, the same on every machine.
//!
//! Each list is one long text with a comma behind each record, so that any page of it is a slice.

use std::collections::HashMap;

use crate::template::{Template, id, noise};

/// The company's present: 2026-01-01.
pub const NOW: i64 = 1_767_225_600;
const DAY: i64 = 86_400;
const PLANS: u64 = 5;

/// All lists that hold something.
pub struct Book {
    lists: Vec<(&'static str, List)>,
}

/// One list.
#[derive(Default)]
pub struct List {
    text: Vec<u8>,
    /// Where each record begins, and one more.
    starts: Vec<usize>,
    created: Vec<i64>,
    ids: Vec<String>,
    places: HashMap<String, usize>,
}

impl Book {
    /// A book of so many customers, half as many more subscriptions and ten times as many invoices.
    /// One invoice comes to `odd`, if that is given.
    pub fn new(customers: u32, odd: Option<String>) -> Self {
        let customers = u64::from(customers);
        let company = Company { customers, subscriptions: customers * 3 / 2, odd };
        let all = |count: u64, created: &dyn Fn(u64) -> i64| {
            let mut order: Vec<(i64, u64)> = (0..count).map(|number| (created(number), number)).collect();
            order.sort_unstable_by(|a, b| b.cmp(a));
            order
        };
        let customers = all(company.customers, &|number| company.joined(number));
        let subscriptions = all(company.subscriptions, &|number| company.began(number));
        let invoices = all(company.customers * 10, &|number| company.billed(number));
        let plans = all(PLANS, &|_| 1_650_000_000);
        let lists = vec![
            ("products", company.list(include_str!("book/product.json"), "prod", &plans)),
            ("prices", company.list(include_str!("book/price.json"), "price", &plans)),
            ("customers", company.list(include_str!("book/customer.json"), "cus", &customers)),
            ("subscriptions", company.list(include_str!("book/subscription.json"), "sub", &subscriptions)),
            ("invoices", company.list(include_str!("book/invoice.json"), "in", &invoices)),
        ];
        Self { lists }
    }

    /// The list with this name, unless it is empty.
    pub fn list(&self, name: &str) -> Option<&List> {
        self.lists.iter().find(|(known, _)| *known == name).map(|(_, list)| list)
    }

    /// All records: id and JSON.
    pub fn records(&self) -> impl Iterator<Item = (&str, &str)> {
        self.lists.iter().flat_map(|(_, list)| (0..list.len()).map(|place| (list.id(place), list.record(place))))
    }
}

impl List {
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    pub fn id(&self, place: usize) -> &str {
        &self.ids[place]
    }

    /// Where the record with this id stands.
    pub fn place_of(&self, id: &str) -> Option<usize> {
        self.places.get(id).copied()
    }

    /// The first record that was created before `moment`.
    pub fn before(&self, moment: i64) -> usize {
        self.created.partition_point(|created| *created >= moment)
    }

    /// Some records, with commas between them.
    pub fn slice(&self, from: usize, until: usize) -> &[u8] {
        if from < until { &self.text[self.starts[from]..self.starts[until] - 1] } else { &[] }
    }

    fn record(&self, place: usize) -> &str {
        // Templates are text, and so is what fills them.
        std::str::from_utf8(self.slice(place, place + 1)).unwrap_or_default()
    }
}

/// When what happens, and to whom.
struct Company {
    customers: u64,
    subscriptions: u64,
    odd: Option<String>,
}

impl Company {
    fn joined(&self, customer: u64) -> i64 {
        // Spread over more than two years that end seven months ago.
        NOW - 210 * DAY - 1 - (customer.wrapping_mul(2_654_435_761) % (880 * DAY as u64)) as i64
    }

    fn began(&self, subscription: u64) -> i64 {
        let second = if subscription < self.customers { 0 } else { 20 * DAY };
        self.joined(subscription % self.customers) + 60 + second
    }

    fn billed(&self, invoice: u64) -> i64 {
        self.began(invoice % self.subscriptions) + (invoice / self.subscriptions) as i64 * 28 * DAY
    }

    fn total(&self, kind: &str, number: u64, total: u64) -> String {
        let odd = self.odd.as_ref().filter(|_| kind == "in" && number == 7);
        odd.cloned().unwrap_or_else(|| total.to_string())
    }

    fn list(&self, template: &'static str, kind: &str, order: &[(i64, u64)]) -> List {
        let template = Template::of(template);
        let mut list = List::default();
        for &(created, number) in order {
            list.starts.push(list.text.len());
            let subscription = if kind == "cus" { number } else { number % self.subscriptions };
            let customer = subscription % self.customers;
            let amount = 1_900 + subscription % PLANS * 1_000;
            let quantity = 1 + subscription % 7;
            let price = |plan| id("price", 1_650_000_000, plan);
            let own = match kind {
                "prod" => format!("prod_TeamPlan{number}"),
                "price" => price(number),
                kind => id(kind, created, number),
            };
            template.fill(&mut list.text, |gap| match gap {
                "id" => own.clone(),
                "created" => created.to_string(),
                "customer" => id("cus", self.joined(customer), customer),
                "subscription" => id("sub", self.began(subscription), subscription),
                "item" => id("si", self.began(subscription), subscription),
                "price" => price(subscription % PLANS),
                "number" => (subscription % PLANS).to_string(),
                "amount" => amount.to_string(),
                "quantity" => quantity.to_string(),
                "total" => self.total(kind, number, amount * quantity),
                "start" => (created + (NOW - created) / (28 * DAY) * 28 * DAY).to_string(),
                "end" if kind == "in" => (created + 28 * DAY).to_string(),
                "end" => (created + ((NOW - created) / (28 * DAY) + 1) * 28 * DAY).to_string(),
                "name" | "city" | "street" | "word" | "prefix" => noise(gap.len() as u64, customer, 9),
                "url" => noise(1, number, 110),
                _ => noise(2, number, 23),
            });
            list.text.push(b',');
            list.created.push(created);
            list.places.insert(own.clone(), list.ids.len());
            list.ids.push(own);
        }
        list.starts.push(list.text.len());
        list
    }
}
