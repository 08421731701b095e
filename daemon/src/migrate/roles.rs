//! The group roles, their grants and row-level security.

use std::fmt;

use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use crate::failure::Failure;
use crate::store::HISTORY;

const ROLES: &str = include_str!("../../../sql/roles.sql");

/// What became of the roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Roles {
    /// They are there, with their grants.
    Granted,
    /// This role may not make them; syncing needs none of them.
    NotAllowed {
        /// Who tried.
        role: String,
    },
}

/// Makes the roles and grants them what they may do. Not being allowed to is no failure: roles
/// belong to the server, and its administrator may not hand out the right to create them.
pub async fn grant(client: &Client) -> Result<Roles, Failure> {
    // One transaction, so that what is refused in the middle leaves nothing half.
    let script = format!("begin; {ROLES} grant select on {HISTORY} to mrr_writer, mrr_admin; commit;");
    let Err(error) = client.batch_execute(&script).await else { return Ok(Roles::Granted) };
    client.batch_execute("rollback").await?;
    if error.code() != Some(&SqlState::INSUFFICIENT_PRIVILEGE) {
        return Err(Failure::from(error).at("roles"));
    }
    let role = client.query_one("select current_user::text", &[]).await?.get(0);
    Ok(Roles::NotAllowed { role })
}

impl fmt::Display for Roles {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Granted => Ok(()),
            Self::NotAllowed { role } => write!(
                out,
                "; roles: `{role}` may not create mrr_reader, mrr_own_reader, mrr_writer and mrr_admin, so only \
                 `{role}` and superusers can read; `alter role \"{role}\" createrole`, or `mrrd migrate` by a superuser, makes them"
            ),
        }
    }
}
