//! Query strings in Stripe's spelling: `created[gte]=…`, `expand[]=…`.

use super::refusal::Refusal;

/// The parameters of one request. What a route reads is taken out; what is left at the end is unknown.
#[derive(Debug)]
pub struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    /// From decoded pairs.
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        Self { pairs }
    }

    /// Takes a parameter; the last one counts when it is given twice.
    pub fn take(&mut self, name: &str) -> Option<String> {
        let mut last = None;
        self.pairs.retain_mut(|(key, value)| {
            let found = key == name;
            if found {
                last = Some(std::mem::take(value));
            }
            !found
        });
        last
    }

    /// Takes a list: `name[]=a&name[]=b` or `name[0]=a&name[1]=b`.
    pub fn take_list(&mut self, name: &str) -> Vec<String> {
        let mut taken = Vec::new();
        self.pairs.retain_mut(|(key, value)| {
            let inner = key.strip_prefix(name).and_then(|k| k.strip_prefix('[')).and_then(|k| k.strip_suffix(']'));
            let found = inner.is_some_and(|inner| inner.bytes().all(|b| b.is_ascii_digit()));
            if found {
                taken.push(std::mem::take(value));
            }
            !found
        });
        taken
    }

    /// Takes a whole number.
    pub fn take_integer(&mut self, name: &str) -> Result<Option<i64>, Refusal> {
        match self.take(name) {
            None => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| Refusal::invalid_integer(name, &text)),
        }
    }

    /// Takes a range of seconds as half-open `[since, before)`: an exact value, or any of gt, gte, lt and lte.
    pub fn take_range(&mut self, name: &str) -> Result<Option<(i64, i64)>, Refusal> {
        if let Some(exact) = self.take_integer(name)? {
            return Ok(Some((exact, exact.saturating_add(1))));
        }
        let mut bound = |operator: &str| self.take_integer(&format!("{name}[{operator}]"));
        let (gt, gte, lt, lte) = (bound("gt")?, bound("gte")?, bound("lt")?, bound("lte")?);
        if [gt, gte, lt, lte].iter().all(Option::is_none) {
            return Ok(None);
        }
        let since = gte.into_iter().chain(gt.map(|n| n.saturating_add(1))).max().unwrap_or(i64::MIN);
        let before = lt.into_iter().chain(lte.map(|n| n.saturating_add(1))).min().unwrap_or(i64::MAX);
        Ok(Some((since, before)))
    }

    /// The end: whatever has not been taken is not a parameter of this path.
    pub fn finish(self, not_served: &[&str]) -> Result<(), Refusal> {
        let Some((name, _)) = self.pairs.first() else {
            return Ok(());
        };
        let plain = name.split('[').next().unwrap_or(name);
        if not_served.contains(&plain) {
            return Err(Refusal::unsupported_parameter(plain));
        }
        Err(Refusal::unknown_parameter(name))
    }
}
