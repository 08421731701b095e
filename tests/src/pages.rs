//! A vendor's API of which every record is written by hand, for what the sandbox's company can't hold.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use crate::Outcome;

/// A path, and the records that its list holds as a JSON array.
pub type List = (&'static str, &'static str);

/// Lists of records, served until dropped. Every list is one page; a path that has none is an empty list.
pub struct Pages {
    address: SocketAddr,
    over: Arc<AtomicBool>,
    server: Option<JoinHandle<()>>,
}

impl Pages {
    /// Serves lists in Stripe's shape.
    pub fn serve(lists: &'static [List]) -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| format!("can't listen: {error}"))?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let over = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&over);
        let server = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if ends.load(Ordering::Relaxed) {
                    return;
                }
                // Who hangs up has his reasons; the next one is served all the same.
                let _ = answer(stream, lists);
            }
        });
        Ok(Self { address, over, server: Some(server) })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }
}

fn answer(stream: TcpStream, lists: &[List]) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let path = first.split([' ', '?']).nth(1).unwrap_or_default();
    let records = lists.iter().find(|(known, _)| *known == path).map_or("[]", |(_, records)| records);
    let body = format!(r#"{{"object":"list","url":"{path}","has_more":false,"data":{records}}}"#);
    let head = format!(
        "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    reader.get_mut().write_all(format!("{head}{body}").as_bytes())
}

impl Drop for Pages {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        // The server looks up when somebody calls.
        let called = TcpStream::connect(self.address).is_ok();
        if let Some(server) = self.server.take().filter(|_| called) {
            let _ = server.join();
        }
    }
}
