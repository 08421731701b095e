//! Customers that are deleted while their subscriptions live on.

use super::questions::Questions;

pub fn ask(questions: &mut Questions) {
    for case in ["F9 deleted before the first sync", "F9 deleted while it is watched"] {
        questions.mrr(case, &[("2025-12-01", "30"), ("2025-12-31", "30")]);
        questions.movements(case, ("2025-12-01", "2026-01-01"), "opening 30, closing 30");
    }
    // Nobody can know any more what the first one was called.
    let called = "select string_agg(case name when account then 'its id' else name end, ', ' order by name)
                    from account_mrr('2025-12-31') where name like 'F9%' or name = account";
    questions.ask("F9 deleted", called, "F9 deleted while it is watched, its id");
}
