//! What the database looks like to whoever looks into it, and what survives there.

use mrr_tests::{Cluster, Daemon, Profile, Repertoire, World, schema};

use crate::synced::Synced;

#[test]
fn everything_says_what_it_is() {
    let cluster = Cluster::of_this_machine().unwrap();
    let database = cluster.create("commented").unwrap();
    database.run(&schema().unwrap()).unwrap();
    let silent = database
        .run(
            "select n.nspname || '.' || c.relname || coalesce('.' || a.attname, '')
               from pg_class c
               join pg_namespace n on n.oid = c.relnamespace
               left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
              where n.nspname in ('raw', 'revenue', 'ops') and c.relkind in ('r', 'p', 'v')
                and (col_description(c.oid, a.attnum) is null or obj_description(c.oid, 'pg_class') is null)
             union all
             select p.oid::regprocedure::text
               from pg_proc p join pg_depend d on d.objid = p.oid and d.classid = 'pg_proc'::regclass and d.deptype = 'e'
               join pg_extension e on e.oid = d.refobjid and e.extname = 'pg_mrr'
              where obj_description(p.oid, 'pg_proc') is null
              order by 1",
        )
        .unwrap();
    assert_eq!(silent, "", "nothing says what these are");
}

#[test]
fn the_extension_can_be_dropped_and_comes_back() {
    let cluster = Cluster::of_this_machine().unwrap();
    let synced = Synced::migrated(
        &cluster,
        "dropped",
        World { seed: 4, accounts: 30, months: 18, repertoire: Repertoire::Plain },
        &[],
    )
    .unwrap();
    synced.daemon.run(&["sync"]).unwrap();
    let before = synced.contents().unwrap();
    synced.database.run("set client_min_messages = error; drop extension pg_mrr cascade").unwrap();
    synced.daemon.run(&["migrate"]).unwrap();
    assert_eq!(synced.contents().unwrap(), before);
    assert_eq!(synced.compare().unwrap().differences, 0);
    // And a rebuild in place finds the same, whatever was there.
    synced.database.run("delete from revenue.timeline; update revenue.day_change set change = 7; update revenue.month_change set change = 7").unwrap();
    synced.database.run("select mrr_rebuild()").unwrap();
    assert_eq!(synced.contents().unwrap(), before);
}

#[test]
fn a_server_on_a_port_is_spoken_to_by_tls_and_its_certificate_verified() {
    let cluster = Cluster::of_this_machine().unwrap();
    let certified = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let port = cluster.encrypt(&certified.cert.pem(), &certified.signing_key.serialize_pem()).unwrap();
    let migrated = |address: String, more: &str| {
        let toml = format!("[book]\ncurrency = \"EUR\"\n[database]\nurl = \"{address}\"\n{more}");
        let daemon = Daemon::new(Profile::Dev, &toml).unwrap();
        daemon.folder().write("server.pem", &certified.cert.pem()).unwrap();
        daemon.finish(&["migrate"]).unwrap()
    };
    let address = |mode: &str| format!("postgresql://postgres@127.0.0.1:{port}/postgres{mode}");
    let encrypted = migrated(address("?sslmode=require"), "root_certificate = \"server.pem\"\n");
    assert_eq!(encrypted.code, 0, "{}{}", encrypted.stdout, encrypted.stderr);

    let unknown = migrated(address("?sslmode=require"), "");
    assert_eq!(unknown.code, 1);
    assert!(
        unknown.stderr.contains("don't agree on TLS") && unknown.stderr.contains("root_certificate"),
        "{}",
        unknown.stderr
    );
    // On this machine nothing leaves it, so plain is what is spoken when nothing else is said.
    assert_eq!(migrated(address(""), "").code, 0);
}
