//! The parameters of a request. HubSpot repeats none of them: several names stand in one, with commas.

use super::object::Kind;
use super::refusal::Refusal;

/// What a request asks to be shown of each record.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    pub properties: Vec<String>,
    pub with_history: Vec<String>,
    pub associations: Vec<Kind>,
}

/// Parameters that wait to be taken.
pub struct Query(Vec<(String, String)>);

impl Query {
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    pub fn take(&mut self, name: &str) -> Option<String> {
        let place = self.0.iter().position(|(key, _)| key == name)?;
        Some(self.0.remove(place).1)
    }

    fn take_list(&mut self, name: &str) -> Vec<String> {
        let mut all = Vec::new();
        while let Some(text) = self.take(name) {
            all.extend(text.split(',').filter(|part| !part.is_empty()).map(str::to_owned));
        }
        all
    }

    pub fn take_shown(&mut self) -> Result<Shown, Refusal> {
        let properties = self.take_list("properties");
        let with_history = self.take_list("propertiesWithHistory");
        let kind = |name: String| {
            Kind::named(&name).ok_or_else(|| Refusal::invalid(format!("Unable to infer object type from: {name}")))
        };
        let associations = self.take_list("associations").into_iter().map(kind).collect::<Result<_, _>>()?;
        Ok(Shown { properties, with_history, associations })
    }

    pub fn take_limit(&mut self, otherwise: usize, most: usize) -> Result<usize, Refusal> {
        let Some(text) = self.take("limit") else { return Ok(otherwise) };
        match text.parse() {
            Ok(limit) if (1..=most).contains(&limit) => Ok(limit),
            _ => Err(Refusal::invalid(format!("limit must be between 1 and {most}"))),
        }
    }

    pub fn take_archived(&mut self) -> Result<bool, Refusal> {
        match self.take("archived").as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(Refusal::invalid("archived must be true or false")),
        }
    }

    /// Nothing may be left over: HubSpot would ignore it, and nobody would notice a slip.
    pub fn finish(self) -> Result<(), Refusal> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => Err(Refusal::invalid(format!("this sandbox does not serve the parameter {name}"))),
        }
    }
}
