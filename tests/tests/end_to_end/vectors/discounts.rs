//! Coupons: for ever, for some months, for one billing, larger than the price, and over several items.

use super::questions::Questions;

pub fn ask(questions: &mut Questions) {
    for (case, on_30_june, on_31_december) in [
        ("V13 half off for ever", "50 EUR of 100", "50 EUR of 100"),
        ("V13 half off, still running", "50 EUR of 100", "50 EUR of 100"),
        ("V13 half off, run out in September", "50 EUR of 100", "100 EUR"),
        ("V13 half off once", "100 EUR", "100 EUR"),
        ("F4 everything off once", "100 EUR", "100 EUR"),
    ] {
        questions.account(case, "2025-06-30", on_30_june);
        questions.account(case, "2025-12-31", on_31_december);
    }
    let case = "V13 half off, run out in September";
    questions.mrr(case, &[("2025-09-09", "50"), ("2025-09-10", "100")]);
    questions.movements(case, ("2025-09-01", "2025-10-01"), "opening 50, expansion 50, closing 100");

    // By other policies: on a day within each discount's time.
    for (case, forever, all) in [
        ("V13 half off for ever", "50", "50"),
        ("V13 half off, still running", "100", "50"),
        ("V13 half off, run out in September", "100", "50"),
        ("V13 half off once", "100", "50"),
    ] {
        for (policy, expected) in [("stripe_like", forever), ("chartmogul_like", all)] {
            let sql = format!("select mrr from account_mrr('2025-06-30', policy => '{policy}') where name = '{case}'");
            questions.ask(case, &sql, expected);
        }
    }

    // A customer who pays nothing is listed with 0, was never new and is never lost.
    for case in ["V26 more off than it costs", "F4 everything off for ever"] {
        questions.account(case, "2025-12-31", "0 EUR of 100");
        questions.movements(case, ("2025-03-01", "2025-04-01"), "");
        let since = format!("select since from account_mrr('2025-12-31') where name = '{case}'");
        questions.ask(case, &since, "null");
    }

    let case = "V15 plan and add-on";
    questions.mrr(case, &[("2025-03-10", "150"), ("2025-12-31", "150")]);
    questions.items(case, "2025-12-31", "e.mrr", "75 V15 add-on, 75 V15 plan and add-on");

    questions.mrr("V20", &[("2025-10-09", "0"), ("2025-10-10", "1155"), ("2025-12-31", "1155")]);

    questions.account("V27 one", "2025-12-31", "200 EUR of 300");
    let sql = "select string_agg(taken, ', ' order by taken desc) from (
                 select trim_scale((e.gross_arr - e.arr) / 12)::text as taken
                   from revenue.account a cross join mrr_explain(a.id, '2025-12-31') e where a.name = 'V27 one') items";
    questions.ask("V27 one", sql, "33.34, 33.33, 33.33");
}
