//! A throw-away PostgreSQL: made in a directory, started, and stopped with what it was made for.

use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::process::{Signal, geteuid};

use crate::peer::Absent;
use crate::running::Running;

/// Where Debian keeps the programs of each version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// It refuses to run as root; one of these users does instead.
const USERS: [&str; 2] = ["postgres", "nobody"];
/// How it is installed.
const INSTALL: &str = "install it (Debian: apt install postgresql)";

/// Its user: everybody on this machine may connect while it runs, to a database of invented bytes.
pub(crate) const OWNER: &str = "bench";

/// Connections that it takes where a load has so many clients: some are its own.
#[must_use]
pub const fn room_for(clients: u32) -> u32 {
    clients.saturating_add(16)
}

/// A running cluster.
#[derive(Debug)]
pub struct Cluster {
    running: Running,
    /// The port on loopback.
    pub(crate) port: u16,
}

fn absent(what: &str, why: &dyn std::fmt::Display) -> Absent {
    Absent(format!("{what}: {why}"))
}

/// The directory of its programs, the newest version first.
fn programs() -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir(DEBIAN)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_string_lossy().parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = versions
        .into_iter()
        .rev()
        .map(|(_, folder)| folder)
        .chain(std::env::split_paths(&path));
    folders.find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
}

/// The numbers of a user and its group in the table of users.
fn numbers(users: &str, name: &str) -> Option<(u32, u32)> {
    let line = users
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    let mut fields = line.split(':').skip(1);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

/// As whom it runs, where it must not run as who this is.
fn other_user() -> Result<Option<(u32, u32)>, Absent> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let found = USERS.iter().find_map(|name| numbers(&users, name));
    found.map(Some).ok_or_else(|| {
        Absent("it refuses to run as root, and there is no user postgres or nobody".to_owned())
    })
}

impl Cluster {
    /// Makes a cluster below a directory and starts it; it takes so many connections.
    ///
    /// # Errors
    /// [`Absent`] where it is not installed, or what it needs is not there, in words.
    pub fn start(below: &Path, connections: u32) -> Result<Self, Absent> {
        let programs = programs()
            .ok_or_else(|| Absent(format!("PostgreSQL is not installed here; {INSTALL}")))?;
        let user = other_user()?;
        let dir = below.join("postgresql");
        make(&dir, user).map_err(|error| absent(&dir.display().to_string(), &error))?;
        let command = |name: &str| -> io::Result<Command> {
            let mut command = Command::new(programs.join(name));
            let log = File::options()
                .append(true)
                .create(true)
                .open(dir.join("log"))?;
            command
                .current_dir(&dir)
                .env_clear()
                .env("LC_ALL", "C")
                .stdin(Stdio::null())
                .stdout(log.try_clone()?)
                .stderr(log);
            if let Some((user, group)) = user {
                command.uid(user).gid(group);
            }
            Ok(command)
        };
        let initialised = command("initdb").and_then(|mut initdb| {
            initdb
                .args(["-D", "data", "-A", "trust", "-U", OWNER, "-E", "UTF8"])
                .args(["--locale=C", "--no-sync"])
                .status()
        });
        match initialised {
            Ok(status) if status.success() => {}
            Ok(_) => return Err(absent("initdb failed", &last_line(&dir))),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                return Err(absent(
                    "its user may not enter the directory, choose another with --directory",
                    &dir.display(),
                ));
            }
            Err(error) => return Err(absent("initdb cannot be started", &error)),
        }
        let port = free_port().map_err(|error| absent("there is no free port", &error))?;
        let settings = [
            "listen_addresses=127.0.0.1".to_owned(),
            "unix_socket_directories=".to_owned(),
            format!("port={port}"),
            format!("max_connections={connections}"),
            "fsync=on".to_owned(),
            "synchronous_commit=on".to_owned(),
        ];
        let mut postgres =
            command("postgres").map_err(|error| absent("postgres cannot be started", &error))?;
        postgres.args(["-D", "data"]);
        for setting in settings {
            postgres.args(["-c".to_owned(), setting]);
        }
        let running = Running::start(&mut postgres, Signal::INT)
            .map_err(|error| absent("postgres cannot be started", &error))?;
        Ok(Self { running, port })
    }

    /// Its first process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.running.id()
    }

    /// Whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.running.child.try_wait(), Ok(None))
    }
}

/// A directory of its own, which belongs to the user that it runs as.
fn make(dir: &Path, user: Option<(u32, u32)>) -> io::Result<()> {
    fs::create_dir(dir)?;
    fs::set_permissions(dir, fs::Permissions::from_mode(0o700))?;
    if let Some((user, group)) = user {
        chown(dir, Some(user), Some(group))?;
    }
    Ok(())
}

/// What it said last.
fn last_line(dir: &Path) -> String {
    let log = fs::read_to_string(dir.join("log")).unwrap_or_default();
    log.lines().last().unwrap_or("it said nothing").to_owned()
}

/// A port that nobody uses now. Somebody may take it before the cluster does, which then ends.
fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_the_whole_name() {
        let users = "root:x:0:0:root:/root:/bin/sh\npostgres2:x:1:2::/:\npostgres:x:105:112::/:\n";
        assert_eq!(numbers(users, "postgres"), Some((105, 112)));
        assert_eq!(numbers(users, "nobody"), None);
    }
}
