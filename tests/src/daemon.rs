//! The real `mrrd` as a process.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::{Folder, Outcome, Profile, program};

/// A configuration, and the daemon that runs with it.
pub struct Daemon {
    profile: Profile,
    folder: Folder,
    config: PathBuf,
}

/// How a command of the daemon ended.
#[derive(Debug)]
pub struct Finished {
    /// Its exit code; -1 when a signal ended it.
    pub code: i32,
    /// What it printed for the user.
    pub stdout: String,
    /// What it logged, and its error.
    pub stderr: String,
}

impl Daemon {
    /// A daemon with this `mrrd.toml`, in a folder of its own.
    pub fn new(profile: Profile, toml: &str) -> Outcome<Self> {
        let folder = Folder::new("mrrd")?;
        let config = folder.write("mrrd.toml", toml)?;
        Ok(Self { profile, folder, config })
    }

    /// The folder of the configuration: relative paths in it begin there.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Replaces the configuration.
    pub fn configure(&self, toml: &str) -> Outcome<()> {
        self.folder.write("mrrd.toml", toml).map(drop)
    }

    /// A command such as `mrrd sync`.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_of("mrrd", arguments)
    }

    /// The same of another build of it, by the name of its file.
    pub fn command_of(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program(name, self.profile));
        command.arg("--config").arg(&self.config).args(arguments).stdin(Stdio::null());
        command
    }

    /// Runs a command to its end, however that is.
    pub fn finish(&self, arguments: &[&str]) -> Outcome<Finished> {
        let output = self.command(arguments).output().map_err(|error| format!("can't run mrrd: {error}"))?;
        Ok(Finished {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// Runs a command that must end well, and returns what it printed.
    pub fn run(&self, arguments: &[&str]) -> Outcome<String> {
        let finished = self.finish(arguments)?;
        if finished.code == 0 {
            Ok(finished.stdout)
        } else {
            let Finished { code, stdout, stderr } = finished;
            Err(format!("mrrd {} ended with {code}:\n{stdout}{stderr}", arguments.join(" ")))
        }
    }

    /// Starts a command and does not wait for it; what it prints is dropped.
    pub fn start(&self, arguments: &[&str]) -> Outcome<Child> {
        let mut command = self.command(arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().map_err(|error| format!("can't run mrrd: {error}"))
    }
}
