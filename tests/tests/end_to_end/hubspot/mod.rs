//! A company's CRM, synced by the real daemon and compared with what the sandbox knows to be true.

mod attributes;
mod changed;
mod contracts;
mod delivered;
mod followed;
mod limits;
mod refused;

use std::path::PathBuf;

use mrr_tests::{Cluster, Company, Daemon, Database, Profile, Repertoire, World};

/// A zone with summer time, so that days are not the API's days.
const TIME_ZONE: &str = "Europe/Berlin";

/// Seven months of a year are in summer time, and histories of three years are longer than HubSpot's.
const WORLD: World = World { seed: 11, accounts: 150, months: 36, repertoire: Repertoire::Plain };

/// What was signed is all the revenue there is.
const COUNTED: &str = "revenue = 'counted'";

/// A CRM with a database that a daemon has migrated.
struct Portal<'a> {
    company: Company,
    database: Database<'a>,
    daemon: Daemon,
}

impl<'a> Portal<'a> {
    fn open(cluster: &'a Cluster, name: &str, serve: &[&str], settings: &str) -> Self {
        Self::of(WORLD, cluster, name, serve, settings)
    }

    fn of(world: World, cluster: &'a Cluster, name: &str, serve: &[&str], settings: &str) -> Self {
        let company = world.serve(Profile::Dev, &[&["--face=hubspot"], serve].concat()).unwrap();
        let database = cluster.create(name).unwrap();
        let toml = format!(
            "[book]\ncurrency = 'EUR'\ntime_zone = '{TIME_ZONE}'\n[database]\nurl = '{}'\n[rates]\nfile = 'rates.csv'\n\
             [sources.crm]\nconnector = 'hubspot'\naccess_token = 'sk_test_sandbox'\nbase_url = '{}'\n\
             schedule = '0 15 2 * * *'\nrequests_per_second = 1000\nsearches_per_second = 1000\n{settings}\n\
             foreign_ids = {{ stripe = 'stripe_customer_id' }}\n\
             [sources.crm.attributes]\nsegment = 'customer_tier'\nhealth = 'customer_health'\nseats_in_use = 'active_users'\n",
            database.url(),
            company.address()
        );
        let daemon = Daemon::new(Profile::Dev, &toml).unwrap();
        world.write_rates(Profile::Dev, &daemon.folder().path().join("rates.csv")).unwrap();
        daemon.run(&["migrate"]).unwrap();
        Self { company, database, daemon }
    }

    /// Runs a command that may find problems, and no failure.
    fn read(&self, how: &str) {
        let finished = self.daemon.finish(&[how]).unwrap();
        assert!(matches!(finished.code, 0 | 3), "{how}: {}\n{}{}", finished.code, finished.stdout, finished.stderr);
    }

    fn rows(&self, query: &str) -> String {
        self.database.run(query).unwrap()
    }

    /// What the sandbox knows of `what`, in a file.
    fn truth(&self, what: &str) -> PathBuf {
        let path = self.daemon.folder().path().join(format!("{what}.csv"));
        WORLD.write_truth(Profile::Dev, TIME_ZONE, &["--crm", what], &path).unwrap();
        path
    }
}
