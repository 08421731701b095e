//! A vendor that lives in this process. What it says can be changed between two syncs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use mrr_connector_sdk::json::Unreadable;
use mrr_connector_sdk::{
    Api, Auth, Budget, Check, Connector, Cursor, Delivery, Feed, Followed, Gap, Hint, Http, Mapper, Page, RawRecord,
    Record, Rejected, Retrieved, Secret, SourceError, Stream, StreamKind, VendorError, Webhook,
};
use revenue::fact::{Account, AccountFacts, Attribute, Charge, Doubt, Evidence, Identity, IdentityKind, Problem};
use serde_json::Value;

const STREAMS: &[Stream] = &[
    Stream { name: "prices", kind: StreamKind::Reference },
    Stream { name: "customers", kind: StreamKind::Account },
    Stream { name: "subscriptions", kind: StreamKind::Account },
];

/// What a stream does instead of answering.
#[derive(Debug, Clone)]
pub enum Trouble {
    /// The page with this number fails.
    Fails(usize, SourceError),
    /// The page with this number gives the cursor of the first one.
    Loops(usize),
    /// The page with this number panics.
    Panics(usize),
    /// The page with this number does not come until the trouble is over.
    Hangs(usize),
    /// The first cursor it is given is not understood.
    Forgets,
    /// No record can be read by its id.
    Keeps(SourceError),
}

#[derive(Default)]
struct State {
    streams: BTreeMap<&'static str, Vec<Record>>,
    unreadable: BTreeMap<&'static str, Vec<Problem>>,
    trouble: BTreeMap<&'static str, Trouble>,
    asked: Vec<String>,
    log: Vec<Hint>,
    gap: bool,
    clock: Option<DateTime<Utc>>,
}

/// The vendor.
#[derive(Clone)]
pub struct Fake {
    state: Arc<Mutex<State>>,
    page_size: usize,
    pub delay: std::time::Duration,
    /// Into how many parts a stream is divided after its first page.
    parts: usize,
    /// Whether it has a log of changes.
    logs: bool,
    /// Whether it takes no deliveries.
    pub deaf: bool,
    /// A stream that it can go without.
    pub spare: Option<&'static str>,
    /// Whether it says who the customers are.
    pub crm: bool,
    /// By which rules its mapper reads.
    pub rules: String,
    /// Whose mapper reads the records; its own, when there is none.
    pub reader: Option<Arc<dyn Connector>>,
}

/// The vendor's clock stands still unless it is set, so that a rebuild sees what the first sync saw.
pub fn vendor_clock() -> DateTime<Utc> {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

/// When every entry of the log was made: some time before anybody looks into it.
pub fn event_clock() -> DateTime<Utc> {
    "2025-12-31T23:00:00Z".parse().unwrap()
}

impl Fake {
    pub fn new() -> Self {
        Self {
            state: Arc::default(),
            page_size: 3,
            delay: std::time::Duration::ZERO,
            parts: 1,
            logs: false,
            deaf: false,
            spare: None,
            crm: false,
            rules: String::new(),
            reader: None,
        }
    }

    pub fn with_pages_of(page_size: usize) -> Self {
        Self { page_size, ..Self::new() }
    }

    /// A vendor with a log of changes.
    pub fn with_log(mut self) -> Self {
        self.logs = true;
        self
    }

    /// A vendor whose streams are divided into so many parts after their first page.
    pub fn in_parts(mut self, parts: usize) -> Self {
        self.parts = parts;
        self
    }

    /// Adds a record as it is; later records may have the same id.
    pub fn raw(&self, stream: &'static str, id: &str, account: Option<&str>, payload: &str) -> &Self {
        let record = Record { id: id.into(), account: account.map(Into::into), payload: payload.into() };
        self.state.lock().unwrap().streams.entry(stream).or_default().push(record);
        self
    }

    /// Puts a record in place of the one with the same id.
    pub fn set(&self, stream: &'static str, id: &str, account: Option<&str>, payload: &str) -> &Self {
        self.remove(stream, id);
        self.raw(stream, id, account, payload)
    }

    /// The first record of a stream says something else from now on.
    pub fn set_first(&self, stream: &'static str, payload: &str) -> &Self {
        self.state.lock().unwrap().streams.get_mut(stream).unwrap()[0].payload = payload.into();
        self
    }

    pub fn remove(&self, stream: &'static str, id: &str) -> &Self {
        self.state.lock().unwrap().streams.entry(stream).or_default().retain(|record| record.id != id);
        self
    }

    pub fn customer(&self, id: &str, name: &str) -> &Self {
        self.set("customers", id, Some(id), &format!(r#"{{"name":"{name}"}}"#))
    }

    pub fn price(&self, id: &str, amount: &str) -> &Self {
        self.set("prices", id, None, &format!(r#"{{"amount":"{amount}"}}"#))
    }

    /// A subscription at a price since a day.
    pub fn subscription(&self, id: &str, customer: &str, price: &str, from: &str) -> &Self {
        let payload = format!(r#"{{"price":"{price}","from":"{from}T00:00:00Z"}}"#);
        self.set("subscriptions", id, Some(customer), &payload)
    }

    /// From now on it is then.
    pub fn clock(&self, at: &str) -> &Self {
        self.state.lock().unwrap().clock = Some(at.parse().unwrap());
        self
    }

    pub fn unreadable(&self, stream: &'static str, problems: Vec<Problem>) -> &Self {
        self.state.lock().unwrap().unreadable.insert(stream, problems);
        self
    }

    pub fn trouble(&self, stream: &'static str, trouble: Option<Trouble>) -> &Self {
        let troubles = &mut self.state.lock().unwrap().trouble;
        match trouble {
            Some(trouble) => troubles.insert(stream, trouble),
            None => troubles.remove(stream),
        };
        self
    }

    /// Enters into the log that a record may have changed.
    pub fn event(&self, entry: &str, stream: &'static str, id: &str) -> &Self {
        let hint = Hint { stream, id: id.into(), entry: entry.into(), at: event_clock() };
        self.state.lock().unwrap().log.push(hint);
        self
    }

    /// The next look into the log finds that a part of it is gone.
    pub fn gap(&self) -> &Self {
        self.state.lock().unwrap().gap = true;
        self
    }

    /// Waits until a page or record was asked for, which is named as below.
    pub async fn until_asked(&self, what: &str) {
        while !self.state.lock().unwrap().asked.iter().any(|asked| asked == what) {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }

    /// Which pages were asked for since the last time, as `stream/cursor`, and which records, as
    /// `stream!id`.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().asked)
    }
}

#[async_trait]
impl Connector for Fake {
    fn api(&self) -> Api {
        Api {
            base_url: "http://127.0.0.1:1".into(),
            auth: Auth::Bearer(Secret::new("canary")),
            headers: Vec::new(),
            budget: Budget { requests_per_second: 1, concurrency: self.parts },
            paths: Vec::new(),
            quotas: &[],
            retry_hint: None,
            read_error: VendorError::generic,
        }
    }

    fn streams(&self) -> &'static [Stream] {
        STREAMS
    }

    fn lost_without(&self, stream: &Stream) -> Option<&'static str> {
        (self.spare == Some(stream.name)).then_some("nothing of value is known")
    }

    async fn check(&self, _: &Http) -> Result<Check, SourceError> {
        Ok(Check::default())
    }

    async fn fetch(&self, _: &Http, stream: &Stream, cursor: Option<&Cursor>) -> Result<Page, SourceError> {
        tokio::time::sleep(self.delay).await;
        // Pages up to which the cursor goes, if it is of a part.
        let (number, end) = cursor.map_or((0, None), |cursor| match cursor.0.split_once(':') {
            Some((number, end)) => (number.parse().unwrap(), Some(end.parse::<usize>().unwrap())),
            None => (cursor.0.parse().unwrap(), None),
        });
        self.state.lock().unwrap().asked.push(format!("{}/{number}", stream.name));
        self.hang(stream.name, number).await;
        let mut state = self.state.lock().unwrap();
        let mut next = number + 1;
        match state.trouble.get(stream.name) {
            Some(Trouble::Fails(at, error)) if *at == number => return Err(error.clone()),
            Some(Trouble::Loops(at)) if *at == number => next = 1,
            Some(Trouble::Panics(at)) if *at == number => {
                drop(state);
                panic!("canary");
            }
            Some(Trouble::Forgets) if cursor.is_some() => {
                state.trouble.remove(stream.name);
                return Err(SourceError::BadCursor { stream: stream.name.into(), detail: "another version".into() });
            }
            _ => {}
        }
        let none = Vec::new();
        let records = state.streams.get(stream.name).unwrap_or(&none);
        let from = (number * self.page_size).min(records.len());
        let until = (from + self.page_size).min(records.len());
        let problems =
            if number == 0 { state.unreadable.get(stream.name).cloned().unwrap_or_default() } else { vec![] };
        Ok(Page {
            records: records[from..until].to_vec(),
            at: state.clock.unwrap_or_else(vendor_clock),
            next: self.behind(next, end, records.len().div_ceil(self.page_size)),
            problems,
        })
    }

    fn feed(&self) -> Option<Feed> {
        self.logs.then_some(Feed { stream: "log", retention: TimeDelta::days(30) })
    }

    async fn follow(&self, _: &Http, cursor: Option<&Cursor>) -> Result<Followed, SourceError> {
        let from: usize = match cursor.map(|cursor| cursor.0.parse()) {
            None => 0,
            Some(Ok(from)) => from,
            Some(Err(_)) => {
                return Err(SourceError::BadCursor { stream: "log".into(), detail: "another version".into() });
            }
        };
        self.hang("log", from).await;
        let mut state = self.state.lock().unwrap();
        if let Some(Trouble::Fails(_, error)) = state.trouble.get("log") {
            return Err(error.clone());
        }
        let at = state.clock.unwrap_or_else(vendor_clock);
        // One entry a page, and the one before once more.
        let (from, until) = (from.saturating_sub(1), (from + 1).min(state.log.len()));
        let problems = state.unreadable.remove("log").unwrap_or_default();
        let page = Page { records: Vec::new(), at, next: vec![Cursor(until.to_string())], problems };
        let gap = std::mem::take(&mut state.gap).then_some(Gap { from: at - TimeDelta::days(9), until: at });
        Ok(Followed { page, hints: state.log[from..until].to_vec(), more: until < state.log.len(), gap })
    }

    async fn retrieve(&self, _: &Http, stream: &Stream, id: &str) -> Result<Retrieved, SourceError> {
        let mut state = self.state.lock().unwrap();
        state.asked.push(format!("{}!{id}", stream.name));
        if let Some(Trouble::Keeps(error)) = state.trouble.get(stream.name) {
            return Err(error.clone());
        }
        let records = state.streams.get(stream.name);
        let record = records.and_then(|records| records.iter().find(|record| record.id == id)).cloned();
        Ok(Retrieved { record, at: state.clock.unwrap_or_else(vendor_clock), problems: Vec::new() })
    }

    fn rules(&self) -> String {
        self.rules.clone()
    }

    fn keeps_customers(&self) -> bool {
        self.crm
    }

    fn webhook(&self) -> Option<&dyn Webhook> {
        (!self.deaf).then_some(self)
    }

    fn mapper(&self, references: &[RawRecord]) -> Box<dyn Mapper> {
        if let Some(reader) = &self.reader {
            return reader.mapper(references);
        }
        let amount = |record: &RawRecord| {
            let value: Value = serde_json::from_str(&record.newest().unwrap().payload).unwrap();
            (record.id.clone(), value["amount"].as_str().unwrap().to_owned())
        };
        Box::new(Reading { prices: references.iter().map(amount).collect() })
    }
}

impl Fake {
    async fn hang(&self, stream: &str, number: usize) {
        let hangs = |state: &State| matches!(state.trouble.get(stream), Some(Trouble::Hangs(at)) if *at == number);
        while hangs(&self.state.lock().unwrap()) {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }

    /// Where to go on with page `next` of so many: the first page divides the rest into parts.
    fn behind(&self, next: usize, end: Option<usize>, pages: usize) -> Vec<Cursor> {
        match end {
            Some(end) if next < end => vec![Cursor(format!("{next}:{end}"))],
            None if next < pages && self.parts > 1 => {
                let length = (pages - next).div_ceil(self.parts);
                let parts = (next..pages).step_by(length);
                parts.map(|from| Cursor(format!("{from}:{}", (from + length).min(pages)))).collect()
            }
            None if next < pages => vec![Cursor(next.to_string())],
            _ => Vec::new(),
        }
    }
}

/// Deliveries are `entry stream id`, signed with their length.
impl Webhook for Fake {
    fn verify(&self, header: &dyn Fn(&str) -> Option<String>, body: &[u8], _: DateTime<Utc>) -> Result<(), Rejected> {
        match header("signature") {
            None => Err(Rejected::Unsigned),
            Some(length) if length == body.len().to_string() => Ok(()),
            Some(_) => Err(Rejected::Forged),
        }
    }

    fn read(&self, body: &str) -> Result<Delivery, Unreadable> {
        let mut words = body.split(' ');
        let (Some(entry), Some("subscriptions"), Some(id)) = (words.next(), words.next(), words.next()) else {
            return Err(Unreadable { path: "body".into(), message: "is no delivery".into() });
        };
        let hint = Hint { stream: "subscriptions", id: id.into(), entry: entry.into(), at: event_clock() };
        Ok(Delivery { id: entry.into(), record: None, at: event_clock(), hints: vec![hint] })
    }
}

/// `{"domain": "acme.com", "email": "a@acme.com", "ids": {"crm": "1"}, "absorbed": ["2"]}`, each if it is there.
fn identities(customer: &Value) -> Vec<Identity> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut found = vec![
        Identity { kind: IdentityKind::Domain, value: text(&customer["domain"]) },
        Identity { kind: IdentityKind::Email, value: text(&customer["email"]) },
    ];
    for (system, id) in customer["ids"].as_object().into_iter().flatten() {
        found.push(Identity { kind: IdentityKind::Foreign { system: system.clone() }, value: text(id) });
    }
    for id in customer["absorbed"].as_array().into_iter().flatten() {
        found.push(Identity { kind: IdentityKind::Absorbed, value: text(id) });
    }
    found
}

struct Reading {
    prices: BTreeMap<String, String>,
}

impl Mapper for Reading {
    fn facts(&self, account: &str, records: &[RawRecord]) -> AccountFacts {
        let mut facts = AccountFacts::default();
        for record in records.iter().filter(|record| record.newest().is_some()) {
            let value: Value = serde_json::from_str(&record.newest().unwrap().payload).unwrap();
            let origin = format!("{}/{}", record.stream, record.id);
            if record.stream == "customers" {
                assert!(value["name"] != "panic", "canary");
                let name = value["name"].as_str().unwrap().to_owned();
                facts.account = Some(Account { id: account.into(), name });
                if let Some(country) = value["country"].as_str() {
                    facts.attributes.push(Attribute {
                        name: "country".into(),
                        value: country.into(),
                        from: None,
                        until: None,
                    });
                }
                facts.identities.extend(identities(&value));
                continue;
            }
            let price = value["price"].as_str().unwrap();
            let Some(amount) = self.prices.get(price) else {
                facts.problems.push(Problem {
                    stream: "prices".into(),
                    record: price.into(),
                    field: String::new(),
                    message: "the price is not known; its charges are left out".into(),
                });
                continue;
            };
            let from: DateTime<Utc> = value["from"].as_str().unwrap().parse().unwrap();
            if let Some(reason) = value["doubt"].as_str() {
                let (contract, reason, origin) = (record.id.clone(), reason.to_owned(), vec![origin.clone()]);
                facts.doubts.push(Doubt { contract, from, until: None, reason, origin });
            }
            facts.charges.push(Charge {
                contract: record.id.clone(),
                item: "item".into(),
                usage: false,
                plan: price.into(),
                currency: value["currency"].as_str().unwrap_or("EUR").parse().unwrap(),
                amount: amount.parse().unwrap(),
                quantity: 1.into(),
                interval: "1 month".parse().unwrap(),
                from,
                until: None,
                evidence: Evidence::Observed,
                origin: vec![origin],
            });
        }
        facts
    }
}
