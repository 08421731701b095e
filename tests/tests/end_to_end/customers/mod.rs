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

#[test]
fn probe() {
    let cluster = Cluster::of_this_machine().unwrap();
    let both = Both::open(&cluster, "customers_stripe_first");
    both.sync("stripe");
    both.sync("crm");
    println!("{}", both.asked("select 'links', count(*) from link;
      select 'right', m.rule, count(*) from revenue.membership m join revenue.account a on a.key = m.account_key join revenue.account p on p.key = m.part_of join link l on l.customer = a.id and l.company = p.id where m.known_until='infinity' and a.source='stripe' group by 2;
      select 'wrong', m.rule, m.because, a.id, p.id, l.company from revenue.membership m join revenue.account a on a.key = m.account_key join revenue.account p on p.key = m.part_of left join link l on l.customer = a.id where m.known_until='infinity' and a.source='stripe' and l.company is distinct from p.id;
      select 'none', count(*), count(l) from revenue.account a left join link l on l.customer=a.id where a.source='stripe' and a.part_of is null;
      select 'crm-merged', count(*) from revenue.account where source='crm' and part_of is not null;
      select count(*) from different; select * from different limit 10;"));
    let unmatched = both.daemon.finish(&["accounts", "unmatched"]).unwrap();
    println!("{}\n{}", unmatched.stdout, unmatched.stderr);
    println!("{}", both.database.run("select * from report.contracted limit 10; select * from report.accounts limit 5; select * from report.customer_records limit 5").unwrap());
}
