//! The one rounding rule for exact integers.

/// `numerator / denominator`, rounded half to even. The denominator must be positive.
pub fn div_half_even(numerator: i128, denominator: i128) -> i128 {
    debug_assert!(denominator > 0);
    let quotient = numerator.div_euclid(denominator);
    let remainder = numerator.rem_euclid(denominator);
    // `remainder` and `denominator - remainder` cannot overflow, unlike `2 * remainder`.
    match remainder.cmp(&(denominator - remainder)) {
        std::cmp::Ordering::Less => quotient,
        std::cmp::Ordering::Greater => quotient + 1,
        std::cmp::Ordering::Equal => quotient + quotient.rem_euclid(2),
    }
}

#[cfg(test)]
mod tests {
    use super::div_half_even;

    #[test]
    fn halves_go_to_the_even_neighbour() {
        let cases = [(5, 2, 2), (7, 2, 4), (-5, 2, -2), (-7, 2, -4), (7, 3, 2), (8, 3, 3), (-8, 3, -3), (0, 9, 0)];
        for (numerator, denominator, expect) in cases {
            assert_eq!(div_half_even(numerator, denominator), expect, "{numerator} / {denominator}");
        }
    }
}
