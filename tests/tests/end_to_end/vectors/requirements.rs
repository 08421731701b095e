//! The examples that the requirements give in words.

use super::questions::Questions;

pub fn ask(questions: &mut Questions) {
    let year = ("2025-01-01", "2026-01-01");
    let moved = "opening 1000000, expansion 150000, contraction 25000, churn 25000, closing 1100000";
    questions.movements("R group", year, moved);
    for (metric, answer) in [("nrr", "1.1"), ("grr", "0.95"), ("gross_churn", "0.05"), ("quick_ratio", "3")] {
        questions.ratio(metric, "R group", year, answer);
    }

    // The company is two years old: the third year is what its schedule plans.
    for (period, grown) in [
        (("2024-02-01", "2025-02-01"), "1.3"),
        (("2025-02-01", "2026-02-01"), "1.3"),
        (("2026-02-01", "2027-02-01"), "1.3"),
        (("2024-02-01", "2027-02-01"), "2.197"),
    ] {
        questions.ratio("nrr", "R growth", period, grown);
    }

    questions.ratio("logo_churn", "R churn", year, "0.08");
    questions.ratio("lifetime", "R churn", year, "12.5");

    let case = "R annual contract";
    let months = format!("mrr_series('2024-12-01', '2025-12-01', 'month', 'plan:\"{case}\"')");
    let each = format!("select count(*) || ' x ' || string_agg(distinct mrr::text, ' ') from {months}");
    questions.ask(case, &each, "12 x 100");
    questions.mrr(case, &[("2025-12-09", "100"), ("2025-12-10", "0")]);
    questions.movements(case, ("2024-12-01", "2025-01-01"), "new 100, closing 100");
}
