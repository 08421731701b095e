//! Where deliveries are taken: a running daemon, and a sender who can sign.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::fake_vendor::FakeVendor;
use super::fixture::{Context, Fixture, check, expect};
use super::running::Running;
use crate::Outcome;

/// A daemon that takes deliveries, and has synced.
pub struct Receiver<'a> {
    pub fixture: Fixture<'a>,
    pub port: u16,
    pub running: Running,
}

impl<'a> Receiver<'a> {
    /// A fixture that was synced, and its daemon.
    pub fn open(context: &'a Context<'a>, vendor: FakeVendor) -> Outcome<Self> {
        let fixture = context.fixture(vendor)?;
        let port = free_port()?;
        fixture.configure(&hooks(port))?;
        fixture.ok(&["sync"])?;
        Self::run(fixture, port, &[])
    }

    /// The daemon of a fixture that was synced.
    pub fn run(fixture: Fixture<'a>, port: u16, variables: &[(&str, &str)]) -> Outcome<Self> {
        let running = fixture.start_with(&["run"], variables)?;
        let receiver = Self { fixture, port, running };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            check(begun.elapsed() < Duration::from_secs(20), || {
                format!("nobody listens:\n{}", receiver.running.said())
            })?;
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(receiver)
    }

    /// The status with which a signed delivery is answered.
    pub fn deliver(&self, body: &str) -> u16 {
        self.post(&self.signed(now(), body), body)
    }

    /// The headers of a delivery that was signed then.
    pub fn signed(&self, at: i64, body: &str) -> String {
        let dialect = self.fixture.dialect();
        dialect.signed(dialect.webhook_secret(), at, body)
    }

    /// The same with headers of one's own.
    pub fn post(&self, headers: &str, body: &str) -> u16 {
        post(self.port, self.fixture.dialect().name(), headers, body)
    }

    /// Waits until nothing waits to be heeded.
    pub fn heeded(&self) -> Outcome<()> {
        let quiet = "select not exists (select from ops.event where payload is not null) and not exists (select from ops.hint)
                     and not exists (select from ops.touched) and not exists (select from ops.run where status = 'running')";
        self.fixture.until(quiet, "t", Duration::from_secs(30)).map(drop)
    }

    /// Ends the daemon as an operator does, and looks whether all holds.
    pub fn close(mut self) -> Outcome<Fixture<'a>> {
        super::leaks::endpoints(&self.fixture, self.port)?;
        self.running.signal("TERM")?;
        let finished = self.running.finish(&self.fixture, Duration::from_secs(20))?;
        expect("exit code", &finished.code.to_string(), "0")
            .map_err(|error| format!("{error}\n{}", finished.stderr))?;
        self.fixture.holds()?;
        Ok(self.fixture)
    }
}

/// The settings that take deliveries, behind those of a source with a secret for them.
pub fn hooks(port: u16) -> String {
    format!("\n[hooks]\nlisten = \"127.0.0.1:{port}\"\n")
}

/// A port that nobody listens on.
pub fn free_port() -> Outcome<u16> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    Ok(listener.local_addr().map_err(|error| error.to_string())?.port())
}

/// This machine's clock, which signatures are made by.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or_default()
}

/// The status of the answer; 0 when there is none.
pub fn post(port: u16, source: &str, headers: &str, body: &str) -> u16 {
    let said = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        let length = body.len();
        let head = format!(
            "POST /hooks/{source} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n"
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(body.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    said().ok().and_then(|answer| answer.split(' ').nth(1)?.parse().ok()).unwrap_or_default()
}
