//! `mrrd init`: a configuration to begin with.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::failure::{Failure, Kind};

const EXAMPLE: &str = include_str!("example.toml");

/// Writes it; never over a file that is there. It may come to hold secrets, so it is its owner's alone.
pub fn init(path: &Path) -> Result<String, Failure> {
    let refused = |sentence: String| Failure::new(Kind::Settings, format!("{}: {sentence}", path.display()));
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => {
                refused("it is there already and is left as it is; name another with --config".into())
            }
            ErrorKind::NotFound => {
                refused("its folder does not exist; make it, or name another file with --config".into())
            }
            kind => refused(format!("it can't be written ({kind})")),
        })?;
    file.write_all(EXAMPLE.as_bytes()).map_err(|error| refused(format!("it can't be written ({})", error.kind())))?;
    Ok(format!("{} is written; correct it, then run `mrrd migrate` and `mrrd check`", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn the_example_is_right_as_it_is_and_with_everything_in_it() {
        let config = Config::parse(Path::new("mrrd.toml"), EXAMPLE).unwrap();
        assert!(config.sources.is_empty() && config.hooks.is_none());
        let folder = std::env::temp_dir().join(format!("mrrd-init-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("password"), "x\n").unwrap();
        let all: String = EXAMPLE
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(example) if !example.starts_with(' ') => format!("{example}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        let all = all.replace("${env:STRIPE_WEBHOOK_SECRET}", "whsec_x").replace("${env:STRIPE_API_KEY}", "rk_test_x");
        let all = all.replace("${env:PUSH_KEY}", "0123456789abcdef");
        let all = all.replace("${env:CHARGEBEE_API_KEY}", "test_x").replace("${env:HUBSPOT_TOKEN}", "pat-x");
        let config = Config::parse(&folder.join("mrrd.toml"), &all).unwrap();
        assert!(config.sources.len() == 4 && config.hooks.is_some() && config.rates.is_some());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
