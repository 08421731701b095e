//! Building the programs and the extension, and installing the extension's three files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mrr_tests::{Outcome, Profile, workspace};

use crate::rights::{Rights, run};
use crate::server::Server;

fn cargo(profile: Profile) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(workspace()).args(["build", "--quiet"]);
    if profile == Profile::Release {
        cargo.arg("--release");
    }
    cargo
}

/// Builds `mrrd` and `sandbox`.
pub fn programs(profile: Profile) -> Outcome<()> {
    run(cargo(profile).args(["--bins", "-p", "mrrd", "-p", "mrr-sandbox"]))
}

/// Builds `mrrd` with the places at which faults are made, beside the one that has none.
pub fn failpoints(profile: Profile) -> Outcome<()> {
    run(cargo(profile).args(["--bins", "-p", "mrrd", "--features", "failpoints"]))?;
    let (built, kept) = (mrr_tests::program("mrrd", profile), mrr_tests::program("mrrd-failpoints", profile));
    // Cargo puts the other build into the same place.
    fs::rename(&built, &kept).map_err(|error| format!("can't move {}: {error}", built.display()))?;
    Ok(())
}

/// Builds the processes of the landing benchmark.
pub fn benchmark() -> Outcome<()> {
    run(cargo(Profile::Release).args(["--bins", "-p", "mrr-bench"]))
}

/// Builds the extension and copies its three files into the server's folders.
pub fn extension(server: &Server, profile: Profile) -> Outcome<()> {
    let feature = format!("pg{}", server.major);
    run(cargo(profile).args(["-p", "pg_mrr", "--features", &feature]).env("PGRX_PG_CONFIG_PATH", &server.headers))?;
    let version = env!("CARGO_PKG_VERSION");
    let control = workspace().join("pg_extension/pg_mrr.control");
    let script = mrr_tests::program(&format!("pg_mrr--{version}.sql"), profile);
    fs::write(&script, install_script()?).map_err(|error| format!("can't write {}: {error}", script.display()))?;
    let extensions = server.shared.join("extension");
    install(&[
        (mrr_tests::program("libpg_mrr.so", profile), server.libraries.join("pg_mrr.so")),
        (control, extensions.join("pg_mrr.control")),
        (script, extensions.join(format!("pg_mrr--{version}.sql"))),
    ])
}

/// The install script: the files of `pg_extension/sql` in the order of their numbers.
fn install_script() -> Outcome<String> {
    let folder = workspace().join("pg_extension/sql");
    let unreadable = |error: std::io::Error| format!("can't read {}: {error}", folder.display());
    let mut parts: Vec<PathBuf> = fs::read_dir(&folder)
        .map_err(unreadable)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(unreadable)?;
    parts.sort();
    let mut script = String::from("\\echo Use \"create extension pg_mrr\" to load this file. \\quit\n\n");
    for part in parts {
        script.push_str(&fs::read_to_string(&part).map_err(unreadable)?);
        script.push('\n');
    }
    Ok(script)
}

/// Copies files where only an administrator may write, in one go. Each is renamed into place, so a
/// server that runs with the old library keeps it until it is restarted.
fn install(files: &[(PathBuf, PathBuf)]) -> Outcome<()> {
    let same = |a: &Path, b: &Path| fs::read(a).is_ok_and(|a| fs::read(b).is_ok_and(|b| a == b));
    let steps: Vec<String> = files
        .iter()
        .filter(|(from, to)| !same(from, to))
        .map(|(from, to)| {
            let (from, to) = (from.display(), to.display());
            format!("cp \"{from}\" \"{to}.new\" && chmod 644 \"{to}.new\" && mv \"{to}.new\" \"{to}\"")
        })
        .collect();
    if steps.is_empty() { Ok(()) } else { Rights::of_this_user().run(&steps.join(" && ")) }
}
