//! Which account an account is linked to: pure, the same whatever came first.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Rule;

/// An account that another may be linked to, and by which rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    pub rule: Rule,
    /// Its key.
    pub target: i64,
    /// What it is counted as: two candidates that are one customer are no contradiction.
    pub counted_as: i64,
    /// What was found, in words.
    pub because: String,
}

/// What somebody decided about an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It stands alone, whatever the rules say.
    Alone,
    /// It is the same customer as this one.
    Linked(i64),
}

/// The first rule in order that leads to one customer and no other. What was decided and what the
/// source itself merged come before all; what a rule finds for two customers it finds for none.
pub fn link(decided: Option<Decision>, candidates: &[Candidate], order: &[Rule]) -> Option<Candidate> {
    match decided {
        Some(Decision::Alone) => return None,
        Some(Decision::Linked(target)) => {
            let because = "somebody decided so; see revenue.link".to_owned();
            return Some(Candidate { rule: Rule::Decided, target, counted_as: target, because });
        }
        None => {}
    }
    [Rule::Absorbed].iter().chain(order).find_map(|rule| {
        let found: Vec<&Candidate> = candidates.iter().filter(|candidate| candidate.rule == *rule).collect();
        let customers: BTreeSet<i64> = found.iter().map(|candidate| candidate.counted_as).collect();
        if customers.len() == 1 { found.into_iter().min().cloned() } else { None }
    })
}

/// The circles among links: each begins with its lowest account and goes on to the one that this is linked to.
pub fn circles(links: &BTreeMap<i64, i64>) -> Vec<Vec<i64>> {
    let mut seen = BTreeSet::new();
    let mut circles = Vec::new();
    for start in links.keys() {
        let mut path: Vec<i64> = Vec::new();
        let mut at = Some(*start);
        while let Some(account) = at.filter(|account| seen.insert(*account)) {
            path.push(account);
            at = links.get(&account).copied();
        }
        // A path that ends in what was seen before has found nothing new.
        let Some(begin) = at.and_then(|back| path.iter().position(|account| *account == back)) else { continue };
        let mut circle = path.split_off(begin);
        let lowest = (0..circle.len()).min_by_key(|place| circle[*place]).unwrap_or_default();
        circle.rotate_left(lowest);
        circles.push(circle);
    }
    circles
}

/// Where following the links ends, for each account that has one. Links that make a circle count for nothing: what they
/// would link stands alone (`None`), and whoever leads into a circle is counted as the account that it leads to. `links`
/// holds those of the accounts in question, of all that they lead to, and of nobody else.
pub fn ends(links: &BTreeMap<i64, i64>, circles: &[Vec<i64>]) -> BTreeMap<i64, Option<i64>> {
    let alone: BTreeSet<i64> = circles.iter().flatten().copied().collect();
    let next = |account: &i64| links.get(account).copied().filter(|_| !alone.contains(account));
    let end = |account: &i64| {
        let mut end = next(account)?;
        while let Some(further) = next(&end) {
            end = further;
        }
        Some(end)
    };
    links.keys().map(|account| (*account, end(account))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(rule: Rule, target: i64, counted_as: i64) -> Candidate {
        Candidate { rule, target, counted_as, because: String::new() }
    }

    fn linked(decided: Option<Decision>, candidates: &[Candidate]) -> Option<(Rule, i64)> {
        link(decided, candidates, &Rule::FOUND).map(|candidate| (candidate.rule, candidate.target))
    }

    #[test]
    fn the_strongest_rule_that_finds_one_customer_wins() {
        let domain = candidate(Rule::Domain, 1, 1);
        let email = candidate(Rule::Email, 2, 2);
        assert_eq!(linked(None, &[]), None);
        assert_eq!(linked(None, &[email.clone(), domain.clone()]), Some((Rule::Domain, 1)));
        // Two companies have the domain: it says nothing, and the address does.
        let twice = [domain.clone(), candidate(Rule::Domain, 3, 3), email.clone()];
        assert_eq!(linked(None, &twice), Some((Rule::Email, 2)));
        // But two that were merged are one.
        let merged = [candidate(Rule::Domain, 4, 1), domain.clone(), email.clone()];
        assert_eq!(linked(None, &merged), Some((Rule::Domain, 1)));
        // An id is stronger than a domain, and the source's own merge than an id.
        let id = candidate(Rule::ForeignId, 5, 5);
        assert_eq!(linked(None, &[domain.clone(), id.clone()]), Some((Rule::ForeignId, 5)));
        assert_eq!(linked(None, &[id, candidate(Rule::Absorbed, 6, 6)]), Some((Rule::Absorbed, 6)));
        // What is not in the order is not looked at.
        assert_eq!(link(None, &[domain], &[Rule::Email]), None);
    }

    #[test]
    fn what_somebody_decided_wins() {
        let found = [candidate(Rule::ForeignId, 5, 5)];
        assert_eq!(linked(Some(Decision::Linked(9)), &found), Some((Rule::Decided, 9)));
        assert_eq!(linked(Some(Decision::Alone), &found), None);
    }

    #[test]
    fn links_are_followed_to_their_end_and_circles_count_for_nothing() {
        let links =
            BTreeMap::from([(1, 2), (2, 3), (4, 2), (9, 8), (8, 5), (5, 9), (7, 8), (6, 7), (11, 10), (10, 11)]);
        let circles = circles(&links);
        assert_eq!(circles, [vec![5, 9, 8], vec![10, 11]]);
        let ends = ends(&links, &circles);
        let led = [(1, 3), (2, 3), (4, 3), (6, 8), (7, 8)].map(|(account, end)| (account, Some(end)));
        let alone = [5, 8, 9, 10, 11].map(|account| (account, None));
        assert_eq!(ends, led.into_iter().chain(alone).collect());
    }
}
