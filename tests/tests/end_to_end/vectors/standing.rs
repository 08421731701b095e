//! Trials, late payments, pauses, and subscriptions that take each other's place.

use super::questions::Questions;

pub fn ask(questions: &mut Questions) {
    // Five active and one late one count, the eight on trial do not.
    questions.mrr("V21", &[("2025-12-19", "294"), ("2025-12-31", "294")]);
    let sum = "select count(*) || ' with ' || sum(mrr) from account_mrr('2025-12-31') where name like 'V21 %'";
    questions.ask("V21", sum, "6 with 294");
    let of_policy = |policy: &str| {
        format!(
            "select count(*) || ' with ' || sum(mrr) from account_mrr('2025-12-31', policy => '{policy}') where name like 'V21 %'"
        )
    };
    questions.ask("V21", &of_policy("with_trials"), "14 with 686");
    let trials = "select count(*) || ' with ' || sum(mrr) from mrr_policy_diff('2025-12-31', 'default', 'with_trials') where name like 'V21 %' and rule = 'trials'";
    questions.ask("V21", trials, "8 with 392");
    for (status, count) in [("active", "5"), ("past_due", "1"), ("trialing", "8")] {
        let seen = format!("count(*) filter (where payload->>'status' = '{status}')");
        questions.records("V21 %", "subscriptions", &seen, count);
    }

    let june = ("2025-06-01", "2025-07-01");
    let second = ("2025-06-15", "2025-06-16");
    for period in [june, second] {
        questions.movements("F3 replaced in the same second", period, "opening 100, closing 100");
        questions.movements("F3 replaced by more", period, "opening 100, expansion 20, closing 120");
    }
    for (case, retained) in [("F3 replaced in the same second", "1"), ("F3 replaced by more", "1.2")] {
        questions.ask(case, &format!("select nrr('plan:\"{case}\"', '[2025-06-01,2025-07-01)')"), retained);
    }

    let case = "F3 trial to paid";
    questions.mrr(case, &[("2025-05-10", "0"), ("2025-05-23", "0"), ("2025-05-24", "30"), ("2025-12-31", "30")]);
    questions.movements(case, ("2025-05-01", "2025-06-01"), "new 30, closing 30");

    let case = "F3 paused at the end of its period";
    questions.mrr(case, &[("2025-09-09", "70"), ("2025-09-10", "0"), ("2025-12-31", "0")]);
    questions.movements(case, ("2025-09-01", "2025-10-01"), "opening 70, churn 70");

    let case = "F3 paused for ten days";
    let around = [("2025-12-07", "80"), ("2025-12-08", "0"), ("2025-12-17", "0"), ("2025-12-18", "80")];
    questions.mrr(case, &around);
    questions.movements(case, ("2025-12-08", "2025-12-09"), "opening 80, churn 80");
    questions.movements(case, ("2025-12-18", "2025-12-19"), "reactivation 80, closing 80");
    questions.movements(case, ("2025-12-01", "2026-01-01"), "opening 80, closing 80");
}
