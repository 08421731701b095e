//! The parts of `cargo x bench landing` that are processes of their own: a vendor's API that costs
//! next to nothing, and what landing is measured against.

mod book;
mod floor;
mod page;
mod serve;
mod template;
mod walk;

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
        Command::Serve { customers } => serve::serve(Book::new(customers)),
        Command::Fetch { address } => walk::fetch(&address).await,
        Command::TakeApart { address } => walk::take_apart(&address).await,
        Command::Copy { database, customers } => floor::copy(&database, &Book::new(customers)).await,
        Command::Merge { database, customers } => floor::merge(&database, &Book::new(customers)).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// What went wrong, in a sentence.
type Outcome<T> = Result<T, String>;

/// The line that `cargo x bench` reads: how many records, in how many seconds.
fn report(records: u64, began: std::time::Instant) {
    println!("{records} {:.3}", began.elapsed().as_secs_f64());
}
