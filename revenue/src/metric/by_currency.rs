//! Sums that are kept in each account's own currency until the end.

use crate::money::Currency;

/// Sums apart by currency.
///
/// Units of one currency add up without a look at any rate and are converted once a report, not
/// once an account. 128 bits hold the sum of as many run rates as an `i64` can count, so adding
/// needs no check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ByCurrency<T> {
    slots: Vec<(Currency, T)>,
    /// The slot that was used last: most accounts have the currency of the one before.
    last: usize,
}

impl<T> Default for ByCurrency<T> {
    fn default() -> Self {
        Self { slots: Vec::new(), last: 0 }
    }
}

impl<T> ByCurrency<T> {
    /// The number of a currency's slot, which is made when there is none yet.
    #[inline]
    pub(super) fn slot(&mut self, currency: Currency, make: impl FnOnce() -> T) -> usize {
        if self.slots.get(self.last).is_none_or(|(known, _)| *known != currency) {
            self.last = self.slots.iter().position(|(known, _)| *known == currency).unwrap_or_else(|| {
                self.slots.push((currency, make()));
                self.slots.len() - 1
            });
        }
        self.last
    }

    /// The sums of a slot.
    #[inline]
    pub(super) fn at(&mut self, slot: usize) -> &mut T {
        &mut self.slots[slot].1
    }

    /// Each currency with its sums.
    pub(super) fn iter(&self) -> impl Iterator<Item = &(Currency, T)> {
        self.slots.iter()
    }
}
