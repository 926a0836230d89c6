//! The program as its users start it: as a process, with its exit code and what it prints.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// The built program. Building it here makes the tests independent of what was built before.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--package", "sagsspor"]);
        // What cargo tells this test about its own package is not meant for the build: some build
        // scripts would take it for a change and everything behind them would be built each time.
        for (name, _) in std::env::vars().filter(|(name, _)| {
            name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
        }) {
            build.env_remove(name);
        }
        let status = build.status().unwrap();
        assert!(status.success(), "the program does not build");
        let own = std::env::current_exe().unwrap();
        own.parent().unwrap().parent().unwrap().join("sagsspor")
    })
}

/// A command on the log in a directory.
pub fn command(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command.args(arguments);
    command
        .env("SAGSSPOR_DATA", dir.join("data"))
        .env("SAGSSPOR_KEYS", dir.join("keys"))
        .env("SAGSSPOR_HOST", super::world::HOST);
    command
}

pub fn run(dir: &Path, arguments: &[&str]) -> Output {
    command(dir, arguments).output().unwrap()
}

/// The same with something to read on standard input.
pub fn run_with(dir: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut child = command(dir, arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Less than a pipe holds is not waited for; what is more is read while it is written.
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A running server, killed when it is dropped.
pub struct Server {
    pub child: Child,
    pub address: SocketAddr,
}

impl Server {
    pub fn start(dir: &Path) -> Self {
        Self::start_with(dir, &[])
    }

    /// With more arguments.
    pub fn start_with(dir: &Path, more: &[&str]) -> Self {
        let arguments = [&["serve", "--listen", "127.0.0.1:0"], more].concat();
        let mut child = command(dir, &arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line
            .split("http://")
            .nth(1)
            .and_then(|rest| rest.split('/').next())
            .and_then(|address| address.parse().ok());
        let address = address.unwrap_or_else(|| panic!("the server did not start: {line}"));
        Self { child, address }
    }

    /// As `kill -9` does.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// As a service manager does.
    pub fn terminate(&mut self) -> std::process::ExitStatus {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
        self.child.wait().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already ended is what most tests leave behind.
        if self.child.kill().is_ok() {
            self.child.wait().unwrap();
        }
    }
}

/// The lines of a printed policy that name keys: what others put in front of their own.
pub fn policy_lines(policy: &str) -> String {
    policy
        .lines()
        .filter(|line| line.starts_with("log ") || line.starts_with("witness "))
        .map(|line| format!("{line}\n"))
        .collect()
}

/// A directory into which the program has imported the dossier of Alma.
pub fn imported() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("dossier.jsonl");
    std::fs::write(&file, crate::world::ALMA).unwrap();
    assert!(
        run(dir.path(), &["import", file.to_str().unwrap()])
            .status
            .success()
    );
    dir
}

/// An error with its causes, as the program prints it.
pub fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

/// The reports of both logs, and the exit code.
pub fn audited(dir: &Path) -> (Vec<Value>, i32) {
    let output = run(dir, &["audit", "--json"]);
    let reports = text(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    (reports, output.status.code().unwrap())
}
