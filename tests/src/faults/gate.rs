//! What stands between mrrd and the vendor: it passes requests on, remembers them, and does to the
//! answers what a case asks for.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, UNIX_EPOCH};

use super::dialect::{Dialect, Listed, Request};
use super::fake_vendor::FakeVendor;
use crate::Outcome;

/// Who answers what is passed on.
#[derive(Clone)]
pub enum Vendor {
    /// A sandbox company, by `HOST:PORT`.
    Company(String),
    /// Records that the case put there.
    Fake(Arc<Mutex<FakeVendor>>),
}

/// One request, as it arrived.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Which one it is since the gate opened, from 1.
    pub number: usize,
    /// Without its query.
    pub path: String,
    /// Behind the question mark, as it was sent.
    pub query: String,
    /// What it asks for, if that is a page of a list that is walked.
    pub list: Option<Listed>,
    /// All of its headers.
    pub head: String,
    pub body: String,
    pub at: Instant,
    /// Records in the answer, once that was sent whole with status 200.
    pub rows: Option<usize>,
}

impl Asked {
    /// Whether it is for a page of a stream, by the name that cases have for it.
    pub fn lists(&self, stream: &str) -> bool {
        self.list.as_ref().is_some_and(|list| list.stream == stream)
    }

    /// Whether that is not the first one.
    pub fn goes_on(&self) -> bool {
        self.list.as_ref().is_some_and(|list| list.after.is_some())
    }
}

/// What is done to one request.
pub enum Deed {
    /// It is answered as the vendor does.
    Pass,
    /// Words of our own: status, further headers (each with its line end), body.
    Say(u16, String, Vec<u8>),
    /// These bytes, heads and all.
    Bytes(Vec<u8>),
    /// The vendor's answer with its body changed, and its length put right.
    Edit(fn(&str) -> String),
    /// The vendor's answer, of which so many hundredths are sent; then the connection ends, rudely if asked.
    Cut(usize, bool),
    /// So many hundredths, and then nothing, without an end.
    Stall(usize),
    /// The vendor's answer in pieces of so many bytes, with so long between them.
    Drip(usize, Duration),
    /// The vendor's answer, later.
    Late(Duration),
    /// The connection is closed without a word.
    Close,
}

type Rule = Box<dyn FnMut(&Asked) -> Deed + Send>;

/// A gate, open until dropped.
pub struct Gate {
    address: SocketAddr,
    state: Arc<State>,
    server: Option<JoinHandle<()>>,
}

struct State {
    vendor: Vendor,
    dialect: &'static dyn Dialect,
    rule: Mutex<Rule>,
    asked: Mutex<Vec<Asked>>,
    over: AtomicBool,
}

impl Gate {
    /// Opens before a vendor and passes everything on.
    pub fn open(vendor: Vendor, dialect: &'static dyn Dialect) -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| format!("can't listen: {error}"))?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let state = Arc::new(State {
            vendor,
            dialect,
            rule: Mutex::new(Box::new(|_| Deed::Pass)),
            asked: Mutex::default(),
            over: AtomicBool::new(false),
        });
        let serving = Arc::clone(&state);
        let server = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if serving.over.load(Ordering::Relaxed) {
                    return;
                }
                let state = Arc::clone(&serving);
                // Who hangs up has his reasons; the next one is served all the same.
                std::thread::spawn(move || state.serve(stream).ok());
            }
        });
        Ok(Self { address, state, server: Some(server) })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What is done from now on.
    pub fn rule(&self, rule: impl FnMut(&Asked) -> Deed + Send + 'static) {
        *lock(&self.state.rule) = Box::new(rule);
    }

    /// Passes everything on again.
    pub fn pass(&self) {
        self.rule(|_| Deed::Pass);
    }

    /// All requests so far.
    pub fn asked(&self) -> Vec<Asked> {
        lock(&self.state.asked).clone()
    }

    /// How many requests there were.
    pub fn count(&self) -> usize {
        lock(&self.state.asked).len()
    }

    /// Records of the walked lists in answers that were sent whole, since the request of a number.
    pub fn served(&self, since: usize) -> usize {
        let asked = self.asked();
        let listed = asked.iter().filter(|asked| asked.number > since && asked.list.is_some());
        listed.filter_map(|asked| asked.rows).sum()
    }
}

impl State {
    fn serve(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head)? == 0 {
                return Ok(());
            }
        }
        let length = head
            .lines()
            .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        reader.read_exact(&mut body)?;
        let body = String::from_utf8_lossy(&body).into_owned();
        let target = head.split(' ').nth(1).unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let asked = {
            let mut all = lock(&self.asked);
            let number = all.len() + 1;
            let list = self.dialect.listed(path, query);
            let (path, query) = (path.to_owned(), query.to_owned());
            all.push(Asked { number, path, query, list, head: head.clone(), body, at: Instant::now(), rows: None });
            all[number - 1].clone()
        };
        let deed = (lock(&self.rule))(&asked);
        self.act(stream, &asked, deed)
    }

    fn act(&self, mut stream: TcpStream, asked: &Asked, deed: Deed) -> std::io::Result<()> {
        match deed {
            Deed::Close => return Ok(()),
            Deed::Bytes(bytes) => return stream.write_all(&bytes),
            Deed::Say(status, headers, body) => return stream.write_all(&answer(status, &headers, &body, None)),
            _ => {}
        }
        let (status, date, body) = self.pass_on(asked)?;
        let whole = |body: &str| answer(status, "", body.as_bytes(), Some(&date));
        let bytes = whole(&body);
        let part = |hundredths: usize| &bytes[..bytes.len() * hundredths / 100];
        match deed {
            Deed::Edit(edit) => stream.write_all(&whole(&edit(&body)))?,
            Deed::Cut(hundredths, rudely) => {
                stream.write_all(part(hundredths))?;
                if rudely {
                    // What was sent to us and is unread makes the system send a reset.
                    stream.shutdown(Shutdown::Both)?;
                }
            }
            Deed::Stall(hundredths) => {
                stream.write_all(part(hundredths))?;
                while !self.over.load(Ordering::Relaxed) {
                    std::thread::sleep(Duration::from_millis(50));
                }
            }
            Deed::Drip(size, pause) => {
                for piece in bytes.chunks(size.max(1)) {
                    stream.write_all(piece)?;
                    std::thread::sleep(pause);
                }
                self.sent(asked, status, &body);
            }
            Deed::Late(pause) => {
                std::thread::sleep(pause);
                stream.write_all(&bytes)?;
                self.sent(asked, status, &body);
            }
            _ => {
                stream.write_all(&bytes)?;
                self.sent(asked, status, &body);
            }
        }
        Ok(())
    }

    fn sent(&self, asked: &Asked, status: u16, body: &str) {
        if status == 200
            && let Some(known) = lock(&self.asked).get_mut(asked.number - 1)
        {
            known.rows = self.dialect.rows_in(body);
        }
    }

    /// The vendor's status, date and body.
    fn pass_on(&self, asked: &Asked) -> std::io::Result<(u16, String, String)> {
        match &self.vendor {
            Vendor::Fake(vendor) => {
                let vendor = lock(vendor);
                let Asked { path, query, body, .. } = asked;
                let (status, body) = vendor.answer(&Request { path, query, body });
                Ok((status, http_date(vendor.now), body))
            }
            Vendor::Company(host) => ask(host, &asked.head),
        }
    }
}

/// Sends a request's head on and reads the answer to its end.
pub fn ask(host: &str, head: &str) -> std::io::Result<(u16, String, String)> {
    let mut lines: Vec<&str> = head.trim_end().split("\r\n").collect();
    lines.retain(|line| !line.to_ascii_lowercase().starts_with("connection:"));
    // The answer's length is not looked at: it ends with the connection.
    lines.retain(|line| !line.to_ascii_lowercase().starts_with("accept-encoding:"));
    let mut stream = TcpStream::connect(host)?;
    stream.write_all(format!("{}\r\nConnection: close\r\n\r\n", lines.join("\r\n")).as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(502);
    let date = head.lines().find_map(|line| line.to_ascii_lowercase().starts_with("date:").then(|| line[5..].trim()));
    Ok((status, date.unwrap_or_default().to_owned(), body.to_owned()))
}

/// A whole answer; without a date it has the one of the vendor's beginning.
pub fn answer(status: u16, headers: &str, body: &[u8], date: Option<&str>) -> Vec<u8> {
    let date = date.map_or_else(|| http_date(super::fake_vendor::BEGIN + 10_000_000), str::to_owned);
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} X\r\nDate: {date}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n"
    );
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// A second of Unix time as HTTP writes it.
pub fn http_date(at: i64) -> String {
    let at = chrono::DateTime::<chrono::Utc>::from(UNIX_EPOCH + Duration::from_secs(at.unsigned_abs()));
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.state.over.store(true, Ordering::Relaxed);
        // The server looks up when somebody calls.
        let called = TcpStream::connect(self.address).is_ok();
        if let Some(server) = self.server.take().filter(|_| called) {
            let _ = server.join();
        }
    }
}

/// A case that failed leaves no lock of another one in disorder.
pub fn lock<T: ?Sized>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
