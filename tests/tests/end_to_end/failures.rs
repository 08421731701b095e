//! What an admin gets when something is wrong: one sentence that names the thing and the remedy,
//! an exit code that is not 0, and nothing half-written.

use std::process::Command;

use mrr_tests::{Cluster, Daemon, Folder, Profile, Repertoire, World};

use crate::synced::Synced;

const WORLD: World = World { seed: 8, accounts: 20, months: 12, repertoire: Repertoire::Plain };

/// The command fails, and the last thing it says has all of `parts`, on one line.
#[track_caller]
fn fails(daemon: &Daemon, arguments: &[&str], parts: &[&str]) {
    let finished = daemon.finish(arguments).unwrap();
    assert_ne!(finished.code, 0, "mrrd {} went well:\n{}{}", arguments.join(" "), finished.stdout, finished.stderr);
    let said = format!("{}{}", finished.stdout, finished.stderr);
    let sentence = said.lines().rev().find(|line| parts.iter().all(|part| line.contains(part)));
    assert!(sentence.is_some(), "mrrd {} said nothing with all of {parts:?}:\n{said}", arguments.join(" "));
    assert!(!said.contains("sk_test_sandbox") && !said.contains("sk_test_wrong"), "a key is shown:\n{said}");
    assert!(!said.contains("panicked"), "{said}");
}

#[test]
fn what_the_source_refuses_is_named_and_nothing_is_written() {
    let cluster = Cluster::of_this_machine().unwrap();
    let synced = Synced::migrated(&cluster, "refused", WORLD, &[]).unwrap();
    let good = synced.company.configuration(&synced.database.url(), "UTC").replace("UTC", "Europe/Berlin");
    let rows = "select (select count(*) from raw.record), (select count(*) from revenue.account)";

    synced.daemon.configure(&good.replace("sk_test_sandbox", "sk_test_wrong")).unwrap();
    fails(&synced.daemon, &["sync"], &["the key is not accepted", "check that"]);
    fails(&synced.daemon, &["check"], &["the key is not accepted", "check that"]);
    synced.daemon.configure(&good.replace(synced.company.address(), "http://127.0.0.1:9")).unwrap();
    fails(&synced.daemon, &["check"], &["127.0.0.1:9", "reach"]);
    assert_eq!(synced.database.run(rows).unwrap(), "0|0");

    synced.daemon.configure(&good).unwrap();
    synced.daemon.run(&["check"]).unwrap();
    synced.daemon.run(&["sync"]).unwrap();
    assert_eq!(synced.compare().unwrap().differences, 0);
}

#[test]
fn a_permission_that_may_be_missing_is_named_and_all_else_is_synced() {
    let cluster = Cluster::of_this_machine().unwrap();
    let world = World { seed: 3, accounts: 20, months: 14, repertoire: Repertoire::Full };
    let synced = Synced::migrated(&cluster, "forbidden", world, &["--forbid", "refunds"]).unwrap();
    let remedy = "grant it the permission `rak_charge_read`";
    fails(&synced.daemon, &["check"], &["stripe.refunds", remedy, "Charges and Refunds"]);

    let problem = "select stream, record, message from ops.problem where stream = 'refunds'";
    let strict = "insert into revenue.policy (name, refunded) values ('strict', false)";
    let refunded = "select count(*) from revenue.segment where refunded and known_until = 'infinity'";
    let ended = "select count(*) from ops.run where status = 'problems'";
    synced.database.run(strict).unwrap();
    for _ in 0..2 {
        let finished = synced.daemon.finish(&["sync"]).unwrap();
        assert_eq!(finished.code, 3, "{}{}", finished.stdout, finished.stderr);
        let said = synced.database.run(problem).unwrap();
        assert!(
            said.starts_with("refunds|all|") && said.contains(remedy) && said.contains("all else is synced"),
            "{said}"
        );
    }
    assert_eq!(synced.database.run(ended).unwrap(), "2");
    let followed = synced.daemon.finish(&["follow"]).unwrap();
    assert!([0, 3].contains(&followed.code), "{}{}", followed.stdout, followed.stderr);
    assert_eq!(synced.database.run(refunded).unwrap(), "0");
    assert!(synced.database.run("select count(*) > 20 from revenue.segment").unwrap() == "t");
    let status = synced.daemon.finish(&["status"]).unwrap();
    assert!(status.code == 0 && status.stdout.contains(remedy), "{}", status.stdout);

    // Who grants it has what was missing with the next sync, and nothing is left of the problem.
    let granted = world.serve(Profile::Dev, &[]).unwrap();
    let with = granted.configuration(&synced.database.url(), "Europe/Berlin");
    synced.daemon.configure(&with).unwrap();
    let finished = synced.daemon.finish(&["sync"]).unwrap();
    assert_eq!(synced.database.run(problem).unwrap(), "", "{}", finished.stdout);
    assert_ne!(synced.database.run(refunded).unwrap(), "0");
}

#[test]
fn what_is_wrong_in_the_file_is_named_with_its_line() {
    let daemon = Daemon::new(Profile::Dev, "").unwrap();
    let check = |toml: &str, parts: &[&str]| {
        daemon.configure(toml).unwrap();
        fails(&daemon, &["check"], parts);
    };
    let book = "[book]\ncurrency = \"EUR\"\n[database]\nurl = \"postgresql:///nowhere\"\n";
    check(&book.replace("currency", "curency"), &["mrrd.toml:2", "curency", "currency"]);
    check(&book.replace("EUR", "EURO"), &["mrrd.toml:2", "EURO"]);
    check(&format!("{book}[sources.a]\nconnector = \"strip\"\n"), &["mrrd.toml:6", "strip", "stripe"]);
    check(&format!("{book}[sources.a]\nconnector = \"stripe\"\napi_key = \"${{env:NOT_THERE}}\"\n"), &["NOT_THERE"]);
    check(
        &format!("{book}[sources.a]\nconnector = \"stripe\"\napi_key = \"x\"\nschedule = \"every day\"\n"),
        &["mrrd.toml:8", "every day"],
    );
}

#[test]
fn what_the_database_lacks_is_named() {
    let cluster = Cluster::of_this_machine().unwrap();
    let synced = Synced::migrated(&cluster, "lacking", WORLD, &[]).unwrap();
    let url = synced.database.url();
    let configure = |url: &str| synced.daemon.configure(&synced.company.configuration(url, "Europe/Berlin")).unwrap();

    configure(&url.replace("/lacking?", "/nothing_here?"));
    fails(&synced.daemon, &["migrate"], &["nothing_here", "createdb"]);
    configure("postgresql://127.0.0.1:9/lacking?user=postgres");
    fails(&synced.daemon, &["sync"], &["PostgreSQL can't be reached", "url"]);

    // A role without rights, and a database that nobody has migrated.
    let plain = cluster.create("plain").unwrap();
    plain.run("create role nobody_special login; revoke create on database plain from public").unwrap();
    configure(&plain.url());
    fails(&synced.daemon, &["sync"], &["mrrd migrate"]);
    configure(&plain.url_as("nobody_special"));
    fails(&synced.daemon, &["migrate"], &["nobody_special", "grant"]);
    assert_eq!(plain.run("select count(*) from pg_namespace where nspname in ('raw', 'revenue', 'ops')").unwrap(), "0");
}

#[test]
fn a_server_without_the_extension_is_told_how_to_get_it() {
    // PostgreSQL finds its folders from where its programs are, so a copy without pg_mrr is a
    // server that lacks it.
    let copy = Folder::new("bare").unwrap();
    let script = format!(
        "set -e; cd {copy}; mkdir -p lib/postgresql share/postgresql
         cp -r /usr/lib/postgresql/15 lib/postgresql/; cp -r /usr/share/postgresql/15 share/postgresql/
         rm -f share/postgresql/15/extension/pg_mrr* lib/postgresql/15/lib/pg_mrr.so
         printf '#!/bin/sh\\necho {copy}/lib/postgresql/15/bin\\n' > pg_config; chmod +x pg_config",
        copy = copy.path().display()
    );
    assert!(Command::new("sh").args(["-c", &script]).status().unwrap().success());
    let cluster = Cluster::start(&copy.path().join("pg_config")).unwrap();
    let company = WORLD.serve(Profile::Dev, &[]).unwrap();
    let database = cluster.create("bare").unwrap();
    let daemon = Daemon::new(Profile::Dev, &company.configuration(&database.url(), "UTC")).unwrap();
    WORLD.write_rates(Profile::Dev, &daemon.folder().path().join("rates.csv")).unwrap();
    fails(&daemon, &["migrate"], &["pg_mrr", "cargo x install"]);
    assert_eq!(
        database.run("select count(*) from pg_namespace where nspname in ('raw', 'revenue', 'ops')").unwrap(),
        "0"
    );
}

#[test]
fn a_full_disk_is_named_and_the_sync_goes_on_afterwards() {
    let cluster = Cluster::of_this_machine().unwrap();
    let disk = Folder::new("disk").unwrap();
    let place = disk.path().display().to_string();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m,uid=postgres", "tmpfs", &place]).output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        println!("skipped: a small disk can't be mounted here");
        return;
    }
    let outcome = std::panic::catch_unwind(|| {
        let world = World { accounts: 60, months: 24, ..WORLD };
        let synced = Synced::migrated(&cluster, "full", world, &[]).unwrap();
        let admin = cluster.database("postgres");
        admin.run(&format!("create tablespace small location '{place}'")).unwrap();
        synced.database.run("alter table raw.record set tablespace small").unwrap();
        fails(&synced.daemon, &["sync"], &["disk", "full"]);
        // What was written before is whole; with room again, the rest follows.
        synced.database.run("alter table raw.record set tablespace pg_default").unwrap();
        synced.daemon.run(&["sync"]).unwrap();
        assert_eq!(synced.compare().unwrap().differences, 0);
        admin.run("drop tablespace small").unwrap();
    });
    drop(cluster);
    Command::new("umount").arg(&place).status().unwrap();
    outcome.unwrap();
}
