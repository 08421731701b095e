//! What every aggregate over timelines shares: a state that lives as long as the aggregate, the
//! report's rates read once, and bytes for the way between parallel workers.

use pgrx::datum::{Array, Date, Internal};
use pgrx::memcxt::PgMemoryContexts;
use pgrx::pg_sys;
use pgrx::prelude::PgSqlErrorCode;
use revenue::metric::{Membership, MetricError};
use revenue::money::{Amount, Currency, Exchange};
use revenue::timeline::Timeline;

use crate::error::{OrReport, Sql, given, report};
use crate::{convert, exchange};

/// The state behind `internal`, made in the aggregate's own memory when there is none yet: the
/// context of a single call is reset under it.
///
/// # Safety
///
/// `state` must be null or come from this function with the same `T`.
pub unsafe fn state_of<'a, T: Default>(state: Internal, fcinfo: pg_sys::FunctionCallInfo) -> Sql<&'a mut T> {
    if let Some(datum) = state.unwrap() {
        // SAFETY: what the caller promises; and PostgreSQL uses a state from one place at a time.
        return Ok(unsafe { &mut *datum.cast_mut_ptr::<T>() });
    }
    // SAFETY: PostgreSQL calls with a valid fcinfo; the context is only written to.
    let context = unsafe {
        let mut context: pg_sys::MemoryContext = std::ptr::null_mut();
        if pg_sys::AggCheckCallContext(fcinfo, &mut context) == 0 {
            return Err(report(
                PgSqlErrorCode::ERRCODE_FEATURE_NOT_SUPPORTED,
                "this function works only inside of its aggregate",
                "",
            ));
        }
        context
    };
    // SAFETY: the pointer is to a value that was just made and lives as long as the context.
    Ok(unsafe { &mut *PgMemoryContexts::For(context).leak_and_drop_on_delete(T::default()) })
}

/// Takes one account into an aggregate: what every transition function over timelines does.
/// `membership` are the days on which the account belongs to the cohort, as pairs of a first day
/// and the day after the last one; null for always.
pub fn take<S: Sums>(
    state: Internal,
    timeline: Option<&[u8]>,
    exchange: Option<&[u8]>,
    membership: Option<&Array<'_, Date>>,
    fcinfo: pg_sys::FunctionCallInfo,
    add: impl FnOnce(&mut S, Timeline<'_>, &Exchange, Membership<'_>) -> Result<(), MetricError>,
) -> Sql<Internal> {
    // SAFETY: PostgreSQL hands back the state that this function made for the same aggregate.
    let collected = unsafe { state_of::<Report<S>>(state, fcinfo) }?;
    if let Some(timeline) = timeline {
        let (exchange, sums) = collected.with_exchange(given(exchange, "exchange")?)?;
        let timeline = Timeline::read(timeline).or_report()?;
        convert::membership(membership, |membership| add(sums, timeline, exchange, membership)).or_report()?;
    }
    Ok(keep(collected))
}

/// Hands a state back to PostgreSQL.
pub fn keep<T>(state: &mut T) -> Internal {
    Internal::from(Some(pg_sys::Datum::from(std::ptr::from_mut(state))))
}

/// The sums of one aggregate.
pub trait Sums: Default {
    /// Takes what another worker has summed up.
    fn merge(&mut self, other: &Self) -> Sql<()>;
    /// The sums as plain amounts and counts, in a fixed order.
    fn write(&self, out: &mut Vec<i128>);
    /// The reverse of `write`; `None` for something else.
    fn read(fields: &[i128]) -> Option<Self>;
}

/// An aggregate over timelines: the rates of the report and the sums.
#[derive(Default)]
pub struct Report<S> {
    packed: Vec<u8>,
    exchange: Option<Exchange>,
    /// What has been summed up.
    pub sums: S,
}

impl<S: Sums> Report<S> {
    /// The report's rates, read when they are seen for the first time. All rows must come with
    /// the same ones.
    pub fn with_exchange(&mut self, packed: &[u8]) -> Sql<(&Exchange, &mut S)> {
        if self.packed != packed {
            if self.exchange.is_some() {
                return Err(report(
                    PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE,
                    "the period and the exchange rates of an aggregate must be the same for all of its rows",
                    "",
                ));
            }
            self.exchange = Some(exchange::read(packed)?);
            self.packed = packed.to_vec();
        }
        match &self.exchange {
            Some(exchange) => Ok((exchange, &mut self.sums)),
            None => Err(report(PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE, "an exchange is needed", "")),
        }
    }

    /// The currency of the report, once a row has been seen.
    pub fn target(&self) -> Option<Currency> {
        self.exchange.as_ref().map(Exchange::target)
    }

    /// Whether a row has been seen, so that the rates are known.
    pub fn started(&self) -> bool {
        self.exchange.is_some()
    }

    /// Takes what another worker has collected.
    pub fn merge(&mut self, other: &Self) -> Sql<()> {
        if other.started() {
            self.with_exchange(&other.packed)?;
            self.sums.merge(&other.sums)?;
        }
        Ok(())
    }

    /// Bytes for another process of the same build.
    pub fn serialize(&self) -> Vec<u8> {
        let mut fields = Vec::new();
        self.sums.write(&mut fields);
        let mut bytes = (self.packed.len() as u32).to_le_bytes().to_vec();
        bytes.extend_from_slice(&self.packed);
        fields.iter().for_each(|field| bytes.extend_from_slice(&field.to_le_bytes()));
        bytes
    }

    /// The reverse of [`Report::serialize`].
    pub fn deserialize(&mut self, bytes: &[u8]) -> Sql<()> {
        let refused = || report(PgSqlErrorCode::ERRCODE_INVALID_BINARY_REPRESENTATION, "damaged aggregate state", "");
        let (length, rest) = bytes.split_first_chunk::<4>().ok_or_else(refused)?;
        let (packed, fields) = rest.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or_else(refused)?;
        let (fields, []) = fields.as_chunks::<16>() else { return Err(refused()) };
        let fields: Vec<i128> = fields.iter().map(|bytes| i128::from_le_bytes(*bytes)).collect();
        if !packed.is_empty() {
            self.with_exchange(packed)?;
        }
        self.sums = S::read(&fields).ok_or_else(refused)?;
        Ok(())
    }
}

/// Sums are amounts in 1e-18 and counts, all of which fit an `i128`.
pub fn fields<const N: usize>(amounts: [Amount; N]) -> [i128; N] {
    amounts.map(|amount| amount.0)
}

/// The four functions with which PostgreSQL runs an aggregate in parallel. They are the same for
/// every kind of sums; only their names differ, and SQL needs a name for each.
macro_rules! parallel {
    ($sums:ty, $combine:ident, $serialize:ident, $deserialize:ident) => {
        #[pgrx::pg_extern(sql = false)]
        fn $combine(
            state: pgrx::datum::Internal,
            other: pgrx::datum::Internal,
            fcinfo: pgrx::pg_sys::FunctionCallInfo,
        ) -> crate::error::Sql<pgrx::datum::Internal> {
            // SAFETY: both states come from this aggregate's own functions.
            let (mine, theirs) = unsafe {
                let mine = crate::aggregate::state_of::<crate::aggregate::Report<$sums>>(state, fcinfo)?;
                (mine, other.get::<crate::aggregate::Report<$sums>>())
            };
            if let Some(theirs) = theirs {
                mine.merge(theirs)?;
            }
            Ok(crate::aggregate::keep(mine))
        }

        #[pgrx::pg_extern(sql = false)]
        fn $serialize(state: pgrx::datum::Internal) -> Vec<u8> {
            // SAFETY: as above.
            let state = unsafe { state.get::<crate::aggregate::Report<$sums>>() };
            state.map(crate::aggregate::Report::serialize).unwrap_or_default()
        }

        #[pgrx::pg_extern(sql = false)]
        fn $deserialize(
            bytes: &[u8],
            _unused: pgrx::datum::Internal,
            fcinfo: pgrx::pg_sys::FunctionCallInfo,
        ) -> crate::error::Sql<pgrx::datum::Internal> {
            // SAFETY: a null state is made anew.
            let state =
                unsafe { crate::aggregate::state_of::<crate::aggregate::Report<$sums>>(Default::default(), fcinfo) }?;
            state.deserialize(bytes)?;
            Ok(crate::aggregate::keep(state))
        }
    };
}
pub(crate) use parallel;
