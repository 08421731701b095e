//! The memory of a process and of those that it starts.

use std::collections::HashMap;
use std::process::Child;
use std::time::Duration;

use mrr_tests::Outcome;

/// Waits for a process; returns the most memory that it and its descendants had resident, in MB: for
/// those that live at the same time the sum of each one's most.
pub fn watched(mut process: Child) -> Outcome<f64> {
    let mut peak = 0.0_f64;
    loop {
        peak = peak.max(tree(process.id()).values().sum());
        match process.try_wait().map_err(|error| error.to_string())? {
            // How it ended is for whoever reads what it said.
            Some(_) => return Ok(peak),
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// The processes below one, and itself, with the most memory that each had resident.
fn tree(root: u32) -> HashMap<u32, f64> {
    let (mut open, mut met) = (vec![root], HashMap::new());
    while let Some(process) = open.pop() {
        met.insert(process, resident(process));
        for thread in std::fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten() {
            let children = std::fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            open.extend(children.split_whitespace().filter_map(|id| id.parse::<u32>().ok()));
        }
    }
    met
}

fn resident(process: u32) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<f64>().ok());
    kilobytes.unwrap_or_default() / 1024.0
}
