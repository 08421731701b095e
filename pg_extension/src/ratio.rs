//! Ratios of sums that SQL has already made.

use pgrx::prelude::*;
use revenue::money::{Amount, AmountError};

use crate::convert;
use crate::error::{IntoReport, Sql};

/// `part / whole` with 18 decimals, rounded half to even; null when there is nothing to divide by.
#[pg_extern(sql = false)]
fn mrr_ratio(part: AnyNumeric, whole: AnyNumeric) -> Sql<Option<AnyNumeric>> {
    let (part, whole) = (convert::amount(&part)?, convert::amount(&whole)?);
    if whole == Amount::ZERO {
        return Ok(None);
    }
    part.ratio(whole).map(convert::numeric).transpose()?.map(Some).ok_or_else(|| AmountError.into_report())
}
