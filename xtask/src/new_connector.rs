//! A connector to begin with: the smallest one there is under another name, registered and tested.

use std::fs;
use std::path::Path;

use mrr_tests::{Outcome, workspace};

/// The one that is copied. It keeps all laws, and its tests say so.
const TEMPLATE: &str = "example";

/// Makes `connectors/NAME` and registers it.
pub fn new_connector(name: &str) -> Outcome<()> {
    make(workspace(), name)?;
    println!(
        "connectors/{name} is there, and mrrd knows `connector = \"{name}\"`. It reads what connectors/{TEMPLATE} reads:\n\
         \x20 cargo test -p mrr-connector-{name}    # the laws of connectors/sdk/src/connector.rs, against tests/fixtures\n\
         Next: the vendor's streams and pages in src/streams.rs and src/fetch.rs, its shapes in src/model.rs, what they\n\
         mean in src/facts.rs. CONTRIBUTING.md has the recipe."
    );
    Ok(())
}

fn make(root: &Path, name: &str) -> Outcome<()> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if !name.bytes().all(plain) || !name.starts_with(|first: char| first.is_ascii_lowercase()) {
        return Err(format!("`{name}` can't name a connector; use lower-case letters and digits, such as paddle"));
    }
    let folder = root.join("connectors").join(name);
    if folder.exists() {
        return Err(format!("{} is there already", folder.display()));
    }
    copy(&root.join("connectors").join(TEMPLATE), &folder, name)?;
    let krate = format!("mrr-connector-{name}");
    let module = krate.replace('-', "_");
    let entry = format!(
        "    Entry {{ name: \"{name}\", configure: |settings, _| Ok({module}::configure(settings)?.into()) }},\n"
    );
    add(root, "Cargo.toml", "    \"connectors/example\",\n", &format!("    \"connectors/{name}\",\n"), true)?;
    let dependency = format!("{krate} = {{ path = \"connectors/{name}\" }}\n");
    add(root, "Cargo.toml", "mrr-connector-push = { path = \"connectors/push\" }\n", &dependency, false)?;
    add(
        root,
        "daemon/Cargo.toml",
        "mrr-connector-push.workspace = true\n",
        &format!("{krate}.workspace = true\n"),
        false,
    )?;
    add(root, "daemon/src/connectors.rs", "pub const CONNECTORS: &[Entry] = &[\n", &entry, false)
}

/// Copies a folder, with one name in place of the other in every file.
fn copy(from: &Path, to: &Path, name: &str) -> Outcome<()> {
    let failed = |path: &Path, error: std::io::Error| format!("can't copy {}: {error}", path.display());
    fs::create_dir_all(to).map_err(|error| failed(to, error))?;
    for entry in fs::read_dir(from).map_err(|error| failed(from, error))? {
        let entry = entry.map_err(|error| failed(from, error))?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target, name)?;
            continue;
        }
        let text = fs::read_to_string(&path).map_err(|error| failed(&path, error))?;
        fs::write(&target, renamed(&text, name)).map_err(|error| failed(&target, error))?;
    }
    Ok(())
}

/// Hosts of documentation (`example.com`, `acme.example`) stay what they are.
fn renamed(text: &str, name: &str) -> String {
    let title: String = name.chars().take(1).flat_map(char::to_uppercase).chain(name.chars().skip(1)).collect();
    text.replace("example.com", "\u{1}")
        .replace(".example", "\u{2}")
        .replace("[sources\u{2}]", &format!("[sources.{name}]"))
        .replace(TEMPLATE, name)
        .replace("EXAMPLE", &name.to_uppercase())
        .replace("Example", &title)
        .replace('\u{1}', "example.com")
        .replace('\u{2}', ".example")
        .replace(
            "the smallest connector that keeps all laws, and the one that\n//! `cargo x new-connector` begins with",
            "to be written",
        )
}

/// Adds a line behind each place that is the same as `after`, or behind the first one only.
fn add(root: &Path, file: &str, after: &str, line: &str, each: bool) -> Outcome<()> {
    let path = root.join(file);
    let text = fs::read_to_string(&path).map_err(|error| format!("can't read {file}: {error}"))?;
    if !text.contains(after) {
        return Err(format!(
            "{file} has no line `{}` any more, so `{}` has to be added by hand",
            after.trim(),
            line.trim()
        ));
    }
    let with = format!("{after}{line}");
    let text = if each { text.replace(after, &with) } else { text.replacen(after, &with, 1) };
    fs::write(&path, text).map_err(|error| format!("can't write {file}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_connector_is_the_smallest_one_under_its_own_name() {
        let root = std::env::temp_dir().join(format!("mrr-new-connector-{}", std::process::id()));
        for file in ["Cargo.toml", "daemon/Cargo.toml", "daemon/src/connectors.rs"] {
            let target = root.join(file);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::copy(workspace().join(file), target).unwrap();
        }
        let to = root.join("connectors/example");
        copy(&workspace().join("connectors/example"), &to, "example").unwrap();
        make(&root, "paddle").unwrap();
        let read = |file: &str| fs::read_to_string(root.join(file)).unwrap();
        assert_eq!(read("Cargo.toml").matches("\"connectors/paddle\",").count(), 2);
        assert!(read("Cargo.toml").contains("mrr-connector-paddle = { path = \"connectors/paddle\" }"));
        assert!(
            read("daemon/src/connectors.rs")
                .contains("Entry { name: \"paddle\", configure: |settings, _| Ok(mrr_connector_paddle::")
        );
        assert!(read("connectors/paddle/src/lib.rs").contains("struct Paddle {"));
        assert!(read("connectors/paddle/README.md").contains("[sources.paddle]\nconnector = \"paddle\"\napi_key = \"${env:PADDLE_API_KEY}\"\nbase_url = \"https://api.example.com\""));
        assert_eq!(
            read("connectors/paddle/tests/fixtures/customers.json"),
            read("connectors/example/tests/fixtures/customers.json")
        );
        assert!(make(&root, "paddle").unwrap_err().ends_with("is there already"));
        assert!(make(&root, "../evil").is_err() && make(&root, "").is_err());
        fs::remove_dir_all(root).unwrap();
    }
}
