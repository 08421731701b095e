//! A server that answers by path, and a connector that asks it: for the tests of every connector.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::sync::{Arc, Mutex};

use mrr_connector_sdk::{Connector, Cursor, Http, Limits, Page, SourceError, Stream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the server answers to a decoded path and query.
pub type Answers = fn(&str) -> (u16, String);
/// Makes a connector that asks the server at a URL.
pub type Configure = fn(&str) -> Box<dyn Connector>;
type Log = Arc<Mutex<Vec<String>>>;

/// The server's clock: 2026-11-21 10:00:00.
pub const NOW: i64 = 1_795_255_200;

pub struct Stage {
    pub connector: Box<dyn Connector>,
    pub http: Http,
    log: Log,
}

impl Stage {
    pub async fn of(configure: Configure, answers: Answers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let log = Log::default();
        let shared = Arc::clone(&log);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                serve(stream, answers, &shared).await;
            }
        });
        let connector = configure(&url);
        let http = Http::new(connector.api(), Limits { attempts: 1, ..Limits::default() }).unwrap();
        Self { connector, http, log }
    }

    pub fn stream(&self, name: &str) -> Stream {
        *self.connector.streams().iter().find(|stream| stream.name == name).unwrap()
    }

    pub async fn fetch(&self, stream: &str, cursor: Option<&Cursor>) -> Result<Page, SourceError> {
        self.connector.fetch(&self.http, &self.stream(stream), cursor).await
    }

    /// All pages, and the proof that no cursor came twice.
    pub async fn walk(&self, stream: &str) -> Vec<Page> {
        let mut pages: Vec<Page> = Vec::new();
        let mut cursors: Vec<Cursor> = Vec::new();
        let mut open: Vec<Option<Cursor>> = vec![None];
        while let Some(cursor) = open.pop() {
            pages.push(self.fetch(stream, cursor.as_ref()).await.unwrap());
            for next in pages.last().unwrap().next.iter().rev() {
                assert!(!cursors.contains(next), "{next:?} came twice");
                cursors.push(next.clone());
                open.push(Some(next.clone()));
            }
        }
        pages
    }

    pub fn asked(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, answers: Answers, log: &Log) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let target = head.split(' ').nth(1).unwrap().replace("%5B", "[").replace("%5D", "]");
    log.lock().unwrap().push(target.clone());
    let (status, body) = answers(&target);
    let answer = format!(
        "HTTP/1.1 {status} X\r\nDate: Sat, 21 Nov 2026 10:00:00 GMT\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(answer.as_bytes()).await;
}
