//! Who belongs to a cohort, on which days, and what is said about one that can't be asked for.

mod days;
mod named;
mod wrong;

use mrr_tests::{Cluster, Database, schema};

/// Four accounts whose segments and attributes overlap, touch, and were once known otherwise.
fn book<'a>(cluster: &'a Cluster, name: &str) -> Database<'a> {
    let database = cluster.create(name).unwrap();
    database.run(&format!("{}\n{}", schema().unwrap(), include_str!("book.sql"))).unwrap();
    database
}

/// Fails unless the query raises this state with these words.
fn refused(database: &Database<'_>, query: &str, state: &str, words: &[&str]) {
    let error = database.run(query).expect_err(query);
    assert!(error.contains(&format!("{state}:")), "{query}: not {state}:\n{error}");
    for word in words {
        assert!(error.contains(word), "{query}: no `{word}` in\n{error}");
    }
    assert!(!error.contains("XX000"), "{query}: an error of our own\n{error}");
}
