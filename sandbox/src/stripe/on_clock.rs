//! Customers on a test clock: what somebody tried out in the same sandbox. The truth knows nothing of them, most lists
//! leave them out, and events tell of them like of anybody else.

use serde_json::{Value, json};

use super::book::{Book, Of};
use super::ids::Ids;
use crate::world::Company;
use crate::world::account::Account;
use crate::world::catalogue::{Catalogue, CouponNumber, PriceNumber, ProductNumber};

/// Accounts with this number or a higher one are on the clock.
const FIRST: u32 = u32::MAX - 99;

/// How many there are.
const CUSTOMERS: usize = 2;

/// How long a clock is kept.
const KEPT_SECONDS: i64 = 30 * 86_400;

/// Adds customers on a test clock behind all others. They live plain lives.
pub(super) fn add(company: &mut Company) {
    let plain = Catalogue::of_the_company(company.horizon);
    let live = |number| Account::live(company.seed, number, company.horizon, &plain);
    let subscribed = (FIRST..u32::MAX).map(live).filter(|account| !account.subscriptions.is_empty());
    let added: Vec<Account> = subscribed.take(CUSTOMERS).collect();
    company.accounts.extend(added);
}

/// Something that may be on the clock.
pub(super) trait MaybeOnClock: Copy {
    fn is_on_clock(self) -> bool;
}

impl MaybeOnClock for u32 {
    fn is_on_clock(self) -> bool {
        self >= FIRST
    }
}

impl MaybeOnClock for Of {
    fn is_on_clock(self) -> bool {
        self.account.is_on_clock()
    }
}

macro_rules! never_on_clock {
    ($($kind:ty),*) => {
        $(impl MaybeOnClock for $kind {
            fn is_on_clock(self) -> bool {
                false
            }
        })*
    };
}

never_on_clock!(ProductNumber, PriceNumber, CouponNumber);

impl Ids {
    /// The clock of something, if it is on one.
    pub(super) fn clock_of(self, thing: impl MaybeOnClock) -> Option<String> {
        thing.is_on_clock().then(|| self.clock())
    }
}

impl Book {
    /// The one clock, if there is one.
    pub(super) fn render_clock(&self) -> Option<Value> {
        let on_it = self.company.accounts.last().is_some_and(|account| account.number.is_on_clock());
        let (begin, now) = (self.company.horizon.begin, self.company.horizon.now);
        let clock = || {
            json!({
                "id": self.ids.clock(),
                "object": "test_helpers.test_clock",
                "created": begin.0,
                "deletes_after": now.0 + KEPT_SECONDS,
                "frozen_time": now.0,
                "livemode": false,
                "name": "Trying things out",
                "status": "ready",
                "status_details": {}
            })
        };
        on_it.then(clock)
    }
}
