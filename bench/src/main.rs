//! The parts of `cargo x bench landing` that are processes of their own: a vendor's API that costs
//! next to nothing, and what landing is measured against.

mod book;
mod floor;
mod page;
mod serve;
mod template;
mod walk;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use book::Book;

/// The processes of the landing benchmark.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the book's pages on 127.0.0.1 until this process is ended
    Serve {
        /// How many customers the book has
        customers: u32,
        /// What one invoice comes to, in place of an ordinary total
        #[arg(long)]
        odd: Option<String>,
    },
    /// Fetch all pages from an address and throw them away
    Fetch {
        /// Where the pages are served
        address: String,
    },
    /// Fetch all pages as the daemon does, into records, and throw those away
    TakeApart {
        /// Where the pages are served
        address: String,
    },
    /// COPY the book from memory into a bare table
    Copy {
        /// Where to
        database: String,
        /// How many customers the book has
        customers: u32,
    },
    /// Write what of each record is compared: its id, and its amount
    Truth {
        /// How many customers the book has
        customers: u32,
        /// As it is served
        #[arg(long)]
        odd: Option<String>,
    },
    /// COPY the book from memory in batches to a temporary table and merge by key
    Merge {
        /// Where to
        database: String,
        /// How many customers the book has
        customers: u32,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Serve { customers, odd } => serve::serve(Book::new(customers, odd)),
        Command::Fetch { address } => walk::fetch(&address).await,
        Command::TakeApart { address } => walk::take_apart(&address).await,
        Command::Copy { database, customers } => floor::copy(&database, &Book::new(customers, None)).await,
        Command::Truth { customers, odd } => truth(&Book::new(customers, odd)),
        Command::Merge { database, customers } => floor::merge(&database, &Book::new(customers, None)).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// A line for each record, fields by `|`. Amounts are found as text: no parser may change them.
fn truth(book: &Book) -> Outcome<()> {
    let amount = |json: &str, name: &str| {
        let (_, rest) = json.split_once(&format!("\"{name}\":"))?;
        rest.split([',', '}']).next().map(str::to_owned)
    };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for (id, json) in book.records() {
        let name = match id.split('_').next() {
            Some("cus") => "balance",
            Some("price") => "unit_amount",
            Some("in") => "total",
            _ => "",
        };
        writeln!(out, "{id}|{}", amount(json, name).unwrap_or_default()).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// What went wrong, in a sentence.
type Outcome<T> = Result<T, String>;

/// The line that `cargo x bench` reads: how many records, in how many seconds.
fn report(records: u64, began: std::time::Instant) {
    println!("{records} {:.3}", began.elapsed().as_secs_f64());
}
