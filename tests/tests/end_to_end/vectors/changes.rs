//! Prices and quantities that change, and bills with negative lines.

use super::questions::Questions;

pub fn ask(questions: &mut Questions) {
    let case = "V2 annual plan";
    let annual = "166.666666666666666667";
    let both = "226.666666666666666667";
    questions.movements(case, ("2024-11-01", "2024-12-01"), &format!("new {annual}, closing {annual}"));
    let month = ("2025-02-01", "2025-03-01");
    questions.movements(case, month, &format!("opening {annual}, expansion 60, closing {both}"));
    questions.movements(
        case,
        ("2025-04-01", "2025-05-01"),
        &format!("opening {both}, contraction 60, closing {annual}"),
    );
    // Who has the second plan came to it with all of its MRR, and left it with what remained.
    let case = "V2 second plan";
    questions.movements(case, month, &format!("transfer {both}, closing {both}"));
    questions.movements(case, ("2025-04-01", "2025-05-01"), &format!("opening {both}, transfer -{both}"));

    let case = "V3 gone for some months";
    questions.movements(case, ("2025-01-01", "2025-02-01"), &format!("opening {annual}, churn {annual}"));
    questions.mrr(case, &[("2025-01-09", annual), ("2025-01-10", "0"), ("2025-05-09", "0"), ("2025-05-10", "150")]);
    questions.movements(case, ("2025-05-01", "2025-06-01"), "reactivation 150, closing 150");

    for case in ["V5 moved to a dearer price", "V5 replaced by a dearer subscription"] {
        questions.mrr(case, &[("2024-12-31", "0"), ("2025-01-31", "100"), ("2025-02-01", "250")]);
        questions.movements(case, ("2025-01-01", "2025-02-01"), "new 100, closing 100");
        questions.movements(case, ("2025-02-01", "2025-03-01"), "opening 100, expansion 150, closing 250");
    }

    let case = "V14 less";
    let february = ("2025-02-01", "2025-03-01");
    questions.movements(case, february, "opening 100, contraction 30, closing 70");
    questions.ratio("logo_churn", case, february, "0");
    questions.ratio("gross_churn", case, february, "0.3");

    let case = "V6 second seat";
    questions.mrr(case, &[("2025-04-15", "50"), ("2025-04-16", "100"), ("2025-05-31", "100")]);
    questions.movements(case, ("2025-04-16", "2025-04-17"), "opening 50, expansion 50, closing 100");
    let billed = "string_agg(payload->>'total', ' ') filter (where payload->>'billing_reason' = 'subscription_update')";
    questions.records(case, "invoices", billed, "2500");

    let case = "F4 negative lines";
    questions.mrr(case, &[("2025-05-19", "200"), ("2025-05-20", "50"), ("2025-12-31", "50")]);
    questions.movements(case, ("2025-05-20", "2025-05-21"), "opening 200, contraction 150, closing 50");
    questions.records(case, "invoices", "count(*) filter (where (payload->>'total')::int < 0)", "1");

    // Money that went back, and more of it than was left of the bill.
    let case = "F4 paid back and credited besides";
    questions.mrr(case, &[("2025-07-11", "60"), ("2025-07-13", "60"), ("2025-12-31", "60")]);
    questions.movements(case, ("2025-07-01", "2025-08-01"), "opening 60, closing 60");
    let credited = "max((payload->>'post_payment_credit_notes_amount')::int)";
    questions.records(case, "invoices", credited, "1500");

    let case = "F3 quantity 0";
    questions.mrr(case, &[("2025-06-15", "80"), ("2025-06-16", "0"), ("2025-09-15", "0"), ("2025-09-16", "40")]);
    questions.movements(case, ("2025-06-01", "2025-07-01"), "opening 80, churn 80");
    questions.movements(case, ("2025-09-01", "2025-10-01"), "reactivation 40, closing 40");
}
