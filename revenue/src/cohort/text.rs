//! The text of a cohort, word by word: what stands bare, what in quotes, and where it ends.

use super::CohortError;

/// A name or a value.
pub struct Piece {
    /// Without quotes and the blanks around it.
    pub text: String,
    /// Whether it stood in quotes: then it is a name or a value, whatever it reads like.
    pub quoted: bool,
    /// Whether it is a quoted name behind `attr.`.
    pub attribute: bool,
    /// Where it begins, in characters from 1.
    pub position: usize,
}

/// A text on its way through the parser.
pub struct Text {
    characters: Vec<char>,
    next: usize,
}

/// What stands before the name of an attribute.
pub const ATTRIBUTE: &str = "attr.";

impl Text {
    pub fn new(text: &str) -> Self {
        Self { characters: text.chars().collect(), next: 0 }
    }

    /// The place of the next character that is not blank.
    pub fn position(&mut self) -> usize {
        while self.peek().is_some_and(char::is_whitespace) {
            self.next += 1;
        }
        self.next + 1
    }

    /// Whether all of it is read.
    pub fn ended(&mut self) -> bool {
        self.position() > self.characters.len()
    }

    /// Takes this character, if it is what comes next.
    pub fn take(&mut self, expected: char) -> bool {
        self.position();
        let found = self.peek() == Some(expected);
        self.next += usize::from(found);
        found
    }

    /// Takes what separates two terms, if it comes next.
    pub fn take_separator(&mut self) -> bool {
        if self.take(';') {
            return true;
        }
        let found = self.at_and();
        self.next += if found { "and".len() } else { 0 };
        found
    }

    /// The name or value that comes next; an empty one where there is none.
    pub fn piece(&mut self) -> Result<Piece, CohortError> {
        let position = self.position();
        if self.peek() == Some('"') {
            return Ok(Piece { text: self.quoted()?, quoted: true, attribute: false, position });
        }
        let mut text = String::new();
        while let Some(next) = self.peek().filter(|next| !matches!(next, ':' | ',' | ';') && !self.at_and()) {
            if next == '"' {
                if text.eq_ignore_ascii_case(ATTRIBUTE) {
                    return Ok(Piece { text: self.quoted()?, quoted: true, attribute: true, position });
                }
                return Err(CohortError::StrayQuote(self.next + 1));
            }
            text.push(next);
            self.next += 1;
        }
        text.truncate(text.trim_end().len());
        Ok(Piece { text, quoted: false, attribute: false, position })
    }

    /// What stands in quotes, with each doubled one once.
    fn quoted(&mut self) -> Result<String, CohortError> {
        let opened = self.next + 1;
        let mut text = String::new();
        loop {
            self.next += 1;
            match self.peek() {
                None => return Err(CohortError::OpenQuote(opened)),
                Some('"') if self.characters.get(self.next + 1) == Some(&'"') => {
                    self.next += 1;
                    text.push('"');
                }
                Some('"') => break,
                Some(other) => text.push(other),
            }
        }
        self.next += 1;
        let behind = self.position();
        match self.peek() {
            None | Some(':' | ',' | ';') => Ok(text),
            Some(_) if self.at_and() => Ok(text),
            Some('"') => Err(CohortError::StrayQuote(behind)),
            Some(_) => Err(CohortError::AfterQuote(behind)),
        }
    }

    fn peek(&self) -> Option<char> {
        self.characters.get(self.next).copied()
    }

    /// Whether the word `and` comes next, as a word of its own.
    fn at_and(&self) -> bool {
        let blank = |place: Option<usize>| {
            place.and_then(|place| self.characters.get(place)).is_none_or(|character| character.is_whitespace())
        };
        let word = self.characters.get(self.next..self.next + 3);
        word.is_some_and(|word| word.iter().zip("and".chars()).all(|(a, b)| a.eq_ignore_ascii_case(&b)))
            && blank(self.next.checked_sub(1))
            && blank(Some(self.next + 3))
    }
}
