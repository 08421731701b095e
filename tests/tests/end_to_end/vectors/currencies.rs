//! Currencies with no, two and three decimals, and rates over a weekend.

use super::questions::Questions;

pub fn ask(questions: &mut Questions) {
    for (case, own, in_euro) in [
        ("F5 yen", "12000 JPY", "75"),
        ("F5 won", "130000 KRW", "81.25"),
        ("F5 Kuwaiti dinar", "30.5 KWD", "95.3125"),
        ("F5 Bahraini dinar", "12.34 BHD", "30.85"),
        ("F5 króna", "5900 ISK", "47.2"),
    ] {
        questions.account(case, "2025-12-31", own);
        questions.mrr(case, &[("2025-12-31", in_euro)]);
    }

    // 14 and 15 June are a weekend: Friday's rate holds.
    let case = "F6 billed in dollars";
    questions.mrr(case, &[("2025-06-13", "80"), ("2025-06-14", "80"), ("2025-06-15", "80"), ("2025-06-16", "62.5")]);
    questions.movements(case, ("2025-06-01", "2025-07-01"), "opening 80, fx -17.5, closing 62.5");
    questions.ask(case, &format!("select mrr_at('2025-06-16', 'plan:\"{case}\"', 'USD')"), "100");
    questions.ask(case, &format!("select nrr('plan:\"{case}\"', '[2025-06-01,2025-07-01)')"), "1");
}
