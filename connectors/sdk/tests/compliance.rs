//! The compliance check finds each broken law, so that a connector that passes it keeps them.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use chrono::DateTime;
use mrr_connector_sdk::{
    Api, Auth, Budget, Check, Connector, Cursor, Http, Limits, Mapper, Page, RawRecord, Record, Secret, SourceError,
    Stream, StreamKind, VendorError, compliance,
};
use revenue::fact::{Account, AccountFacts, Problem};

/// Which law the toy breaks.
#[derive(Clone, Copy, PartialEq)]
enum Flaw {
    None,
    RepeatsCursor,
    ForgetsWhenResumed,
    EmptyId,
    NoAccount,
    NoAccountAndSaysSo,
    AccountOnReference,
    PayloadOfAnother,
    NoJson,
    OrderDecides,
}

/// Three pages of two records each, and no vendor behind them.
struct Toy {
    flaw: Flaw,
    asked: Mutex<BTreeMap<(String, usize), u32>>,
}

struct ToyMapper(Flaw);

impl Mapper for ToyMapper {
    fn facts(&self, account: &str, records: &[RawRecord]) -> AccountFacts {
        let name = match self.0 {
            Flaw::OrderDecides => records.first().map(|record| record.id.clone()).unwrap_or_default(),
            _ => account.to_owned(),
        };
        AccountFacts { account: Some(Account { id: account.to_owned(), name }), ..AccountFacts::default() }
    }
}

#[async_trait]
impl Connector for Toy {
    fn api(&self) -> Api {
        Api {
            base_url: "http://127.0.0.1:1".into(),
            auth: Auth::Bearer(Secret::new("none")),
            headers: Vec::new(),
            budget: Budget { requests_per_second: 1, concurrency: 1 },
            paths: Vec::new(),
            quotas: &[],
            retry_hint: None,
            read_error: VendorError::generic,
        }
    }

    fn streams(&self) -> &'static [Stream] {
        &[
            Stream { name: "plans", kind: StreamKind::Reference },
            Stream { name: "contracts", kind: StreamKind::Account },
        ]
    }

    async fn check(&self, _: &Http) -> Result<Check, SourceError> {
        Ok(Check::default())
    }

    async fn fetch(&self, _: &Http, stream: &Stream, cursor: Option<&Cursor>) -> Result<Page, SourceError> {
        let number: usize = cursor.map_or(0, |cursor| cursor.0.parse().unwrap());
        let again = {
            let mut asked = self.asked.lock().unwrap();
            let count = asked.entry((stream.name.to_owned(), number)).or_default();
            *count += 1;
            *count > 1
        };
        let mut records: Vec<Record> = (0..2).map(|index| self.record(stream, number * 2 + index)).collect();
        if self.flaw == Flaw::ForgetsWhenResumed && again {
            records.pop();
        }
        let next = match number {
            1 if self.flaw == Flaw::RepeatsCursor => Some(1),
            0 | 1 => Some(number + 1),
            _ => None,
        };
        let next = next.map(|next| Cursor(next.to_string())).into_iter().collect();
        let mut problems = Vec::new();
        if self.flaw == Flaw::NoAccountAndSaysSo && stream.kind == StreamKind::Account {
            problems.extend(records.iter().map(|record| Problem {
                stream: stream.name.into(),
                record: record.id.clone(),
                field: "account".into(),
                message: "is missing".into(),
            }));
        }
        Ok(Page { records, at: DateTime::UNIX_EPOCH, next, problems })
    }

    fn mapper(&self, _: &[RawRecord]) -> Box<dyn Mapper> {
        Box::new(ToyMapper(self.flaw))
    }
}

impl Toy {
    fn record(&self, stream: &Stream, number: usize) -> Record {
        let id = format!("id_{number}");
        let belongs = match (self.flaw, stream.kind) {
            (Flaw::NoAccount | Flaw::NoAccountAndSaysSo, StreamKind::Account) => false,
            (Flaw::AccountOnReference, StreamKind::Reference) => true,
            (_, kind) => kind == StreamKind::Account,
        };
        let payload = match self.flaw {
            Flaw::PayloadOfAnother => r#"{"id":"other"}"#.to_owned(),
            Flaw::NoJson => format!("{{{id}"),
            _ => format!(r#"{{"id":"{id}"}}"#),
        };
        let id = if self.flaw == Flaw::EmptyId { String::new() } else { id };
        Record { id, account: belongs.then(|| "acme".to_owned()), payload }
    }
}

async fn check(flaw: Flaw, expect: &str) {
    let toy = Toy { flaw, asked: Mutex::default() };
    let http = Http::new(toy.api(), Limits::default()).unwrap();
    let report = compliance::check(&toy, &http).await.unwrap();
    let found = report.broken.join("\n");
    match expect {
        "" => assert_eq!((found.as_str(), report.pages, report.references.len()), ("", 6, 6)),
        expect => assert!(found.contains(expect), "{expect}: {found}"),
    }
}

#[tokio::test]
async fn each_broken_law_is_named() {
    check(Flaw::None, "").await;
    check(Flaw::RepeatsCursor, "plans: the cursor 1 was returned twice (law 1)").await;
    check(Flaw::ForgetsWhenResumed, "contracts: resuming from 1 read").await;
    check(Flaw::EmptyId, "the id is empty").await;
    check(Flaw::NoAccount, "names no account, and no problem says so").await;
    check(Flaw::NoAccountAndSaysSo, "").await;
    check(Flaw::AccountOnReference, "names the account acme").await;
    check(Flaw::PayloadOfAnother, "does not hold the id (law 3)").await;
    check(Flaw::NoJson, "is not JSON").await;
    check(Flaw::OrderDecides, "acme: the facts depend on the order of the records (law 6)").await;
}
