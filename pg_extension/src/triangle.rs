//! Retention triangles over a set of timelines.

use pgrx::datum::{Array, Date, Internal};
use pgrx::iter::TableIterator;
use pgrx::prelude::*;
use revenue::metric::{MetricError, Retained, TriangleState};
use revenue::money::{Amount, Exchange};

use crate::aggregate::{self, Report, Sums};
use crate::convert;
use crate::error::{OrReport, Sql, given, report};

impl Sums for TriangleState {
    fn new(exchange: &Exchange) -> Result<Self, MetricError> {
        Self::new(exchange)
    }

    fn merge(&mut self, other: &Self) -> Result<(), MetricError> {
        self.merge(other)
    }

    fn write(&self, exchange: &Exchange, out: &mut Vec<i128>) -> Result<(), MetricError> {
        let cells = self.sums(exchange)?.into_iter().flatten();
        cells.for_each(|cell| out.extend([i128::from(cell.accounts), cell.annual.0]));
        Ok(())
    }

    fn read(exchange: &Exchange, fields: &[i128]) -> Option<Self> {
        let (cells, []) = fields.as_chunks::<2>() else { return None };
        let cell = |&[accounts, annual]: &[i128; 2]| {
            Some(Retained { accounts: u64::try_from(accounts).ok()?, annual: Amount(annual) })
        };
        Self::settled(exchange, cells.iter().map(cell).collect::<Option<Vec<_>>>()?).ok()
    }
}

/// Takes one account: the arguments are those of `movements_add`.
#[pg_extern(sql = false)]
fn triangle_add(fcinfo: pg_sys::FunctionCallInfo) -> Internal {
    aggregate::take_at_rates(fcinfo, TriangleState::add)
}

/// The sums as bytes for `triangle_rows`; null when there was no account.
#[pg_extern(sql = false)]
fn triangle_result(state: Internal) -> Sql<Option<Vec<u8>>> {
    // SAFETY: the state comes from this aggregate's own functions.
    let state = unsafe { state.get::<Report<TriangleState>>() };
    state.filter(|report| report.begun().is_some()).map(Report::serialize).transpose()
}

aggregate::parallel!(TriangleState, triangle_combine, triangle_serialize, triangle_deserialize);

/// One row a cohort and period, from the cohort's own period on.
#[pg_extern(sql = false)]
#[expect(clippy::type_complexity, reason = "pgrx reads the columns from the written-out type")]
fn triangle_rows(
    collected: Option<&[u8]>,
    borders: Option<Array<'_, Date>>,
) -> Sql<
    TableIterator<
        'static,
        (
            name!(cohort_start, Date),
            name!(cohort_end, Date),
            name!(period_number, i32),
            name!(period_start, Date),
            name!(period_end, Date),
            name!(accounts, i64),
            name!(base_accounts, i64),
            name!(annual, AnyNumeric),
            name!(base_annual, AnyNumeric),
        ),
    >,
> {
    let borders: Vec<Date> = given(borders, "borders")?.iter().flatten().collect();
    let periods: Vec<(Date, Date)> = borders.windows(2).map(|ends| (ends[0], ends[1])).collect();
    let mut state = Report::<TriangleState>::default();
    if let Some(bytes) = collected {
        state.deserialize(bytes)?;
    }
    let cohorts = match state.begun() {
        Some(begun) => begun.sums.sums(&begun.exchange).or_report()?,
        // A book without accounts has the same cohorts, all of them empty.
        None => (0..periods.len()).map(|cohort| vec![Retained::default(); periods.len() - cohort]).collect(),
    };
    if cohorts.len() != periods.len() {
        return Err(report(
            PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE,
            format!("{} periods do not fit {} borders", cohorts.len(), borders.len()),
            "",
        ));
    }
    let mut rows = Vec::new();
    for (number, cells) in cohorts.iter().enumerate() {
        let Some(base) = cells.first() else { continue };
        let (cohort_start, cohort_end) = periods[number];
        for (age, (cell, (period_start, period_end))) in cells.iter().zip(&periods[number..]).enumerate() {
            rows.push((
                cohort_start,
                cohort_end,
                count(age)?,
                *period_start,
                *period_end,
                count(cell.accounts)?,
                count(base.accounts)?,
                convert::numeric(cell.annual)?,
                convert::numeric(base.annual)?,
            ));
        }
    }
    Ok(TableIterator::new(rows))
}

/// A count as SQL has them.
fn count<T: TryInto<U>, U>(count: T) -> Sql<U> {
    count
        .try_into()
        .map_err(|_| report(PgSqlErrorCode::ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, "a count is out of range", ""))
}
