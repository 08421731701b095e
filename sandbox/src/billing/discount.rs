//! Reductions on the lines of one invoice.

use crate::world::catalogue::Reduction;
use crate::world::money::{Minor, divide_half_up};

/// What a reduction takes off each of the amounts of one billing. A percentage is rounded for each line; a fixed
/// amount comes off the whole billing once, shared out to the last minor unit.
pub fn line_discounts(reduction: Option<Reduction>, amounts: &[Minor]) -> Vec<Minor> {
    match reduction {
        None => vec![0; amounts.len()],
        Some(Reduction::Percent(hundredths)) => {
            let percent = |&amount: &Minor| divide_half_up(i128::from(amount) * i128::from(hundredths), 10_000);
            amounts.iter().map(percent).collect()
        }
        Some(Reduction::Fixed(_, off)) => allocate(off.min(amounts.iter().sum()), amounts),
    }
}

/// Shares an amount out in proportion to the weights so that the shares add up exactly: what is left after rounding
/// down goes to the largest remainders, earlier ones first.
pub fn allocate(amount: Minor, weights: &[Minor]) -> Vec<Minor> {
    let whole: i128 = weights.iter().map(|&weight| i128::from(weight)).sum();
    if whole == 0 {
        return vec![0; weights.len()];
    }
    let exact = |weight: Minor| i128::from(amount) * i128::from(weight);
    let mut shares: Vec<Minor> = weights.iter().map(|&weight| (exact(weight) / whole) as Minor).collect();
    let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
    by_remainder.sort_by_key(|&n| std::cmp::Reverse(exact(weights[n]) % whole));
    let left = amount - shares.iter().sum::<Minor>();
    for &n in by_remainder.iter().take(left as usize) {
        shares[n] += 1;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::money::Currency;

    #[test]
    fn shares_add_up_to_the_cent() {
        assert_eq!(allocate(10_000, &[500, 500, 500]), [3_334, 3_333, 3_333]);
        assert_eq!(allocate(1, &[1, 3]), [0, 1]);
        assert_eq!(allocate(5, &[0, 0]), [0, 0]);
    }

    #[test]
    fn a_reduction_never_exceeds_the_billing() {
        let off = Some(Reduction::Fixed(Currency::Usd, 15_000));
        assert_eq!(line_discounts(off, &[6_000, 4_000]), [6_000, 4_000]);
        assert_eq!(line_discounts(Some(Reduction::Percent(3_333)), &[2_999, 990]), [1_000, 330]);
    }
}
