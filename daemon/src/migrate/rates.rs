//! Exchange rates from a file in the layout of the ECB's history.

use std::collections::HashMap;
use std::fmt;

use chrono::NaiveDate;
use deadpool_postgres::{ClientWrapper, Transaction};
use revenue::money::Currency;
use rust_decimal::Decimal;

use crate::config::Rates;
use crate::failure::{Failure, Kind};

/// All rates of the ECB are for one euro.
const BASE: &str = "EUR";

/// Days compared at a time: a file of decades never has to be in memory as rates.
const DAYS_AT_ONCE: usize = 200;

/// What loading a file did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Loaded {
    /// Rates in the file.
    pub read: usize,
    /// Rates that were new or different.
    pub written: u64,
}

/// Rates in a file, one line at a time.
#[derive(Debug)]
pub(super) struct Table<'a> {
    quotes: Vec<Option<Currency>>,
    lines: std::iter::Enumerate<std::str::Lines<'a>>,
}

/// The rates of one day: units of the quote for one euro.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DayRates {
    pub day: NaiveDate,
    pub rates: Vec<(Currency, Decimal)>,
}

/// Writes the rates that the database lacks or has otherwise, all or none.
pub async fn load(client: &mut ClientWrapper, rates: &Rates) -> Result<Loaded, Failure> {
    let place = rates.file.display();
    let text = std::fs::read_to_string(&rates.file).map_err(|error| {
        Failure::new(
            Kind::Settings,
            format!("the rates file {place} can't be read ({}); correct `file` in [rates]", error.kind()),
        )
    })?;
    let wrong = |reason: String| Failure::new(Kind::Settings, format!("{place}:{reason}"));
    let mut table = Table::new(&text).map_err(wrong)?;
    let transaction = client.transaction().await?;
    let mut loaded = Loaded::default();
    loop {
        let days: Vec<DayRates> = table.by_ref().take(DAYS_AT_ONCE).collect::<Result<_, _>>().map_err(wrong)?;
        if days.is_empty() {
            break;
        }
        loaded.read += days.iter().map(|day| day.rates.len()).sum::<usize>();
        loaded.written += write(&transaction, &days, &rates.source).await?;
    }
    transaction.commit().await?;
    Ok(loaded)
}

async fn write(transaction: &Transaction<'_>, days: &[DayRates], source: &str) -> Result<u64, Failure> {
    let dates: Vec<NaiveDate> = days.iter().map(|day| day.day).collect();
    let select = transaction
        .prepare_cached("select day, quote, rate, source from revenue.exchange_rate where base = $1 and day = any($2)")
        .await?;
    let known: HashMap<(NaiveDate, String), (Decimal, String)> = transaction
        .query(&select, &[&BASE, &dates])
        .await?
        .into_iter()
        .map(|row| Ok(((row.try_get(0)?, row.try_get(1)?), (row.try_get(2)?, row.try_get(3)?))))
        .collect::<Result<_, tokio_postgres::Error>>()?;
    let (mut day_column, mut quotes, mut rates) = (Vec::new(), Vec::new(), Vec::new());
    for DayRates { day, rates: of_day } in days {
        for (quote, rate) in of_day {
            let same = known
                .get(&(*day, quote.to_string()))
                .is_some_and(|(known, publisher)| known == rate && publisher == source);
            if !same {
                day_column.push(*day);
                quotes.push(quote.to_string());
                rates.push(*rate);
            }
        }
    }
    if rates.is_empty() {
        return Ok(0);
    }
    let upsert = transaction
        .prepare_cached(
            "insert into revenue.exchange_rate (base, quote, day, rate, source)
             select $1, quote, day, rate, $5
             from unnest($2::text[], $3::date[], $4::numeric[]) as new (quote, day, rate)
             on conflict (base, quote, day) do update set rate = excluded.rate, source = excluded.source",
        )
        .await?;
    Ok(transaction.execute(&upsert, &[&BASE, &quotes, &day_column, &rates, &source]).await?)
}

impl<'a> Table<'a> {
    /// Reads the heading: `Date,USD,JPY,...`.
    pub(super) fn new(text: &'a str) -> Result<Self, String> {
        let mut lines = text.trim_start_matches('\u{feff}').lines().enumerate();
        let (_, heading) = lines.next().ok_or("1: the file is empty; it must begin with `Date,USD,...`")?;
        let mut columns = heading.split(',').map(str::trim);
        if columns.next() != Some("Date") {
            return Err("1: the first column must be `Date`, as in the ECB's eurofxref-hist.csv".into());
        }
        let quotes = columns
            .map(|code| match code {
                "" => Ok(None),
                code => code.parse().map(Some).map_err(|error| format!("1: {error}")),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { quotes, lines })
    }

    fn day(&self, line: &str) -> Result<DayRates, String> {
        let mut cells = line.split(',').map(str::trim);
        let date = cells.next().unwrap_or_default();
        let day = date.parse().map_err(|_| format!("`{}` is not a day; write YYYY-MM-DD", short(date)))?;
        let mut rates = Vec::new();
        for (quote, cell) in self.quotes.iter().zip(&mut cells) {
            let Some(quote) = quote else { continue };
            if cell.is_empty() || cell == "N/A" {
                continue;
            }
            let rate = Decimal::from_str_exact(cell).ok().filter(|rate| rate.is_sign_positive() && !rate.is_zero());
            let rate = rate.ok_or_else(|| {
                format!("`{}` is not a rate for {quote}; write a decimal above 0 or N/A", short(cell))
            })?;
            rates.push((*quote, rate));
        }
        if cells.any(|cell| !cell.is_empty()) {
            return Err("the line has more columns than the heading".into());
        }
        Ok(DayRates { day, rates })
    }
}

impl Iterator for Table<'_> {
    type Item = Result<DayRates, String>;

    fn next(&mut self) -> Option<Self::Item> {
        let (index, line) = self.lines.by_ref().find(|(_, line)| !line.trim().is_empty())?;
        Some(self.day(line).map_err(|reason| format!("{}: {reason}", index + 1)))
    }
}

fn short(text: &str) -> String {
    text.chars().take(30).collect()
}

impl fmt::Display for Loaded {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} exchange rates read, {} written", self.read, self.written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<DayRates>, String> {
        Table::new(text)?.collect()
    }

    #[test]
    fn the_ecbs_layout_is_read_exactly() {
        let days = read("\u{feff}Date,USD,JPY,CYP,\r\n2026-10-30,1.1172,175.68,N/A,\r\n\r\n2026-10-29,1.113,,N/A,\r\n");
        let days = days.unwrap();
        assert_eq!(days.len(), 2);
        assert_eq!(days[0].day.to_string(), "2026-10-30");
        let rates: Vec<String> = days[0].rates.iter().map(|(quote, rate)| format!("{quote} {rate}")).collect();
        assert_eq!(rates, ["USD 1.1172", "JPY 175.68"]);
        assert_eq!(days[1].rates.len(), 1);
    }

    #[test]
    fn a_wrong_line_is_named() {
        for (text, expect) in [
            ("", "1: the file is empty; it must begin with `Date,USD,...`"),
            ("Day,USD\n", "1: the first column must be `Date`, as in the ECB's eurofxref-hist.csv"),
            (
                "Date,DOLLAR\n",
                "1: `DOLLAR` is not a currency code: write three letters as ISO 4217 has them, such as EUR",
            ),
            ("Date,USD\n30.10.2026,1", "2: `30.10.2026` is not a day; write YYYY-MM-DD"),
            ("Date,USD\n2026-10-30,0", "2: `0` is not a rate for USD; write a decimal above 0 or N/A"),
            ("Date,USD\n2026-10-30,1e3", "2: `1e3` is not a rate for USD; write a decimal above 0 or N/A"),
            ("Date,USD\n\n2026-10-30,1,2", "3: the line has more columns than the heading"),
        ] {
            assert_eq!(read(text).unwrap_err(), expect, "{text}");
        }
    }
}
