//! Installing what a fresh Debian lacks.

use std::path::{Path, PathBuf};
use std::process::Command;

use mrr_tests::Outcome;

use crate::build::Server;

/// What this user may do to the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rights {
    /// Everything.
    Root,
    /// Everything, through sudo without a password.
    Sudo,
    /// Nothing: commands are printed for somebody who may.
    None,
}

/// Debian's names of what building and testing need, and a file that shows that it is there.
const NEEDED: &[(&str, &str)] = &[
    ("postgresql-15", "/usr/lib/postgresql/15/bin/postgres"),
    ("postgresql-server-dev-15", "/usr/include/postgresql/15/server/postgres.h"),
    ("libclang-dev", "/usr/lib/llvm-14/lib/libclang.so"),
    ("clang", "/usr/bin/clang"),
    ("pkg-config", "/usr/bin/pkg-config"),
];

/// Installs what is missing and returns the PostgreSQL to work with: the one that `PG_CONFIG`
/// names, else Debian's 15.
pub fn setup() -> Outcome<Server> {
    if let Some(pg_config) = std::env::var_os("PG_CONFIG") {
        return Server::of(&PathBuf::from(pg_config));
    }
    let missing: Vec<&str> =
        NEEDED.iter().filter(|(_, file)| !Path::new(file).exists()).map(|(package, _)| *package).collect();
    if !missing.is_empty() {
        println!("installing {}", missing.join(", "));
        let rights = Rights::of_this_user();
        let packages = missing.join(" ");
        if rights == Rights::None || !Path::new("/usr/bin/apt-get").exists() {
            return Err(format!("missing on this machine; run: sudo apt-get install -y {packages}"));
        }
        // Debian starts a cluster of its own after installing; nobody here asked for one.
        rights.run(&["mkdir", "-p", "/etc/postgresql-common/createcluster.d"])?;
        rights.run(&[
            "sh",
            "-c",
            "echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.d/pg_mrr.conf",
        ])?;
        rights.run(&["apt-get", "update", "-qq"])?;
        let mut install = vec!["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-qq"];
        install.push("--no-install-recommends");
        install.extend(&missing);
        rights.run(&install)?;
    }
    Server::of(Path::new("/usr/lib/postgresql/15/bin/pg_config"))
}

impl Rights {
    /// What this user may do.
    pub fn of_this_user() -> Self {
        let succeeds = |program: &str, arguments: &[&str]| {
            Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
        };
        if succeeds("test", &["-w", "/etc/passwd"]) {
            Self::Root
        } else if succeeds("sudo", &["-n", "true"]) {
            Self::Sudo
        } else {
            Self::None
        }
    }

    /// Runs a command with these rights, or says which command somebody must run.
    pub fn run(self, words: &[&str]) -> Outcome<()> {
        let words: Vec<&str> = if self == Self::Sudo { [&["sudo", "-n"], words].concat() } else { words.to_vec() };
        let (program, arguments) = words.split_first().ok_or("no command")?;
        let output = Command::new(program).args(arguments).output().map_err(|error| format!("{program}: {error}"))?;
        if output.status.success() {
            return Ok(());
        }
        let reason = String::from_utf8_lossy(&output.stderr);
        let reason = reason.lines().last().unwrap_or_default();
        let sudo = if self == Self::None { "sudo " } else { "" };
        Err(format!("this needs an administrator; run: {sudo}{} ({reason})", words.join(" ")))
    }
}

/// Runs a command that prints for itself.
pub fn run(command: &mut Command) -> Outcome<()> {
    let shown = format!("{command:?}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{shown} ended with {status}")),
        Err(error) => Err(format!("can't run {shown}: {error}")),
    }
}
