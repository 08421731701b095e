//! What is contracted for later: phases of schedules, and ends that are named before.

use super::questions::Questions;

pub fn ask(questions: &mut Questions) {
    let case = "V18 second year begun";
    questions.mrr(case, &[("2024-01-10", "10"), ("2025-01-09", "10"), ("2025-01-10", "100"), ("2025-12-31", "100")]);
    questions.movements(case, ("2025-01-01", "2025-02-01"), "opening 10, expansion 90, closing 100");
    let case = "V18 second year ahead";
    questions.mrr(case, &[("2025-12-31", "10"), ("2026-02-09", "10"), ("2026-02-10", "100")]);
    for (horizon, committed) in [("1 month", "10"), ("2 months", "100")] {
        let sql = format!("select cmrr_at('2025-12-31', '{horizon}', 'plan:\"{case}\"')");
        questions.ask(case, &sql, committed);
    }

    // 120 at 60; schedules bring 1,200 in May, and 500 end, half of them in January and half in June.
    // What is contracted is so by plans of running subscriptions: schedules that have not begun the sandbox does not make.
    questions.mrr("V11", &[("2025-12-31", "7200")]);
    questions.ask("V11", "select count(*) from account_mrr('2025-12-31', 'plan:V11')", "120");
    for (horizon, committed) in
        [("0 days", "7200"), ("1 month", "6950"), ("5 months", "8150"), ("6 months", "7900"), ("12 months", "7900")]
    {
        questions.ask("V11", &format!("select cmrr_at('2025-12-31', '{horizon}', 'plan:V11')"), committed);
    }
    questions.ask("V11", "select cmrr_at('2025-12-31', cohort => 'plan:V11')", "7900");
    // As Stripe says it: subscriptions that end with their period, on a date, and that follow a schedule.
    let ends = "count(*) filter (where (payload->>'cancel_at_period_end')::bool) || ' ' ||
                count(*) filter (where payload->>'cancel_at' is not null) || ' ' || count(payload->>'schedule')";
    questions.records("V11 %", "subscriptions", ends, "5 10 20");
}
