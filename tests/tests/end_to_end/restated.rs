//! What changed in what is known is told fact by fact, and nothing else is.

use mrr_tests::{Cluster, schema};

/// Three contracts, of which a second sync found one to be past due, one about to end, and one at
/// another price since the middle of 2025.
const BOOK: &str = "
    insert into revenue.book (currency, time_zone, synced_at, last_day) values ('EUR', 'UTC', '2026-01-01', '2026-03-01');
    insert into revenue.account (source, id, name) values ('test', 'late', 'Late'), ('test', 'leaving', 'Leaving'), ('test', 'dearer', 'Dearer');
    create function learnt(id text, valid_from date, valid_until date, net bigint, known_since timestamptz, known_until timestamptz,
                           standing text default 'active', ending boolean default false) returns void language sql as $$
      insert into revenue.segment (account_key, contract, item, plan, currency, valid_from, valid_until, gross, net, amount, quantity,
                                   billing_interval, evidence, origin, known_since, known_until, standing, stood_from, ending)
        select key, 's', 'i', 'Pro', 'EUR', $2, $3, $4, $4, 1, 1, '1 month', 'observed', '{}', $5, $6, $7, case when $7 <> 'active' then $2 end, $8
          from revenue.account where account.id = $1
    $$;
    select learnt('late', '2025-01-01', 'infinity', 1200, '2026-01-01', '2026-02-10'),
           learnt('late', '2025-01-01', '2026-02-10', 1200, '2026-02-10', 'infinity'),
           learnt('late', '2026-02-10', 'infinity', 1200, '2026-02-10', 'infinity', 'past_due');
    select learnt('leaving', '2025-01-01', 'infinity', 2400, '2026-01-01', '2026-02-10'),
           learnt('leaving', '2025-01-01', '2025-12-24', 2400, '2026-02-10', 'infinity'),
           learnt('leaving', '2025-12-24', 'infinity', 2400, '2026-02-10', 'infinity', 'active', true);
    select learnt('dearer', '2025-01-01', 'infinity', 3600, '2026-01-01', '2026-02-10'),
           learnt('dearer', '2025-01-01', '2025-07-01', 3600, '2026-02-10', 'infinity'),
           learnt('dearer', '2025-07-01', 'infinity', 4800, '2026-02-10', 'infinity');
    select mrr_refresh(array_agg(key)) from revenue.account";

#[test]
fn how_a_contract_stands_restates_nothing() {
    let cluster = Cluster::of_this_machine().unwrap();
    let database = cluster.create("restated").unwrap();
    database.run(&schema().unwrap()).unwrap();
    database.run(BOOK).unwrap();
    let told = |period: &str| {
        let query = format!(
            "select account, change, valid_from, round(closing_mrr * 12000000)::bigint from mrr_restatement('{period}', '2026-02-01') order by 1, 2, 3"
        );
        database.run(&query).unwrap()
    };
    assert_eq!(told("[2025-12-01,2026-01-01)"), "dearer|added|2025-07-01|4800\ndearer|withdrawn|2025-01-01|-3600");
    // Before the price differed, and where only the pieces do.
    assert_eq!(told("[2025-02-01,2025-03-01)"), "");
}
