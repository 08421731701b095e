//! Single values: ids, quantities.

use mrr_connector_sdk::json::{Node, Object, Unreadable};
use mrr_connector_sdk::value::decimal;
use rust_decimal::Decimal;

/// An id, also of an object that was expanded in its place.
pub(crate) fn id_of(node: &Node<'_>) -> Result<String, Unreadable> {
    if node.is_string() { node.string() } else { node.object()?.need("id")?.string() }
}

/// Whether a customer's time is a test clock's and not the world's.
pub(crate) fn is_simulated(payload: &str) -> bool {
    Object::of(payload).is_ok_and(|record| record.get("test_clock").is_some())
}

/// `quantity_decimal` where there is one, as `quantity` is only its whole part; one unit where
/// there is neither.
pub(super) fn quantity(object: &Object<'_>) -> Result<Decimal, Unreadable> {
    match object.get("quantity_decimal").or_else(|| object.get("quantity")) {
        // Written as 4 by one version and as 4.000000 by the next, it is the same.
        Some(node) => decimal(&node).map(|quantity| quantity.normalize()),
        None => Ok(Decimal::ONE),
    }
}
