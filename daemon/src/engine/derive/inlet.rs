//! Copying rows into a table of schema revenue, also where it is under row-level security for us.

use deadpool_postgres::Transaction;

use crate::failure::Failure;

/// Where rows are copied to. PostgreSQL refuses COPY into a table whose policies apply to the user,
/// as they do to every member of mrr_writer that does not own the tables: then the rows go into a
/// table of the transaction's own first.
pub struct Inlet {
    table: &'static str,
    columns: &'static str,
    secured: bool,
}

impl Inlet {
    /// For a table of schema revenue and the columns that will come, in their order.
    pub async fn of(
        transaction: &Transaction<'_>,
        table: &'static str,
        columns: &'static str,
    ) -> Result<Self, Failure> {
        let active = "select row_security_active(format('revenue.%I', $1::text))";
        let secured = transaction.query_one(active, &[&table]).await?.get(0);
        if secured {
            let own = format!(
                "create temporary table incoming_{table} on commit drop as select {columns} from revenue.{table} with no data"
            );
            transaction.batch_execute(&own).await?;
        }
        Ok(Self { table, columns, secured })
    }

    /// The COPY that takes them.
    pub fn copy(&self) -> String {
        let Self { table, columns, secured } = self;
        let into = if *secured { format!("incoming_{table}") } else { format!("revenue.{table}") };
        format!("copy {into} ({columns}) from stdin (format binary)")
    }

    /// Brings them where they belong, once all have come.
    pub async fn pour(self, transaction: &Transaction<'_>) -> Result<(), Failure> {
        let Self { table, columns, secured } = self;
        if secured {
            let script = format!(
                "insert into revenue.{table} ({columns}) select {columns} from incoming_{table};
                 drop table incoming_{table}"
            );
            transaction.batch_execute(&script).await?;
        }
        Ok(())
    }
}
