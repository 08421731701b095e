//! The worked examples, as data: a book, a question, an answer.
//!
//! They are numbered as the requirements number them. Those that depend on what a source says
//! (a status, a refund: V21, V28) arrive through a connector, as all do once more; LTV and CMRR
//! (V10, V11) are put together in SQL.

use crate::support::Book;

/// A question is `mrr DAY`, `arr DAY`, `items DAY`, `movements FROM UNTIL`, `nrr FROM UNTIL`, `grr FROM UNTIL`
/// or `logo churn FROM UNTIL`.
fn check(vector: &str, book: &str, questions: &[(&str, &str)]) {
    let book = Book::read(book);
    for (question, expect) in questions {
        let words: Vec<&str> = question.split_whitespace().collect();
        let answer = match words[..] {
            ["mrr", day] => book.mrr(day),
            ["arr", day] => book.arr(day),
            ["items", day] => book.items(day),
            ["movements", from, until] => book.movements(from, until),
            ["nrr", from, until] => book.nrr(from, until),
            ["grr", from, until] => book.grr(from, until),
            ["logo", "churn", from, until] => {
                let sums = book.retention(from, until);
                format!("{} of {}", sums.lost, sums.accounts)
            }
            _ => panic!("{question}"),
        };
        assert_eq!(answer, *expect, "{vector}: {question}");
    }
}

#[test]
fn v1_customers_add_up() {
    let book = "5* a s/i 5 EUR every 1 month 2025-01-10..
                2* b s/i 30 EUR every 1 month 2025-02-10..";
    check("V1", book, &[("mrr 2025-01-31", "25"), ("mrr 2025-02-28", "85")]);
}

#[test]
fn v2_a_second_plan_is_expansion_and_its_end_contraction() {
    let book = "a s/i 2000 EUR every 1 year 2025-01-10..
                a t/i 60 EUR every 1 month 2025-02-10..2025-03-10";
    check(
        "V2",
        book,
        &[
            ("movements 2025-01-01 2025-02-01", "new 166.666666666666666667, closing 166.666666666666666667"),
            (
                "movements 2025-02-01 2025-03-01",
                "opening 166.666666666666666667, expansion 60, closing 226.666666666666666667",
            ),
            (
                "movements 2025-03-01 2025-04-01",
                "opening 226.666666666666666667, contraction 60, closing 166.666666666666666667",
            ),
        ],
    );
}

#[test]
fn v3_a_return_is_reactivation() {
    let book = "a s/i 2000 EUR every 1 year 2024-01-10..2025-01-10
                a t/i 3 x 50 EUR every 1 month 2025-05-10..";
    check(
        "V3",
        book,
        &[
            ("movements 2025-01-01 2025-02-01", "opening 166.666666666666666667, churn 166.666666666666666667"),
            ("movements 2025-05-01 2025-06-01", "reactivation 150, closing 150"),
        ],
    );
}

#[test]
fn v4_v17_three_months_are_a_quarter_of_a_year() {
    check("V4", "a s/i 90 EUR every 3 months 2025-01-10..", &[("mrr 2025-01-31", "30")]);
    check("V17", "a s/i 20 x 30 EUR every 3 months 2020-07-01..2020-10-01", &[("mrr 2020-09-30", "200")]);
}

#[test]
fn v5_v6_changes_count_from_their_day_at_their_full_value() {
    let book = "a s/i 100 EUR every 1 month 2025-01-01..2025-02-01
                a t/i 250 EUR every 1 month 2025-02-01..";
    check("V5", book, &[("movements 2025-02-01 2025-03-01", "opening 100, expansion 150, closing 250")]);
    let book = "a s/i 1 x 50 EUR every 1 month 2025-03-01..2025-03-16
                a s/i 2 x 50 EUR every 1 month 2025-03-16..";
    check("V6", book, &[("mrr 2025-03-15", "50"), ("mrr 2025-03-16", "100")]);
}

#[test]
fn v7_v8_the_requirements_own_ratios() {
    let book = "a s/i 10 EUR every 1 month 2024-01-01..2025-01-15
                b s/i 20 EUR every 1 month 2024-01-01..2025-01-15
                b s/i 10 EUR every 1 month 2025-01-15..
                c s/i 70 EUR every 1 month 2024-01-01..2025-01-15
                c s/i 80 EUR every 1 month 2025-01-15..";
    let expect = "opening 100, expansion 10, contraction 10, churn 10, closing 90";
    check("V7", book, &[("movements 2025-01-01 2025-02-01", expect), ("nrr 2025-01-01 2025-02-01", "0.9")]);
    let book = "a s/i 100 EUR every 1 month 2024-01-01..2025-01-15
                a s/i 110 EUR every 1 month 2025-01-15..
                b s/i 10 EUR every 1 month 2025-01-20..";
    let expect = "opening 100, new 10, expansion 10, closing 120";
    check("V8", book, &[("movements 2025-01-01 2025-02-01", expect), ("nrr 2025-01-01 2025-02-01", "1.1")]);
}

#[test]
fn v9_logo_churn_takes_the_accounts_of_the_opening() {
    let book = "89* stay s/i 10 EUR every 1 month 2024-01-01..
                10* lost s/i 10 EUR every 1 month 2024-01-01..2025-01-10
                back s/i 10 EUR every 1 month 2024-01-01..2025-01-10
                back t/i 10 EUR every 1 month 2025-01-20..
                joined s/i 10 EUR every 1 month 2025-01-05..2025-01-15";
    check("V9", book, &[("logo churn 2025-01-01 2025-02-01", "10 of 100")]);
}

#[test]
fn v12_intervals_mix() {
    let book = "100* a s/i 100 EUR every 1 month 2025-01-01..
                50* b s/i 600 EUR every 1 year 2025-01-01..";
    check("V12", book, &[("mrr 2025-01-31", "12500"), ("arr 2025-01-31", "150000")]);
}

#[test]
fn v13_v20_discounts_by_duration() {
    let priced = |duration: &str| {
        format!("a s/i 1200 EUR every 1 year 2025-01-01..\na s off 50% {duration} 2025-01-01..2026-01-01")
    };
    check("V13 forever", &priced("forever"), &[("mrr 2025-06-30", "50")]);
    check("V13 repeating", &priced("repeating"), &[("mrr 2025-06-30", "50"), ("mrr 2026-06-30", "100")]);
    check("V13 once", &priced("once"), &[("mrr 2025-06-30", "100")]);
    let book = "77* a s/i 15 EUR every 1 month 2025-01-01..\n77* a s off 14 EUR once 2025-01-01..2025-02-01";
    check("V20", book, &[("mrr 2025-01-31", "1155")]);
}

#[test]
fn v14_less_is_contraction_and_no_logo_is_lost() {
    let book = "a s/i 100 EUR every 1 month 2025-01-01..2025-02-10
                a s/i 70 EUR every 1 month 2025-02-10..";
    check(
        "V14",
        book,
        &[
            ("movements 2025-02-01 2025-03-01", "opening 100, contraction 30, closing 70"),
            ("logo churn 2025-02-01 2025-03-01", "0 of 1"),
        ],
    );
}

#[test]
fn v15_v26_v27_fixed_discounts_are_allocated() {
    let book = "a s/plan 100 EUR every 1 month 2025-01-01..
                a s/addon 100 EUR every 1 month 2025-01-01..
                a s off 50 EUR forever 2025-01-01..";
    check("V15", book, &[("mrr 2025-01-31", "150"), ("items 2025-01-31", "addon 75, plan 75")]);
    let book = "a s/i 100 EUR every 1 month 2025-01-01..\na s off 150 EUR forever 2025-01-01..";
    check("V26", book, &[("mrr 2025-01-31", "0"), ("movements 2025-01-01 2025-02-01", "")]);
    let book = "a s/one 100 EUR every 1 month 2025-01-01..
                a s/two 100 EUR every 1 month 2025-01-01..
                a s/three 100 EUR every 1 month 2025-01-01..
                a s off 100 EUR forever 2025-01-01..";
    // 100 off over three items of 100: what is left adds up to the cent.
    check("V27", book, &[("mrr 2025-01-31", "200"), ("items 2025-01-31", "one 66.66, three 66.67, two 66.67")]);
}

#[test]
fn v16_each_day_of_a_month_that_crosses_its_end() {
    let book = "a s/i 100 EUR every 1 month 2025-03-29..2025-04-29";
    let days = ["2025-03-29", "2025-03-30", "2025-03-31", "2025-04-15", "2025-04-28"];
    days.iter().for_each(|day| check("V16", book, &[(&format!("mrr {day}"), "100")]));
    check("V16", book, &[("mrr 2025-03-28", "0"), ("mrr 2025-04-29", "0")]);
}

#[test]
fn v18_a_ramp_is_never_added_to_itself() {
    let book = "a s/i 10 EUR every 1 month 2024-01-01..2025-01-01
                a s/i 100 EUR every 1 month 2025-01-01..2026-01-01";
    check("V18", book, &[("mrr 2024-12-31", "10"), ("mrr 2025-01-01", "100"), ("mrr 2026-01-01", "0")]);
}

#[test]
fn v19_v22_the_year_is_kept_exactly() {
    let book = "a s/i 100 EUR every 1 year 2025-01-01..2026-07-01";
    check("V19", book, &[("arr 2025-06-30", "100"), ("mrr 2025-06-30", "8.333333333333333333")]);
    let book = "a s/i 599.95 EUR every 1 year 2025-01-01..";
    check("V22", book, &[("arr 2025-06-30", "599.95"), ("mrr 2025-06-30", "49.995833333333333333")]);
}

#[test]
fn v23_v24_retention_looks_at_both_ends() {
    let book = "a s/i 100 EUR every 1 month 2024-01-01..2025-02-01
                a s/i 150 EUR every 1 month 2025-02-01..2025-03-01
                a s/i 120 EUR every 1 month 2025-03-01..";
    check("V23", book, &[("grr 2025-01-01 2025-04-01", "1"), ("nrr 2025-01-01 2025-04-01", "1.2")]);
    let book = "a s/i 100 EUR every 1 month 2024-01-01..
                b s/i 50 EUR every 1 month 2025-02-01..2025-03-01";
    check("V24", book, &[("nrr 2025-01-01 2025-04-01", "1")]);
}

#[test]
fn v25_a_moving_rate_is_fx_and_nothing_else() {
    let book = "a s/i 100 USD every 1 month 2024-01-01..
                rate 2024-12-31 0.9
                rate 2025-01-31 0.95";
    check(
        "V25",
        book,
        &[
            ("movements 2025-01-01 2025-02-01", "opening 90, fx 5, closing 95"),
            ("nrr 2025-01-01 2025-02-01", "1"),
            ("grr 2025-01-01 2025-02-01", "1"),
        ],
    );
}

#[test]
fn the_requirements_account_group() {
    let book = "stay s/i 875000 EUR every 1 month 2024-01-01..2025-02-01
                stay s/i 1025000 EUR every 1 month 2025-02-01..
                less s/i 100000 EUR every 1 month 2024-01-01..2025-02-01
                less s/i 75000 EUR every 1 month 2025-02-01..
                gone s/i 25000 EUR every 1 month 2024-01-01..2025-02-01";
    let expect = "opening 1000000, expansion 150000, contraction 25000, churn 25000, closing 1100000";
    check(
        "group",
        book,
        &[
            ("movements 2025-01-01 2026-01-01", expect),
            ("nrr 2025-01-01 2026-01-01", "1.1"),
            ("grr 2025-01-01 2026-01-01", "0.95"),
        ],
    );
    check(
        "contract",
        "a s/i 1200 EUR every 1 year 2025-01-10..2026-01-10",
        &[("mrr 2025-01-31", "100"), ("mrr 2025-12-31", "100")],
    );
}

#[test]
fn nothing_to_divide_by_is_undefined() {
    check("empty", "", &[("nrr 2025-01-01 2025-04-01", "undefined"), ("mrr 2025-01-01", "0")]);
    let book = "a s/i 10 EUR every 1 month 2025-02-01..";
    check(
        "no opening",
        book,
        &[("nrr 2025-01-01 2025-04-01", "undefined"), ("grr 2025-01-01 2025-04-01", "undefined")],
    );
}
