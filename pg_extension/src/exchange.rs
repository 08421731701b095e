//! The rates of a report on their way through SQL, and converting sums.

use pgrx::datum::{Array, Date};
use pgrx::prelude::*;
use revenue::money::{Amount, AmountError, Currency, Exchange};

use crate::convert;
use crate::error::{IntoReport, OrReport, Sql, report};

/// Packs the rates of a report: for each of `currencies` one rate a day, currency by currency;
/// null where the table has none.
#[pg_extern(sql = false)]
fn exchange_pack(
    target: &str,
    days: Array<'_, Date>,
    currencies: Array<'_, &str>,
    rates: Array<'_, AnyNumeric>,
) -> Sql<Vec<u8>> {
    let days: Vec<_> = days.iter().flatten().map(convert::day).collect();
    let currencies: Vec<&str> = currencies.iter().flatten().collect();
    let rates: Vec<Option<AnyNumeric>> = rates.iter().collect();
    if days.is_empty() || rates.len() != days.len() * currencies.len() {
        return Err(report(
            PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE,
            format!("{} rates for {} currencies on {} days", rates.len(), currencies.len(), days.len()),
            "",
        ));
    }
    let mut rows = Vec::with_capacity(currencies.len());
    for (code, row) in currencies.iter().zip(rates.chunks(days.len())) {
        let row: Sql<Vec<_>> = row.iter().map(|rate| rate.as_ref().map(convert::rate).transpose()).collect();
        rows.push((code.parse::<Currency>().or_report()?, row?));
    }
    Ok(Exchange::new(target.parse().or_report()?, days, rows).pack())
}

/// Reads packed rates.
pub fn read(packed: &[u8]) -> Sql<Exchange> {
    Exchange::read(packed).ok_or_else(|| {
        report(
            PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE,
            "the exchange argument is not one that mrr_exchange made",
            "Pass mrr_exchange(currency, days) as it is.",
        )
    })
}

/// The sum of annual amounts in several currencies, in the report's currency at the rates of its
/// day number `place`, counted from 1. Amounts are in the major unit with at most six decimals, as run rates are kept.
#[pg_extern(sql = false)]
fn exchange_sum(
    exchange: &[u8],
    place: i32,
    currencies: Array<'_, &str>,
    amounts: Array<'_, AnyNumeric>,
) -> Sql<AnyNumeric> {
    let exchange = read(exchange)?;
    let mut total = Amount::ZERO;
    for (code, amount) in currencies.iter().flatten().zip(amounts.iter().flatten()) {
        total = total.checked_add(converted(&exchange, index(place), code, &amount)?).or_report()?;
    }
    convert::numeric(total)
}

/// The same for all days of the report at once: a sum for each of them.
#[pg_extern(sql = false)]
fn exchange_sums(
    exchange: &[u8],
    places: Array<'_, i32>,
    currencies: Array<'_, &str>,
    amounts: Array<'_, AnyNumeric>,
) -> Sql<Vec<AnyNumeric>> {
    let exchange = read(exchange)?;
    let mut totals = vec![Amount::ZERO; exchange.days().len()];
    let rows = places.iter().flatten().zip(currencies.iter().flatten()).zip(amounts.iter().flatten());
    for ((place, code), amount) in rows {
        let index = index(place);
        let converted = converted(&exchange, index, code, &amount)?;
        if let Some(total) = totals.get_mut(index) {
            *total = total.checked_add(converted).or_report()?;
        }
    }
    totals.into_iter().map(convert::numeric).collect()
}

fn index(place: i32) -> usize {
    usize::try_from(place).unwrap_or(0).saturating_sub(1)
}

fn converted(exchange: &Exchange, index: usize, code: &str, amount: &AnyNumeric) -> Sql<Amount> {
    const SHIFT: i128 = 1_000_000_000_000;
    let exact = convert::amount(amount)?;
    if exact.0 % SHIFT != 0 {
        return Err(AmountError.into_report());
    }
    exchange.convert_units(exact.0 / SHIFT, code.parse().or_report()?, index).or_report()
}
