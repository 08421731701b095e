//! Movements over a set of timelines.

use pgrx::datum::{Array, Date, Internal};
use pgrx::iter::TableIterator;
use pgrx::prelude::*;
use revenue::metric::{Membership, MetricError, Movements, MovementsState};
use revenue::money::{Amount, Exchange};

use crate::aggregate::{self, Report, Sums};
use crate::convert;
use crate::error::{OrReport, Sql, given, report};

const FIELDS: usize = 9;

impl Sums for MovementsState {
    fn new(exchange: &Exchange) -> Result<Self, MetricError> {
        Self::new(exchange)
    }

    fn merge(&mut self, other: &Self) -> Result<(), MetricError> {
        self.merge(other)
    }

    fn write(&self, exchange: &Exchange, out: &mut Vec<i128>) -> Result<(), MetricError> {
        self.sums(exchange)?.iter().for_each(|period| out.extend(aggregate::fields(period.fields())));
        Ok(())
    }

    fn read(exchange: &Exchange, fields: &[i128]) -> Option<Self> {
        let (periods, []) = fields.as_chunks::<FIELDS>() else { return None };
        let periods = periods.iter().map(|fields| Movements::from_fields(fields.map(Amount))).collect();
        Self::settled(exchange, periods).ok()
    }
}

/// Takes one account: the arguments are a timeline, the packed rates of the report, and the days
/// on which the account belongs to the cohort, as pairs of a first day and the day after the last
/// one; null for always.
#[pg_extern(sql = false)]
fn movements_add(fcinfo: pg_sys::FunctionCallInfo) -> Internal {
    aggregate::take_at_rates(fcinfo, MovementsState::add)
}

/// Whether a day lies in one of the ranges of a membership.
#[pg_extern(sql = false)]
fn membership_on(days: Array<'_, Date>, day: Date) -> bool {
    Membership::On(&convert::ranges_of(&days)).on(convert::day(day))
}

/// The sums as bytes for `movements_rows`; null when there was no account.
#[pg_extern(sql = false)]
fn movements_result(state: Internal) -> Sql<Option<Vec<u8>>> {
    // SAFETY: as above.
    let state = unsafe { state.get::<Report<MovementsState>>() };
    state.filter(|report| report.begun().is_some()).map(Report::serialize).transpose()
}

aggregate::parallel!(MovementsState, movements_combine, movements_serialize, movements_deserialize);

/// One row a period, a month's worth of each movement with so many decimals; without `decimals`
/// the annual run rates.
#[pg_extern(sql = false)]
#[expect(clippy::type_complexity, reason = "pgrx reads the columns from the written-out type")]
fn movements_rows(
    collected: Option<&[u8]>,
    borders: Option<Array<'_, Date>>,
    decimals: Option<i32>,
) -> Sql<
    TableIterator<
        'static,
        (
            name!(period_start, Date),
            name!(period_end, Date),
            name!(opening, AnyNumeric),
            name!(new, AnyNumeric),
            name!(reactivation, AnyNumeric),
            name!(expansion, AnyNumeric),
            name!(contraction, AnyNumeric),
            name!(churn, AnyNumeric),
            name!(fx, AnyNumeric),
            name!(transfer, AnyNumeric),
            name!(closing, AnyNumeric),
        ),
    >,
> {
    let decimals = decimals.map(convert::decimals).transpose()?;
    let borders: Vec<Date> = given(borders, "borders")?.iter().flatten().collect();
    let mut state = Report::<MovementsState>::default();
    if let Some(bytes) = collected {
        state.deserialize(bytes)?;
    }
    let periods = match state.begun() {
        Some(begun) => begun.sums.sums(&begun.exchange).or_report()?,
        // A book without accounts has the same periods, all of them empty.
        None => vec![Movements::default(); borders.len().saturating_sub(1)],
    };
    if periods.len() + 1 != borders.len() {
        return Err(report(
            PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE,
            format!("{} periods do not fit {} borders", periods.len(), borders.len()),
            "",
        ));
    }
    let mut rows = Vec::with_capacity(periods.len());
    for (period, ends) in periods.iter().zip(borders.windows(2)) {
        let shown = decimals.map_or(*period, |decimals| period.monthly(decimals));
        let [opening, new, reactivation, expansion, contraction, churn, fx, transfer, closing] =
            shown.fields().map(convert::numeric);
        rows.push((
            ends[0],
            ends[1],
            opening?,
            new?,
            reactivation?,
            expansion?,
            contraction?,
            churn?,
            fx?,
            transfer?,
            closing?,
        ));
    }
    Ok(TableIterator::new(rows))
}
