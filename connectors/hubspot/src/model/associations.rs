//! What a record is associated with, as it stands inside of it.

use mrr_connector_sdk::json::{Object, Unreadable};

/// The associations of a record that matter.
pub(crate) struct Associations {
    companies: Vec<String>,
    /// Those that are labelled as the primary company.
    primary: Vec<String>,
    /// The ids of its lines, each once.
    pub(crate) lines: Vec<String>,
    /// Whether there are more lines than are told.
    pub(crate) lines_cut: bool,
}

impl Associations {
    /// Whether a list of associations by this name is that of lines.
    pub(crate) fn are_lines(name: &str) -> bool {
        matches!(name, "line items" | "line_items")
    }

    pub(crate) fn of(record: &Object<'_>) -> Result<Self, Unreadable> {
        let (companies, primary, lines) = Default::default();
        let mut found = Self { companies, primary, lines, lines_cut: false };
        let Some(all) = record.get("associations") else { return Ok(found) };
        for (name, node) in all.object()?.entries() {
            let list = node.object()?;
            let results = list.need("results")?.list()?;
            for result in &results {
                let target = result.object()?;
                let id = target.need("id")?.number_text()?.into_owned();
                if Self::are_lines(name) {
                    add(&mut found.lines, id);
                } else if name == "companies" {
                    let kind = target.get("type").and_then(|kind| kind.string().ok()).unwrap_or_default();
                    // The plain type is the primary company's; all of them are there unlabelled too.
                    if !kind.ends_with("_unlabeled") {
                        add(&mut found.primary, id.clone());
                    }
                    add(&mut found.companies, id);
                }
            }
            found.lines_cut |= Self::are_lines(name) && list.get("paging").is_some();
        }
        Ok(found)
    }

    /// The one company that it belongs to: the only one, or else the primary one.
    pub(crate) fn company(&self) -> Result<Option<String>, Unreadable> {
        match (self.companies.as_slice(), self.primary.as_slice()) {
            ([], _) => Ok(None),
            ([only], _) | (_, [only]) => Ok(Some(only.clone())),
            (several, _) => Err(Unreadable {
                path: "associations.companies".into(),
                message: format!("are {}, and not one of them is the primary one: label it in HubSpot", several.len()),
            }),
        }
    }
}

fn add(to: &mut Vec<String>, id: String) {
    if !to.contains(&id) {
        to.push(id);
    }
}
