//! What every aggregate over timelines shares: a state that lives as long as the aggregate, the
//! report's rates read once, and bytes for the way between parallel workers.

use std::borrow::Cow;

use pgrx::datum::{Array, Date, FromDatum, Internal};
use pgrx::memcxt::PgMemoryContexts;
use pgrx::pg_sys;
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::prelude::PgSqlErrorCode;
use revenue::calendar::DayRange;
use revenue::metric::{Membership, MetricError};
use revenue::money::{Amount, Exchange};
use revenue::timeline::Timeline;

use crate::error::{IntoReport, OrReport, Sql, given, report};
use crate::{argument, convert, exchange};

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

/// Takes one account into an aggregate whose arguments are a timeline, the packed rates of the
/// report and, for some, the days on which the account belongs: see [`take`].
pub fn take_at_rates<S: Sums>(
    fcinfo: pg_sys::FunctionCallInfo,
    add: impl FnOnce(&mut S, Timeline<'_>, &Exchange, Membership<'_>) -> Result<(), MetricError>,
) -> Internal {
    // SAFETY: the argument is a bytea.
    let pack = |exchange: Option<pg_sys::Datum>, _: Timeline<'_>, _: Option<&Begun<S>>| {
        Ok(Some(Cow::Borrowed(unsafe { argument::bytes(given(exchange, "exchange")?) })))
    };
    take(fcinfo, pack, add)
}

/// Takes one account into an aggregate: what every transition function over timelines does. Its
/// arguments are the state, the timeline, what tells the report's days, and the membership.
///
/// `pack` makes the packed rates of the second; nothing when this account can't tell them yet.
/// It is not called for rows of which PostgreSQL says that they have the same value as before.
///
/// This runs for every account of the book, so it reads the arguments where PostgreSQL keeps
/// them, and an error is raised here and not handed up as a large value.
pub fn take<'a, S: Sums + 'a>(
    fcinfo: pg_sys::FunctionCallInfo,
    pack: impl FnOnce(Option<pg_sys::Datum>, Timeline<'a>, Option<&Begun<S>>) -> Sql<Option<Cow<'a, [u8]>>>,
    add: impl FnOnce(&mut S, Timeline<'_>, &Exchange, Membership<'_>) -> Result<(), MetricError>,
) -> Internal {
    match try_take(fcinfo, pack, add) {
        Ok(state) => state,
        Err(refused) => argument::raise(*refused),
    }
}

fn try_take<'a, S: Sums + 'a>(
    fcinfo: pg_sys::FunctionCallInfo,
    pack: impl FnOnce(Option<pg_sys::Datum>, Timeline<'a>, Option<&Begun<S>>) -> Sql<Option<Cow<'a, [u8]>>>,
    add: impl FnOnce(&mut S, Timeline<'_>, &Exchange, Membership<'_>) -> Result<(), MetricError>,
) -> Result<Internal, Box<ErrorReport>> {
    // SAFETY: PostgreSQL calls with as many arguments as the aggregate declares, and hands back
    // the state that this function made for the same aggregate.
    let (collected, timeline, told, membership) = unsafe {
        (
            state_of::<Report<S>>(Internal::from(argument::get(fcinfo, 0)), fcinfo)?,
            argument::get(fcinfo, 1).map(|timeline| argument::bytes(timeline)),
            argument::get(fcinfo, 2),
            argument::get(fcinfo, 3),
        )
    };
    let Some(timeline) = timeline else { return Ok(keep(collected)) };
    let timeline = Timeline::read(timeline).map_err(|error| Box::new(error.into_report()))?;
    let told_before = collected.begun().and_then(|begun| begun.told);
    if told_before.is_none() || told_before != told.map(pg_sys::Datum::value) {
        let Some(packed) = pack(told, timeline, collected.begun())? else { return Ok(keep(collected)) };
        // SAFETY: as above.
        let constant = unsafe { argument::is_constant(fcinfo, 1) };
        collected.with_exchange(&packed)?.told = told.filter(|_| constant).map(pg_sys::Datum::value);
    }
    let Some(begun) = &mut collected.0 else { return Ok(keep(collected)) };
    let Begun { exchange, sums, ranges, .. } = begun;
    let membership = match membership {
        None => Membership::Always,
        Some(days) => {
            // SAFETY: the argument is a date[].
            match convert::plain_days(unsafe { argument::bytes(days) }) {
                Some(days) => convert::ranges(days, ranges),
                None => {
                    // SAFETY: as above.
                    let days = unsafe { Array::<Date>::from_datum(days, false) };
                    convert::ranges(days.iter().flat_map(Array::iter).flatten().map(convert::day), ranges);
                }
            }
            Membership::On(ranges)
        }
    };
    add(sums, timeline, exchange, membership).map_err(|error| Box::new(error.into_report()))?;
    Ok(keep(collected))
}

/// Hands a state back to PostgreSQL.
pub fn keep<T>(state: &mut T) -> Internal {
    Internal::from(Some(pg_sys::Datum::from(std::ptr::from_mut(state))))
}

/// The sums of one aggregate, for the report whose days and rates they were made with.
pub trait Sums: Sized {
    /// No account yet.
    fn new(exchange: &Exchange) -> Result<Self, MetricError>;
    /// Takes what another worker has summed up.
    fn merge(&mut self, other: &Self) -> Result<(), MetricError>;
    /// The sums as plain amounts and counts, in a fixed order.
    fn write(&self, exchange: &Exchange, out: &mut Vec<i128>) -> Result<(), MetricError>;
    /// The reverse of `write`; `None` for something else.
    fn read(exchange: &Exchange, fields: &[i128]) -> Option<Self>;
}

/// An aggregate over timelines: nothing, until the first row says for which report.
pub struct Report<S>(Option<Begun<S>>);

/// An aggregate that has seen a row: the rates of the report and the sums.
pub struct Begun<S> {
    packed: Vec<u8>,
    /// Where the argument is that told this, when it is there for all rows.
    told: Option<usize>,
    /// Room for the membership of the account at hand.
    ranges: Vec<DayRange>,
    /// The days and rates of the report.
    pub exchange: Exchange,
    /// What has been summed up.
    pub sums: S,
}

impl<S> Default for Report<S> {
    fn default() -> Self {
        Self(None)
    }
}

impl<S: Sums> Report<S> {
    /// The report's rates, read when they are seen for the first time. All rows must come with
    /// the same ones.
    pub fn with_exchange(&mut self, packed: &[u8]) -> Sql<&mut Begun<S>> {
        let begun = match &mut self.0 {
            Some(begun) => begun,
            none => {
                let exchange = exchange::read(packed)?;
                let sums = S::new(&exchange).or_report()?;
                none.insert(Begun { packed: packed.to_vec(), told: None, ranges: Vec::new(), exchange, sums })
            }
        };
        if begun.packed == packed {
            return Ok(begun);
        }
        Err(report(
            PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE,
            "the period and the exchange rates of an aggregate must be the same for all of its rows",
            "",
        ))
    }

    /// What has been collected, once a row has been seen.
    pub fn begun(&self) -> Option<&Begun<S>> {
        self.0.as_ref()
    }

    /// Takes what another worker has collected.
    pub fn merge(&mut self, other: &Self) -> Sql<()> {
        match &other.0 {
            Some(other) => self.with_exchange(&other.packed)?.sums.merge(&other.sums).or_report(),
            None => Ok(()),
        }
    }

    /// Bytes for another process of the same build: none as long as no row has been seen.
    pub fn serialize(&self) -> Sql<Vec<u8>> {
        let Some(Begun { packed, exchange, sums, .. }) = &self.0 else { return Ok(Vec::new()) };
        let mut fields = Vec::new();
        sums.write(exchange, &mut fields).or_report()?;
        let mut bytes = (packed.len() as u32).to_le_bytes().to_vec();
        bytes.extend_from_slice(packed);
        fields.iter().for_each(|field| bytes.extend_from_slice(&field.to_le_bytes()));
        Ok(bytes)
    }

    /// The reverse of [`Report::serialize`].
    pub fn deserialize(&mut self, bytes: &[u8]) -> Sql<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        let refused = || report(PgSqlErrorCode::ERRCODE_INVALID_BINARY_REPRESENTATION, "damaged aggregate state", "");
        let (length, rest) = bytes.split_first_chunk::<4>().ok_or_else(refused)?;
        let (packed, fields) = rest.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or_else(refused)?;
        let (fields, []) = fields.as_chunks::<16>() else { return Err(refused()) };
        let fields: Vec<i128> = fields.iter().map(|bytes| i128::from_le_bytes(*bytes)).collect();
        let begun = self.with_exchange(packed)?;
        begun.sums = S::read(&begun.exchange, &fields).ok_or_else(refused)?;
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
        fn $serialize(state: pgrx::datum::Internal) -> crate::error::Sql<Vec<u8>> {
            // SAFETY: as above.
            let state = unsafe { state.get::<crate::aggregate::Report<$sums>>() };
            state.map_or_else(|| Ok(Vec::new()), crate::aggregate::Report::serialize)
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
