//! How long is contracted for, and how long is paid for at once.

use mrr_tests::{Cluster, World};

use super::questions::Questions;
use crate::synced::Synced;

const REFUNDED: &str = "V28 refunded and canceled later";

pub fn ask(questions: &mut Questions) {
    questions.mrr("V4 three months at once", &[("2025-02-09", "0"), ("2025-02-10", "30"), ("2025-12-31", "30")]);

    let case = "V16 one month across the end of March";
    questions.mrr(case, &[("2025-03-28", "0"), ("2025-03-31", "100"), ("2025-04-29", "0")]);
    let days = format!("mrr_series('2025-03-29', '2025-04-29', 'day', 'plan:\"{case}\"')");
    questions.ask(
        case,
        &format!("select count(*) || ' x ' || string_agg(distinct mrr::text, ' ') from {days}"),
        "31 x 100",
    );
    questions.movements(case, ("2025-03-01", "2025-04-01"), "new 100, closing 100");

    // The definition's quarter is of 2020 and its V28 begins in 2014; this company opens in 2024.
    let case = "V17 a quarter with 20 seats";
    questions.mrr(case, &[("2024-06-30", "0"), ("2024-07-01", "200"), ("2024-09-30", "200"), ("2024-10-01", "0")]);
    let months = format!("mrr_series('2024-07-01', '2024-10-01', 'month', 'plan:\"{case}\"')");
    questions.ask(case, &format!("select string_agg(mrr::text, ' ') from {months}"), "200 200 200");
    questions.records(case, "invoices", "string_agg(payload->>'total', ' ')", "60000");

    // Stripe has no contract value to ask for, and the sandbox bills the second year as a whole although it ends within:
    // 200. The TCV of 150 is what the eighteen months add up to.
    for (case, [start, last, end], months) in [
        ("V19 a term that is over", ["2024-03-10", "2025-09-09", "2025-09-10"], "'2024-03-01', '2025-09-01'"),
        ("V19 a term that runs", ["2025-03-10", "2026-09-09", "2026-09-10"], "'2025-03-01', '2026-09-01'"),
    ] {
        questions.mrr(case, &[(start, "8.333333333333333333"), (last, "8.333333333333333333"), (end, "0")]);
        questions.ask(case, &format!("select arr_at('{last}', 'plan:\"{case}\"')"), "100");
        let worth = format!("select trim_scale(sum(arr) / 12) from mrr_series({months}, 'month', 'plan:\"{case}\"')");
        questions.ask(case, &worth, "150");
    }
    questions.records("V19 a term that is over", "invoices", "sum((payload->>'total')::int)", "20000");

    let case = "V22 599.95 a year";
    questions.mrr(case, &[("2025-12-31", "49.995833333333333333")]);
    questions.ask(case, &format!("select arr_at('2025-12-31', 'plan:\"{case}\"')"), "599.95");

    refunded(questions, "2026-01-01");
    // A policy may let it end with the refund: then July has nothing left that could churn.
    let strict = format!("'plan:\"{REFUNDED}\"', policy => 'refunds_end'");
    for (day, mrr) in [("2025-01-14", "100"), ("2025-01-15", "0"), ("2025-07-31", "0")] {
        questions.ask(REFUNDED, &format!("select mrr_at('{day}', {strict})"), mrr);
    }
    questions.records(REFUNDED, "invoices", "max((payload->>'post_payment_credit_notes_amount')::int)", "30000");
}

/// What is asked of V28, as far as it had happened by a day: the refund of January moves nothing, and the end of July is
/// churn in July.
fn refunded(questions: &mut Questions, known_until: &str) {
    let months = format!("mrr_series('2024-12-01', '{known_until}', 'month', 'plan:\"{REFUNDED}\"')");
    let each = match known_until {
        "2025-02-01" => "100 100",
        "2025-08-01" => "100 100 100 100 100 100 100 0",
        _ => "100 100 100 100 100 100 100 0 0 0 0 0 0",
    };
    questions.ask(REFUNDED, &format!("select string_agg(mrr::text, ' ' order by day) from {months}"), each);
    for (from, until, answer) in [
        ("2024-12-01", "2025-01-01", "new 100, closing 100"),
        ("2025-01-01", "2025-02-01", "opening 100, closing 100"),
        ("2025-07-01", "2025-08-01", "opening 100, churn 100"),
    ] {
        if until <= known_until {
            questions.movements(REFUNDED, (from, until), answer);
        }
    }
}

#[test]
fn v28_the_answer_is_the_same_whenever_it_is_computed() {
    let cluster = Cluster::of_this_machine().unwrap();
    let synced = Synced::migrated(&cluster, "v28", World::VECTORS, &["--from=2025-02"]).unwrap();
    let mut computed = Vec::new();
    for (day, second) in [("2025-02-01", 1_738_368_000), ("2025-08-01", 1_754_006_400), ("2026-01-01", 1_767_225_600)] {
        synced.company.advance(second).unwrap();
        synced.daemon.run(&["sync"]).unwrap();
        computed.push(synced.database.run("select clock_timestamp()").unwrap());
        let mut questions = Questions::default();
        refunded(&mut questions, day);
        // As it was known each time before, too.
        for then in &computed {
            let january = format!("select mrr_at('2025-01-31', 'plan:\"{REFUNDED}\"', as_of => '{then}')");
            questions.ask(REFUNDED, &january, "100");
        }
        questions.check(&synced.database);
    }
}
