//! Cutting a range into reporting periods.

use pgrx::datum::Date;
use pgrx::prelude::*;
use revenue::calendar::{DayRange, Grain};

use crate::convert;
use crate::error::{OrReport, Sql};

/// The borders of the periods in `[from_day, to_day)`: one more than there are periods.
#[pg_extern(sql = false)]
fn mrr_borders(from_day: Date, to_day: Date, grain: &str) -> Sql<Vec<Date>> {
    let range = DayRange { from: convert::day(from_day), until: convert::day(to_day) };
    let borders = grain.parse::<Grain>().and_then(|grain| grain.borders(range)).or_report()?;
    Ok(borders.into_iter().map(convert::date).collect())
}
