//! The server: a thread a connection, and answers that are slices of the book.

use std::io::{self, BufRead, BufReader, IoSlice, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use crate::Outcome;
use crate::book::Book;
use crate::page::page;

/// Serves until the process is ended; says where.
pub fn serve(book: Book) -> Outcome<()> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| format!("can't listen: {error}"))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    println!("listening on http://{address}");
    let book = Arc::new(book);
    for stream in listener.incoming().flatten() {
        let book = book.clone();
        // Who hangs up is gone; nobody else is concerned.
        std::thread::spawn(move || answer(&book, stream));
    }
    Ok(())
}

fn answer(book: &Book, stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut requests = BufReader::new(stream.try_clone()?);
    let mut stream = stream;
    let mut line = String::new();
    loop {
        line.clear();
        if requests.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let target = line.split(' ').nth(1).unwrap_or_default().to_owned();
        while line.trim_end() != "" {
            line.clear();
            requests.read_line(&mut line)?;
        }
        let page = page(book, &target);
        let length = page.before.len() + page.records.len() + page.after.len();
        // The clock stands still at the book's present.
        let head = format!(
            "HTTP/1.1 {} X\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: application/json\r\n\
             X-Count: {}\r\nX-Last: {}\r\nContent-Length: {length}\r\n\r\n",
            page.status, page.count, page.last
        );
        let pieces = [head.as_bytes(), page.before.as_bytes(), page.records, page.after.as_bytes()];
        write_all(&mut stream, &mut pieces.map(IoSlice::new))?;
    }
}

fn write_all(stream: &mut TcpStream, mut pieces: &mut [IoSlice<'_>]) -> io::Result<()> {
    while !pieces.is_empty() {
        match stream.write_vectored(pieces)? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            written => IoSlice::advance_slices(&mut pieces, written),
        }
    }
    Ok(())
}
