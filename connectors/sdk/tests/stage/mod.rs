//! A server that answers by path, and a connector that asks it: for the tests of every connector.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::sync::{Arc, Mutex};

use mrr_connector_sdk::{Connector, Cursor, Http, Limits, Page, SourceError, Stream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the server answers to a decoded path and query.
pub type Answers = fn(&str) -> (u16, String);
/// The same where the body of a POST matters.
type Answering = Box<dyn Fn(&str, &str) -> (u16, String) + Send + Sync>;
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
        Self::with(configure, move |target, _| answers(target)).await
    }

    pub async fn with(
        configure: Configure,
        answers: impl Fn(&str, &str) -> (u16, String) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let log = Log::default();
        let (shared, answers) = (Arc::clone(&log), Arc::new(Box::new(answers) as Answering));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                serve(stream, &answers, &shared).await;
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

    /// Paths with their queries, in order.
    pub fn asked(&self) -> Vec<String> {
        let log = self.log.lock().unwrap();
        log.iter().map(|asked| asked.split(' ').nth(1).unwrap_or_default().to_owned()).collect()
    }

    /// `GET /path?query` or `POST /path body`, in order.
    pub fn asked_in_full(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, answers: &Answering, log: &Log) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await.unwrap();
    let body = String::from_utf8(body).unwrap();
    let mut words = head.split(' ');
    let method = words.next().unwrap();
    let target = words.next().unwrap().replace("%5B", "[").replace("%5D", "]").replace("%2C", ",");
    log.lock().unwrap().push(format!("{method} {target} {body}").trim_end().to_owned());
    let (status, body) = answers(&target, &body);
    let answer = format!(
        "HTTP/1.1 {status} X\r\nDate: Sat, 21 Nov 2026 10:00:00 GMT\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(answer.as_bytes()).await;
}
