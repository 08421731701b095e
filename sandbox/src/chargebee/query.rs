//! What is asked for: a page of a list, by filters that Chargebee knows.

use super::refusal::Refusal;

/// The query of a list.
#[derive(Debug, Default)]
pub(super) struct Query {
    pub limit: usize,
    pub offset: Option<String>,
    pub include_deleted: bool,
    pub updated_after: Option<i64>,
    pub occurred_after: Option<i64>,
    /// `updated_at`, `occurred_at` or another; descending.
    pub sort: Option<(String, bool)>,
    /// Fields that must have a value.
    pub equals: Vec<(String, String)>,
}

impl Query {
    pub fn read(pairs: Vec<(String, String)>) -> Result<Self, Refusal> {
        let mut query = Self { limit: 10, ..Self::default() };
        for (name, value) in pairs {
            let number = |value: &str| value.parse::<i64>().map_err(|_| Refusal::wrong_value(&name, "a number"));
            match name.as_str() {
                "limit" => match value.parse() {
                    Ok(limit @ 1..=100) => query.limit = limit,
                    _ => return Err(Refusal::wrong_value("limit", "between 1 and 100")),
                },
                "offset" => query.offset = Some(value),
                "include_deleted" => query.include_deleted = value == "true",
                "updated_at[after]" => query.updated_after = Some(number(&value)?),
                "occurred_at[after]" => query.occurred_after = Some(number(&value)?),
                "sort_by[asc]" => query.sort = Some((value, false)),
                "sort_by[desc]" => query.sort = Some((value, true)),
                "id[is]" | "customer_id[is]" | "subscription_id[is]" | "has_scheduled_changes[is]" => {
                    query.equals.push((name.trim_end_matches("[is]").to_owned(), value));
                }
                _ => return Err(Refusal::wrong_value(&name, "a parameter that there is")),
            }
        }
        Ok(query)
    }
}
