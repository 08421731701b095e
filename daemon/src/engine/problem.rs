//! Records that could not be read or stored, as rows that a user can query.
//!
//! These are the problems of landing, whose account is unknown; those of deriving belong to an
//! account and are replaced with it.

use std::collections::{BTreeMap, HashSet};

use deadpool_postgres::Transaction;
use revenue::fact::Problem;

use super::session::Session;
use crate::failure::Failure;
use crate::store::text;

/// Names are whole where an index can hold them, so that ops.problem can be joined to raw.record:
/// all that identifies a problem has to fit into 2,704 bytes, the account's id included.
const LONGEST_RECORD: usize = 1_000;
const LONGEST_PLACE: usize = 200;
const LONGEST_MESSAGE: usize = 1_000;

/// A problem as it is stored. Orders by what identifies it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProblemRow {
    pub stream: String,
    pub record: String,
    pub field: String,
    pub message: String,
}

impl From<&Problem> for ProblemRow {
    fn from(problem: &Problem) -> Self {
        Self {
            stream: name(&problem.stream, LONGEST_PLACE),
            record: record_name(&problem.record),
            field: name(&problem.field, LONGEST_PLACE),
            message: text(&problem.message, LONGEST_MESSAGE),
        }
    }
}

/// The name under which a record's problems are stored.
pub fn record_name(id: &str) -> String {
    name(id, LONGEST_RECORD)
}

/// A name in at most so many bytes. A longer one is cut and ends with a hash of the whole, so
/// that two names stay two.
fn name(from: &str, longest: usize) -> String {
    let kept = from.replace('\0', "\u{fffd}");
    if kept.len() <= longest {
        return kept;
    }
    let hash = blake3::hash(from.as_bytes()).to_hex();
    let end = format!("…{}", &hash[..16]);
    format!("{}{end}", &kept[..kept.floor_char_boundary(longest - end.len())])
}

/// Keeps the problems of a batch, and forgets what the records that landed no longer have.
pub async fn keep(
    transaction: &Transaction<'_>,
    source: &str,
    stream: &str,
    problems: &[ProblemRow],
    landed: &[String],
) -> Result<(), Failure> {
    let forget = transaction
        .prepare_cached(
            "delete from ops.problem
             where source = $1 and stream = $2 and account is null and record = any($3)
               and (record, field) not in (select record, field from unnest($4::text[], $5::text[]) as still (record, field))",
        )
        .await?;
    let (records, fields): (Vec<&str>, Vec<&str>) =
        problems.iter().map(|problem| (problem.record.as_str(), problem.field.as_str())).unzip();
    transaction.execute(&forget, &[&source, &stream, &landed, &records, &fields]).await?;
    if problems.is_empty() {
        return Ok(());
    }
    // One row an identity: a connector may say two things about one field.
    let once: BTreeMap<_, _> =
        problems.iter().map(|problem| ((&problem.stream, &problem.record, &problem.field), problem)).collect();
    let column = |of: fn(&ProblemRow) -> &String| once.values().map(|problem| of(problem).clone()).collect::<Vec<_>>();
    let keep = transaction
        .prepare_cached(
            "insert into ops.problem (source, stream, record, field, message)
             select $1, stream, record, field, message
             from unnest($2::text[], $3::text[], $4::text[], $5::text[]) as new (stream, record, field, message)
             on conflict (source, stream, record, field, coalesce(account, ''))
             do update set message = excluded.message where problem.message <> excluded.message",
        )
        .await?;
    transaction
        .execute(
            &keep,
            &[
                &source,
                &column(|problem| &problem.stream),
                &column(|problem| &problem.record),
                &column(|problem| &problem.field),
                &column(|problem| &problem.message),
            ],
        )
        .await?;
    Ok(())
}

/// Forgets the problems of a stream that a whole walk did not meet again: the records are gone.
pub async fn forget_others(session: &mut Session, stream: &str, met: &HashSet<String>) -> Result<(), Failure> {
    let source = session.source().to_owned();
    let met: Vec<&str> = met.iter().map(String::as_str).collect();
    session
        .attempt(async |client| {
            let transaction = client.transaction().await?;
            transaction
                .execute(
                    "delete from ops.problem
                     where source = $1 and stream = $2 and account is null and not record = any($3)",
                    &[&source, &stream, &met],
                )
                .await?;
            transaction.commit().await?;
            Ok(())
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn names_are_whole_as_far_as_they_fit() {
        assert_eq!(name("in_1", 30), "in_1");
        assert_eq!(name("a\0b", 30), "a\u{fffd}b");
        assert_eq!(name(&"x".repeat(30), 30), "x".repeat(30));
        let (one, two) = (name(&"ü".repeat(40), 30), name(&"ü".repeat(41), 30));
        assert!(one.starts_with("üüüüü…") && one.len() <= 30, "{one}");
        assert_ne!(one, two);
    }
}
