//! From raw.record to schema revenue.

use super::database::with_database;
use super::fake::Fake;
use crate::engine::Status;

/// Two customers, each with a subscription since 2025.
fn two() -> Fake {
    let fake = Fake::new();
    fake.price("p1", "10").price("p2", "20").customer("c1", "Ada").customer("c2", "Bob");
    fake.subscription("s1", "c1", "p1", "2025-01-01").subscription("s2", "c2", "p1", "2025-02-01");
    fake
}

const SEGMENTS: &str = "select a.id, s.contract, s.plan, s.net, s.amount, s.quantity, s.billing_interval, s.valid_from,
    s.valid_until, s.evidence, s.origin::text, s.known_until = 'infinity' as now
    from revenue.segment s join revenue.account a on a.key = s.account_key order by 1, 2, 3, s.known_since";

#[test]
fn segments_follow_from_the_records() {
    with_database(async |database| {
        assert_eq!(database.sync(&two()).await.status, Status::Ok);
        let rows = database.rows(SEGMENTS).await;
        assert_eq!(rows[0], "c1 s1 p1 120000000 10 1 1 month 2025-01-01 infinity observed {subscriptions/s1} true");
        assert_eq!(rows.len(), 2);
        assert_eq!(database.rows("select * from ops.touched").await.len(), 0);
        // The newest of the account's records is since when it is known.
        let late = "select 1 from revenue.segment s join revenue.account a on a.key = s.account_key
                    where s.known_since <> (select max(landed_at) from raw.record r where r.account = a.id)";
        assert_eq!(database.rows(late).await.len(), 0);
    });
}

#[test]
fn a_changed_account_closes_its_rows_and_leaves_the_others_alone() {
    with_database(async |database| {
        let fake = two();
        fake.set("customers", "c1", Some("c1"), r#"{"name":"Ada","country":"FR"}"#);
        fake.subscription("s3", "c1", "p2", "2025-03-01");
        database.sync(&fake).await;
        let unchanged = "select xmin::text, s::text from revenue.segment s where contract <> 's1' order by 2";
        let before = database.rows(unchanged).await;

        fake.subscription("s1", "c1", "p2", "2025-01-01");
        fake.set("customers", "c1", Some("c1"), r#"{"name":"Ada","country":"DE"}"#);
        database.sync(&fake).await;
        assert_eq!(database.rows(unchanged).await, before);
        let rows = database.rows(SEGMENTS).await;
        assert_eq!(rows[0], "c1 s1 p1 120000000 10 1 1 month 2025-01-01 infinity observed {subscriptions/s1} false");
        assert_eq!(rows[1], "c1 s1 p2 240000000 20 1 1 month 2025-01-01 infinity observed {subscriptions/s1} true");
        let touching = "select count(*) from revenue.segment o join revenue.segment n on o.contract = n.contract
             and o.known_until = n.known_since and n.known_since = (select max(landed_at) from raw.record where account = 'c1')";
        assert_eq!(database.rows(touching).await, ["1"]);
        let countries = "select value, known_until = 'infinity' as now from revenue.attribute order by known_since";
        assert_eq!(database.rows(countries).await, ["FR false", "DE true"]);
    });
}

#[test]
fn a_record_that_moves_touches_both_accounts() {
    with_database(async |database| {
        let fake = two();
        database.sync(&fake).await;
        fake.subscription("s1", "c2", "p1", "2025-01-01");
        database.sync(&fake).await;
        let now = "select a.id, s.contract from revenue.segment s join revenue.account a on a.key = s.account_key
                   where known_until = 'infinity' order by 1, 2";
        assert_eq!(database.rows(now).await, ["c2 s1", "c2 s2"]);
    });
}

#[test]
fn a_changed_price_reaches_every_account_and_a_new_one_those_that_missed_it() {
    with_database(async |database| {
        let fake = two();
        fake.subscription("s2", "c2", "p3", "2025-02-01").customer("c3", "Eve");
        fake.subscription("s3", "c3", "p3", "2025-02-01");
        let outcome = database.sync(&fake).await;
        // Two accounts miss one price: each has its row, and the price counts once.
        assert_eq!((outcome.status, outcome.problems), (Status::Problems, 1));
        let problems = "select stream, record, account from ops.problem order by account";
        assert_eq!(database.rows(problems).await, ["prices p3 c2", "prices p3 c3"]);

        fake.price("p3", "30");
        assert_eq!(database.sync(&fake).await.status, Status::Ok);
        let net = "select a.id, s.net from revenue.segment s join revenue.account a on a.key = s.account_key
                   where known_until = 'infinity' order by 1";
        assert_eq!(database.rows(net).await, ["c1 120000000", "c2 360000000", "c3 360000000"]);

        fake.price("p1", "11");
        database.sync(&fake).await;
        assert_eq!(database.rows(net).await, ["c1 132000000", "c2 360000000", "c3 360000000"]);
        // What the price changed is known since the price landed, not since the account did.
        let since = "select count(*) from revenue.segment where net = 132000000
                     and known_since = (select landed_at from raw.record where id = 'p1' and version = 2)";
        assert_eq!(database.rows(since).await, ["1"]);
    });
}

#[test]
fn a_panicking_mapper_costs_one_account_its_news() {
    with_database(async |database| {
        let fake = two();
        database.sync(&fake).await;
        fake.customer("c1", "panic").customer("c2", "Bobby").subscription("s1", "c1", "p2", "2025-01-01");
        let outcome = database.sync(&fake).await;
        assert_eq!((outcome.status, outcome.problems), (Status::Problems, 1));
        let problem = "select stream, record, account, message from ops.problem";
        assert_eq!(
            database.rows(problem).await,
            [
                "accounts c1 c1 connector `fake` panicked at the records of this account; its numbers are as they were, report this to the connector's maintainers"
            ]
        );
        assert_eq!(database.rows("select name from revenue.account order by id").await, ["Ada", "Bobby"]);
        fake.customer("c1", "Ada");
        assert_eq!(database.sync(&fake).await.status, Status::Ok);
        assert_eq!(database.rows("select net from revenue.segment where contract = 's1' order by 1").await.len(), 2);
    });
}

#[test]
fn an_account_that_cannot_be_stored_is_set_aside_alone() {
    with_database(async |database| {
        let fake = two();
        fake.customer("c0", "Zoe").subscription("s0", "c0", "p1", "+99999-01-01");
        // A constraint on dates stands for whatever PostgreSQL's types can't hold.
        database
            .sql
            .batch_execute(
                "create function public.check_day(day date) returns boolean immutable language plpgsql as
                     $$ begin if extract(year from day) > 90000 then raise 'x' using errcode = '22008'; end if; return true; end $$;
                 alter table revenue.segment add check (public.check_day(valid_from))",
            )
            .await
            .unwrap();
        let outcome = database.sync(&fake).await;
        assert_eq!((outcome.status, outcome.problems), (Status::Problems, 1));
        let rows = database.rows("select account, message from ops.problem").await;
        assert!(rows[0].starts_with("c0 what follows from its records can't be stored"), "{rows:?}");
        assert_eq!(database.rows("select contract from revenue.segment order by 1").await, ["s1", "s2"]);
    });
}

/// A subscription of Stripe's to a monthly price, with this quantity and metadata.
fn stripe(fake: &Fake, quantity: u32, note: &str) {
    let price = r#"{"id":"p1","product":"prod","currency":"eur","unit_amount":1000,"billing_scheme":"per_unit",
                    "recurring":{"interval":"month","interval_count":1,"usage_type":"licensed"}}"#;
    let payload = format!(
        r#"{{"id":"s1","customer":"c1","status":"active","currency":"eur","created":1767225600,
            "start_date":1767225600,"metadata":{{"note":"{note}"}},"discounts":[],"items":{{"data":[{{
            "id":"i1","price":{price},"quantity":{quantity},"created":1767225600,
            "current_period_start":1767225600,"current_period_end":1769904000}}]}}}}"#
    );
    fake.set("prices", "p1", None, price).set("subscriptions", "s1", Some("c1"), &payload);
}

#[test]
fn what_was_seen_once_stays_when_something_else_is_edited() {
    with_database(async |database| {
        let connector = mrr_connector_stripe::configure("api_key = 'sk_test_x'".parse().unwrap()).unwrap();
        let mut fake = Fake::new();
        fake.reader = Some(connector.into());
        stripe(&fake, 1, "");
        database.sync(fake.clock("2026-01-05T12:00:00Z")).await;
        stripe(&fake, 2, "");
        database.sync(fake.clock("2026-01-11T12:00:00Z")).await;
        let segments = "select segment_id, quantity, valid_from, valid_until, evidence, xmin::text from revenue.segment
                        where known_until = 'infinity' order by valid_from";
        let before = database.rows(segments).await;
        let told: Vec<&str> = before.iter().filter_map(|row| row.split_once(' ')).map(|(_, row)| row).collect();
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[1].starts_with("1 2026-01-05 2026-01-11 observed"), "{told:?}");
        assert!(told[2].starts_with("2 2026-01-11 infinity observed"), "{told:?}");

        stripe(&fake, 2, "edited");
        let outcome = database.sync(fake.clock("2026-03-20T12:00:00Z")).await;
        assert_eq!((outcome.status, outcome.counts.updated), (Status::Ok, 1));
        assert_eq!(database.rows(segments).await, before);
    });
}

#[test]
fn everything_right_of_raw_can_be_rebuilt() {
    with_database(async |database| {
        let fake = two();
        fake.set("customers", "c1", Some("c1"), r#"{"name":"Ada","country":"FR"}"#);
        fake.subscription("s9", "c2", "p9", "2025-02-01");
        database.sync(&fake).await;
        let derived = "select a.id, a.name, (to_jsonb(s) - 'segment_id' - 'account_key')::text as segment
                       from revenue.account a left join revenue.segment s on s.account_key = a.key
                       union all select a.id, a.name, (to_jsonb(t) - 'account_key')::text
                       from revenue.account a join revenue.attribute t on t.account_key = a.key
                       union all select stream, record, message from ops.problem
                       union all select measure, currency, concat(day, change) from revenue.day_change
                       union all select measure, currency, concat(month, change) from revenue.month_change order by 1, 2, 3";
        let before = database.rows(derived).await;
        database
            .sql
            .batch_execute(
                "truncate revenue.account, revenue.membership, ops.identity, revenue.segment, revenue.attribute, revenue.doubt, revenue.timeline,
                          revenue.day_change, revenue.month_change, ops.problem;
                 insert into ops.touched select distinct source, account from raw.record where account is not null",
            )
            .await
            .unwrap();
        database.sync(&fake).await;
        assert_eq!(database.rows(derived).await, before);
    });
}

#[test]
fn other_rules_derive_every_account_anew() {
    with_database(async |database| {
        let mut fake = Fake::new();
        fake.price("p1", "10").customer("c1", "Ada").subscription("s1", "c1", "p1", "2025-01-01");
        database.sync(&fake).await;
        database.sql.batch_execute("update revenue.account set name = 'as it was'").await.unwrap();
        database.sync(&fake).await;
        assert_eq!(database.rows("select name from revenue.account").await, ["as it was"]);
        fake.rules = "others".into();
        database.sync(&fake).await;
        assert_eq!(database.rows("select name from revenue.account").await, ["Ada"]);
    });
}

#[test]
fn what_is_charged_in_a_currency_without_rates_is_left_out_until_there_are_some() {
    with_database(async |database| {
        let fake = Fake::new();
        fake.price("p1", "10").customer("c1", "Ada").customer("c2", "Bob").subscription("s1", "c1", "p1", "2025-01-01");
        let in_francs = r#"{"price":"p1","from":"2025-01-01T00:00:00Z","currency":"XOF"}"#;
        fake.set("subscriptions", "s2", Some("c2"), in_francs);
        let rate = |quote: &str| {
            format!("insert into revenue.exchange_rate values ('EUR', '{quote}', '2025-06-30', 5, 'ECB')")
        };
        database.sql.batch_execute(&rate("USD")).await.unwrap();
        assert_eq!(database.sync(&fake).await.status, Status::Problems);
        let problems = "select stream, record, field, account, message from ops.problem";
        assert_eq!(
            database.rows(problems).await,
            [
                "subscriptions s2 currency c2 there is no exchange rate for XOF, so what is charged in it counts nowhere; \
              add the currency to the file of [rates], run `mrrd migrate`, and sync again"
            ]
        );
        // All others count.
        let mrr = "select mrr_at('2025-06-30')::numeric(20,2)";
        assert_eq!(database.rows(mrr).await, ["10.00"]);
        database.sql.batch_execute(&rate("XOF")).await.unwrap();
        assert_eq!(database.sync(&fake).await.status, Status::Ok);
        assert_eq!(database.rows(problems).await, [""; 0]);
        assert_eq!(database.rows(mrr).await, ["12.00"]);
    });
}

#[test]
fn in_a_book_without_rates_each_currency_is_asked_for_by_itself() {
    with_database(async |database| {
        let fake = Fake::new();
        fake.price("p1", "10").customer("c1", "Ada");
        let in_francs = r#"{"price":"p1","from":"2025-01-01T00:00:00Z","currency":"XOF"}"#;
        fake.set("subscriptions", "s1", Some("c1"), in_francs);
        assert_eq!(database.sync(&fake).await.status, Status::Ok);
        let own = "select account, mrr::numeric(20,2), currency_code from account_mrr('2025-06-30', currency => 'own')";
        assert_eq!(database.rows(own).await, ["c1 10.00 XOF"]);
    });
}
