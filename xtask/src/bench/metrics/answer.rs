//! What a contestant answered, and how fast.

use mrr_tests::Outcome;

use super::TIMEOUT;

/// An answer.
pub enum Answer {
    /// It came.
    Given(Given),
    /// It did not come in time.
    Late,
}

/// An answer with its times in milliseconds.
pub struct Given {
    /// The median of the runs.
    pub median: f64,
    best: f64,
    /// Sorted, fields by `|`, numbers without trailing zeros.
    rows: Vec<String>,
}

impl Answer {
    /// Reads what `time.sql` printed; a statement that took too long (57014) is no failure.
    pub fn of_postgres(printed: Outcome<String>) -> Outcome<Self> {
        match printed {
            Err(message) if message.contains("57014") => Ok(Self::Late),
            printed => Self::read(&printed?),
        }
    }

    /// Reads a line with the median, the best time and the number of runs, and below it the rows.
    pub fn read(printed: &str) -> Outcome<Self> {
        let (times, rows) = printed.split_once('\n').unwrap_or((printed, ""));
        let figures: Vec<f64> = times.split('|').filter_map(|figure| figure.parse().ok()).collect();
        let [median, best, _runs] = figures[..] else { return Err(format!("`{times}` are no times")) };
        let mut rows: Vec<String> =
            rows.lines().map(|row| row.split('|').map(plain).collect::<Vec<_>>().join("|")).collect();
        rows.sort();
        Ok(Self::Given(Given { median, best, rows }))
    }

    /// The median and the best in milliseconds, as the table shows them.
    pub fn times(&self) -> String {
        match self {
            Self::Given(given) => format!("{} / {}", milliseconds(given.median), milliseconds(given.best)),
            Self::Late => format!("> {TIMEOUT} s"),
        }
    }
}

/// Milliseconds with as many decimals as mean something.
fn milliseconds(time: f64) -> String {
    format!("{time:.*}", if time < 10.0 { 2 } else { 0 })
}

/// A number without the zeros behind its point, for 7.000 is 7.
fn plain(field: &str) -> &str {
    if field.contains('.') { field.trim_end_matches('0').trim_end_matches('.') } else { field }
}

/// Where the others' answers differ from the first that was given, in words.
pub fn differences(answers: &[Option<Answer>]) -> impl Iterator<Item = String> {
    let mut given = answers.iter().flatten().filter_map(|answer| match answer {
        Answer::Given(given) => Some(&given.rows),
        Answer::Late => None,
    });
    let first = given.next();
    given.filter(move |rows| Some(*rows) != first).map(move |rows| {
        let first = first.map_or(&[][..], Vec::as_slice);
        let (mine, theirs) = first.iter().zip(rows).find(|(mine, theirs)| mine != theirs).unzip();
        format!("{} rows and {} rows, first difference {mine:?} and {theirs:?}", first.len(), rows.len())
    })
}
