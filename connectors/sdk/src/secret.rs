//! Secrets that can't be printed, and where they come from.

use std::fmt;
use std::path::Path;

use secrecy::{ExposeSecret, SecretString};

use crate::SettingsError;

/// A key, token or password. It prints as `***` and is wiped from memory when dropped.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// The secret itself, to put it on the wire and nowhere else.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

/// Resolves the setting `key`: `"${env:NAME}"`, `{ file = "path" }` or the secret itself.
///
/// Whitespace around it is cut off, as files end with a newline. No error holds any of its text.
pub fn secret_from(key: &str, value: &toml::Value) -> Result<Secret, SettingsError> {
    let fault = |remedy: String| SettingsError::Secret { key: key.to_owned(), remedy };
    let text = match value {
        toml::Value::String(text) => match text.strip_prefix("${env:").and_then(|rest| rest.strip_suffix('}')) {
            Some(name) => from_environment(name).map_err(fault)?,
            None => text.clone(),
        },
        toml::Value::Table(table) => match table.iter().next() {
            Some((name, toml::Value::String(path))) if name == "file" && table.len() == 1 => {
                read_secret_file(Path::new(path))
                    .map_err(|error| fault(format!("the file `{path}` can't be read: {}", error.kind())))?
            }
            _ => return Err(fault("write { file = \"path\" } and nothing else in it".into())),
        },
        _ => return Err(fault("write \"${env:NAME}\", { file = \"path\" } or the text itself".into())),
    };
    let text = text.trim();
    if text.is_empty() {
        return Err(fault("it is empty; give the variable or the file a value".into()));
    }
    // It becomes a header: a control character in it would end the header and begin another.
    if !text.bytes().all(|byte| (0x21..0x7f).contains(&byte)) {
        return Err(fault("it holds a space or a character that is not ASCII; copy it again".into()));
    }
    Ok(Secret::new(text))
}

/// The same of a setting that holds one secret, or a list of those that hold at once while one is changed; none where
/// it is not set.
pub fn secrets_from(key: &str, value: Option<&toml::Value>) -> Result<Vec<Secret>, SettingsError> {
    let all = match value {
        None => return Ok(Vec::new()),
        Some(toml::Value::Array(several)) if several.is_empty() => {
            let remedy = "the list is empty; write at least one, or leave the setting out".to_owned();
            return Err(SettingsError::Secret { key: key.to_owned(), remedy });
        }
        Some(toml::Value::Array(several)) => several.as_slice(),
        Some(one) => std::slice::from_ref(one),
    };
    all.iter().map(|value| secret_from(key, value)).collect()
}

/// The text of a file that holds a secret. One that everybody may read is read all the same, because
/// secrets are mounted into containers like that, and said to be so.
pub fn read_secret_file(path: &Path) -> std::io::Result<String> {
    let text = std::fs::read_to_string(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if path.metadata()?.permissions().mode() & 0o004 != 0 {
            tracing::warn!(file = %path.display(), "everybody on this machine may read this secret; `chmod 600` its file");
        }
    }
    Ok(text)
}

fn from_environment(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|error| match error {
        std::env::VarError::NotPresent => format!("the environment variable `{name}` is not set; export it"),
        std::env::VarError::NotUnicode(_) => format!("the environment variable `{name}` is not UTF-8"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(setting: &str, expect: Result<&str, &str>) {
        let table: toml::Table = setting.parse().unwrap();
        match (secret_from("api_key", &table["api_key"]), expect) {
            (Ok(secret), Ok(text)) => {
                assert_eq!(secret.expose(), text, "{setting}");
                assert_eq!(format!("{secret} {secret:?}"), "*** ***");
            }
            (Err(error), Err(part)) => {
                let sentence = error.to_string();
                assert!(sentence.contains(part) && sentence.contains("`api_key`"), "{setting}: {sentence}");
                assert!(!sentence.contains("canary"), "{sentence}");
            }
            (found, _) => panic!("{setting}: {found:?}"),
        }
    }

    #[test]
    fn several_secrets_are_a_list_and_an_empty_list_is_a_mistake() {
        let read = |setting: &str| {
            let table: toml::Table = setting.parse().unwrap();
            let secrets = secrets_from("key", table.get("key"))?;
            Ok::<_, SettingsError>(secrets.iter().map(|secret| secret.expose().to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(read("").unwrap(), [""; 0]);
        assert_eq!(read("key = 'a'").unwrap(), ["a"]);
        assert_eq!(read("key = ['a', 'b']").unwrap(), ["a", "b"]);
        assert!(read("key = []").unwrap_err().to_string().contains("the list is empty"));
        assert!(read("key = ['a', 5]").is_err());
    }

    #[test]
    fn a_secret_comes_from_the_text_a_variable_or_a_file() {
        let file = std::env::temp_dir().join(format!("mrr-secret-{}", std::process::id()));
        std::fs::write(&file, "from_file\n").unwrap();
        check("api_key = 'sk_test_1'", Ok("sk_test_1"));
        check("api_key = '${env:CARGO_PKG_NAME}'", Ok("mrr-connector-sdk"));
        check(&format!("api_key = {{ file = '{}' }}", file.display()), Ok("from_file"));
        std::fs::write(&file, " \n").unwrap();
        check(&format!("api_key = {{ file = '{}' }}", file.display()), Err("empty"));
        std::fs::remove_file(&file).unwrap();
        check(&format!("api_key = {{ file = '{}' }}", file.display()), Err("can't be read"));
        check("api_key = '${env:MRR_NOT_SET}'", Err("`MRR_NOT_SET` is not set"));
        check("api_key = ''", Err("empty"));
        check("api_key = 5", Err("write"));
        check("api_key = { path = 'canary' }", Err("write"));
        check("api_key = \"canary\\r\\nX-Other: 1\"", Err("space"));
    }
}
