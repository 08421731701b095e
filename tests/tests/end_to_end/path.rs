//! The whole path: what the database answers is what is true.

use mrr_tests::{Cluster, Repertoire, World};

use crate::synced::Synced;

const WORLD: World = World { seed: 3, accounts: 60, months: 24, repertoire: Repertoire::Plain };

#[test]
fn every_account_on_every_day_is_true_and_a_second_sync_writes_nothing() {
    let cluster = Cluster::of_this_machine().unwrap();
    let synced = Synced::migrated(&cluster, "path", WORLD, &["--rate-limit-every=29"]).unwrap();
    synced.daemon.run(&["sync"]).unwrap();
    let found = synced.compare().unwrap();
    assert_eq!((found.days, found.differences), (731, 0), "{}", found.first);
    assert!(found.account_days > 5_000, "only {} account-days were compared", found.account_days);
    assert_eq!(synced.database.run("select * from mrr_check('2024-01-01', '2026-01-01', 'week')").unwrap(), "");

    let written = "select sum(n_tup_ins + n_tup_upd + n_tup_del) from pg_stat_all_tables
                   where schemaname in ('raw', 'revenue') or relname in ('problem', 'touched')";
    let before = (synced.contents().unwrap(), settled(&synced, written));
    let printed = synced.daemon.run(&["sync", "stripe"]).unwrap();
    assert!(printed.contains("0 new, 0 changed"), "{printed}");
    assert_eq!((synced.contents().unwrap(), settled(&synced, written)), before);
    let status = synced.daemon.run(&["status"]).unwrap();
    assert!(status.contains("stripe") && status.contains("ok"), "{status}");
}

/// PostgreSQL's counters of rows written arrive a moment after the transaction.
fn settled(synced: &Synced<'_>, query: &str) -> String {
    std::thread::sleep(std::time::Duration::from_millis(1500));
    synced.database.run(&format!("select pg_stat_clear_snapshot(); {query}")).unwrap()
}

#[test]
fn one_wrong_price_is_found() {
    let cluster = Cluster::of_this_machine().unwrap();
    let synced = Synced::migrated(&cluster, "falsified", WORLD, &["--falsify=price"]).unwrap();
    synced.daemon.run(&["sync"]).unwrap();
    let found = synced.compare().unwrap();
    assert!(found.differences > 0, "a price that is wrong by a cent went unnoticed");
}

#[test]
fn a_record_that_cannot_be_read_is_kept_listed_and_counted() {
    let cluster = Cluster::of_this_machine().unwrap();
    let synced = Synced::migrated(&cluster, "unreadable", WORLD, &["--falsify=record"]).unwrap();
    let finished = synced.daemon.finish(&["sync"]).unwrap();
    assert_eq!(finished.code, 3, "{}{}", finished.stdout, finished.stderr);
    let said = format!("{}{}", finished.stdout, finished.stderr);
    assert!(said.contains("1 record could not be read") && said.contains("mrrd status"), "{said}");
    let problem = synced.database.run("select r.stream, p.field, p.record = r.id, r.payload->>'start_date' from ops.problem p join raw.record r on r.id = p.record").unwrap();
    assert_eq!(problem, "subscriptions|start_date|t|a while ago");
    let record = synced.database.run("select record from ops.problem").unwrap();
    let status = synced.daemon.run(&["status"]).unwrap();
    assert!(status.contains(&record) && status.contains("start_date") && status.contains("1 "), "{status}");
    // Its account may be short, and with it sums over all; every other account is true.
    let wrong: Vec<String> =
        synced.compare().unwrap().first.lines().filter_map(|line| Some(line.split('|').nth(1)?.to_owned())).collect();
    let account = synced.database.run("select account from ops.problem").unwrap();
    assert!(wrong.iter().all(|wrong| *wrong == account || !wrong.starts_with("cus_")), "{wrong:?}");
}

#[test]
fn a_planted_row_is_found_by_mrr_check() {
    let cluster = Cluster::of_this_machine().unwrap();
    let synced = Synced::migrated(&cluster, "planted", World { accounts: 20, ..WORLD }, &[]).unwrap();
    synced.daemon.run(&["sync"]).unwrap();
    let check = |plant: &str, expect: &str| {
        let script =
            format!("begin; {plant}; select distinct finding from mrr_check('2025-01-01', '2026-01-01'); rollback");
        // A currency that has no rate ends the check, and is named.
        let findings = synced.database.run(&script).unwrap_or_else(|error| error);
        assert!(findings.contains(expect), "{plant}\n{findings}");
    };
    let one_timeline = |measure: &str| {
        format!("measure = '{measure}' and account_key = (select min(account_key) from revenue.timeline)")
    };
    let (net, gross) = (one_timeline("net"), one_timeline("gross"));
    let copied = "account_key, contract, item, plan, currency, valid_from, valid_until, gross, net, amount, quantity, billing_interval, evidence, origin, known_since";

    check(
        "update revenue.segment set net = net + 1 where segment_id = (select min(segment_id) from revenue.segment)",
        "net timeline = segments",
    );
    check(
        "update revenue.segment set currency = 'QQQ' where segment_id = (select min(segment_id) from revenue.segment)",
        "gross timeline = segments",
    );
    check(
        "delete from revenue.segment where segment_id = (select min(segment_id) from revenue.segment)",
        "net timeline = segments",
    );
    // The same charge twice, on days that overlap.
    check(
        &format!(
            "insert into revenue.segment ({copied}) select {copied} from revenue.segment where segment_id = (select min(segment_id) from revenue.segment)"
        ),
        "net timeline = segments",
    );
    check(&format!("update revenue.timeline set steps = 'EUR 2025-02-02 1' where {net}"), "net timeline = segments");
    check(
        &format!("update revenue.timeline set steps = 'EUR 2025-02-02 1' where {net}"),
        "closing = MRR of the last day",
    );
    check(
        &format!("update revenue.timeline set steps = 'EUR 2025-02-02 1' where {gross}"),
        "gross day change = timelines",
    );
    check(
        &format!("update revenue.timeline set steps = 'QQQ 2025-02-02 1' where {gross}"),
        "gross timeline = segments",
    );
    check(
        &format!("update revenue.timeline set steps = 'QQQ 2025-02-02 1' where {net}"),
        "no exchange rate from QQQ to EUR on 2025-02-28",
    );
    check(&format!("delete from revenue.timeline where {gross}"), "gross day change = timelines");
    check("update revenue.day_change set change = change + 1 where measure = 'net'", "closing = MRR of the last day");
    check("update revenue.day_change set change = change + 1 where measure = 'gross'", "gross day change = timelines");
    check(
        "update revenue.day_change set day = day + 1 where measure = 'net' and day = (select max(day) from revenue.day_change)",
        "net day change = timelines",
    );
    check(
        "update revenue.month_change set change = change + 1 where measure = 'net'",
        "net month change = day changes",
    );
    check(
        "delete from revenue.month_change where measure = 'gross' and month = (select max(month) from revenue.month_change)",
        "gross month change = day changes",
    );
    check("insert into revenue.day_change values ('net', 'QQQ', '2025-02-02', 1)", "net day change = timelines");
}
