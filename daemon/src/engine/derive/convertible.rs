//! Which currencies the book can convert. What is charged in another one is left out and said to be: else no
//! question about the whole book had an answer because of a single record.

use std::collections::BTreeSet;

use super::rows::SegmentRow;
use crate::engine::problem::ProblemRow;
use crate::failure::Failure;
use crate::store::Writer;

/// The currencies that have rates, and the book's. None in a book without any rates: there each currency is asked for
/// by itself.
pub struct Convertible(Option<BTreeSet<String>>);

impl Convertible {
    /// Reads them, and touches the accounts of a source that have something in a currency which got its rates since.
    pub async fn read(client: &mut Writer, source: &str) -> Result<Self, Failure> {
        // A loose index scan: a history of decades has a row for every day and currency.
        let select = "with recursive pair as (
                          (select base, quote from revenue.exchange_rate order by base, quote limit 1)
                          union all
                          select next.* from pair
                          cross join lateral (select r.base, r.quote from revenue.exchange_rate r
                                               where (r.base, r.quote) > (pair.base, pair.quote) order by r.base, r.quote limit 1) next
                      )
                      select base from pair union select quote from pair
                      union select currency from revenue.book where exists (select from pair)";
        let known: BTreeSet<String> = client.query(select, &[]).await?.iter().map(|row| row.get(0)).collect();
        let codes: Vec<&String> = known.iter().collect();
        let transaction = client.transaction().await?;
        transaction
            .execute(
                "insert into ops.touched (source, account)
                 select distinct p.source, p.account from ops.problem p
                   join unnest($2::text[]) code on p.message like '%no exchange rate for ' || code || ',%'
                  where p.source = $1 and p.account is not null and p.field = 'currency' on conflict do nothing",
                &[&source, &codes],
            )
            .await?;
        transaction.commit().await?;
        Ok(Self(Some(known).filter(|known| !known.is_empty())))
    }

    /// Leaves out what can't be converted, with a problem of each record that it is charged by. What counts nowhere
    /// anyway stays.
    pub fn keep(&self, segments: &mut Vec<SegmentRow>) -> Vec<ProblemRow> {
        let Some(known) = &self.0 else { return Vec::new() };
        let mut problems = Vec::new();
        segments.retain(|segment| {
            let kept = known.contains(&segment.currency) || segment.standing == "contracted";
            if !kept {
                let origin = segment.origin.first().and_then(|origin| origin.split_once('/'));
                let (stream, record) = origin.unwrap_or(("contracts", &segment.contract));
                let message = format!(
                    "there is no exchange rate for {}, so what is charged in it counts nowhere; add the currency to the \
                     file of [rates], run `mrrd migrate`, and sync again",
                    segment.currency
                );
                problems.push(ProblemRow {
                    stream: stream.to_owned(),
                    record: record.to_owned(),
                    field: "currency".to_owned(),
                    message,
                });
            }
            kept
        });
        problems
    }
}
