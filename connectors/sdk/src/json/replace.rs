//! Changing one field of an object and nothing else.

use super::Unreadable;
use super::node::Fields;

/// The object `text` with the top-level field `name` replaced by the JSON `value`. Every other
/// byte stays: order, spaces, unknown fields, digits.
pub fn replace(text: &str, name: &str, value: &str) -> Result<String, Unreadable> {
    let unreadable = |message: &str| Unreadable { path: name.to_owned(), message: message.to_owned() };
    let fields: Fields<'_> = serde_json::from_str(text).map_err(|_| unreadable("is not in an object"))?;
    let (_, raw) = fields.pairs.iter().rev().find(|(key, _)| key == name).ok_or_else(|| unreadable("is missing"))?;
    // The raw value borrows from `text`, so the distance of the two is its place.
    let start = raw.get().as_ptr() as usize - text.as_ptr() as usize;
    let end = start + raw.get().len();
    Ok([&text[..start], value, &text[end..]].concat())
}

#[cfg(test)]
mod tests {
    use super::replace;

    #[test]
    fn every_other_byte_stays() {
        let text = "{ \"a\" : 1.10,\n \"items\":{\"data\":[1]} , \"x\":\"\\ud800\"}";
        assert_eq!(replace(text, "items", "[]").unwrap(), "{ \"a\" : 1.10,\n \"items\":[] , \"x\":\"\\ud800\"}");
        assert!(replace(text, "b", "1").is_err());
        assert!(replace("[]", "b", "1").is_err());
    }
}
