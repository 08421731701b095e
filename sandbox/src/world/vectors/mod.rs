//! The worked examples of the definition, and the faults that money is prone to, lived by an account each. The name of
//! a customer tells its case, and the product that it buys has the same name, so that a cohort `plan:NAME` is the case.
//!
//! Nothing is drawn: whatever the seed, the company is the same. What each case must come to is said by hand in the
//! end-to-end tests, in `vectors`.

mod ahead;
mod calendar;
mod changes;
mod currencies;
mod discounts;
mod rates;
mod records;
mod requirements;
mod script;
mod sets;
mod standing;
mod tariffs;
mod terms;

pub(super) use rates::rates_csv;

use super::Company;
use script::Script;

/// The company.
pub(super) fn company() -> Company {
    let mut script = Script::new();
    changes::write(&mut script);
    discounts::write(&mut script);
    standing::write(&mut script);
    calendar::write(&mut script);
    currencies::write(&mut script);
    tariffs::write(&mut script);
    records::write(&mut script);
    terms::write(&mut script);
    sets::write(&mut script);
    ahead::write(&mut script);
    requirements::write(&mut script);
    script.company
}
