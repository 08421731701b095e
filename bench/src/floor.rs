//! What PostgreSQL does with the same JSON when nobody asks for anything else.

use std::error::Error;
use std::pin::pin;
use std::time::Instant;

use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, NoTls, Transaction};

use crate::book::Book;
use crate::{Outcome, report};

/// Records in one batch of a merge.
const BATCH: usize = 1_000;

/// One COPY of everything into a table without an index.
pub async fn copy(database: &str, book: &Book) -> Outcome<()> {
    let mut client = connect(database).await?;
    let set_up = "create table landed (id text, data jsonb compression lz4)";
    client.batch_execute(set_up).await.map_err(said)?;
    let records: Vec<(&str, &str)> = book.records().collect();
    let began = Instant::now();
    let transaction = client.transaction().await.map_err(said)?;
    write(&transaction, "copy landed from stdin (format binary)", &records).await?;
    transaction.commit().await.map_err(said)?;
    report(records.len() as u64, began);
    client.batch_execute("drop table landed").await.map_err(said)
}

/// Batches, each copied to a temporary table and merged by key in one transaction.
pub async fn merge(database: &str, book: &Book) -> Outcome<()> {
    let mut client = connect(database).await?;
    let set_up = "create table landed (id text primary key, data jsonb compression lz4);
        create temporary table batch (id text, data jsonb compression lz4) on commit delete rows";
    client.batch_execute(set_up).await.map_err(said)?;
    let merge = client
        .prepare(
            "insert into landed (id, data) select id, data from batch
             on conflict (id) do update set data = excluded.data",
        )
        .await
        .map_err(said)?;
    let records: Vec<(&str, &str)> = book.records().collect();
    let began = Instant::now();
    for batch in records.chunks(BATCH) {
        let transaction = client.transaction().await.map_err(said)?;
        write(&transaction, "copy batch from stdin (format binary)", batch).await?;
        transaction.execute(&merge, &[]).await.map_err(said)?;
        transaction.commit().await.map_err(said)?;
    }
    report(records.len() as u64, began);
    client.batch_execute("drop table landed").await.map_err(said)
}

async fn write(transaction: &Transaction<'_>, copy: &str, records: &[(&str, &str)]) -> Outcome<()> {
    let sink = transaction.copy_in(copy).await.map_err(said)?;
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &[Type::TEXT, Type::JSONB]));
    for (id, json) in records {
        writer.as_mut().write(&[id, &Json(json)]).await.map_err(said)?;
    }
    writer.finish().await.map(drop).map_err(said)
}

async fn connect(database: &str) -> Outcome<Client> {
    let (client, connection) = tokio_postgres::connect(database, NoTls).await.map_err(said)?;
    tokio::spawn(connection);
    Ok(client)
}

/// `jsonb` on the wire: its version, then the text.
#[derive(Debug)]
struct Json<'a>(&'a str);

impl ToSql for Json<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        out.extend_from_slice(&[1]);
        out.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::JSONB
    }

    to_sql_checked!();
}

fn said(error: tokio_postgres::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}
