//! The server under load: this very program as a process of its own, on a log that is made for it.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use load::bench::Watched;
use load::process::signal;
use load::running::Running;
use miette::{IntoDiagnostic, Result, WrapErr, miette};
use rustix::process::Signal;

use crate::commands::serve::SYNCS_TOLD;

/// Connections beside those of a load: making cases, and questions of the run itself.
const MORE_CONNECTIONS: u32 = 256;

/// What the server said on standard error.
#[derive(Default)]
struct Said {
    syncs: Option<u64>,
    last: String,
}

/// A running server.
pub(super) struct Server {
    running: Running,
    pub(super) address: SocketAddr,
    said: Arc<Mutex<Said>>,
}

/// The address in the line that it begins with.
fn address(line: &str) -> Option<SocketAddr> {
    line.split("http://")
        .nth(1)?
        .split('/')
        .next()?
        .parse()
        .ok()
}

impl Server {
    /// Starts it on a free port of loopback, with data and keys below a directory. Settings of the
    /// environment are those of somebody's log and are not for it.
    pub(super) fn start(dir: &Path, clients: u32) -> Result<Self> {
        let connections = (clients + MORE_CONNECTIONS).max(1_024);
        let mut command = Command::new("/proc/self/exe");
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("SAGSSPOR_") {
                command.env_remove(name);
            }
        }
        command
            .arg0("sagsspor")
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--host",
                "log.bench.invalid",
            ])
            .args(["--connections-max", &connections.to_string()])
            .arg("--data")
            .arg(dir.join("data"))
            .arg("--keys")
            .arg(dir.join("keys"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut running = Running::start(&mut command, Signal::TERM)
            .into_diagnostic()
            .wrap_err("the server cannot be started")?;
        let said = Arc::new(Mutex::new(Said::default()));
        if let Some(errors) = running.child.stderr.take() {
            let said = Arc::clone(&said);
            std::thread::spawn(move || listen(BufReader::new(errors), &said));
        }
        let mut line = String::new();
        if let Some(output) = running.child.stdout.take() {
            BufReader::new(output)
                .read_line(&mut line)
                .into_diagnostic()?;
        }
        let Some(address) = address(&line) else {
            drop(running);
            let said = said.lock().unwrap_or_else(PoisonError::into_inner);
            return Err(miette!("the server did not start: {}", said.last));
        };
        Ok(Self {
            running,
            address,
            said,
        })
    }

    /// What it said last, for when it does not answer any more.
    pub(super) fn last_words(&self) -> String {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.last.clone()
    }
}

fn listen(errors: impl BufRead, said: &Mutex<Said>) {
    for line in errors.lines().map_while(Result::ok) {
        let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
        match line.strip_suffix(SYNCS_TOLD).map(str::parse) {
            Some(Ok(syncs)) => said.syncs = Some(syncs),
            _ => said.last = line,
        }
    }
}

impl Watched for Server {
    fn id(&self) -> u32 {
        self.running.id()
    }

    fn ask_for_syncs(&self) {
        if let Err(error) = signal(self.id(), Signal::USR1) {
            tracing::debug!(%error, "the server cannot be asked how often it synced");
        }
    }

    fn syncs(&self) -> Option<u64> {
        self.said
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .syncs
    }
}
