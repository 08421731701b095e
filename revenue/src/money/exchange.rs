//! Converting run rates into the currency of a report.

use super::{Amount, AmountError, Currency, RunRate};
use crate::calendar::Day;

/// Units of the report's currency for one unit of another, in 1e-12.
///
/// A cross rate is rounded to twelve decimals once, where it is looked up; from there on
/// converting is an exact multiplication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate(pub i128);

impl Rate {
    /// One to one.
    pub const ONE: Self = Self(1_000_000_000_000);

    /// How many decimals a rate keeps.
    pub const SCALE: u32 = 12;

    /// Converts millionths of a major unit, exactly.
    pub fn convert(self, units: i128) -> Result<Amount, AmountError> {
        units.checked_mul(self.0).map(Amount).ok_or(AmountError)
    }
}

/// The rates that a report needs: for each of its days, from each currency of the book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    target: Currency,
    days: Vec<Day>,
    /// One row a currency; a rate that the table lacks is `None` until somebody needs it.
    rates: Vec<(Currency, Vec<Option<Rate>>)>,
}

/// A rate that is needed and not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    /// The rate table has nothing for this pair on the day nor in the seven days before it.
    #[error("no exchange rate from {from} to {to} on {day} or in the seven days before it")]
    Missing {
        /// The currency of the charge.
        from: Currency,
        /// The currency of the report.
        to: Currency,
        /// The day whose rate is missing.
        day: Day,
    },
    /// The converted amount does not fit.
    #[error(transparent)]
    OutOfRange(#[from] AmountError),
}

impl Exchange {
    /// The rates on each of `days` into `target`; every row of `rates` has one entry a day.
    pub fn new(target: Currency, days: Vec<Day>, rates: Vec<(Currency, Vec<Option<Rate>>)>) -> Self {
        debug_assert!(rates.iter().all(|(_, row)| row.len() == days.len()));
        Self { target, days, rates }
    }

    /// The days that the rates are for, in the order of the report.
    pub fn days(&self) -> &[Day] {
        &self.days
    }

    /// The currency of the report.
    pub fn target(&self) -> Currency {
        self.target
    }

    /// The rate from a currency on the report's day number `index`.
    pub fn rate(&self, from: Currency, index: usize) -> Result<Rate, ExchangeError> {
        if from == self.target {
            return Ok(Rate::ONE);
        }
        let row = self.rates.iter().find(|(currency, _)| *currency == from);
        row.and_then(|(_, row)| row.get(index).copied().flatten()).ok_or_else(|| ExchangeError::Missing {
            from,
            to: self.target,
            day: self.days.get(index).copied().unwrap_or(Day::START),
        })
    }

    /// Converts a run rate at the rate of the report's day number `index`.
    pub fn convert(&self, rate: RunRate, from: Currency, index: usize) -> Result<Amount, ExchangeError> {
        self.convert_units(i128::from(rate.0), from, index)
    }

    /// Converts a sum of run rates, in the millionths that they are kept in. Nothing is nothing
    /// in every currency, so a zero needs no rate.
    pub fn convert_units(&self, units: i128, from: Currency, index: usize) -> Result<Amount, ExchangeError> {
        if units == 0 || from == Currency::NONE {
            return Ok(Amount::ZERO);
        }
        Ok(self.rate(from, index)?.convert(units)?)
    }

    /// Packs the rates for their way through SQL:
    /// `target [u8; 3], days u32, currencies u32, day i32 * days, per currency: code [u8; 3], rate i128 * days`,
    /// little-endian; a missing rate is 0, which no rate ever is.
    pub fn pack(&self) -> Vec<u8> {
        let mut packed = self.target.to_bytes().to_vec();
        packed.extend_from_slice(&(self.days.len() as u32).to_le_bytes());
        packed.extend_from_slice(&(self.rates.len() as u32).to_le_bytes());
        self.days.iter().for_each(|day| packed.extend_from_slice(&day.0.to_le_bytes()));
        for (currency, rates) in &self.rates {
            packed.extend_from_slice(&currency.to_bytes());
            rates.iter().for_each(|rate| packed.extend_from_slice(&rate.map_or(0, |rate| rate.0).to_le_bytes()));
        }
        packed
    }

    /// The reverse of [`Exchange::pack`]; `None` for bytes that it did not make.
    pub fn read(packed: &[u8]) -> Option<Self> {
        let mut rest = packed;
        let count = |rest: &mut &[u8]| Some(u32::from_le_bytes(take(rest)?) as usize);
        let target = Currency::from_bytes(take(&mut rest)?).ok()?;
        let (days, currencies) = (count(&mut rest)?, count(&mut rest)?);
        let days = (0..days).map(|_| Some(Day(i32::from_le_bytes(take(&mut rest)?)))).collect::<Option<Vec<_>>>()?;
        let mut rates = Vec::new();
        for _ in 0..currencies {
            let currency = Currency::from_bytes(take(&mut rest)?).ok()?;
            let row = days.iter().map(|_| {
                let rate = i128::from_le_bytes(take(&mut rest)?);
                Some((rate != 0).then_some(Rate(rate)))
            });
            rates.push((currency, row.collect::<Option<Vec<_>>>()?));
        }
        rest.is_empty().then_some(Self { target, days, rates })
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packing_keeps_everything() {
        let (eur, usd) = ("EUR".parse().unwrap(), "USD".parse().unwrap());
        let exchange = Exchange::new(eur, vec![Day(3), Day(9)], vec![(usd, vec![Some(Rate(925_925_925_926)), None])]);
        let packed = exchange.pack();
        assert_eq!(Exchange::read(&packed), Some(exchange.clone()));
        (0..packed.len()).for_each(|cut| assert_eq!(Exchange::read(&packed[..cut]), None, "cut at {cut}"));
        assert_eq!(exchange.convert(RunRate(1_080_000), usd, 0).unwrap().to_string(), "1.00000000000008");
        assert_eq!(exchange.convert(RunRate::ZERO, usd, 1), Ok(Amount::ZERO));
        let missing = exchange.convert(RunRate(1), usd, 1).unwrap_err().to_string();
        assert_eq!(missing, "no exchange rate from USD to EUR on 2000-01-10 or in the seven days before it");
    }
}
