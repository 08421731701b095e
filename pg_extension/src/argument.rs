//! Reading the arguments of a transition function where PostgreSQL keeps them.
//!
//! What pgrx does for every argument of every call (a guard against errors, a switch of memory
//! contexts, a copy of the result) costs more than most accounts do.

use pgrx::pg_sys::panic::ErrorReport;
use pgrx::prelude::PgLogLevel;
use pgrx::{pg_sys, varlena};

/// The argument number `place`, counted from 0; `None` when it is null or there is none.
///
/// # Safety
///
/// PostgreSQL must have called with this `fcinfo`.
#[inline]
pub unsafe fn get(fcinfo: pg_sys::FunctionCallInfo, place: usize) -> Option<pg_sys::Datum> {
    // SAFETY: what the caller promises; the arguments stand one after another behind the header.
    unsafe {
        if place >= usize::try_from((*fcinfo).nargs).unwrap_or(0) {
            return None;
        }
        let arguments: *const pg_sys::NullableDatum = std::ptr::addr_of!((*fcinfo).args).cast();
        let argument = &*arguments.add(place);
        (!argument.isnull).then_some(argument.value)
    }
}

/// The bytes of a value of variable length: in place when PostgreSQL keeps them plainly, as it
/// does with all but long ones.
///
/// # Safety
///
/// The value must be of such a type, and must not be used longer than this call.
#[inline]
pub unsafe fn bytes<'a>(value: pg_sys::Datum) -> &'a [u8] {
    // SAFETY: what the caller promises.
    unsafe {
        let mut value: *mut pg_sys::varlena = value.cast_mut_ptr();
        if varlena::varatt_is_1b_e(value) || varlena::varatt_is_4b_c(value) {
            value = pg_sys::pg_detoast_datum_packed(value);
        }
        varlena::varlena_to_byte_slice(value)
    }
}

/// Whether an argument of an aggregate, counted from 0 without the state, is one value for all
/// rows: a constant, or a parameter of the whole query. Such a value stays where it is.
///
/// # Safety
///
/// As for [`get`].
pub unsafe fn is_constant(fcinfo: pg_sys::FunctionCallInfo, place: usize) -> bool {
    // SAFETY: PostgreSQL's own nodes; it says null where it has none.
    unsafe {
        let aggregate = pg_sys::AggGetAggref(fcinfo);
        if aggregate.is_null() || (*aggregate).args.is_null() {
            return false;
        }
        let arguments = &*(*aggregate).args;
        if place >= usize::try_from(arguments.length).unwrap_or(0) {
            return false;
        }
        let entry: *const pg_sys::TargetEntry = (*arguments.elements.add(place)).ptr_value.cast();
        let expression = (*entry).expr;
        match (*expression.cast::<pg_sys::Node>()).type_ {
            pg_sys::NodeTag::T_Const => true,
            pg_sys::NodeTag::T_Param => {
                (*expression.cast::<pg_sys::Param>()).paramkind == pg_sys::ParamKind::PARAM_EXTERN
            }
            _ => false,
        }
    }
}

/// Raises an error, away from where the work is done.
#[cold]
pub fn raise(refused: ErrorReport) -> ! {
    refused.report(PgLogLevel::ERROR);
    unreachable!("an error has been raised")
}
