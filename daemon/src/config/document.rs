//! The TOML file with the place of each key, its `${env:NAME}` resolved.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use config::{ConfigError, Map, Source, Value, ValueKind};
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::complaint::{Complaint, Complaints, Place, instead};

/// A file's contents. Values are plain TOML; places are looked up by path: `sources.stripe.api_key`.
#[derive(Debug, Clone)]
pub struct Document {
    file: PathBuf,
    table: toml::Table,
    places: BTreeMap<String, Place>,
}

/// The sections other than sources, as the `config` crate reads them over their defaults.
#[derive(Debug, Deserialize)]
pub struct Layered {
    pub book: BookSection,
    pub database: DatabaseSection,
    pub rates: Option<RatesSection>,
    pub hooks: Option<HooksSection>,
}

#[derive(Debug, Deserialize)]
pub struct HooksSection {
    pub listen: String,
}

#[derive(Debug, Deserialize)]
pub struct BookSection {
    pub currency: String,
    pub time_zone: String,
}

#[derive(Debug, Deserialize)]
pub struct DatabaseSection {
    pub url: String,
    pub password_file: Option<String>,
    pub root_certificate: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct RatesSection {
    pub file: String,
    #[serde(default = "ecb")]
    pub source: String,
}

fn ecb() -> String {
    "ECB".into()
}

impl Document {
    /// Takes the text apart.
    pub fn parse(file: &Path, text: &str) -> Result<Self, Complaints> {
        let place_of = |offset: usize| Place::of(text, offset);
        let parsed = DeTable::parse(text).map_err(|error| {
            // The parser's own rendering quotes the line, which could hold a secret.
            let place = place_of(error.span().map_or(0, |span| span.start));
            let what = error.message().lines().next().unwrap_or_default().to_owned();
            Complaints::one(Complaint::at(file, place, format!("this is not TOML: {what}")))
        })?;
        let mut reading =
            Reading { file, place_of: &place_of, places: BTreeMap::new(), complaints: Complaints::default() };
        let table = reading.table("", parsed.get_ref());
        if !reading.complaints.is_empty() {
            return Err(reading.complaints);
        }
        Ok(Self { file: file.to_owned(), table, places: reading.places })
    }

    /// The value at a path of one or two keys.
    pub fn table(&self, key: &str) -> Option<&toml::Value> {
        self.table.get(key)
    }

    /// A complaint about the place of `path`, or of the nearest table around it.
    pub fn complain(&self, path: &str, sentence: impl std::fmt::Display) -> Complaint {
        let mut at = path;
        loop {
            if let Some(place) = self.places.get(at) {
                return Complaint::at(&self.file, *place, sentence);
            }
            match at.rsplit_once('.') {
                Some((around, _)) => at = around,
                None => return Complaint::of_file(&self.file, sentence),
            }
        }
    }

    /// A path in the file, which starts from the file's folder.
    pub fn path(&self, written: &str) -> PathBuf {
        self.file.parent().unwrap_or(Path::new("")).join(written)
    }

    /// Keys that nobody reads: a misspelt key must not be a setting silently left at its default.
    pub fn unknown_keys(&self, known: &[(&str, &[&str])]) -> Complaints {
        let mut complaints = Complaints::default();
        for (section, keys) in known {
            let table = match *section {
                "" => Some(&self.table),
                name => self.table.get(name).and_then(toml::Value::as_table),
            };
            for key in table.into_iter().flat_map(|table| table.keys()).filter(|key| !keys.contains(&key.as_str())) {
                let (path, place) = match *section {
                    "" => (key.clone(), String::new()),
                    name => (format!("{name}.{key}"), format!(" in [{name}]")),
                };
                let instead = instead(key, keys).unwrap_or_default();
                complaints.add(self.complain(&path, format!("unknown key `{key}`{place}; write `{instead}`")));
            }
        }
        complaints
    }

    /// The sections over their defaults.
    pub fn layered(&self) -> Result<Layered, Complaint> {
        config::Config::builder()
            .set_default("book.time_zone", "UTC")
            .and_then(|builder| builder.add_source(self.clone()).build())
            .and_then(config::Config::try_deserialize)
            .map_err(|error| self.explain(&error))
    }

    /// The crate's errors name the key; the value itself is left out, as it may be a secret at
    /// the wrong key.
    fn explain(&self, error: &ConfigError) -> Complaint {
        match error {
            // All settings of these sections are text.
            ConfigError::Type { key: Some(key), .. } => self.complain(key, format!("`{key}` must be text in quotes")),
            ConfigError::At { error, key, .. } => match (&**error, key) {
                (ConfigError::Type { .. }, Some(key)) => self.complain(key, format!("`{key}` must be text in quotes")),
                (inner, _) => self.explain(inner),
            },
            ConfigError::NotFound(key) => {
                let missing = ["book", "database"].into_iter().find(|name| !self.table.contains_key(*name));
                let place = match (missing, key.rsplit('.').next().unwrap_or(key)) {
                    (Some(section), _) if section == key || key == "url" || key == "currency" => section,
                    (_, "file") => "rates",
                    (_, "listen") => "hooks",
                    (_, "url") => "database",
                    _ => "book",
                };
                let example = match place {
                    "database" => "url = \"postgresql:///revenue\"",
                    "rates" => "file = \"eurofxref-hist.csv\"",
                    "hooks" => "listen = \"127.0.0.1:8787\"",
                    _ => "currency = \"EUR\"",
                };
                self.complain(place, format!("[{place}] lacks a setting; write `{example}` in [{place}]"))
            }
            _ => {
                Complaint::of_file(&self.file, "a section has another shape than it should; see the example mrrd.toml")
            }
        }
    }
}

impl Source for Document {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        let kept = ["book", "database", "rates", "hooks"];
        Ok(kept.iter().filter_map(|key| Some(((*key).to_owned(), layered_value(self.table.get(*key)?)))).collect())
    }
}

fn layered_value(value: &toml::Value) -> Value {
    let kind = match value {
        toml::Value::String(text) => ValueKind::String(text.clone()),
        toml::Value::Integer(number) => ValueKind::I64(*number),
        toml::Value::Boolean(flag) => ValueKind::Boolean(*flag),
        toml::Value::Table(table) => {
            ValueKind::Table(table.iter().map(|(key, value)| (key.clone(), layered_value(value))).collect())
        }
        toml::Value::Array(items) => ValueKind::Array(items.iter().map(layered_value).collect()),
        // No setting of ours is a float or a date.
        toml::Value::Float(_) | toml::Value::Datetime(_) => ValueKind::Nil,
    };
    Value::new(None, kind)
}

/// One pass over the parsed file.
struct Reading<'a> {
    file: &'a Path,
    place_of: &'a dyn Fn(usize) -> Place,
    places: BTreeMap<String, Place>,
    complaints: Complaints,
}

impl Reading<'_> {
    fn table(&mut self, path: &str, table: &DeTable<'_>) -> toml::Table {
        let mut kept = toml::Table::new();
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            self.places.insert(path.clone(), (self.place_of)(key.span().start));
            kept.insert(name.to_owned(), self.value(&path, value));
        }
        kept
    }

    fn value(&mut self, path: &str, value: &Spanned<DeValue<'_>>) -> toml::Value {
        let place = (self.place_of)(value.span().start);
        match value.get_ref() {
            DeValue::String(text) => toml::Value::String(self.resolved(text, place)),
            DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) => toml::Value::Integer(number),
                Err(_) => {
                    self.complaints.add(Complaint::at(
                        self.file,
                        place,
                        format!("the number at `{path}` is too large"),
                    ));
                    toml::Value::Integer(0)
                }
            },
            DeValue::Float(number) => toml::Value::String(number.as_str().to_owned()),
            DeValue::Boolean(flag) => toml::Value::Boolean(*flag),
            DeValue::Datetime(at) => toml::Value::Datetime(*at),
            DeValue::Array(items) => toml::Value::Array(items.iter().map(|item| self.value(path, item)).collect()),
            DeValue::Table(table) => {
                let mut kept = self.table(path, table);
                self.anchor(&mut kept);
                toml::Value::Table(kept)
            }
        }
    }

    /// `{ file = "path" }` is a secret's file; like every path it starts from this file's folder.
    fn anchor(&self, table: &mut toml::Table) {
        if table.len() == 1
            && let Some(toml::Value::String(path)) = table.get_mut("file")
        {
            let anchored = self.file.parent().unwrap_or(Path::new("")).join(path.as_str());
            *path = anchored.to_string_lossy().into_owned();
        }
    }

    /// Puts the environment's values in place of `${env:NAME}`.
    fn resolved(&mut self, text: &str, place: Place) -> String {
        let mut kept = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${env:") {
            kept.push_str(before);
            let Some((name, behind)) = after.split_once('}') else {
                self.complaints.add(Complaint::at(self.file, place, "`${env:` is not closed; write `${env:NAME}`"));
                return kept;
            };
            match std::env::var(name) {
                Ok(value) if !value.is_empty() => kept.push_str(&value),
                Ok(_) => self.complaints.add(Complaint::at(
                    self.file,
                    place,
                    format!("the environment variable `{name}` is empty; give it a value"),
                )),
                Err(_) => self.complaints.add(Complaint::at(
                    self.file,
                    place,
                    format!("the environment variable `{name}` is not set; export it before mrrd starts"),
                )),
            }
            rest = behind;
        }
        kept.push_str(rest);
        kept
    }
}
