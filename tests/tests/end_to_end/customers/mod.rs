//! One customer out of many records: a billing system and a CRM, synced by the real daemon and compared with what
//! the sandbox knows of both.

use mrr_tests::{Cluster, Company, Daemon, Database, END, Profile, Repertoire, World};

const TIME_ZONE: &str = "Europe/Berlin";

const WORLD: World = World { seed: 11, accounts: 150, months: 36, repertoire: Repertoire::Plain };

/// A company that bills in one system and keeps its accounts in another.
struct Both<'a> {
    _served: [Company; 2],
    database: Database<'a>,
    daemon: Daemon,
}

impl<'a> Both<'a> {
    fn open(cluster: &'a Cluster, name: &str) -> Self {
        let bills = WORLD.serve(Profile::Dev, &[]).unwrap();
        let crm = WORLD.serve(Profile::Dev, &["--face=hubspot"]).unwrap();
        let database = cluster.create(name).unwrap();
        let toml = format!(
            "{}\n[sources.crm]\nconnector = 'hubspot'\naccess_token = 'sk_test_sandbox'\nbase_url = '{}'\n\
             requests_per_second = 1000\nforeign_ids = {{ stripe = 'stripe_customer_id' }}\n\
             [sources.crm.attributes]\nsegment = 'customer_tier'\nhealth = 'customer_health'\nseats_in_use = 'active_users'\n",
            bills.configuration(&database.url(), TIME_ZONE),
            crm.address()
        );
        let daemon = Daemon::new(Profile::Dev, &toml).unwrap();
        WORLD.write_rates(Profile::Dev, &daemon.folder().path().join("rates.csv")).unwrap();
        daemon.run(&["migrate"]).unwrap();
        Self { _served: [bills, crm], database, daemon }
    }

    fn sync(&self, source: &str) {
        let finished = self.daemon.finish(&["sync", source]).unwrap();
        assert!(matches!(finished.code, 0 | 3), "{source}: {}\n{}", finished.stdout, finished.stderr);
    }

    /// Asks with the truth beside.
    fn asked(&self, query: &str) -> String {
        let folder = self.daemon.folder().path();
        let file = |name: &str, more: &[&str]| {
            let path = folder.join(format!("{name}.csv"));
            WORLD.write_truth(Profile::Dev, TIME_ZONE, more, &path).unwrap();
            format!("'{}'", path.display())
        };
        let script = include_str!("customers.sql")
            .replace(":truth_file", &file("truth", &[]))
            .replace(":links_file", &file("links", &["--crm", "links"]))
            .replace(":attributes_file", &file("attributes", &["--crm", "attributes"]))
            .replace(":first_day", &format!("'{}'", WORLD.first_day()))
            .replace(":to_day", &format!("'{END}'"))
            .replace(":source", "'stripe/'");
        self.database.run(&format!("{script}\n{query}")).unwrap()
    }
}

/// Whom the rules found wrongly, whom rightly and by which rule, and who is left.
const LINKED: &str = "
    select coalesce(m.rule, 'none') || case when p.id <> l.company then ' wrong' else '' end, count(*)
      from link l join revenue.account a on a.source = 'stripe' and a.id = l.customer
      left join revenue.membership m on m.account_key = a.key and m.known_until = 'infinity'
      left join revenue.account p on p.key = m.part_of
     group by 1 order by 1";

#[test]
fn each_company_has_the_revenue_of_all_its_records_whatever_was_synced_first() {
    let cluster = Cluster::of_this_machine().unwrap();
    let mut answers = Vec::new();
    for (name, order) in [("customers_bills_first", ["stripe", "crm"]), ("customers_crm_first", ["crm", "stripe"])] {
        let both = Both::open(&cluster, name);
        order.iter().for_each(|source| both.sync(source));
        // The world has companies without a domain, with that of a neighbour or of a provider of mail, and some that
        // two have registered: a rule that is not sure says nothing, and nobody is linked wrongly.
        let found = both.asked(LINKED);
        let who = both.daemon.finish(&["accounts", "unmatched"]).unwrap();
        assert!(who.stdout.contains("(the same name)") && who.stdout.contains("both have"), "{}", who.stdout);
        // What is left somebody decides, who knows them.
        let left = both.asked("select a.id, l.company from link l join revenue.account a on a.source = 'stripe' and a.id = l.customer where a.part_of is null order by 1");
        for line in left.lines() {
            let (customer, company) = line.split_once('|').unwrap();
            let linked =
                ["accounts", "link", &format!("stripe/{customer}"), &format!("crm/{company}"), "--note=as billed"];
            both.daemon.run(&linked).unwrap();
        }
        assert_eq!(both.asked("select count(*) from different; select * from different limit 5"), "0");
        assert_ne!(both.asked("select count(*) from expected"), "0");
        assert_eq!(both.database.run("select count(*) from mrr_check('2023-01-01', '2026-01-01')").unwrap(), "0");
        let book = "select source || '/' || account, mrr from account_mrr('2025-12-31') order by 1;
                    select movement, count(*), sum(change) from account_movements('[2025-01-01,2026-01-01)') group by 1 order by 1;
                    select * from nrr_by('owner', '[2025-01-01,2026-01-01)') order by 1";
        answers.push((found, both.database.run(book).unwrap()));
    }
    assert_eq!(answers[0].0, "domain|49\nforeign_id|81\nnone|20", "as docs/customers.md says");
    assert_eq!(answers[0], answers[1]);
}

/// NRR of the accounts that an owner, or a segment, had at the opening, from the truth.
const RETENTION: &str = "
    create temporary table held as
      select h.customer, n.attribute, n.value
        from (select distinct customer from had) h
        join (select *, lead(day, 1, 'infinity') over (partition by company, attribute order by day) as until from noted) n
          on 'crm/' || n.company = h.customer and n.day <= :opening and :opening < n.until and n.value <> '';
    with amounts as (
      select h.customer, sum(h.arr * mrr_rate(h.currency, 'EUR', :opening)) filter (where h.day = :opening) as opening,
             coalesce(sum(h.arr * mrr_rate(h.currency, 'EUR', :opening)) filter (where h.day = :closing), 0) as closing
        from had h group by 1
    ), truth as (
      select v.value, round(sum(a.closing) / sum(a.opening), 9) as nrr
        from amounts a join held v on v.customer = a.customer and v.attribute = :attribute where a.opening <> 0 group by 1
    ), answer as (
      select value, round(nrr, 9) as nrr from nrr_by(:attribute, daterange(:opening + 1, :closing + 1)) where value is not null and nrr is not null
    )
    select count(*), count(*) filter (where t.nrr is distinct from a.nrr), string_agg(concat_ws(' ', value, t.nrr, a.nrr), '; ') filter (where t.nrr is distinct from a.nrr)
      from truth t full join answer a using (value)";

#[test]
fn retention_by_owner_and_segment_is_true_although_they_change() {
    let cluster = Cluster::of_this_machine().unwrap();
    let both = Both::open(&cluster, "customers_retention");
    both.sync("crm");
    both.sync("stripe");
    // Whoever is not linked is nobody's.
    both.asked("insert into revenue.link (source, id, to_source, to_id) select 'stripe', l.customer, 'crm', l.company from link l
                  join revenue.account a on a.source = 'stripe' and a.id = l.customer where a.part_of is null");
    both.sync("crm");
    for attribute in ["owner", "segment"] {
        let query = RETENTION
            .replace(":attribute", &format!("'{attribute}'"))
            .replace(":opening", "date '2025-06-30'")
            .replace(":closing", "date '2025-12-31'");
        let found = both.asked(&query);
        let (count, rest) = found.split_once('|').unwrap();
        assert!(count.parse::<u32>().unwrap() > 2, "{found}");
        assert_eq!(rest, "0|", "{attribute}: {found}");
    }
    // Owners change within the period, and movements of one owner say so.
    let transfers = "select count(*) from movements_by('owner', '[2025-01-01,2026-01-01)') where transfer <> 0";
    assert_ne!(both.database.run(transfers).unwrap(), "0");
}
