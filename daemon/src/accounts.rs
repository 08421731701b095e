//! `mrrd accounts`: which accounts are one customer, as somebody sees and decides it.

use clap::Subcommand;

use crate::config::{Config, Crosswalk};
use crate::engine::{self, Named, Verdict};
use crate::failure::Failure;
use crate::grid::Grid;
use crate::store::{Store, end};

/// How many accounts are listed at most.
const LISTED: i64 = 500;

#[derive(Debug, Subcommand)]
pub enum Accounts {
    /// Lists accounts with charges that belong to no account of a CRM, and whom they may be.
    Unmatched,
    /// Says that an account is the same customer as another: from now on it is counted as that one.
    Link {
        /// The account, as SOURCE/ID.
        account: Named,
        /// The one that it is counted as.
        to: Named,
        /// Why, in words.
        #[arg(long)]
        note: Option<String>,
    },
    /// Says that an account stands alone, whatever the rules find.
    Unlink {
        /// The account, as SOURCE/ID.
        account: Named,
        /// Takes back what was decided instead, so that the rules count again.
        #[arg(long)]
        by_rules: bool,
        /// Why, in words.
        #[arg(long)]
        note: Option<String>,
    },
    /// Makes several accounts one customer, counted as the first.
    Merge {
        /// The account that all are counted as, as SOURCE/ID.
        into: Named,
        /// The others.
        #[arg(required = true)]
        accounts: Vec<Named>,
        /// Why, in words.
        #[arg(long)]
        note: Option<String>,
    },
    /// Makes every account that is counted as this one stand alone.
    Split {
        /// The account, as SOURCE/ID.
        account: Named,
        /// Why, in words.
        #[arg(long)]
        note: Option<String>,
    },
}

/// Does it, and says what was done.
pub async fn accounts(store: &Store, config: &Config, asked: &Accounts) -> Result<String, Failure> {
    engine::ready(store, config).await?;
    let mut client = store.session().await?;
    let crosswalk = config.crosswalk.as_ref();
    let done = match asked {
        Accounts::Unmatched => {
            let unmatched = engine::unmatched(&mut client, LISTED).await?;
            let mut grid = Grid::new(&["ACCOUNT", "NAME", "PERHAPS"]);
            for found in &unmatched {
                let perhaps = if found.suggestions.is_empty() { "-".into() } else { found.suggestions.join(", ") };
                grid.row([found.account.to_string(), found.name.clone(), perhaps]);
            }
            match i64::try_from(unmatched.len()) {
                Ok(0) => "every account with charges belongs to one of a CRM, or no CRM was synced yet\n".to_owned(),
                Ok(LISTED) => format!("{grid}the first {LISTED}\n"),
                _ => grid.to_string(),
            }
        }
        Accounts::Link { account, to, note } => {
            let verdict = Verdict::Linked(to.clone());
            engine::decide(&mut client, crosswalk, &[(account.clone(), verdict)], note.as_deref()).await?;
            format!("{account} is counted as {to}\n")
        }
        Accounts::Unlink { account, by_rules, note } => {
            let verdict = if *by_rules { Verdict::ByRules } else { Verdict::Alone };
            engine::decide(&mut client, crosswalk, &[(account.clone(), verdict)], note.as_deref()).await?;
            if *by_rules {
                format!("{account} is linked by the rules again\n")
            } else {
                format!("{account} stands alone\n")
            }
        }
        Accounts::Merge { into, accounts, note } => {
            let verdicts: Vec<(Named, Verdict)> =
                accounts.iter().map(|account| (account.clone(), Verdict::Linked(into.clone()))).collect();
            engine::decide(&mut client, crosswalk, &verdicts, note.as_deref()).await?;
            format!("{} accounts are counted as {into}\n", accounts.len())
        }
        Accounts::Split { account, note } => split(&mut client, crosswalk, account, note.as_deref()).await?,
    };
    end(client).await;
    Ok(done)
}

async fn split(
    client: &mut deadpool_postgres::ClientWrapper,
    crosswalk: &Crosswalk,
    account: &Named,
    note: Option<&str>,
) -> Result<String, Failure> {
    let parts = engine::parts(client, account).await?;
    let verdicts: Vec<(Named, Verdict)> = parts.iter().map(|part| (part.clone(), Verdict::Alone)).collect();
    engine::decide(client, crosswalk, &verdicts, note).await?;
    Ok(match parts.len() {
        0 => format!("{account} is no part of another, and no other is part of it\n"),
        count => format!("{count} accounts stand alone\n"),
    })
}
