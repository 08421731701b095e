//! The book's row.

use std::fmt;

use deadpool_postgres::ClientWrapper;
use revenue::calendar::Zone;
use tokio_postgres::GenericClient;

use crate::config::Book;
use crate::failure::Failure;

/// What the database says of its book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub currency: String,
    pub time_zone: String,
}

/// What was done to the book's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    None,
    Created,
    /// Reports default to another currency; nothing that is stored depends on it.
    Currency,
    /// Days begin at other instants, so every account has to be derived anew.
    Zone {
        accounts: u64,
    },
}

/// The book's row, if there is one.
pub async fn stored(client: &impl GenericClient) -> Result<Option<Stored>, Failure> {
    let row = client.query_opt("select currency, time_zone from revenue.book", &[]).await?;
    Ok(row.map(|row| Stored { currency: row.get(0), time_zone: row.get(1) }))
}

/// Writes the book's settings.
pub async fn write(client: &mut ClientWrapper, book: Book) -> Result<Change, Failure> {
    let transaction = client.transaction().await?;
    let wanted = Stored { currency: book.currency.to_string(), time_zone: book.zone.name().to_owned() };
    // The lock waits for derivations under way, which read the zone under a share lock.
    transaction.query_opt("select from revenue.book for update", &[]).await?;
    let change = match stored(&*transaction).await? {
        None => {
            transaction
                .execute(
                    "insert into revenue.book (currency, time_zone) values ($1, $2)",
                    &[&wanted.currency, &wanted.time_zone],
                )
                .await?;
            Change::Created
        }
        Some(stored) if stored == wanted => Change::None,
        Some(stored) => {
            transaction
                .execute(
                    "update revenue.book set currency = $1, time_zone = $2",
                    &[&wanted.currency, &wanted.time_zone],
                )
                .await?;
            if Zone::named(&stored.time_zone) == Ok(book.zone) {
                Change::Currency
            } else {
                let accounts = transaction
                    .execute(
                        "insert into ops.touched (source, account)
                         select distinct source, account from raw.record where account is not null
                         on conflict do nothing",
                        &[],
                    )
                    .await?;
                Change::Zone { accounts }
            }
        }
    };
    transaction.commit().await?;
    Ok(change)
}

impl fmt::Display for Change {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => out.write_str("book as it was"),
            Self::Created => out.write_str("book created"),
            Self::Currency => out.write_str("the book's currency was changed"),
            Self::Zone { accounts } => {
                write!(out, "the book's time zone was changed, and the next sync derives {accounts} accounts anew")
            }
        }
    }
}
