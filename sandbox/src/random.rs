//! The sandbox's own random numbers.
//!
//! Every world is a promise: seed 1 today is seed 1 in five years. A crate may change its algorithm with a
//! version, so the few lines that the promise rests on (splitmix64 to seed, xoshiro256++ to draw, both in the
//! public domain) are kept here and pinned by a test.

/// One stream of random numbers.
#[derive(Clone, Debug)]
pub struct Random {
    state: [u64; 4],
}

/// What a stream is for: streams with different purposes never share numbers.
#[derive(Clone, Copy, Debug)]
pub enum Purpose {
    /// All that one account does.
    Account = 1,
    /// The exchange rates.
    Rates = 2,
    /// The spelling of identifiers.
    Identifier = 3,
    /// What one account of the full repertoire does.
    Repertoire = 4,
    /// What becomes of deliveries on their way.
    Delivery = 5,
    /// What the company's sales people write down about one account.
    Crm = 8,
    /// In which of two billing systems one account is.
    Billed = 12,
}

/// The next output of splitmix64, which spreads any input over all 64 bits.
pub fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Folds the parts into one well mixed number; the order of the parts matters.
pub fn mix(seed: u64, purpose: Purpose, parts: &[u64]) -> u64 {
    let mut state = seed;
    let mut folded = splitmix(&mut state) ^ purpose as u64;
    for part in parts {
        state = folded ^ part.wrapping_mul(0xff51_afd7_ed55_8ccd);
        folded = splitmix(&mut state);
    }
    folded
}

impl Random {
    /// The stream of one thing: independent of every other stream of the same seed.
    pub fn stream(seed: u64, purpose: Purpose, number: u64) -> Self {
        let mut state = mix(seed, purpose, &[number]);
        Self { state: std::array::from_fn(|_| splitmix(&mut state)) }
    }

    /// The next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        let s = &mut self.state;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// A number in `0..bound`. The bias of the multiplication is below 2^-32 for every bound used here.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(bound)) >> 64) as u64
    }

    /// A number in `low..=high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as u64) as i64
    }

    /// True in `chance` of a thousand draws.
    pub fn per_mille(&mut self, chance: u64) -> bool {
        self.below(1000) < chance
    }

    /// One of the choices, each equally likely.
    pub fn one_of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len() as u64) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_algorithms_are_the_published_ones() {
        let mut state = 1_234_567;
        assert_eq!([splitmix(&mut state), splitmix(&mut state)], [6457827717110365317, 3203168211198807973]);
        let mut random = Random { state: [1, 2, 3, 4] };
        let drawn: [u64; 4] = std::array::from_fn(|_| random.bits());
        assert_eq!(drawn, [41943041, 58720359, 3588806011781223, 3591011842654386]);
    }

    #[test]
    fn the_streams_never_change() {
        let mut random = Random::stream(1, Purpose::Account, 0);
        assert_eq!([random.bits(), random.bits()], [14306731028545861951, 13128399948125202525]);
    }

    #[test]
    fn bounds_are_kept() {
        let mut random = Random::stream(7, Purpose::Rates, 3);
        for _ in 0..10_000 {
            assert!((-3..=4).contains(&random.between(-3, 4)));
        }
    }
}
