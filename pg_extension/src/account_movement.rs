//! The movements of a single account.

use pgrx::datum::{Array, Date};
use pgrx::iter::TableIterator;
use pgrx::prelude::*;
use revenue::metric::{Membership, Movements, MovementsState, last_change};
use revenue::money::Amount;
use revenue::timeline::Timeline;

use crate::error::{OrReport, Sql, given};
use crate::{convert, exchange};

/// A row in MRR for each period in which something moved, with its place from 1. The exchange holds
/// the day before the first period and the last day of each.
#[pg_extern(sql = false)]
#[expect(clippy::type_complexity, reason = "pgrx reads the columns from the written-out type")]
fn timeline_movements(
    timeline: Option<&[u8]>,
    exchange: Option<&[u8]>,
    membership: Option<Array<'_, Date>>,
    decimals: Option<i32>,
) -> Sql<
    TableIterator<
        'static,
        (
            name!(place, i32),
            name!(movement, &'static str),
            name!(opening, AnyNumeric),
            name!(change, AnyNumeric),
            name!(fx, AnyNumeric),
            name!(closing, AnyNumeric),
        ),
    >,
> {
    let timeline = Timeline::read(given(timeline, "steps")?).or_report()?;
    let exchange = exchange::read(given(exchange, "exchange")?)?;
    let mut state = MovementsState::new(&exchange).or_report()?;
    let ranges = membership.as_ref().map(convert::ranges_of);
    let membership = ranges.as_deref().map_or(Membership::Always, Membership::On);
    state.add(timeline, &exchange, membership).or_report()?;
    let periods = state.sums(&exchange).or_report()?;
    let decimals = convert::decimals(given(decimals, "decimals")?)?;
    let mut rows = Vec::new();
    for (place, movements) in (1..).zip(&periods) {
        let Some(kind) = kind(movements) else { continue };
        let shown = movements.monthly(decimals);
        // What is neither the state nor the rate.
        let change =
            shown.closing.checked_sub(shown.opening).and_then(|moved| moved.checked_sub(shown.fx)).or_report()?;
        let [opening, change, fx, closing] = [shown.opening, change, shown.fx, shown.closing].map(convert::numeric);
        rows.push((place, kind, opening?, change?, fx?, closing?));
    }
    Ok(TableIterator::new(rows))
}

/// What moved an account; `None` when nothing did.
fn kind(movements: &Movements) -> Option<&'static str> {
    let kinds = [
        ("new", movements.new),
        ("reactivation", movements.reactivation),
        ("churn", movements.churn),
        ("transfer", movements.transfer),
        ("expansion", movements.expansion),
        ("contraction", movements.contraction),
        ("fx", movements.fx),
    ];
    kinds.into_iter().find(|(_, amount)| *amount != Amount::ZERO).map(|(kind, _)| kind)
}

/// The last change up to the exchange's first day, at its rates.
#[pg_extern(sql = false)]
fn timeline_last_change(
    timeline: &[u8],
    exchange: &[u8],
) -> Sql<TableIterator<'static, (name!(day, Date), name!(movement, &'static str), name!(change, AnyNumeric))>> {
    let exchange = exchange::read(exchange)?;
    let Some(last) = last_change(Timeline::read(timeline).or_report()?, &exchange).or_report()? else {
        return Ok(TableIterator::new([]));
    };
    let Some(kind) = kind(&last.movements) else { return Ok(TableIterator::new([])) };
    let shown = last.movements.monthly(18);
    let change = shown.closing.checked_sub(shown.opening).or_report()?;
    Ok(TableIterator::once((convert::date(last.day), kind, convert::numeric(change)?)))
}
