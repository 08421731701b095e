//! A command of the daemon that is under way.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::fixture::Fixture;
use crate::{Finished, Outcome};

/// A command that was started, killed with its owner.
pub struct Running {
    child: Child,
    log: PathBuf,
    /// The most memory that it was seen to hold, in KiB.
    most: AtomicUsize,
}

impl Running {
    /// Starts it; what it prints goes to a file.
    pub fn start(mut command: Command, log: PathBuf) -> Outcome<Self> {
        let file = File::create(&log).map_err(|error| format!("can't write {}: {error}", log.display()))?;
        let copy = file.try_clone().map_err(|error| error.to_string())?;
        command.stdout(Stdio::from(copy)).stderr(Stdio::from(file));
        let child = command.spawn().map_err(|error| {
            format!("can't run {}: {error}; `cargo x` builds it", command.get_program().to_string_lossy())
        })?;
        Ok(Self { child, log, most: AtomicUsize::new(0) })
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by its name, such as `STOP`.
    pub fn signal(&self, name: &str) -> Outcome<()> {
        let mut kill = Command::new("kill");
        kill.args([&format!("-{name}"), &self.child.id().to_string()]).stderr(Stdio::null());
        let sent = kill.status();
        if sent.is_ok_and(|status| status.success()) { Ok(()) } else { Err(format!("kill -{name} failed")) }
    }

    /// Whether it has ended.
    pub fn ended(&mut self) -> bool {
        self.observe();
        matches!(self.child.try_wait(), Ok(Some(_)))
    }

    /// The most memory that it was seen to hold, in MiB.
    pub fn peak(&self) -> usize {
        self.most.load(Ordering::Relaxed) / 1_024
    }

    fn observe(&self) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok());
        self.most.fetch_max(peak.unwrap_or_default(), Ordering::Relaxed);
    }

    /// Waits for its end, and returns what it printed.
    pub fn finish(&mut self, fixture: &Fixture<'_>, within: Duration) -> Outcome<Finished> {
        let begun = Instant::now();
        while !self.ended() {
            if begun.elapsed() > within {
                let _ = self.child.kill();
                let said = std::fs::read_to_string(&self.log).unwrap_or_default();
                return Err(format!("mrrd did not end within {within:?}:\n{said}"));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let status = self.child.wait().map_err(|error| error.to_string())?;
        let said = std::fs::read_to_string(&self.log).unwrap_or_default();
        fixture.remember(&said);
        Ok(Finished { code: status.code().unwrap_or(-1), stdout: String::new(), stderr: said })
    }

    /// What it has printed so far.
    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
