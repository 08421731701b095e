//! Days that months lack, and days of 23 and of 25 hours.

use super::questions::Questions;

pub fn ask(questions: &mut Questions) {
    for (case, always) in [
        ("F1 monthly, anchored on the 31st", "31"),
        ("F1 monthly, anchored on the 30th", "31"),
        ("F1 monthly, anchored on 29 February", "31"),
        ("F1 annual, anchored on 29 February", "30.5"),
    ] {
        for (from, until, days) in [("2024-02-29", "2024-05-02", 63), ("2025-01-25", "2025-05-02", 97)] {
            let series = format!("mrr_series('{from}', '{until}', 'day', 'plan:\"{case}\"')");
            let constant = format!("select count(*) || ' x ' || string_agg(distinct mrr::text, ' ') from {series}");
            questions.ask(case, &constant, &format!("{days} x {always}"));
        }
    }
    let days = "string_agg(distinct to_char(to_timestamp((payload->>'created')::bigint), 'DD'), ' ')";
    questions.records("F1 monthly, anchored on the 31st", "invoices", days, "28 29 30 31");
    let case = "F1 annual from 29 February, ended after a year";
    questions.mrr(case, &[("2024-02-29", "30.5"), ("2025-02-27", "30.5"), ("2025-02-28", "0")]);
    questions.movements(case, ("2025-02-01", "2025-03-01"), "opening 30.5, churn 30.5");

    let case = "F2 a seat at each edge";
    for (from, until, ends) in
        [("2025-03-28", "2025-04-01", "10 20 40 50"), ("2025-10-24", "2025-10-28", "50 60 80 90")]
    {
        let series = format!("mrr_series('{from}', '{until}', 'day', 'plan:\"{case}\"')");
        questions.ask(case, &format!("select string_agg(mrr::text, ' ' order by day) from {series}"), ends);
    }
    for (from, until) in [("2025-03-01", "2025-04-01"), ("2025-10-01", "2025-11-01")] {
        let days = format!("select sum(expansion) from mrr_movements('{from}', '{until}', 'day', 'plan:\"{case}\"')");
        questions.ask(case, &days, "40");
    }
    questions.movements(case, ("2025-03-01", "2025-04-01"), "opening 10, expansion 40, closing 50");
    questions.movements(case, ("2025-10-01", "2025-11-01"), "opening 50, expansion 40, closing 90");

    let case = "F2 from 00:30 on 30 March to 23:30 on 26 October";
    questions.mrr(case, &[("2025-03-29", "0"), ("2025-03-30", "20"), ("2025-10-25", "20"), ("2025-10-26", "0")]);
    let case = "F2 from 23:30 on 30 March to 00:30 on 26 October";
    questions.mrr(case, &[("2025-03-29", "0"), ("2025-03-30", "20"), ("2025-10-25", "20"), ("2025-10-26", "0")]);
    let case = "F2 from 23:30 on 26 October to 00:30 on 27 October";
    questions.mrr(case, &[("2025-10-25", "0"), ("2025-10-26", "20"), ("2025-10-27", "0")]);
}
