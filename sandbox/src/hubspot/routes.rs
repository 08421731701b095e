//! From a path to an answer.

use serde_json::Value;

use super::ids::Ids;
use super::object::Kind;
use super::query::Query;
use super::refusal::Refusal;
use super::server::Manners;
use super::shelf::Shelf;
use super::{associations, batch, list, schema, search};
use crate::world::crm::Member;

/// What is asked.
pub struct Question<'a> {
    pub path: &'a str,
    pub query: Query,
    /// Of a POST.
    pub body: Option<Value>,
}

/// Status and body.
pub fn answer(
    shelf: &Shelf,
    team: &[Member],
    manners: &Manners,
    question: Question<'_>,
) -> Result<(u16, Value), Refusal> {
    let Question { path, query, body } = question;
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    let kind = |name: &str| {
        Kind::named(name).ok_or_else(|| Refusal::invalid(format!("Unable to infer object type from: {name}")))
    };
    let allowed = |kind: Kind| match manners.forbidden.iter().any(|noun| noun == kind.path()) {
        true => Err(Refusal::missing_scopes(&format!("crm.objects.{}.read", kind.path()))),
        false => Ok(kind),
    };
    match (&segments[..], body) {
        (["crm", "v3", "objects", name], None) => Ok((200, list::list(shelf, allowed(kind(name)?)?, query)?)),
        (["crm", "v3", "objects", name, id], None) => Ok((200, list::one(shelf, allowed(kind(name)?)?, id, query)?)),
        (["crm", "v3", "objects", name, "search"], Some(body)) => {
            Ok((200, search::search(shelf, allowed(kind(name)?)?, &body, manners)?))
        }
        (["crm", "v3", "objects", name, "batch", "read"], Some(body)) => {
            batch::read(shelf, allowed(kind(name)?)?, query, &body)
        }
        (["crm", "v4", "associations", from, to, "batch", "read"], Some(body)) => {
            associations::read(shelf, allowed(kind(from)?)?, allowed(kind(to)?)?, &body)
        }
        (["crm", "v3", "properties", name], None) => Ok((200, schema::list(kind(name)?))),
        (["crm", "v3", "pipelines", "deals"], None) => Ok((200, schema::pipelines())),
        (["crm", "v3", "pipelines", "deals", id], None) => {
            let of = schema::pipelines()["results"].as_array().cloned().unwrap_or_default();
            let found = of.into_iter().find(|pipeline| pipeline["id"] == *id);
            found.map(|pipeline| (200, pipeline)).ok_or_else(|| Refusal::missing("Pipeline not found"))
        }
        (["crm", "v3", "owners"], None) => Ok((200, schema::owners(team, query, shelf.now)?)),
        (["crm", "v3", "owners", id], None) => {
            let member = team.iter().find(|member| Ids.owner(member.number).to_string() == *id);
            let member = member.ok_or_else(|| Refusal::missing("Owner not found"))?;
            Ok((200, schema::owner(member, member.left)))
        }
        (["account-info", "v3", "details"], None) => Ok((200, schema::account())),
        _ => Err(Refusal::missing(&format!("Unable to find {path} in this sandbox"))),
    }
}
