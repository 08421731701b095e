//! Running commands, with the rights of whoever called.

use std::io::IsTerminal;
use std::process::Command;

use mrr_tests::Outcome;

/// What this user may do to the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rights {
    /// Everything.
    Root,
    /// Everything, through sudo without a password.
    Sudo,
    /// Everything, through sudo, which asks the person at the terminal.
    AskingSudo,
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
        } else if std::io::stdin().is_terminal() && succeeds("sudo", &["-V"]) {
            Self::AskingSudo
        } else {
            Self::None
        }
    }

    /// Runs a shell script with these rights, or says what somebody must run who has them.
    pub fn run(self, script: &str) -> Outcome<()> {
        let mut command = match self {
            Self::Sudo => Command::new("sudo"),
            Self::AskingSudo => Command::new("sudo"),
            Self::Root => Command::new("sh"),
            Self::None => {
                let quoted = script.replace('\'', "'\\''");
                return Err(format!("this needs an administrator; run, and then try again: sudo sh -c '{quoted}'"));
            }
        };
        match self {
            Self::Sudo => command.args(["-n", "sh"]),
            Self::AskingSudo => command.arg("sh"),
            _ => &mut command,
        };
        run(command.args(["-c", script]))
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
