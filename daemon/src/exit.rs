//! What a command ends with: its exit code, and how a sync went.

use crate::engine::{Outcome, Status};
use crate::failure::Failure;

/// Something failed; the sentence says what to do.
pub const FAILED: u8 = 1;
/// The configuration is at fault; nothing was begun. Also clap's code for a wrong command line.
pub const MISCONFIGURED: u8 = 2;
/// Complete, but records could not be read.
pub const PROBLEMS: u8 = 3;
/// A sync was stopped by a signal before it was complete, as shells report SIGTERM.
pub const STOPPED: u8 = 143;

/// Says how one sync went: a line of counts on standard output, what to do on standard error.
pub fn report(source: &str, outcome: Result<Outcome, Failure>) -> u8 {
    match outcome {
        Ok(outcome) => {
            println!("{source}: {outcome}");
            match outcome.status {
                Status::Ok => 0,
                Status::Problems => {
                    let count = outcome.problems;
                    let noun = if count == 1 { "record" } else { "records" };
                    eprintln!("{source}: complete, but {count} {noun} could not be read: see `mrrd status`");
                    PROBLEMS
                }
                Status::Interrupted => STOPPED,
                Status::Failed => {
                    for sentence in &outcome.errors {
                        eprintln!("{source}: {sentence}");
                    }
                    FAILED
                }
            }
        }
        Err(failure) => {
            eprintln!("{source}: {failure}");
            FAILED
        }
    }
}
