//! Running commands, with the rights of whoever called.

use std::process::Command;

use mrr_tests::Outcome;

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
