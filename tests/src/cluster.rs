//! A private PostgreSQL: a throwaway cluster on a Unix socket.

use std::fs::{File, Permissions};
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::{Folder, Outcome};

/// A running cluster, stopped and removed on drop.
pub struct Cluster {
    server: Mutex<Child>,
    programs: PathBuf,
    folder: Folder,
    /// What the server is told beyond what is told to every one.
    settings: &'static [&'static str],
}

/// One database of a cluster.
pub struct Database<'a> {
    cluster: &'a Cluster,
    name: String,
}

/// PostgreSQL refuses to run as root, so a root user lends it this account.
const UNPRIVILEGED: &str = "postgres";

/// As a server that is relied on: what is committed is on the disk.
const DURABLE: &[&str] = &["fsync=on", "synchronous_commit=on", "full_page_writes=on"];

impl Cluster {
    /// Makes and starts a cluster. `pg_config` says which PostgreSQL.
    pub fn start(pg_config: &Path) -> Outcome<Self> {
        Self::make(PathBuf::from(output(Command::new(pg_config).arg("--bindir"))?.trim()), &[])
    }

    /// Another cluster of the same PostgreSQL, for whoever breaks it.
    pub fn another(&self) -> Outcome<Self> {
        Self::make(self.programs.clone(), &[])
    }

    /// The same with a server that does not answer a commit before it is on the disk.
    pub fn durable(&self) -> Outcome<Self> {
        Self::make(self.programs.clone(), DURABLE)
    }

    fn make(programs: PathBuf, settings: &'static [&'static str]) -> Outcome<Self> {
        let folder = lent_folder()?;
        output(as_user(&programs, &folder, "initdb")?.args([
            "--pgdata=data",
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
            "--no-instructions",
        ]))?;
        Self::serve(programs, folder, settings)
    }

    /// A replica of this cluster as it is now, which follows what is written from now on.
    pub fn replica(&self) -> Outcome<Self> {
        let folder = lent_folder()?;
        let mut copy = as_user(&self.programs, &folder, "pg_basebackup")?;
        copy.arg("-h").arg(self.socket()).args(["--username=postgres", "--pgdata=data", "--write-recovery-conf"]);
        output(copy.args(["--wal-method=stream", "--checkpoint=fast", "--no-sync"]))?;
        Self::serve(self.programs.clone(), folder, self.settings)
    }

    fn serve(programs: PathBuf, folder: Folder, settings: &'static [&'static str]) -> Outcome<Self> {
        let server = Mutex::new(postgres(&programs, &folder, settings)?);
        let cluster = Self { server, programs, folder, settings };
        cluster.wait_until_ready()?;
        Ok(cluster)
    }

    /// Ends the server at once, as a crash of its machine would, and lets it recover after a while.
    pub fn crash(&self, away: Duration) -> Outcome<()> {
        self.quit();
        std::thread::sleep(away);
        *self.server.lock().unwrap_or_else(PoisonError::into_inner) =
            postgres(&self.programs, &self.folder, self.settings)?;
        self.wait_until_ready()
    }

    /// Starts the server again with TLS on a port of 127.0.0.1, beside its socket; returns the port.
    pub fn encrypt(&self, certificate: &str, key: &str) -> Outcome<u16> {
        let data = self.folder.path().join("data");
        for (name, text) in [("server.pem", certificate), ("server.key", key)] {
            let path = data.join(name);
            std::fs::write(&path, text).map_err(|error| format!("can't write {}: {error}", path.display()))?;
            std::fs::set_permissions(&path, Permissions::from_mode(0o600)).map_err(|error| error.to_string())?;
            if let Some((uid, gid)) = unprivileged()? {
                std::os::unix::fs::chown(&path, Some(uid), Some(gid)).map_err(|error| error.to_string())?;
            }
        }
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = free.map_err(|error| error.to_string())?.port();
        self.quit();
        // Whoever asks by the socket need not know of the port.
        let socket = |port: u16| self.folder.path().join(format!(".s.PGSQL.{port}"));
        let _ = std::fs::remove_file(socket(5432));
        std::os::unix::fs::symlink(socket(port), socket(5432)).map_err(|error| error.to_string())?;
        let settings =
            format!("port={port} listen_addresses=127.0.0.1 ssl=on ssl_cert_file=server.pem ssl_key_file=server.key");
        let settings: Vec<&str> = settings.split(' ').collect();
        *self.server.lock().unwrap_or_else(PoisonError::into_inner) =
            postgres(&self.programs, &self.folder, &settings)?;
        self.wait_until_ready()?;
        Ok(port)
    }

    fn quit(&self) {
        let mut server = self.server.lock().unwrap_or_else(PoisonError::into_inner);
        // SIGQUIT ends the server at once, with all of its children.
        let _ = Command::new("kill").args(["-QUIT", &server.id().to_string()]).status();
        let _ = server.wait();
    }

    /// A cluster of the PostgreSQL that `cargo x test` set up: `MRR_PG_CONFIG`, else Debian's 15.
    pub fn of_this_machine() -> Outcome<Self> {
        let pg_config = std::env::var_os("MRR_PG_CONFIG");
        Self::start(Path::new(&pg_config.unwrap_or_else(|| "/usr/lib/postgresql/15/bin/pg_config".into())))
    }

    fn wait_until_ready(&self) -> Outcome<()> {
        let deadline = Instant::now() + Duration::from_secs(60);
        while Instant::now() < deadline {
            let ready = Command::new(self.programs.join("pg_isready")).arg("-q").arg("-h").arg(self.socket()).status();
            if ready.is_ok_and(|status| status.success()) {
                return Ok(());
            }
            let ended = self.server.lock().unwrap_or_else(PoisonError::into_inner).try_wait();
            if let Ok(Some(status)) = ended {
                let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                return Err(format!("postgres ended with {status}:\n{log}"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err("postgres was not ready within a minute".into())
    }

    /// The folder of the socket: what `psql -h` takes.
    pub fn socket(&self) -> &Path {
        self.folder.path()
    }

    /// What the server has logged.
    pub fn log(&self) -> Outcome<String> {
        std::fs::read_to_string(self.folder.path().join("log")).map_err(|error| format!("no server log: {error}"))
    }

    /// Makes an empty database.
    pub fn create(&self, name: &str) -> Outcome<Database<'_>> {
        self.database("postgres").run(&format!("create database \"{name}\""))?;
        Ok(self.database(name))
    }

    /// A database that is there already.
    pub fn database(&self, name: &str) -> Database<'_> {
        Database { cluster: self, name: name.into() }
    }
}

impl Database<'_> {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The address for a daemon.
    pub fn url(&self) -> String {
        self.url_as("postgres")
    }

    /// The address for a daemon that comes as another role.
    pub fn url_as(&self, role: &str) -> String {
        format!("postgresql:///{}?host={}&user={role}", self.name, self.cluster.socket().display())
    }

    /// The line with which a person connects.
    pub fn psql_line(&self) -> String {
        format!("psql -h {} -U postgres {}", self.cluster.socket().display(), self.name)
    }

    /// Runs a script and returns what it prints, as psql shows it to a person.
    pub fn show(&self, script: &str) -> Outcome<String> {
        self.psql(script, &["--pset=footer=off", "--pset=null=-"])
    }

    /// Runs a script; its rows come back as lines of `|`-separated fields, an error with its
    /// SQLSTATE.
    pub fn run(&self, script: &str) -> Outcome<String> {
        self.psql(script, &["-A", "-t", "-v", "VERBOSITY=verbose"])
    }

    fn psql(&self, script: &str, arguments: &[&str]) -> Outcome<String> {
        let mut psql = Command::new(self.cluster.programs.join("psql"))
            .args(["-X", "-q", "-U", "postgres", "-v", "ON_ERROR_STOP=1", "-v", "SHOW_CONTEXT=never"])
            .arg("-h")
            .arg(self.cluster.socket())
            .args(arguments)
            .arg(&self.name)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("can't run psql: {error}"))?;
        if let Some(mut stdin) = psql.stdin.take() {
            // psql that stops at an error stops reading too; its own message says why.
            let _ = stdin.write_all(script.as_bytes());
        }
        let finished = psql.wait_with_output().map_err(|error| error.to_string())?;
        if finished.status.success() {
            Ok(String::from_utf8_lossy(&finished.stdout).trim_end().to_owned())
        } else {
            Err(String::from_utf8_lossy(&finished.stderr).into_owned())
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // The data goes anyway.
        self.quit();
    }
}

/// Starts the server of a folder with data.
fn postgres(programs: &Path, folder: &Folder, more: &[&str]) -> Outcome<Child> {
    let path = folder.path().join("log");
    let log = File::options().create(true).append(true).open(path).map_err(|error| error.to_string())?;
    let settings = ["listen_addresses=", "fsync=off", "synchronous_commit=off", "full_page_writes=off"];
    as_user(programs, folder, "postgres")?
        .args(["-D", "data", "-k"])
        .arg(folder.path())
        .args(settings.iter().flat_map(|setting| ["-c", setting]))
        // The last one counts.
        .args(more.iter().flat_map(|setting| ["-c", setting]))
        .stdout(log.try_clone().map_err(|error| error.to_string())?)
        .stderr(log)
        .spawn()
        .map_err(|error| format!("can't start postgres: {error}"))
}

/// A folder that belongs to the user who runs PostgreSQL.
fn lent_folder() -> Outcome<Folder> {
    let folder = Folder::new("pg")?;
    if let Some((uid, gid)) = unprivileged()? {
        std::os::unix::fs::chown(folder.path(), Some(uid), Some(gid))
            .map_err(|error| format!("can't give {} to {UNPRIVILEGED}: {error}", folder.path().display()))?;
    }
    Ok(folder)
}

/// One of PostgreSQL's programs, run by its user in a folder.
fn as_user(programs: &Path, folder: &Folder, program: &str) -> Outcome<Command> {
    let mut command = Command::new(programs.join(program));
    command.current_dir(folder.path()).env_remove("PGDATA").stdin(Stdio::null());
    if let Some((uid, gid)) = unprivileged()? {
        command.gid(gid).uid(uid);
    }
    Ok(command)
}

/// User and group to run PostgreSQL as; `None` when this process is not root.
fn unprivileged() -> Outcome<Option<(u32, u32)>> {
    let id = |arguments: &[&str]| -> Outcome<u32> {
        let text = output(Command::new("id").args(arguments))?;
        text.trim().parse().map_err(|error| format!("id {}: {error}", arguments.join(" ")))
    };
    if id(&["-u"])? != 0 {
        return Ok(None);
    }
    Ok(Some((id(&["-u", UNPRIVILEGED])?, id(&["-g", UNPRIVILEGED])?)))
}

/// What a command prints, or why it failed.
fn output(command: &mut Command) -> Outcome<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let finished = command.output().map_err(|error| format!("can't run {name}: {error}"))?;
    if finished.status.success() {
        Ok(String::from_utf8_lossy(&finished.stdout).into_owned())
    } else {
        Err(format!("{name} failed: {}", String::from_utf8_lossy(&finished.stderr).trim()))
    }
}
