//! One customer out of many records.

use std::sync::Arc;

use super::database::{Database, source, with_database};
use super::fake::Fake;
use crate::config::Source;
use crate::engine::{self, Manner, Named, Status, Verdict};
use crate::failure::Failure;
use crate::stop::Stop;

/// A billing system with four customers at 10 a month each.
fn billing() -> Fake {
    let fake = Fake::new();
    fake.price("p1", "10").price("p2", "30");
    for (id, identity) in [
        ("b1", r#""ids":{"crm":"1"}"#),
        ("b2", r#""email":"ada@acme.com""#),
        ("b3", r#""email":"bob@gmail.com""#),
        ("b4", r#""domain":"beta.example""#),
    ] {
        fake.set("customers", id, Some(id), &format!(r#"{{"name":"{id}","country":"DE",{identity}}}"#));
        fake.subscription(&format!("s{id}"), id, "p1", "2025-01-01");
    }
    fake
}

/// A CRM with a company that has the domain of two customers, and another.
fn crm() -> Fake {
    let mut fake = Fake::new();
    fake.crm = true;
    fake.set("customers", "1", Some("1"), r#"{"name":"Acme","country":"FR","domain":"www.acme.com"}"#);
    fake.set("customers", "2", Some("2"), r#"{"name":"Beta","domain":"beta.example","email":"bob@gmail.com"}"#);
    fake
}

fn of_vendor(vendor: &'static str, fake: &Fake) -> Source {
    Source { vendor, ..source(vendor, fake, None) }
}

impl Database {
    async fn sync_both(&self, first: &Source, second: &Source) {
        for source in [first, second] {
            assert_eq!(self.sync_one(source).await, Status::Ok, "{}", source.name);
        }
    }

    async fn sync_one(&self, source: &Source) -> Status {
        engine::prepare(&self.store, &self.config).await.unwrap();
        let book = self.config.book;
        engine::sync(&self.store, source, book, &Stop::never(), Manner::default()).await.unwrap().status
    }

    /// Customers with what they have, as they are counted now.
    async fn customers(&self) -> Vec<String> {
        self.rows(
            "select source || '/' || account as customer, mrr::numeric(20,2) from account_mrr('2026-06-30') order by 1",
        )
        .await
    }

    async fn decide(&self, decided: &[(&str, Verdict)]) -> Result<(), Failure> {
        let decided: Vec<(Named, Verdict)> =
            decided.iter().map(|(account, verdict)| (named(account), verdict.clone())).collect();
        let mut client = self.store.session().await.unwrap();
        engine::decide(&mut client, &self.config.crosswalk, &decided, Some("as the customer says")).await
    }

    async fn nothing_is_wrong(&self) {
        assert_eq!(self.rows("select * from mrr_check('2025-01-01', '2026-07-01')").await, Vec::<String>::new());
        let lost =
            "select 1 from revenue.segment s join revenue.account a on a.key = coalesce(s.member_key, s.account_key)
                     where s.known_until = 'infinity' and s.account_key <> coalesce(a.part_of, a.key)";
        assert_eq!(self.rows(lost).await, Vec::<String>::new());
    }
}

fn named(text: &str) -> Named {
    text.parse().unwrap()
}

const LINKED: [&str; 2] = ["crm/1 20.00", "crm/2 20.00"];

#[test]
fn accounts_are_linked_by_id_by_domain_and_by_address_whatever_comes_first() {
    for crm_first in [false, true] {
        with_database(async |database| {
            let (billing, crm) = (of_vendor("billing", &billing()), of_vendor("crm", &crm()));
            if crm_first {
                database.sync_both(&crm, &billing).await;
            } else {
                database.sync_both(&billing, &crm).await;
            }
            assert_eq!(database.customers().await, LINKED, "crm first: {crm_first}");
            let why = "select a.id, p.id as whole, m.rule, m.because from revenue.membership m
                         join revenue.account a on a.key = m.account_key join revenue.account p on p.key = m.part_of
                        where m.known_until = 'infinity' order by 1";
            let expected = [
                "b1 1 foreign_id it has the crm id 1",
                "b2 1 domain both have acme.com",
                "b3 2 email both have one address",
                "b4 2 domain both have beta.example",
            ];
            assert_eq!(database.rows(why).await, expected);
            // The company's own country counts; where it has none, a part's does, once.
            let countries =
                "select a.id, t.value from revenue.attribute t join revenue.account a on a.key = t.account_key
                              where t.known_until = 'infinity' and a.part_of is null order by 1";
            assert_eq!(database.rows(countries).await, ["1 FR", "2 DE"]);
            database.nothing_is_wrong().await;
        });
    }
}

#[test]
fn what_was_reported_before_a_link_is_kept_and_nobody_churns_by_it() {
    with_database(async |database| {
        let billing = of_vendor("billing", &billing());
        database.sync_both(&billing, &billing).await;
        let at: String = database.sql.query_one("select clock_timestamp()::text", &[]).await.unwrap().get(0);
        database.sync_both(&of_vendor("crm", &crm()), &billing).await;
        let then =
            format!("select account, mrr::numeric(20,2) from account_mrr('2026-06-30', as_of => '{at}') order by 1");
        assert_eq!(database.rows(&then).await, ["b1 10.00", "b2 10.00", "b3 10.00", "b4 10.00"]);
        assert_eq!(database.customers().await, LINKED);
        let movements = "select sum(new)::numeric(20,2), sum(churn)::numeric(20,2), sum(reactivation)::numeric(20,2)
                           from mrr_movements('2025-01-01', '2026-07-01')";
        assert_eq!(database.rows(movements).await, ["40.00 0.00 0.00"]);
        database.nothing_is_wrong().await;
    });
}

#[test]
fn what_changes_at_a_source_reaches_whom_it_is_counted_as() {
    with_database(async |database| {
        let (bills, companies) = (billing(), crm());
        let (billing, crm) = (of_vendor("billing", &bills), of_vendor("crm", &companies));
        database.sync_both(&crm, &billing).await;
        bills.subscription("sb2", "b2", "p2", "2025-01-01");
        companies.set("customers", "1", Some("1"), r#"{"name":"Acme","country":"IT","domain":"www.acme.com"}"#);
        database.sync_both(&billing, &crm).await;
        assert_eq!(database.customers().await, ["crm/1 40.00", "crm/2 20.00"]);
        assert_eq!(database.rows("select mrr_at('2026-06-30', 'country:IT')::numeric(20,2)").await, ["40.00"]);
        // A domain that another company has as well says nothing any more.
        companies.set("customers", "3", Some("3"), r#"{"name":"Acme Labs","domain":"acme.com"}"#);
        database.sync_both(&crm, &billing).await;
        assert_eq!(database.customers().await, ["billing/b2 30.00", "crm/1 10.00", "crm/2 20.00"]);
        // Until the CRM has merged the two.
        companies.remove("customers", "3");
        companies.set(
            "customers",
            "1",
            Some("1"),
            r#"{"name":"Acme","country":"IT","domain":"acme.com","absorbed":["3"]}"#,
        );
        database.sync_both(&crm, &billing).await;
        assert_eq!(database.customers().await, ["crm/1 40.00", "crm/2 20.00"]);
        database.nothing_is_wrong().await;
    });
}

#[test]
fn somebody_decides_and_takes_it_back() {
    with_database(async |database| {
        let (billing, crm) = (of_vendor("billing", &billing()), of_vendor("crm", &crm()));
        database.sync_both(&crm, &billing).await;
        database.decide(&[("billing/b3", Verdict::Linked(named("crm/1")))]).await.unwrap();
        assert_eq!(database.customers().await, ["crm/1 30.00", "crm/2 10.00"]);
        database.decide(&[("billing/b3", Verdict::Alone)]).await.unwrap();
        assert_eq!(database.customers().await, ["billing/b3 10.00", "crm/1 20.00", "crm/2 10.00"]);
        // A decision outlives whatever is synced and derived again.
        database.sync_both(&billing, &crm).await;
        engine::rebuild(&database.store, &billing, database.config.book, &Stop::never()).await.unwrap();
        assert_eq!(database.customers().await, ["billing/b3 10.00", "crm/1 20.00", "crm/2 10.00"]);
        database.decide(&[("billing/b3", Verdict::ByRules)]).await.unwrap();
        assert_eq!(database.customers().await, LINKED);
        // Two companies become one, with all that is part of them.
        database.decide(&[("crm/2", Verdict::Linked(named("crm/1")))]).await.unwrap();
        assert_eq!(database.customers().await, ["crm/1 40.00"]);
        let refused = database.decide(&[("crm/1", Verdict::Linked(named("billing/b4")))]).await.unwrap_err();
        assert_eq!(
            refused.to_string(),
            "billing/b4 is part of crm/1 already (billing/b4 -> crm/2 -> crm/1), so linking crm/1 to it would make a \
             circle; unlink one of these first"
        );
        let unknown = database.decide(&[("crm/9", Verdict::Alone)]).await.unwrap_err();
        assert_eq!(unknown.to_string(), "there is no account crm/9; write SOURCE/ID as in revenue.account");
        database.nothing_is_wrong().await;
        // By hand, and by nobody's command: it counts from the next sync on.
        database.sql.batch_execute("update revenue.link set to_source = null, to_id = null").await.unwrap();
        database.sync_both(&crm, &billing).await;
        assert_eq!(database.customers().await, LINKED);
    });
}

#[test]
fn who_is_linked_to_nobody_is_listed_with_whom_it_may_be() {
    with_database(async |database| {
        let (bills, companies) = (billing(), crm());
        bills.set("customers", "b1", Some("b1"), r#"{"name":"Gamma"}"#);
        companies.set("customers", "3", Some("3"), r#"{"name":"Acme Labs","domain":"acme.com"}"#);
        companies.set("customers", "4", Some("4"), r#"{"name":"gamma"}"#);
        let (billing, crm) = (of_vendor("billing", &bills), of_vendor("crm", &companies));
        database.sync_both(&crm, &billing).await;
        let mut client = database.store.session().await.unwrap();
        let unmatched = engine::unmatched(&mut client, 10).await.unwrap();
        let said: Vec<String> =
            unmatched.iter().map(|found| format!("{}: {}", found.account, found.suggestions.join("; "))).collect();
        assert_eq!(
            said,
            ["billing/b1: crm/4 (the same name)", "billing/b2: crm/1 (both have acme.com); crm/3 (both have acme.com)"]
        );
    });
}

#[test]
fn a_contract_of_a_crm_is_kept_beside_what_is_billed_and_counted_nowhere() {
    with_database(async |database| {
        let companies = crm();
        let signed = r#"{"price":"deal","from":"2025-01-01T00:00:00Z","doubt":"nobody noted the term"}"#;
        companies.price("deal", "25").set("subscriptions", "d1", Some("1"), signed);
        let billing = of_vendor("billing", &billing());
        let crm = Source { contracted: true, ..of_vendor("crm", &companies) };
        database.sync_both(&crm, &billing).await;
        assert_eq!(database.customers().await, LINKED);
        let contracted = "select a.id, (s.net_running * 0.000001 / 12)::numeric(20,2) from revenue.segment s
                            join revenue.account a on a.key = s.account_key where s.standing = 'contracted'";
        assert_eq!(database.rows(contracted).await, ["1 25.00"]);
        // No number rests on it, so nobody is asked to doubt it.
        let doubts = "select contract, reason from mrr_doubts('2025-01-01', '2026-01-01')";
        assert_eq!(database.rows(doubts).await, [""; 0]);
        assert_eq!(database.rows("select contract from revenue.doubt").await, ["d1"]);
        // Unless nothing else bills: then it is what there is.
        let counted = Source { contracted: false, crosswalk: Arc::default(), ..of_vendor("crm", &companies) };
        database.sync_both(&counted, &billing).await;
        assert_eq!(database.customers().await, ["crm/1 45.00", "crm/2 20.00"]);
        assert_eq!(database.rows(doubts).await, ["d1 nobody noted the term"]);
        database.nothing_is_wrong().await;
    });
}

const PROBLEMS: &str = "select source, record, message from ops.problem order by 1, 2";

#[test]
fn links_by_hand_that_make_a_circle_are_a_problem_of_who_is_in_it_and_of_nobody_else() {
    with_database(async |database| {
        let (bills, companies) = (billing(), crm());
        companies.set("customers", "3", Some("3"), r#"{"name":"Gamma"}"#);
        companies.set("customers", "4", Some("4"), r#"{"name":"Delta"}"#);
        let (billing, crm) = (of_vendor("billing", &bills), of_vendor("crm", &companies));
        database.sync_both(&crm, &billing).await;
        // A decision leads b4 to one of those that are in the circle in the end.
        database.decide(&[("crm/2", Verdict::Linked(named("crm/4")))]).await.unwrap();
        assert_eq!(database.customers().await, ["crm/1 20.00", "crm/4 20.00"]);
        let by_hand = "insert into revenue.link (source, id, to_source, to_id)
                         values ('crm', '4', 'crm', '3'), ('crm', '3', 'crm', '2')";
        database.sql.batch_execute(by_hand).await.unwrap();
        let path = "the links crm/2 -> crm/4 -> crm/3 -> crm/2 make a circle, so each of them stands alone; unlink \
                    one with `mrrd accounts unlink SOURCE/ID`, or correct its row of revenue.link";
        let rows = "select count(*) from revenue.membership";
        let mut memberships = Vec::new();
        for _ in 0..3 {
            // Each sync of a source that a member is of says so; the other one is well.
            let outcome = database.sync_one(&crm).await;
            assert_eq!((outcome, database.sync_one(&billing).await), (Status::Problems, Status::Ok));
            assert_eq!(
                database.rows(PROBLEMS).await,
                [format!("crm 2 {path}"), format!("crm 3 {path}"), format!("crm 4 {path}")]
            );
            // Whoever leads to a member is counted as that one, and all others as ever.
            assert_eq!(database.customers().await, ["crm/1 20.00", "crm/2 20.00"]);
            database.nothing_is_wrong().await;
            memberships.push(database.rows(rows).await);
        }
        assert!(memberships.iter().all(|rows| *rows == memberships[0]), "nothing is written twice: {memberships:?}");
        // The command sees it too, and says how it leads back.
        let refused = database.decide(&[("crm/3", Verdict::Linked(named("crm/2")))]).await.unwrap_err();
        assert_eq!(
            refused.to_string(),
            "crm/2 is part of crm/3 already (crm/2 -> crm/4 -> crm/3), so linking crm/3 to it would make a circle; \
             unlink one of these first"
        );
        database.sql.batch_execute("delete from revenue.link where id = '3'").await.unwrap();
        assert_eq!(database.sync_one(&crm).await, Status::Ok);
        assert_eq!(database.rows(PROBLEMS).await, [""; 0]);
        assert_eq!(database.customers().await, ["crm/1 20.00", "crm/3 20.00"]);
        database.nothing_is_wrong().await;
    });
}

#[test]
fn a_link_by_hand_that_leads_back_by_a_rule_is_a_problem_until_it_is_taken_back() {
    with_database(async |database| {
        let (billing, crm) = (of_vendor("billing", &billing()), of_vendor("crm", &crm()));
        database.sync_both(&crm, &billing).await;
        // b1 has the company's id, b2 its domain.
        let by_hand = "insert into revenue.link (source, id, to_source, to_id) values ('crm', '1', 'billing', 'b1')";
        database.sql.batch_execute(by_hand).await.unwrap();
        for _ in 0..2 {
            assert_eq!(database.sync_one(&billing).await, Status::Problems);
            let named = "select source, record, message ~ 'crm/1 -> billing/b1|billing/b1 -> crm/1' from ops.problem order by 1, 2";
            assert_eq!(database.rows(named).await, ["billing b1 true", "crm 1 true"]);
            assert_eq!(database.customers().await, ["billing/b1 10.00", "crm/1 10.00", "crm/2 20.00"]);
            database.nothing_is_wrong().await;
        }
        // As the problem says.
        database.decide(&[("crm/1", Verdict::Alone)]).await.unwrap();
        assert_eq!(database.rows(PROBLEMS).await, [""; 0]);
        assert_eq!(database.customers().await, LINKED);
        assert_eq!(database.sync_one(&billing).await, Status::Ok);
        database.nothing_is_wrong().await;
    });
}
