//! The schema, for databases that no daemon fills.

use crate::{Outcome, workspace};

/// A script that makes the extension, all tables and views, as `mrrd migrate` does.
pub fn schema() -> Outcome<String> {
    let mut script = String::from("create extension pg_mrr with schema public;\n");
    for folder in ["sql/migrations", "sql/views"] {
        let folder = workspace().join(folder);
        let unreadable = |error: std::io::Error| format!("can't read {}: {error}", folder.display());
        let mut files: Vec<_> = std::fs::read_dir(&folder)
            .map_err(unreadable)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()
            .map_err(unreadable)?;
        files.sort();
        for file in files {
            script.push_str(&std::fs::read_to_string(&file).map_err(unreadable)?);
        }
    }
    Ok(script)
}
