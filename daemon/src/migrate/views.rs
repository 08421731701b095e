//! The views of the schema `report`: no data of their own, so each migration writes them anew.

use tokio_postgres::Client;

use crate::failure::Failure;

/// Each file's name and text, in their order.
const VIEWS: &[(&str, &str)] = &[
    ("10-mrr", include_str!("../../../sql/views/10-mrr.sql")),
    ("20-movements", include_str!("../../../sql/views/20-movements.sql")),
    ("30-retention", include_str!("../../../sql/views/30-retention.sql")),
    ("40-accounts", include_str!("../../../sql/views/40-accounts.sql")),
    ("50-customers", include_str!("../../../sql/views/50-customers.sql")),
];

/// Creates or replaces the views.
pub async fn write(client: &Client) -> Result<(), Failure> {
    for (name, text) in VIEWS {
        let failed = |error| Failure::from(error).at(format!("the views of {name}"));
        client.batch_execute(text).await.map_err(failed)?;
    }
    Ok(())
}
