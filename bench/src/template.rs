//! JSON with gaps: `$name$` stands for what is filled in.

/// A text in pieces: plain, gap, plain, gap, ..., plain.
pub struct Template(Vec<&'static str>);

impl Template {
    /// Takes a text apart.
    pub fn of(text: &'static str) -> Self {
        Self(text.trim_end().split('$').collect())
    }

    /// Writes the text with its gaps filled.
    pub fn fill(&self, out: &mut Vec<u8>, mut value: impl FnMut(&str) -> String) {
        for (place, piece) in self.0.iter().enumerate() {
            if place % 2 == 0 {
                out.extend_from_slice(piece.as_bytes());
            } else {
                out.extend_from_slice(value(piece).as_bytes());
            }
        }
    }
}

/// Letters and digits that look random and are the same each time, as in a vendor's ids.
pub fn noise(kind: u64, number: u64, length: usize) -> String {
    const SIGNS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut state = kind.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ number.wrapping_mul(0xD1B5_4A32_D192_ED03);
    let mut text = String::with_capacity(length);
    while text.len() < length {
        // splitmix64
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        for _ in 0..8 {
            text.push(char::from(SIGNS[(z % 62) as usize]));
            z /= 62;
        }
    }
    text.truncate(length);
    text
}

/// An id as Stripe makes them: a time, the account's own letters, and chance.
pub fn id(prefix: &str, created: i64, number: u64) -> String {
    let kind = prefix.bytes().fold(0, |sum, byte| sum * 31 + u64::from(byte));
    let mut time = created as u64;
    let mut digits = Vec::new();
    while time > 0 {
        digits.push(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[(time % 62) as usize]);
        time /= 62;
    }
    digits.reverse();
    format!("{prefix}_{}LkdIwHu7ix{}", String::from_utf8_lossy(&digits), noise(kind, number, 8))
}
