//! The sandbox as a process, and a client for it that shares no code with it.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

pub const KEY: &str = "sk_test_sandbox";
pub const VERSION: &str = "2026-05-27.dahlia";

/// Runs a command of the sandbox to its end and gives its output.
pub fn run(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_sandbox")).args(arguments).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// A served world, stopped when dropped.
pub struct Served {
    child: Child,
    address: String,
}

pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Value,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn error(&self, field: &str) -> &str {
        self.body["error"][field].as_str().unwrap_or("")
    }
}

impl Served {
    pub fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sandbox"));
        let mut child = command.arg("serve").args(arguments).stdout(Stdio::piped()).spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
        let address = line.trim().strip_prefix("listening on http://").expect("the address").to_owned();
        assert!(address.starts_with("127.0.0.1:"), "{address}");
        Self { child, address }
    }

    /// A request with exactly these headers.
    pub fn request(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(method, path, headers, "")
    }

    /// The same with a body, whose length is among the headers.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        let mut text = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.address);
        headers.iter().for_each(|(name, value)| text += &format!("{name}: {value}\r\n"));
        stream.write_all(format!("{text}\r\n{body}").as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        let (head, body) = answer.split_once("\r\n\r\n").expect("head and body");
        let mut lines = head.lines();
        let status = lines.next().and_then(|l| l.split(' ').nth(1)).and_then(|s| s.parse().ok()).expect("a status");
        let headers = lines.filter_map(|l| l.split_once(": ")).map(|(k, v)| (k.to_lowercase(), v.into())).collect();
        Answer { status, headers, body: serde_json::from_str(body).expect("JSON") }
    }

    /// A proper request, whatever comes of it.
    pub fn ask(&self, path: &str) -> Answer {
        let bearer = format!("Bearer {KEY}");
        self.request("GET", path, &[("Authorization", &bearer), ("Stripe-Version", VERSION)])
    }

    /// The body of a proper request that succeeds.
    pub fn get(&self, path: &str) -> Value {
        let answer = self.ask(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }

    /// Moves virtual now.
    pub fn advance(&self, to: i64) {
        let answer = self.request("POST", &format!("/_sandbox/advance?to={to}"), &[]);
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    /// Follows a list to its end.
    pub fn walk(&self, path: &str, limit: usize) -> Vec<Value> {
        let mut all: Vec<Value> = Vec::new();
        let separator = if path.contains('?') { '&' } else { '?' };
        loop {
            let mut page_path = format!("{path}{separator}limit={limit}");
            if let Some(last) = all.last() {
                page_path += &format!("&starting_after={}", id(last));
            }
            let page = self.get(&page_path);
            let data = page["data"].as_array().expect("data");
            assert!(data.len() <= limit);
            all.extend(data.iter().cloned());
            if page["has_more"] == false {
                return all;
            }
            assert_eq!(data.len(), limit, "a page that is not the last one is full");
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The last virtual now that there is.
pub const END: i64 = 1_767_225_600;

pub fn id(object: &Value) -> &str {
    object["id"].as_str().expect("an id")
}
