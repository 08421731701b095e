//! The others, each in a folder of its own that nobody needs who does not measure.

use std::path::{Path, PathBuf};
use std::process::Command;

use mrr_tests::{Database, Outcome, Profile, program};

use crate::rights::{Rights, run};

/// A tool from a package index.
pub struct Tool {
    /// For folders and databases.
    pub name: &'static str,
    /// With its version: a figure without one can't be measured again.
    pub title: &'static str,
    kind: Kind,
    /// All packages that are named, each with its version.
    packages: &'static [&'static str],
    /// What loads once, and prints the seconds that took.
    script: &'static str,
    /// What arrived: ids and amounts.
    pub rows: &'static str,
}

enum Kind {
    Python,
    Node,
}

/// All of them.
pub const TOOLS: &[Tool] = &[
    Tool {
        name: "dlt",
        title: "dlt 1.31.0",
        kind: Kind::Python,
        packages: &["dlt[postgres]==1.31.0"],
        script: include_str!("with_dlt.py"),
        rows: include_str!("columns.sql"),
    },
    Tool {
        name: "supabase",
        title: "@supabase/stripe-sync-engine 0.48.5",
        kind: Kind::Node,
        packages: &["@supabase/stripe-sync-engine@0.48.5", "stripe@23.1.0"],
        script: include_str!("with_supabase.cjs"),
        rows: include_str!("columns.sql"),
    },
];

impl Tool {
    /// Beside the release build, which no release has.
    fn folder(&self) -> PathBuf {
        program("peers", Profile::Release).join(self.name)
    }

    /// Installs it, unless it is there, and writes its script.
    pub fn install(&self) -> Outcome<()> {
        let (folder, wanted) = (self.folder(), self.packages.join(" "));
        let installed = folder.join("installed");
        std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        if !std::fs::read_to_string(&installed).is_ok_and(|packages| packages == wanted) {
            match self.kind {
                Kind::Python => {
                    run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
                    let pip = ["-m", "pip", "install", "--quiet"];
                    run(Command::new(folder.join("bin/python")).args(pip).args(self.packages))?;
                }
                Kind::Node => {
                    if !Command::new("npm").arg("--version").output().is_ok_and(|asked| asked.status.success()) {
                        Rights::of_this_user().run(
                            "DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nodejs npm",
                        )?;
                    }
                    let npm = ["install", "--silent", "--no-audit", "--no-fund", "--save-exact", "--prefix"];
                    run(Command::new("npm").args(npm).arg(&folder).args(self.packages))?;
                }
            }
            std::fs::write(installed, wanted).map_err(|error| error.to_string())?;
        }
        std::fs::write(self.script(), self.script).map_err(|error| error.to_string())
    }

    /// Beside its packages, where Node looks for them.
    fn script(&self) -> PathBuf {
        self.folder().join(match self.kind {
            Kind::Python => "load.py",
            Kind::Node => "load.cjs",
        })
    }

    /// Loads the lists of an address into a database; `folder` is empty and goes afterwards.
    pub fn command(&self, address: &str, database: &Database<'_>, folder: &Path) -> Command {
        let mut command = match self.kind {
            Kind::Python => Command::new(self.folder().join("bin/python")),
            Kind::Node => Command::new("node"),
        };
        // dlt wants a host and a password, also where the socket needs neither.
        let url = database.url().replace("postgresql:///", "postgresql://postgres:none@localhost/");
        command.arg(self.script()).arg(address).arg(url).arg(folder).current_dir(folder);
        command
    }
}
