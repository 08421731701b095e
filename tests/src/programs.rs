//! Where the programs are.

use std::path::{Path, PathBuf};

/// Which build of the programs to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// What `cargo x test` and `cargo x demo` build.
    Dev,
    /// What `cargo x install` and `cargo x bench` build.
    Release,
}

/// The root of the workspace.
pub fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The path of a program of this workspace: `mrrd` or `sandbox`. It must have been built, which
/// `cargo x` does before it runs anything.
pub fn program(name: &str, profile: Profile) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from);
    target
        .join(match profile {
            Profile::Dev => "debug",
            Profile::Release => "release",
        })
        .join(name)
}
