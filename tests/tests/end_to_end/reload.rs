//! SIGHUP: the configuration is read again, all of it or nothing.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use mrr_tests::{Cluster, Daemon, Profile};

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    fn hang_up(&self) {
        assert!(Command::new("kill").args(["-HUP", &self.0.id().to_string()]).status().unwrap().success());
    }
}

fn until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(30), "it did not come about: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The status of a push without a key: 401 where there is such a source, 404 where there is none.
fn status(port: u16, source: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    write!(stream, "POST /v1/push/{source} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.split(' ').nth(1).map(str::to_owned)
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn a_new_configuration_is_taken_whole_or_not_at_all() {
    let cluster = Cluster::of_this_machine().unwrap();
    let database = cluster.create("reloaded").unwrap();
    let [port, other] = [free_port(), free_port()];
    let toml = |sources: &str, zone: &str, port: u16| {
        format!(
            "[book]\ncurrency = 'EUR'\ntime_zone = '{zone}'\n[database]\nurl = '{}'\n\
             [hooks]\nlisten = '127.0.0.1:{port}'\n{sources}",
            database.url()
        )
    };
    let one = "[sources.one]\nconnector = 'push'\nkey = 'canary-canary-canary'\n";
    let two = format!("{one}[sources.two]\nconnector = 'push'\nkey = 'canary-canary-canary'\n");
    let daemon = Daemon::new(Profile::Dev, &toml(one, "UTC", port)).unwrap();
    daemon.run(&["migrate"]).unwrap();
    let log = daemon.folder().path().join("log");
    let mut run = daemon.command(&["run"]);
    let running = Running(run.stderr(File::create(&log).unwrap()).spawn().unwrap());
    let logged = || std::fs::read_to_string(&log).unwrap();
    until("it listens", || status(port, "one").as_deref() == Some("401"));
    assert_eq!(status(port, "two").as_deref(), Some("404"));

    daemon.configure(&toml(&two, "UTC", port)).unwrap();
    running.hang_up();
    until("the new source is there", || status(port, "two").as_deref() == Some("401"));

    // Every mistake is said, and nothing of the file is taken.
    daemon
        .configure(&toml("[sources.one]\nconnector = 'push'\nkye = 'canary'\n[sources.Three]\n", "UTC", port))
        .unwrap();
    running.hang_up();
    until("both mistakes are said", || {
        logged().contains("did you mean `key`") && logged().contains("`Three` can't name a source")
    });
    assert_eq!(status(port, "two").as_deref(), Some("401"));

    // What only the database can tell, too.
    daemon.configure(&toml(one, "Europe/Berlin", port)).unwrap();
    running.hang_up();
    until("the book is said to differ", || logged().contains("[book] differs"));
    assert_eq!(status(port, "two").as_deref(), Some("401"));

    // And what is found only when it is begun.
    let taken = TcpListener::bind(("127.0.0.1", other)).unwrap();
    daemon.configure(&toml(one, "UTC", other)).unwrap();
    running.hang_up();
    until("the address is said to be taken", || logged().contains("the one before is in force again"));
    until("the one before answers", || status(port, "two").as_deref() == Some("401"));
    drop(taken);
    running.hang_up();
    until("the new address answers", || status(other, "one").as_deref() == Some("401"));
    assert_eq!(status(other, "two").as_deref(), Some("404"));
    assert_eq!(status(port, "one"), None);
    assert!(!logged().contains("canary"), "{}", logged());
}

#[test]
fn a_configuration_is_made_and_never_written_over() {
    let daemon = Daemon::new(Profile::Dev, "mine").unwrap();
    let refused = daemon.finish(&["init"]).unwrap();
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("is there already"), "{}", refused.stderr);
    let file = daemon.folder().path().join("mrrd.toml");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    std::fs::remove_file(&file).unwrap();
    daemon.run(&["init"]).unwrap();
    assert!(std::fs::read_to_string(&file).unwrap().contains("[book]"));
}
