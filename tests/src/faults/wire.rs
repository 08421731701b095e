//! What stands between mrrd and PostgreSQL: it passes bytes on, and cuts where a case asks for it.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::gate::lock;
use crate::Outcome;

/// Where connections are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Nowhere.
    Never,
    /// After each of the next so many commits has been done, and before its answer is passed on.
    Answered(usize),
    /// The same, but the connections stay: nothing more comes through the one, and nobody is told.
    Swallowed(usize),
    /// The next message with rows of a COPY, and all behind it, is taken and never passed on, so many times; the
    /// connections stay.
    Kept(usize),
    /// In the middle of a COPY: behind half of a message with rows, so many times.
    Copying(usize),
    /// At once, and no connection is let in.
    All,
    /// Nothing is passed on any more in either direction, and nothing is closed.
    Silent,
}

/// A TCP port that leads to a cluster's socket, open as long as the process lives.
#[derive(Clone)]
pub struct Wire {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    socket: PathBuf,
    cut: Mutex<Cut>,
    /// How many cuts were made.
    cuts: AtomicUsize,
}

impl Wire {
    /// Opens one to the cluster whose socket is in a folder.
    pub fn open(folder: &Path) -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| format!("can't listen: {error}"))?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let state = Arc::new(State {
            socket: folder.join(".s.PGSQL.5432"),
            cut: Mutex::new(Cut::Never),
            cuts: AtomicUsize::new(0),
        });
        let serving = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if *lock(&serving.cut) != Cut::All {
                    let state = Arc::clone(&serving);
                    std::thread::spawn(move || state.serve(&stream).ok());
                }
            }
        });
        Ok(Self { address, state })
    }

    /// The address of a database behind it.
    pub fn url(&self, database: &str) -> String {
        format!("postgresql://postgres:canary_password@{}/{database}", self.address)
    }

    pub fn cut(&self, cut: Cut) {
        *lock(&self.state.cut) = cut;
    }

    /// How many connections were cut.
    pub fn cuts(&self) -> usize {
        self.state.cuts.load(Ordering::Relaxed)
    }
}

/// What becomes of one connection.
#[derive(Default)]
struct Fate {
    /// It ends instead of passing the next answer on.
    swallows: AtomicBool,
    /// Nothing is passed on any more, and it stays.
    mute: AtomicBool,
}

impl State {
    fn serve(self: &Arc<Self>, client: &TcpStream) -> std::io::Result<()> {
        let server = UnixStream::connect(&self.socket)?;
        let fate = Arc::new(Fate::default());
        let (back, to, state, told) = (client.try_clone()?, server.try_clone()?, Arc::clone(self), Arc::clone(&fate));
        std::thread::spawn(move || state.answers(to, &back, &told).ok());
        let asked = self.asks(client.try_clone()?, &server, &fate);
        // One end that is gone takes the other along.
        let _ = server.shutdown(Shutdown::Both);
        let _ = client.shutdown(Shutdown::Both);
        asked
    }

    /// From the server to mrrd.
    fn answers(&self, mut server: UnixStream, mut client: &TcpStream, fate: &Fate) -> std::io::Result<()> {
        let mut bytes = [0; 16_384];
        loop {
            let count = server.read(&mut bytes).unwrap_or_default();
            match (count, fate.mute.load(Ordering::Relaxed)) {
                // Nobody is told of the server's end either.
                (0, true) => return Ok(()),
                (_, true) => continue,
                _ => {}
            }
            if count == 0 || fate.swallows.load(Ordering::Relaxed) {
                break;
            }
            self.hold();
            if *lock(&self.cut) == Cut::All {
                break;
            }
            client.write_all(&bytes[..count])?;
        }
        let _ = client.shutdown(Shutdown::Both);
        let _ = server.shutdown(Shutdown::Both);
        Ok(())
    }

    /// From mrrd to the server, a message at a time.
    fn asks(&self, mut client: TcpStream, mut server: &UnixStream, fate: &Fate) -> std::io::Result<()> {
        // The first message has no type.
        let mut first = [0; 4];
        client.read_exact(&mut first)?;
        let rest = body(&mut client, first)?;
        server.write_all(&[&first[..], &rest].concat())?;
        loop {
            let mut kind = [0; 1];
            client.read_exact(&mut kind)?;
            let mut length = [0; 4];
            client.read_exact(&mut length)?;
            let rest = body(&mut client, length)?;
            let message = [&kind[..], &length, &rest].concat();
            self.hold();
            let cut = *lock(&self.cut);
            match cut {
                Cut::All => return Ok(()),
                Cut::Answered(left) if left > 0 && kind == *b"Q" && rest.eq_ignore_ascii_case(b"COMMIT\0") => {
                    self.did(Cut::Answered(left - 1));
                    fate.swallows.store(true, Ordering::Relaxed);
                    server.write_all(&message)?;
                    // The other direction ends us when the answer comes.
                }
                Cut::Swallowed(left) if left > 0 && kind == *b"Q" && rest.eq_ignore_ascii_case(b"COMMIT\0") => {
                    self.did(Cut::Swallowed(left - 1));
                    fate.mute.store(true, Ordering::Relaxed);
                    server.write_all(&message)?;
                }
                Cut::Kept(left) if left > 0 && kind == *b"d" && rest.len() > 64 => {
                    self.did(Cut::Kept(left - 1));
                    fate.mute.store(true, Ordering::Relaxed);
                }
                _ if fate.mute.load(Ordering::Relaxed) => {}
                Cut::Copying(left) if left > 0 && kind == *b"d" && rest.len() > 64 => {
                    self.did(Cut::Copying(left - 1));
                    return server.write_all(&message[..message.len() / 2]);
                }
                _ => server.write_all(&message)?,
            }
        }
    }

    fn did(&self, next: Cut) {
        *lock(&self.cut) = next;
        self.cuts.fetch_add(1, Ordering::Relaxed);
    }

    /// Waits as long as nobody is to hear anything.
    fn hold(&self) {
        while *lock(&self.cut) == Cut::Silent {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn body(client: &mut TcpStream, length: [u8; 4]) -> std::io::Result<Vec<u8>> {
    let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or_default().saturating_sub(4);
    let mut body = vec![0; length];
    client.read_exact(&mut body)?;
    Ok(body)
}
