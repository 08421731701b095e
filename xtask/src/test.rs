//! `cargo x test`: everything, with the same set-up as the demo.

use std::process::Command;

use mrr_tests::{Cluster, Outcome, Profile, workspace};

use crate::rights::run;
use crate::{build, setup};

/// Sets up, builds, and runs all tests of the workspace, or those that the arguments for
/// `cargo test` choose. The extension has no tests of its own:
/// its tests are the end-to-end ones, on a real server.
pub fn test(arguments: &[String]) -> Outcome<()> {
    let server = setup::setup()?;
    build::failpoints(Profile::Dev)?;
    build::programs(Profile::Dev)?;
    build::extension(&server, Profile::Dev)?;
    // For the daemon's own tests; the end-to-end ones start clusters of their own.
    let cluster = Cluster::start(&server.pg_config)?;
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(workspace()).arg("test").args(arguments);
    if arguments.is_empty() {
        cargo.args(["--workspace", "--exclude", "pg_mrr"]);
    }
    cargo.env("MRR_PG_CONFIG", &server.pg_config);
    cargo.env("MRR_TEST_DATABASE_URL", cluster.database("postgres").url());
    run(&mut cargo)
}
