//! Sets of customers of which some come, go and change.

use super::questions::Questions;

pub fn ask(questions: &mut Questions) {
    questions.mrr("V1", &[("2025-01-31", "25"), ("2025-02-28", "85")]);
    questions.ask("V1", "select trim_scale(round(arpa('2025-02-28', 'plan:V1'), 4))", "12.1429");

    let january = ("2025-01-01", "2025-02-01");
    questions.movements("V7", january, "opening 100, expansion 10, contraction 10, churn 10, closing 90");
    for (metric, answer) in
        [("gross_churn", "0.2"), ("net_churn", "0.1"), ("grr", "0.8"), ("nrr", "0.9"), ("quick_ratio", "0.5")]
    {
        questions.ratio(metric, "V7", january, answer);
    }

    questions.movements("V8", january, "opening 100, new 10, expansion 10, closing 120");
    // Nothing was lost, so there is no quick ratio.
    for (metric, answer) in [("net_churn", "-0.1"), ("nrr", "1.1"), ("gross_churn", "0"), ("quick_ratio", "null")] {
        questions.ratio(metric, "V8", january, answer);
    }

    // Twelve ended, one of them came back and one was not there at the opening.
    let november = ("2025-11-01", "2025-12-01");
    questions.records("V9 %", "subscriptions", "count(*) filter (where payload->>'ended_at' is not null)", "12");
    questions.movements("V9", november, "opening 1000, churn 100, closing 900");
    questions.ratio("logo_churn", "V9", november, "0.1");
    questions.ratio("lifetime", "V9", november, "10");

    let six = "select string_agg(trim_scale(logo_churn('plan:V10', daterange(m::date, (m + interval '1 month')::date)))::text, ' ')
                 from generate_series(timestamp '2025-07-01', '2025-12-01', '1 month') m";
    questions.ask("V10", six, "0.05 0.05 0.05 0.05 0.05 0.05");
    questions.ask("V10", "select trim_scale(arpa('2025-12-31', 'plan:V10'))", "100");
    questions.ask("V10", "select trim_scale(ltv('2025-12-31', 1, 'plan:V10'))", "2000");
    questions.ask("V10", "select trim_scale(ltv('2025-12-31', 0.8, 'plan:V10'))", "1600");

    questions.mrr("V12", &[("2025-11-30", "12500"), ("2025-12-31", "12500")]);
    questions.ask("V12", "select count(*) from account_mrr('2025-12-31', 'plan:V12')", "150");

    let quarter = ("2025-01-01", "2025-04-01");
    let case = "V23 up and down";
    questions.mrr("V23", &[("2025-01-31", "100"), ("2025-02-28", "150"), ("2025-03-31", "120")]);
    questions.account(case, "2025-03-31", "120 EUR");
    questions.ratio("nrr", "V23", quarter, "1.2");
    questions.ratio("grr", "V23", quarter, "1");
    questions.ratio("grr_path", "V23", quarter, "0.7");
    let lost = "select sum(contraction) from mrr_movements('2025-01-01', '2025-04-01', 'day', 'plan:V23')";
    questions.ask("V23", lost, "30");

    questions.mrr("V24", &[("2024-12-31", "100"), ("2025-02-28", "150"), ("2025-03-31", "100")]);
    questions.movements("V24", quarter, "opening 100, closing 100");
    questions.ratio("nrr", "V24", quarter, "1");
    questions.ratio("logo_churn", "V24", quarter, "0");

    // The book is in euro, so the rate moves in a report in dollars: 1.25 at the opening and 1.60 at the closing.
    let sql = "select concat_ws(' ', opening, fx, expansion, contraction, closing)
                 from mrr_movements('2025-06-01', '2025-07-01', 'month', 'plan:V25', 'USD')";
    questions.ask("V25", sql, "125 35 0 0 160");
    for metric in ["nrr", "grr"] {
        let sql = format!("select trim_scale({metric}('plan:V25', '[2025-06-01,2025-07-01)', 'USD'))");
        questions.ask("V25", &sql, "1");
    }
}
