//! A company, synced.

use mrr_tests::{Cluster, Company, Comparison, Daemon, Database, END, Outcome, Profile, World, compare};

/// A zone with summer time, so that days are not the API's days.
const TIME_ZONE: &str = "Europe/Berlin";

/// A company with a database that a daemon has migrated.
pub struct Synced<'a> {
    pub world: World,
    pub company: Company,
    pub database: Database<'a>,
    pub daemon: Daemon,
}

impl<'a> Synced<'a> {
    /// Serves the company and migrates a new database; nothing is synced yet.
    pub fn migrated(cluster: &'a Cluster, name: &str, world: World, serve: &[&str]) -> Outcome<Self> {
        let company = world.serve(Profile::Dev, serve)?;
        let database = cluster.create(name)?;
        let daemon = Daemon::new(Profile::Dev, &company.configuration(&database.url(), TIME_ZONE))?;
        world.write_rates(Profile::Dev, &daemon.folder().path().join("rates.csv"))?;
        daemon.run(&["migrate"])?;
        Ok(Self { world, company, database, daemon })
    }

    /// Compares every account on every day with the truth.
    pub fn compare(&self) -> Outcome<Comparison> {
        let folder = self.daemon.folder().path();
        let truth = folder.join("truth.csv");
        self.world.write_truth(Profile::Dev, TIME_ZONE, &[], &truth)?;
        compare(&self.database, &truth, &folder.join("rates.csv"), &self.world.first_day(), END)
    }

    /// Everything that a sync writes, without keys and times, as one line a table.
    pub fn contents(&self) -> Outcome<String> {
        self.database.run(
            "select 'raw', count(*), md5(string_agg(concat_ws('|', source, stream, id, version, account, payload, hash, deleted), ',' order by source, stream, id, version)) from raw.record
             union all
             select 'account', count(*), md5(string_agg(concat_ws('|', source, id, name), ',' order by source, id)) from revenue.account
             union all
             select 'segment', count(*), md5(string_agg(concat_ws('|', a.id, s.contract, s.item, s.plan, s.currency, s.valid_from, s.valid_until, s.gross, s.net, s.amount, s.quantity, s.billing_interval, s.evidence, s.origin), ',' order by a.id, s.contract, s.item, s.valid_from, s.valid_until)) from revenue.segment s join revenue.account a on a.key = s.account_key where s.known_until = 'infinity'
             union all
             select 'attribute', count(*), md5(string_agg(concat_ws('|', a.id, t.name, t.value, t.valid_from, t.valid_until), ',' order by a.id, t.name, t.valid_from)) from revenue.attribute t join revenue.account a on a.key = t.account_key where t.known_until = 'infinity'
             union all
             select 'timeline', count(*), md5(string_agg(concat_ws('|', t.measure, a.id, t.steps), ',' order by t.measure, a.id)) from revenue.timeline t join revenue.account a on a.key = t.account_key
             union all
             select 'day_change', count(*), md5(string_agg(concat_ws('|', measure, currency, day, trim_scale(change)), ',' order by measure, currency, day)) from revenue.day_change
             union all
             select 'month_change', count(*), md5(string_agg(concat_ws('|', measure, currency, month, trim_scale(change)), ',' order by measure, currency, month)) from revenue.month_change
             union all
             select 'problem', count(*), md5(string_agg(concat_ws('|', source, stream, record, field, account, message), ',' order by source, stream, record, field)) from ops.problem
             union all
             select 'touched', count(*), md5(string_agg(concat_ws('|', source, account), ',' order by source, account)) from ops.touched",
        )
    }
}
