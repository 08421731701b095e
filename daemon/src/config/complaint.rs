//! Sentences about a configuration: file, line, column, what is wrong, what to write instead.

use std::fmt;
use std::path::Path;

/// Where in a file something stands, both counted from 1; columns in characters, as editors do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    line: usize,
    column: usize,
}

impl Place {
    /// The place of a byte of a text.
    pub fn of(text: &str, offset: usize) -> Self {
        let before = &text[..text.floor_char_boundary(offset)];
        let begin = before.rfind('\n').map_or(0, |end| end + 1);
        Self { line: 1 + before.matches('\n').count(), column: 1 + before[begin..].chars().count() }
    }
}

/// One thing to correct.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Complaint(String);

/// Everything to correct, so that an admin need not run once per mistake.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Complaints(Vec<Complaint>);

impl Complaint {
    /// A complaint with no place in the file.
    pub fn new(sentence: String) -> Self {
        Self(sentence)
    }

    /// A complaint about the file as a whole.
    pub fn of_file(path: &Path, sentence: impl fmt::Display) -> Self {
        Self(format!("{}: {sentence}", path.display()))
    }

    /// A complaint about a place in the file.
    pub fn at(path: &Path, place: Place, sentence: impl fmt::Display) -> Self {
        Self(format!("{}:{}:{}: {sentence}", path.display(), place.line, place.column))
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl Complaints {
    /// A single one.
    pub fn one(complaint: Complaint) -> Self {
        Self(vec![complaint])
    }

    /// Adds one.
    pub fn add(&mut self, complaint: Complaint) {
        self.0.push(complaint);
    }

    /// Whether there is nothing to correct.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value, or its complaint kept.
    pub fn keep<T>(&mut self, found: Result<T, Complaint>) -> Option<T> {
        found.map_err(|complaint| self.add(complaint)).ok()
    }

    /// The values that are right; the complaints about the others are kept.
    pub fn keep_all<T>(&mut self, found: Vec<Result<T, Complaint>>) -> Vec<T> {
        found.into_iter().filter_map(|found| self.keep(found)).collect()
    }
}

impl fmt::Display for Complaints {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, complaint) in self.0.iter().enumerate() {
            if index > 0 {
                out.write_str("\n")?;
            }
            complaint.fmt(out)?;
        }
        Ok(())
    }
}

/// What was probably meant, or all there is to choose from when nothing is near.
pub fn instead(written: &str, known: &[&str]) -> Option<String> {
    let nearest = known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(name, written), *name))
        .min()
        .filter(|(distance, name)| *distance <= 1 + name.len() / 3)
        .map(|(_, name)| name.to_owned());
    nearest.or_else(|| (!known.is_empty()).then(|| known.join("` or `")))
}
