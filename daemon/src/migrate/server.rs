//! Whether a server and database can hold the schema at all.

use tokio_postgres::Client;

use crate::failure::{Failure, Kind};

/// Refuses a server or database that won't do, before anything is written.
pub async fn require(client: &Client) -> Result<(), Failure> {
    let row = client
        .query_one(
            "select current_setting('server_version_num')::integer, current_setting('server_version'),
                    current_setting('server_encoding'), pg_is_in_recovery(), current_user::text,
                    current_database()::text, has_database_privilege(current_database(), 'create'),
                    has_schema_privilege('public', 'create')",
            &[],
        )
        .await?;
    let (number, version): (i32, String) = (row.get(0), row.get(1));
    let (encoding, standby): (String, bool) = (row.get(2), row.get(3));
    let (role, database): (String, String) = (row.get(4), row.get(5));
    let (may_create, may_create_in_public): (bool, bool) = (row.get(6), row.get(7));
    let refused = |sentence: String| Err(Failure::new(Kind::Database, sentence));
    if !(140_000..190_000).contains(&number) {
        return refused(format!("the server is PostgreSQL {version} and mrrd needs 14 to 18; use one of these"));
    }
    if encoding != "UTF8" {
        return refused(format!(
            "database `{database}` is encoded in {encoding} and records are UTF-8; create one with `createdb -E UTF8 -T template0`"
        ));
    }
    if standby {
        return refused("the server is a read-only standby; point `url` in [database] at the primary".into());
    }
    if !may_create {
        return refused(format!(
            "role `{role}` may not create schemas in `{database}`; run `grant create on database \"{database}\" to \"{role}\"`"
        ));
    }
    if !may_create_in_public {
        return refused(format!(
            "role `{role}` may not create tables in schema public, where the history of migrations is; run `grant create on schema public to \"{role}\"`"
        ));
    }
    Ok(())
}
