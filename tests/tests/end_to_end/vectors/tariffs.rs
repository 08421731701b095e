//! How often is billed, and how units become an amount.

use super::questions::Questions;

pub fn ask(questions: &mut Questions) {
    let day = "2025-12-31";
    for (case, arr, mrr) in [
        ("F7 weekly", "520", "43.333333333333333333"),
        ("F7 every 4 weeks", "520", "43.333333333333333333"),
        ("F7 every 3 months", "400", "33.333333333333333333"),
        ("F7 every 2 years", "299.975", "24.997916666666666667"),
        ("F7 daily", "365", "30.416666666666666667"),
    ] {
        questions.ask(case, &format!("select arr_at('{day}', 'plan:\"{case}\"')"), arr);
        questions.mrr(case, &[(day, mrr)]);
    }
    let sum = format!("select sum(arr) from account_mrr('{day}') where name like 'F7 %'");
    questions.ask("F7 together", &sum, "2104.975");
    // Rounded once at the end: the customers add up to the book, to the last digit.
    for cohort in ["all", "currency:EUR"] {
        let sum = format!("select sum(arr) from account_mrr('{day}', '{cohort}')");
        let same = format!(
            "select ({sum}) = arr_at('{day}', '{cohort}') and mrr_monthly(({sum})) = mrr_at('{day}', '{cohort}')"
        );
        questions.ask("F7 customers add up", &same, "true");
    }

    for (case, mrr) in [
        ("F8 graduated", "71"),
        ("F8 volume", "84"),
        ("F8 package", "21"),
        ("F8 half a cent", "5.005"),
        ("F8 metered beside a plan", "20"),
    ] {
        questions.mrr(case, &[(day, mrr)]);
    }
    // What was used stands beside it, a row for each bill of the last three months, and counts for who counts it: the
    // bills since October come to 112.69, so 37.56 a month.
    let used = "F8 metered beside a plan";
    questions.items(used, day, "e.mrr", "20 F8 metered beside a plan, 0 F8 usage, 0 F8 usage, 0 F8 usage");
    let billed = "select sum((line->>'amount')::int) from json_array_elements(payload->'lines'->'data') line
                   where line->>'description' like '%F8 usage'";
    let since_october = format!("sum(({billed})) filter (where (payload->>'created')::bigint >= 1759276800)");
    questions.records(used, "invoices", &since_october, "11269");
    let counted = format!("select mrr from account_mrr('{day}', policy => 'with_usage') where name = '{used}'");
    questions.ask(used, &counted, "57.563333333333333333");
    let price = "payload->'items'->'data'->0->'price'";
    let fraction =
        format!("max(coalesce({price}->>'unit_amount', 'null') || ' ' || ({price}->>'unit_amount_decimal'))");
    questions.records("F8 half a cent", "subscriptions", &fraction, "null 0.5");
}
