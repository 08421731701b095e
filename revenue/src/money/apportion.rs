//! Splitting a whole so that its parts add up to it, to the last unit.

use super::Amount;
use super::amount::twelfth;

/// Splits `total` over `weights` in proportion, by largest remainder; of equal remainders the
/// earlier part gets the odd unit. The parts add up to `total` exactly. Nothing is split over
/// weights that are all zero. Total and weights must not be negative.
pub fn allocate(total: i128, weights: &[i128]) -> Vec<i128> {
    let whole: i128 = weights.iter().sum();
    if whole <= 0 {
        return vec![0; weights.len()];
    }
    let mut parts: Vec<i128> = weights.iter().map(|weight| total * weight / whole).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|&index| std::cmp::Reverse(total * weights[index] % whole));
    let rest = total - parts.iter().sum::<i128>();
    for &index in order.iter().take(usize::try_from(rest).unwrap_or(0)) {
        parts[index] += 1;
    }
    parts
}

/// Turns annual flows into monthly ones of so many decimals such that
/// `opening + sum of the monthly flows = closing`, both a twelfth and rounded to the same
/// decimals, to the last digit.
///
/// A twelfth of a flow rarely ends, so rounding each on its own would break the identity in the
/// last decimal. Flows are signed, and `opening + sum(flows) = closing` must hold.
pub fn monthly_flows(opening: Amount, flows: &mut [Amount], closing: Amount, decimals: u32) {
    let (unit, grain) = twelfth(decimals);
    let remainders: Vec<i128> = flows.iter().map(|flow| flow.0.rem_euclid(unit)).collect();
    for flow in flows.iter_mut() {
        flow.0 = flow.0.div_euclid(unit);
    }
    let target = (closing.monthly_to(decimals).0 - opening.monthly_to(decimals).0) / grain;
    let missing = target - flows.iter().map(|flow| flow.0).sum::<i128>();
    let mut order: Vec<usize> = (0..flows.len()).filter(|&index| remainders[index] > 0).collect();
    order.sort_by_key(|&index| std::cmp::Reverse(remainders[index]));
    // Never more units are missing than flows have a remainder: each remainder is below a unit.
    for &index in order.iter().take(usize::try_from(missing).unwrap_or(0)) {
        flows[index].0 += 1;
    }
    flows.iter_mut().for_each(|flow| flow.0 *= grain);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_hundred_over_three_adds_up_to_the_cent() {
        assert_eq!(allocate(10_000, &[1, 1, 1]), [3_334, 3_333, 3_333]);
        assert_eq!(allocate(5_000, &[10_000, 10_000]), [2_500, 2_500]);
        assert_eq!(allocate(7, &[0, 0]), [0, 0]);
    }

    proptest! {
        #[test]
        fn parts_add_up(total in 0i128..1_000_000_000, weights in prop::collection::vec(0i128..1_000_000, 1..20)) {
            let parts = allocate(total, &weights);
            let whole: i128 = weights.iter().sum();
            prop_assert_eq!(parts.iter().sum::<i128>(), if whole == 0 { 0 } else { total });
            for (part, weight) in parts.iter().zip(&weights) {
                prop_assert!(whole == 0 || (part * whole - total * weight).abs() < whole);
            }
        }

        #[test]
        fn monthly_flows_keep_the_identity(
            decimals in 14u32..19, opening in -10_000i128..10_000, annual in prop::collection::vec(-500i128..500, 0..7),
        ) {
            let closing = Amount(opening + annual.iter().sum::<i128>());
            let mut flows: Vec<Amount> = annual.iter().copied().map(Amount).collect();
            monthly_flows(Amount(opening), &mut flows, closing, decimals);
            let sum: i128 = flows.iter().map(|flow| flow.0).sum();
            prop_assert_eq!(Amount(opening).monthly_to(decimals).0 + sum, closing.monthly_to(decimals).0);
            let (unit, grain) = twelfth(decimals);
            for (flow, year) in flows.iter().zip(&annual) {
                prop_assert!((flow.0 * 12 - year).abs() < unit && flow.0 % grain == 0, "{} is not a twelfth of {}", flow.0, year);
            }
        }
    }
}
