//! Faults of the list's first sixty that other tests have, or nobody.

use super::case::{Case, elsewhere, nowhere};

const WORKED: (&str, &str) = (
    "tests/tests/end_to_end/vectors/mod.rs",
    "the_worked_examples_and_the_money_faults_are_answered_as_the_definition_says",
);
const BROKEN: &str = "tests/tests/end_to_end/vectors/broken/mod.rs";
const SCHEDULE: &str = "daemon/src/schedule.rs";
const CONFIG: (&str, &str) = ("tests/tests/end_to_end/failures.rs", "what_is_wrong_in_the_file_is_named_with_its_line");

pub const CASES: &[Case] = &[
    elsewhere(
        "B10",
        "the server lacks the extension",
        "tests/tests/end_to_end/failures.rs",
        "a_server_without_the_extension_is_told_how_to_get_it",
        "",
    ),
    elsewhere("F1", "anchors on days that months lack", WORKED.0, WORKED.1, ""),
    elsewhere(
        "F5",
        "currencies without or with three decimals, and unknown ones",
        BROKEN,
        "f5_the_remedy_for_an_unknown_currency_is_one",
        "",
    ),
    elsewhere(
        "F6",
        "a rate is missing, and revised later",
        "tests/tests/end_to_end/vectors/rates.rs",
        "f6_a_missing_rate_is_an_error_that_names_currency_and_day_until_it_arrives",
        "",
    ),
    elsewhere(
        "F9",
        "a deleted customer, no items, a bill of nobody's",
        BROKEN,
        "f4_f5_f9_what_cannot_be_counted_is_listed_and_its_neighbours_are_right",
        "",
    ),
    elsewhere("K2", "an unknown key in the file", CONFIG.0, CONFIG.1, ""),
    elsewhere("K4", "a secret that is missing", CONFIG.0, CONFIG.1, "not a file that everybody may read"),
    nowhere(
        "K6",
        "names of 63 bytes, or that differ by case only",
        "records of all sources are rows of one table, so no name of a source becomes one of a table",
    ),
    nowhere(
        "L2",
        "a refresh token that may be used once",
        "Stripe's keys don't expire; no connector refreshes a token yet",
    ),
    nowhere("L3", "a grant that is revoked", "as L2; a key that is revoked is D4"),
    nowhere("T1", "a vendor's time without its zone", "Stripe tells seconds of Unix time"),
    elsewhere(
        "T2",
        "a schedule inside of the hour that is skipped",
        SCHEDULE,
        "the_rule_holds_around_changes_of_clocks",
        "",
    ),
    elsewhere(
        "T3",
        "a schedule inside of the hour that is repeated",
        SCHEDULE,
        "a_repeated_time_runs_once_a_day_but_in_each_real_hour",
        "",
    ),
];
