//! What somebody may have meant.

/// How many names a hint has at most.
const MOST: usize = 5;
/// How many characters of a name are compared and shown.
const SHOWN: usize = 60;

/// The sentence for a name or a value that is not known: all that are when they are few, else
/// the nearest ones: those that begin as it was written, then those that differ least.
pub fn hint(written: &str, known: &[&str]) -> String {
    let folded = |name: &str| name.chars().take(SHOWN).collect::<String>().to_lowercase();
    let written = folded(written);
    let mut ranked: Vec<(bool, usize, &str)> = known
        .iter()
        .map(|name| {
            let folded = folded(name);
            // strsim counts two neighbours that changed places as one mistake, as people make it.
            (!folded.starts_with(&written), strsim::osa_distance(&folded, &written), *name)
        })
        .collect();
    ranked.sort_unstable();
    ranked.dedup();
    let all = ranked.len() <= MOST;
    ranked.truncate(MOST);
    let mut names: Vec<String> = ranked.iter().map(|(_, _, name)| name.chars().take(SHOWN).collect()).collect();
    if all {
        names.sort_unstable();
    }
    match names.len() {
        0 => "Known: none.".into(),
        _ => format!("{}: {}.", if all { "Known" } else { "Nearest" }, names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_are_all_said_and_of_many_the_nearest() {
        assert_eq!(hint("Prof", &[]), "Known: none.");
        assert_eq!(hint("Prof", &["Team", "Pro", "Solo"]), "Known: Pro, Solo, Team.");
        let many = ["Annual", "Basic", "Core", "Enterprise", "Enterprise Plus", "Pro", "Solo", "Team"];
        assert_eq!(hint("enterprize", &many), "Nearest: Enterprise, Enterprise Plus, Core, Pro, Team.");
        assert_eq!(hint("TAEM", &many).split([':', ',']).nth(1), Some(" Team"));
        assert_eq!(hint("ent", &many).split([':', ',']).nth(2), Some(" Enterprise Plus"));
        let long = "ä".repeat(1_000_000);
        assert_eq!(hint(&long, &[&long]).chars().count(), "Known: .".len() + SHOWN);
    }
}
