//! From the text of a cohort to its terms.

use super::signup;
use super::text::{ATTRIBUTE, Piece, Text};
use super::{CohortError, Dimension, Term};

/// The most characters that a cohort may have.
pub const MOST_CHARACTERS: usize = 100_000;
/// The most terms that a cohort may have.
pub const MOST_TERMS: usize = 32;
/// The most values that a cohort may have in all of its terms.
pub const MOST_VALUES: usize = 1_000;

/// The terms of a cohort, at least one. An account belongs on the days on which it belongs to
/// each of them.
pub fn parse(written: &str) -> Result<Vec<Term>, CohortError> {
    let characters = written.chars().count();
    if characters > MOST_CHARACTERS {
        return Err(CohortError::TooLong(characters));
    }
    let mut text = Text::new(written);
    if text.ended() {
        return Err(CohortError::Empty);
    }
    let mut terms = Vec::new();
    let mut values = 0;
    loop {
        let term = term(&mut text, MOST_VALUES - values)?;
        values += term.values.len();
        terms.push(term);
        if !text.take_separator() {
            return Ok(terms);
        }
        if terms.len() == MOST_TERMS {
            return Err(CohortError::TooManyTerms);
        }
    }
}

/// One term, with at most so many values.
fn term(text: &mut Text, most: usize) -> Result<Term, CohortError> {
    let first = text.piece()?;
    let position = first.position;
    if !text.take(':') {
        let comma = text.position();
        return match first {
            _ if text.take(',') => Err(CohortError::StrayComma(comma)),
            Piece { quoted: false, text: name, .. } if name.is_empty() => Err(CohortError::NoTerm(position)),
            Piece { attribute: true, text: name, .. } => Err(CohortError::NoValue(name, comma)),
            Piece { quoted: false, text: name, .. } if name.eq_ignore_ascii_case("all") => {
                Ok(Term { position, dimension: Dimension::All, values: Vec::new() })
            }
            Piece { text: name, .. } => Ok(Term { position, dimension: Dimension::Cohort, values: vec![name] }),
        };
    }
    let dimension = dimension(first)?;
    let mut values = Vec::new();
    loop {
        let value = text.piece()?;
        if value.attribute {
            return Err(CohortError::StrayQuote(value.position + ATTRIBUTE.len()));
        }
        if values.len() == most {
            return Err(CohortError::TooManyValues);
        }
        let colon = text.position();
        if text.take(':') {
            return Err(CohortError::StrayColon(colon));
        }
        values.push(read(&dimension, value)?);
        if !text.take(',') {
            return Ok(Term { position, dimension, values });
        }
    }
}

/// What stands before a colon.
fn dimension(Piece { text, quoted, attribute, position }: Piece) -> Result<Dimension, CohortError> {
    let behind = text.get(..ATTRIBUTE.len()).filter(|start| !quoted && start.eq_ignore_ascii_case(ATTRIBUTE));
    let name = behind.map_or(text.as_str(), |start| text[start.len()..].trim_start());
    match () {
        () if name.is_empty() => Err(CohortError::NoDimension(position)),
        () if quoted || attribute || behind.is_some() => Ok(Dimension::Attribute(name.to_owned())),
        () => Ok(Dimension::named(name)),
    }
}

/// A value of a dimension.
fn read(dimension: &Dimension, Piece { text, quoted, position, .. }: Piece) -> Result<String, CohortError> {
    match dimension {
        _ if text.is_empty() && !quoted => {
            let name = if let Dimension::Attribute(name) = dimension { name.as_str() } else { dimension.word() };
            Err(CohortError::NoValue(name.chars().take(60).collect(), position))
        }
        Dimension::Signup => match signup::period(&text) {
            Some(period) => Ok(signup::range_text(period)),
            None => Err(CohortError::Signup(text.chars().take(20).collect(), position)),
        },
        _ => Ok(text),
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
