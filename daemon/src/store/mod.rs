//! PostgreSQL: connections, the lease that makes a source's sync the only one, and types on the wire.

mod lease;
mod schema;
mod tls;
mod watch;
mod wire;

use std::time::Duration;

use deadpool_postgres::{
    ClientWrapper, Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime,
};
use tokio_postgres::NoTls;
use tokio_postgres::config::SslMode;

use crate::config::Database;
use crate::failpoint;
use crate::failure::Failure;

pub use lease::{Lease, Writer, superseded};
pub use schema::{HISTORY, MIGRATIONS, newer, require_schema, schema_version};
pub use tls::connector as tls;
pub use watch::{answered, watched};
pub use wire::{DayColumn, JsonColumn, text};

/// What every session has, whatever the server's or the role's defaults are: all names in our
/// SQL are qualified, and what we read and write must not depend on a date style or a zone.
/// The server looks every two seconds whether we are still there, so that a process that was
/// killed in the middle of a long statement does not hold its lock to the statement's end; not
/// every platform of a server can do that. Somebody's lock is waited for, and not for ever, where
/// the role has no time of its own. No statement of ours is worth compiling, though the planner thinks
/// so of a table without statistics: a second for what takes 30 ms.
const SESSION: &str = "set search_path = pg_catalog; set datestyle = 'ISO, YMD'; set timezone = 'UTC';
    set client_encoding = 'UTF8'; set extra_float_digits = 1; set application_name = 'mrrd';
    set client_min_messages = 'warning'; set jit = off;
    do $$ begin
        perform set_config('client_connection_check_interval', '2s', false);
    exception when others then null;
    end $$;
    select set_config('lock_timeout', '5min', false) where current_setting('lock_timeout') = '0'";

/// A connection that takes longer to be made, or to say that it still stands, is none.
const CONNECTED: Duration = Duration::from_secs(30);

/// A session that takes longer to end is left to the server.
const ENDED: Duration = Duration::from_secs(5);

/// More would only wait for each other: a source uses one connection, and status one more.
const CONNECTIONS: usize = 16;

/// The database.
#[derive(Clone)]
pub struct Store {
    pool: Pool,
}

impl Store {
    /// Prepares connections. None is made yet.
    pub fn new(database: &Database) -> Result<Self, Failure> {
        let connection = database.connection.clone();
        // One whose answers no longer arrive would else be lent out again and again.
        let manner = ManagerConfig { recycling_method: RecyclingMethod::Verified };
        // The TLS library asks for a host's name also where none is spoken, and a socket has none.
        let manager = match connection.get_ssl_mode() {
            SslMode::Disable => Manager::from_config(connection, NoTls, manner),
            _ => Manager::from_config(connection, database.tls.clone(), manner),
        };
        let fixed = Hook::async_fn(|client: &mut ClientWrapper, _| {
            Box::pin(async move { client.batch_execute(SESSION).await.map_err(HookError::Backend) })
        });
        let pool = Pool::builder(manager)
            .max_size(CONNECTIONS)
            .post_create(fixed)
            .runtime(Runtime::Tokio1)
            .create_timeout(Some(failpoint::hasty(CONNECTED)))
            .recycle_timeout(Some(failpoint::hasty(CONNECTED)))
            .build()
            .map_err(|error| Failure::new(crate::failure::Kind::Database, error.to_string()))?;
        Ok(Self { pool })
    }

    /// A connection for a short errand.
    pub async fn client(&self) -> Result<Object, Failure> {
        Ok(self.pool.get().await?)
    }

    /// A connection that is not given back: what its session holds ends with it.
    pub async fn session(&self) -> Result<ClientWrapper, Failure> {
        Ok(Object::take(self.client().await?))
    }
}

/// Ends a session politely. What the library has sent without waiting, such as the end of a
/// prepared statement, is answered first; else the server would log that we hung up on it.
pub async fn end(client: ClientWrapper) {
    // The session is over in either case.
    let _ = tokio::time::timeout(ENDED, client.simple_query("")).await;
}
