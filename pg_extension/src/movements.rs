//! Movements over a set of timelines.

use pgrx::datum::{Array, Date, Internal};
use pgrx::iter::TableIterator;
use pgrx::prelude::*;
use revenue::metric::{Movements, MovementsState};
use revenue::money::Amount;

use crate::aggregate::{self, Report, Sums};
use crate::convert;
use crate::error::{OrReport, Sql, given, report};

const FIELDS: usize = 9;

impl Sums for MovementsState {
    fn merge(&mut self, other: &Self) -> Sql<()> {
        MovementsState::merge(self, other).or_report()
    }

    fn write(&self, out: &mut Vec<i128>) {
        self.0.iter().for_each(|period| out.extend(aggregate::fields(period.fields())));
    }

    fn read(fields: &[i128]) -> Option<Self> {
        let (periods, []) = fields.as_chunks::<FIELDS>() else { return None };
        Some(Self(periods.iter().map(|fields| Movements::from_fields(fields.map(Amount))).collect()))
    }
}

/// Takes one account. `membership` are the days on which it belongs to the cohort, as pairs of a
/// first day and the day after the last one; null for always.
#[pg_extern(sql = false)]
fn movements_add(
    state: Internal,
    timeline: Option<&[u8]>,
    exchange: Option<&[u8]>,
    membership: Option<Array<'_, Date>>,
    fcinfo: pg_sys::FunctionCallInfo,
) -> Sql<Internal> {
    aggregate::take(state, timeline, exchange, membership.as_ref(), fcinfo, MovementsState::add)
}

/// Whether a day lies in one of the ranges of a membership.
#[pg_extern(sql = false)]
fn membership_on(days: Array<'_, Date>, day: Date) -> bool {
    convert::membership(Some(&days), |membership| membership.on(convert::day(day)))
}

/// The sums as bytes for `movements_rows`; null when there was no account.
#[pg_extern(sql = false)]
fn movements_result(state: Internal) -> Option<Vec<u8>> {
    // SAFETY: as above.
    let state = unsafe { state.get::<Report<MovementsState>>() };
    state.filter(|report| report.started()).map(Report::serialize)
}

aggregate::parallel!(MovementsState, movements_combine, movements_serialize, movements_deserialize);

/// One row a period, a month's worth of each movement. `annual` asks for the annual run rates
/// instead.
#[pg_extern(sql = false)]
#[expect(clippy::type_complexity, reason = "pgrx reads the columns from the written-out type")]
fn movements_rows(
    collected: Option<&[u8]>,
    borders: Option<Array<'_, Date>>,
    annual: Option<bool>,
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
    let annual = given(annual, "annual")?;
    let borders: Vec<Date> = given(borders, "borders")?.iter().flatten().collect();
    let mut state = Report::<MovementsState>::default();
    if let Some(bytes) = collected {
        state.deserialize(bytes)?;
    }
    let mut periods = state.sums.0;
    // A book without accounts has the same periods, all of them empty.
    if periods.is_empty() {
        periods.resize(borders.len().saturating_sub(1), Movements::default());
    }
    if periods.len() + 1 != borders.len() {
        return Err(report(
            PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE,
            format!("{} periods do not fit {} borders", periods.len(), borders.len()),
            "",
        ));
    }
    let mut rows = Vec::with_capacity(periods.len());
    for (period, ends) in periods.iter().zip(borders.windows(2)) {
        let shown = if annual { *period } else { period.monthly() };
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
