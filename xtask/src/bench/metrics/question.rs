//! The questions, each as every contestant asks it.

/// One question.
pub struct Question {
    /// What the table calls it.
    pub name: &'static str,
    /// A function without which this extension can't answer.
    pub needs: Option<&'static str>,
    /// For this extension.
    pub pg_mrr: &'static str,
    /// For PostgreSQL without it.
    pub plain: Option<&'static str>,
    /// For DuckDB.
    pub duckdb: Option<&'static str>,
}

/// A question that all three are asked: a file of the same name in each one's folder.
macro_rules! question {
    ($name:literal, $file:literal, $needs:expr) => {
        Question {
            name: $name,
            needs: $needs,
            pg_mrr: include_str!(concat!("pg_mrr/", $file)),
            plain: Some(include_str!(concat!("plain/", $file))),
            duckdb: Some(include_str!(concat!("duckdb/", $file))),
        }
    };
}

/// All questions, in the order of the table. Amounts are integers in the answers: run rates in
/// millionths of the major unit a year, MRR and ratios in 1e-18.
pub const QUESTIONS: &[Question] = &[
    question!("MRR of a day, whole book", "day.sql", None),
    question!("NRR of 12 months, whole book", "nrr.sql", None),
    question!("NRR of 12 months, a segment of a third", "nrr_segment.sql", None),
    question!("NRR of 12 months, each of 200 owners", "nrr_owners.sql", None),
    question!("movements of 60 months, whole book", "movements.sql", None),
    question!("retention, 36 months by 36", "retention.sql", Some("retention")),
    Question {
        name: "counting the timelines: the floor of a scan",
        needs: None,
        pg_mrr: include_str!("pg_mrr/floor.sql"),
        plain: None,
        duckdb: None,
    },
];
