//! Hints that no table can hold: each becomes a problem, and its neighbours are heeded.

use mrr_connector_sdk::{Feed, Hint};
use revenue::fact::Problem;

/// No vendor's id is longer, and an index holds some ten times as much.
const LONGEST_ID: usize = 255;

/// Why an id can't be kept; `None` when it can.
fn fault(id: &str) -> Option<String> {
    match id.len() {
        _ if id.contains('\0') => Some("holds U+0000".to_owned()),
        length if length > LONGEST_ID => Some(format!("has {length} bytes")),
        _ => None,
    }
}

/// Whether a vendor's id can be kept.
pub fn is_sound(id: &str) -> bool {
    fault(id).is_none()
}

/// The hints that can be kept; of the others, the entry of the log that gave them is a problem.
pub fn sift(feed: Feed, mut hints: Vec<Hint>, problems: &mut Vec<Problem>) -> Vec<Hint> {
    hints.retain(|hint| {
        let what = match (fault(&hint.entry), fault(&hint.id)) {
            (None, None) => return true,
            (Some(fault), _) => format!("its id {fault}"),
            (None, Some(fault)) => format!("the id that it names in `{}` {fault}", hint.stream),
        };
        problems.push(Problem {
            stream: feed.stream.to_owned(),
            record: hint.entry.clone(),
            field: String::new(),
            message: format!("{what}, which can't be kept; what it tells is learnt by the next full sync"),
        });
        false
    });
    hints
}
