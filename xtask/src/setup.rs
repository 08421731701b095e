//! Installing what a fresh Debian lacks.

use std::path::{Path, PathBuf};

use mrr_tests::Outcome;

use crate::rights::Rights;
use crate::server::Server;

/// Debian's names of what building and testing need, and a file that shows that it is there.
const NEEDED: &[(&str, &str)] = &[
    ("postgresql-15", "/usr/lib/postgresql/15/bin/postgres"),
    ("postgresql-server-dev-15", "/usr/include/postgresql/15/server/postgres.h"),
    ("libclang-dev", "/usr/lib/llvm-14/lib/libclang.so"),
    ("clang", "/usr/bin/clang"),
    ("pkg-config", "/usr/bin/pkg-config"),
    // Shifts the clock of one process, for a fault.
    ("libfaketime", "/usr/share/doc/libfaketime/copyright"),
];

/// Installs what is missing and returns the PostgreSQL to work with: a copy of the one that
/// `PG_CONFIG` names, else of Debian's 15.
pub fn setup() -> Outcome<Server> {
    if let Some(pg_config) = std::env::var_os("PG_CONFIG") {
        return Server::of(&PathBuf::from(pg_config))?.apart();
    }
    let missing: Vec<&str> =
        NEEDED.iter().filter(|(_, file)| !Path::new(file).exists()).map(|(package, _)| *package).collect();
    if !missing.is_empty() {
        let packages = missing.join(" ");
        if !Path::new("/usr/bin/apt-get").exists() {
            return Err(format!("this machine has no apt-get; install by its own means what Debian calls {packages}"));
        }
        println!("installing {packages}");
        // Debian starts a cluster of its own after installing; nobody here asked for one.
        let cluster = "/etc/postgresql-common/createcluster.d";
        Rights::of_this_user().run(&format!(
            "mkdir -p {cluster} && echo 'create_main_cluster = false' > {cluster}/pg_mrr.conf && apt-get update -qq && \
             DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends {packages}"
        ))?;
    }
    Server::of(Path::new("/usr/lib/postgresql/15/bin/pg_config"))?.apart()
}
