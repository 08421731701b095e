//! Cohorts that an admin gave a name.

use mrr_tests::Cluster;

use super::{book, refused};

#[test]
fn a_name_stands_for_its_definition() {
    let cluster = Cluster::of_this_machine().unwrap();
    let database = book(&cluster, "cohort_named");
    let members = |cohort: &str| {
        let query = "select string_agg(a.id || ' ' || c.days::text, ' ' order by a.id) from mrr_cohort(";
        database.run(&format!("{query}'{cohort}') c join revenue.account a on a.key = c.account_key")).expect(cohort)
    };
    database
        .run("select create_cohort('key accounts', 'segment:SMB,Enterprise and country:DE', 'who Ana looks after')")
        .unwrap();
    database
        .run("select create_cohort('Pros', 'plan:Pro'), create_cohort('both', 'pros and cohort:\"Key Accounts\"')")
        .unwrap();
    assert_eq!(members("key accounts"), "a {2025-03-01,infinity} b {2025-01-01,2025-03-15}");
    assert_eq!(members("KEY accounts and plan:Pro"), "a {2025-03-01,2025-06-01} b {2025-03-01,2025-03-15}");
    assert_eq!(members("both"), members("KEY accounts and plan:Pro"));
    assert_eq!(
        members("cohort:Pros,\"key accounts\""),
        "a {2025-01-01,infinity} b {2025-01-01,2025-04-01,2025-08-01,infinity}"
    );
    // Once never together, once together: only the one who is together at some time.
    database.run("select create_cohort('never', 'plan:Pro and segment:Enterprise and plan:Team')").unwrap();
    assert_eq!(members("never"), "");
    assert_eq!(members("cohort:never,both"), members("both"));
    let asked =
        "select mrr_at('2025-03-10', 'key accounts'), nrr('key accounts', trailing_period('1 month', '2025-04-09')),
                        (select count(*) from mrr_movements('2025-01-01', '2025-04-01', cohort => 'both'))";
    assert_eq!(database.run(asked).unwrap(), "200|0.5|3");
    assert_eq!(
        database.run("select name, definition, description from revenue.cohort where name like 'k%'").unwrap(),
        "key accounts|segment:SMB,Enterprise and country:DE|who Ana looks after"
    );

    // Another definition is taken when that is what is asked for; what it is for stays said.
    refused(
        &database,
        "select create_cohort('PROS', 'plan:Team')",
        "42710",
        &["cohort \"PROS\" exists already", "replace => true"],
    );
    database.run("select create_cohort('PROS', 'plan:Team', replace => true)").unwrap();
    assert_eq!(members("pros"), members("plan:Team"));
    assert_eq!(members("both"), members("plan:Team and key accounts"));
    refused(&database, "select drop_cohort('pros')", "2BP01", &["cohort \"pros\" is used by cohort \"both\""]);
    database.run("select drop_cohort('Both'), drop_cohort('pros')").unwrap();
    refused(
        &database,
        "select * from mrr_cohort('pros')",
        "22023",
        &["there is no cohort \"pros\"", "Known: all, key accounts, never."],
    );
    refused(
        &database,
        "select drop_cohort('key acounts')",
        "22023",
        &["there is no cohort \"key acounts\"", "key accounts"],
    );
    refused(&database, "select drop_cohort(null)", "22023", &["there is no cohort \"null\""]);
}

#[test]
fn a_mistake_in_a_definition_is_found_when_it_is_made() {
    let cluster = Cluster::of_this_machine().unwrap();
    let database = book(&cluster, "cohort_mistakes");
    let check = |name: &str, definition: &str, state: &str, words: &str| {
        refused(&database, &format!("select create_cohort('{name}', '{definition}')"), state, &[words]);
        assert_eq!(database.run("select count(*) from revenue.cohort").unwrap(), "0");
    };
    check("x", "plan:Prof", "22023", "no account ever had plan \"Prof\"");
    check("x", "plan:\"Pro", "22023", "the quote at position 6 of the cohort is not closed");
    check("x", "y", "22023", "there is no cohort \"y\"");
    check("x", "x", "22023", "there is no cohort \"x\"");
    check("x", "", "22023", "the cohort is empty");
    for name in ["", " x", "x ", "all", "ALL", "a,b", "a:b", "a;b", "a and b", "and", "\"a\"", "a\"", "plan:Pro"] {
        check(name, "plan:Pro", "22023", "");
    }
    refused(
        &database,
        "select create_cohort(null, 'plan:Pro')",
        "22023",
        &["a cohort can't be called \"null\"", "A name is made of words"],
    );
    refused(&database, "select create_cohort('x', null)", "22023", &["cohort must not be null"]);

    // A circle that is closed later, or by hand.
    database
        .run("select create_cohort('a', 'plan:Pro'), create_cohort('b', 'a and country:DE'), create_cohort('c', 'b')")
        .unwrap();
    let closing = "select create_cohort('a', 'plan:Team and C', replace => true)";
    refused(&database, closing, "22023", &["cohort \"a\" comes back to itself", "By way of a, c, b, a."]);
    assert_eq!(database.run("select definition from revenue.cohort where name = 'a'").unwrap(), "plan:Pro");
    database.run("update revenue.cohort set definition = 'c' where name = 'a'").unwrap();
    refused(
        &database,
        "select mrr_at('2025-03-10', 'b')",
        "22023",
        &["cohort \"b\" comes back to itself", "By way of b, a, c, b."],
    );

    // A tower, and one that doubles on every floor.
    database
        .run(
            "do $$ begin
               perform create_cohort('t0', 'plan:Pro');
               for i in 1 .. 15 loop perform create_cohort('t' || i, 't' || i - 1); end loop;
               perform create_cohort('d0', 'plan:Pro');
               for i in 1 .. 6 loop perform create_cohort('d' || i, format('d%1$s and d%1$s and d%1$s', i - 1)); end loop;
             end $$",
        )
        .unwrap();
    refused(&database, "select create_cohort('t16', 't15')", "22023", &["more than 16 deep"]);
    refused(
        &database,
        "select create_cohort('d7', 'd6 and d6 and d6 and d6 and d6 and d6')",
        "22023",
        &["is too large with all the cohorts"],
    );
}
