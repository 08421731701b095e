//! What is asked, and with which arguments.

use chrono::Days;

use super::book::{FIRST_DAY, KNOWN};
use super::dice::Dice;

/// Every question, as a call in which names in braces stand for arguments that are thrown.
pub const QUESTIONS: &[&str] = &[
    "mrr_at({day}, {cohort}, {currency}, {as_of}, {at}, policy => {policy})",
    "arr_at({day}, {cohort}, {currency}, {as_of}, {at}, policy => {policy})",
    "cmrr_at({day}, {horizon}, {cohort}, {currency}, {as_of}, {at}, policy => {policy})",
    "mrr_series({range}, {cohort}, {currency}, {as_of}, {at}, policy => {policy})",
    "account_mrr({day}, {cohort}, {currency}, {as_of}, {at}, policy => {policy})",
    "account_mrr({day}, {cohort}, 'own', {as_of}, {at}, policy => {policy})",
    "mrr_movements({range}, {cohort}, {currency}, {as_of}, {at}, policy => {policy})",
    "account_movements({period}, {cohort}, {currency}, {as_of}, {at}, policy => {policy})",
    "account_movement_series({range}, {cohort}, {currency}, {as_of}, {at}, policy => {policy})",
    "nrr({cohort}, {period}, {currency}, {as_of}, {at}, policy => {policy})",
    "grr({cohort}, {period}, {currency}, {as_of}, {at}, policy => {policy})",
    "gross_churn({cohort}, {period}, {currency}, {as_of}, {at}, policy => {policy})",
    "net_churn({cohort}, {period}, {currency}, {as_of}, {at}, policy => {policy})",
    "logo_churn({cohort}, {period}, {currency}, {as_of}, {at}, policy => {policy})",
    "lifetime({cohort}, {period}, {currency}, {as_of}, {at}, policy => {policy})",
    "quick_ratio({cohort}, {period}, {currency}, {as_of}, {at}, policy => {policy})",
    "arpa({day}, {cohort}, {currency}, {as_of}, {at}, policy => {policy})",
    "ltv({day}, {margin}, {cohort}, {currency}, {as_of}, {at}, policy => {policy})",
    "retention_by({attribute}, {period}, {currency})",
    "retention_of_one_currency({period})",
    "mrr_coverage({range}, {as_of})",
    "restated({period}, {known}, {currency})",
    "explained({day}, {as_of})",
    "mrr_check({range})",
    "grr_path({cohort}, {period}, {currency}, {as_of}, policy => {policy})",
    "mrr_by({dimension}, {day}, {cohort}, {currency}, {as_of}, policy => {policy})",
    "movements_by({dimension}, {period}, {cohort}, {currency}, {as_of}, policy => {policy})",
    "nrr_by({dimension}, {period}, {cohort}, {currency}, {as_of}, policy => {policy})",
    "sum_by({attribute}, {period}, {cohort}, {currency}, {as_of}, policy => {policy})",
    "retention({triangle}, {cohort}, {currency}, {as_of}, policy => {policy})",
    "policy_diff({day}, {policy}, {other_policy}, {cohort}, {currency}, {as_of}, {at})",
];

/// Cohorts to ask about; a signup month is thrown.
const COHORTS: &[&str] = &[
    "all",
    "all",
    "plan:Pro",
    "plan:team",
    "plan:\"Add-on: backup\"",
    "currency:USD",
    "currency:eur",
    "country:DE",
    "country:us",
    "signup:",
    "segment:SMB,Enterprise",
    "owner:Ana and country:DE",
    "plan:Pro;country:US,FR",
];

/// Policies to ask about, those of the book's own last.
const POLICIES: &[&str] = &[
    "default",
    "default",
    "default",
    "stripe_like",
    "chartmogul_like",
    "board",
    "with_trials",
    "with_usage",
    "strict",
    "lenient",
    "kept",
];

/// Times of knowledge: at a sync, between two, and after all.
const AS_OF: &[&str] = &[KNOWN[0], "2025-05-01 00:00:00+02", KNOWN[1], KNOWN[2], "2026-06-01 00:00:00+00"];

/// Each question so many times, with the arguments that a seed throws: the question and the call.
pub fn calls(seed: u64, times: usize) -> Vec<(&'static str, String)> {
    let mut dice = Dice::new(seed ^ 0xCA11);
    let asked = (0..times).flat_map(|_| QUESTIONS);
    asked.map(|question| (*question, call(&mut dice, question))).collect()
}

fn call(dice: &mut Dice, question: &str) -> String {
    let from = FIRST_DAY + Days::new(dice.below(1_500));
    let length = dice.pick(&[1, 7, 28, 91, 365, 365, 730]);
    let grain = match length {
        1..=28 => dice.pick(&["day", "week", "month"]),
        29..=91 => dice.pick(&["day", "week", "month", "quarter"]),
        _ => dice.pick(&["month", "month", "quarter", "year"]),
    };
    let length = length + dice.below(3);
    let until = from + Days::new(length);
    let period = format!("daterange('{from}', '{until}')");
    let cohort = match dice.pick(COHORTS) {
        "signup:" => format!("'signup:{}'", from.format("%Y-%m")),
        cohort => format!("'{cohort}'"),
    };
    let as_of = if dice.chance(50) { format!("'{}'", dice.pick(AS_OF)) } else { "null".into() };
    let (earlier, later) = (dice.below(3) as usize, dice.below(3) as usize);
    let later = if later > 0 { format!("'{}'", AS_OF[earlier + later]) } else { "null".into() };
    let currency = dice.pick(&["null", "null", "'EUR'", "'usd'", "'GBP'", "'JPY'"]);
    [
        ("{day}", format!("'{from}'")),
        ("{range}", format!("'{from}', '{until}', '{grain}'")),
        ("{period}", period),
        ("{cohort}", cohort),
        ("{currency}", currency.into()),
        ("{as_of}", as_of),
        ("{at}", dice.pick(&["'then'", "'then'", "'now'", "'2024-05-15'"]).into()),
        ("{dimension}", format!("'{}'", dice.pick(&["country", "segment", "owner", "plan", "currency", "signup"]))),
        (
            "{triangle}",
            format!(
                "'{}', '{from}', '{}'",
                dice.pick(&["month", "quarter", "year"]),
                from + Days::new(length.max(200))
            ),
        ),
        ("{known}", format!("'{}', {later}", AS_OF[earlier])),
        ("{policy}", format!("'{}'", dice.pick(POLICIES))),
        ("{other_policy}", format!("'{}'", dice.pick(POLICIES))),
        ("{horizon}", format!("'{}'", dice.pick(&["12 months", "1 month", "90 days", "0 days"]))),
        ("{margin}", dice.pick(&["1", "0.8", "0.333"]).into()),
        ("{attribute}", format!("'{}'", dice.pick(&["country", "segment", "owner"]))),
    ]
    .into_iter()
    .fold(question.to_owned(), |call, (name, value)| call.replace(name, &value))
}
