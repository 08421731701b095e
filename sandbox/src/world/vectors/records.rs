//! Records that point at nothing.

use super::script::{Script, at};
use crate::world::money::Currency::Eur;

pub(super) fn write(script: &mut Script) {
    for (name, deleted) in [
        ("F9 deleted before the first sync", "2025-11-15 12:00"),
        ("F9 deleted while it is watched", "2025-12-10 12:00"),
    ] {
        let mut case = script.customer(name, Eur);
        let price = case.monthly(3_000);
        case.subscribes(at("2025-03-10 12:00"), &[(price, 1)]).is_deleted(at(deleted));
    }
}
