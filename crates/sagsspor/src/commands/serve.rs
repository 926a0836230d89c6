//! Serving until interrupted: the limits that the operator sets, signals, and how the process ends.

use std::future::Future;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use app::access::viewer::Viewer;
use app::commands::document::{DOCUMENT_BYTES_DEFAULT, DOCUMENT_BYTES_MAX};
use app::operations::operator::Operator;
use clap::{Args, value_parser};
use miette::{IntoDiagnostic, Result, WrapErr};
use server::identity::IdentityProvider;
use server::serve::Ended;
use server::settings::{Limits, Settings};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

use crate::text::terminal;
use crate::{exit, open};

const MEGABYTE: usize = 1024 * 1024;

/// Threads that are still at work when the grace is over are left behind after so much more.
const LEFT_BEHIND_AFTER: Duration = Duration::from_secs(2);

/// What stands behind the number of syncs where the server is asked for it by SIGUSR1.
pub(crate) const SYNCS_TOLD: &str = " syncs of files since the start";

/// By which names the server is asked, and what a crowd, a slow client or a failing disk may cost.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct ServeArgs {
    /// As whom everybody asks, without an identity provider: ROLE:ID or ROLE:ID:UNIT. A request says as
    /// whom else by the header sagsspor-as, in the same form.
    #[arg(
        long = "as",
        env = "SAGSSPOR_AS",
        value_name = "ROLE:ID",
        help_heading = "Identity"
    )]
    acting_as: Option<String>,
    /// The largest document taken, in bytes.
    #[arg(long, env = "SAGSSPOR_DOCUMENT_BYTES_MAX", default_value_t = DOCUMENT_BYTES_DEFAULT, value_parser = value_parser!(u64).range(1..=DOCUMENT_BYTES_MAX))]
    document_bytes_max: u64,
    /// Megabytes that are kept of cases that were read, so that they are not read and decrypted again.
    #[arg(long, env = "SAGSSPOR_CACHE_MB", default_value_t = 256, value_parser = value_parser!(u32).range(1..=1_048_576))]
    cache_mb: u32,
    /// A further name under which this server is asked, beside localhost and the address that it
    /// listens on; several with commas. Requests under other names are refused.
    #[arg(
        long = "allowed-host",
        env = "SAGSSPOR_ALLOWED_HOSTS",
        value_name = "NAME",
        value_delimiter = ','
    )]
    allowed_hosts: Vec<String>,
    /// The origin of a page that may ask, with scheme and name, beside pages of the server's own
    /// names; several with commas.
    #[arg(
        long = "allowed-origin",
        env = "SAGSSPOR_ALLOWED_ORIGINS",
        value_name = "ORIGIN",
        value_delimiter = ','
    )]
    allowed_origins: Vec<String>,
    /// Connections that are open at once.
    #[arg(long, env = "SAGSSPOR_CONNECTIONS_MAX", default_value_t = 1_024, value_parser = value_parser!(u32).range(1..=65_536))]
    connections_max: u32,
    /// Seconds in which a connection must bring the head of its next request.
    #[arg(long, env = "SAGSSPOR_HEAD_SECONDS", default_value_t = 20, value_parser = value_parser!(u64).range(1..=600))]
    head_seconds: u64,
    /// Seconds for which a client may send or take all but nothing while it is waited for.
    #[arg(long, env = "SAGSSPOR_STALL_SECONDS", default_value_t = 30, value_parser = value_parser!(u64).range(1..=600))]
    stall_seconds: u64,
    /// Seconds that a GraphQL request may take, waiting included.
    #[arg(long, env = "SAGSSPOR_REQUEST_SECONDS", default_value_t = 30, value_parser = value_parser!(u64).range(1..=600))]
    request_seconds: u64,
    /// Bytes of the largest answer to a GraphQL request.
    #[arg(long, env = "SAGSSPOR_ANSWER_BYTES_MAX", default_value_t = 16 * 1024 * 1024, value_parser = value_parser!(u32).range(1_024..))]
    answer_bytes_max: u32,
    /// Requests that only read and are executed at once.
    #[arg(long, env = "SAGSSPOR_READS_AT_ONCE", default_value_t = 16, value_parser = value_parser!(u16).range(1..=256))]
    reads_at_once: u16,
    /// Requests that record and are executed at once. While one waits for the disk it takes no thread.
    #[arg(long, env = "SAGSSPOR_WRITES_AT_ONCE", default_value_t = 256, value_parser = value_parser!(u16).range(1..=4_096))]
    writes_at_once: u16,
    /// Requests of each kind that may wait to be executed; the next one is answered BUSY.
    #[arg(long, env = "SAGSSPOR_WAITING_MAX", default_value_t = 256, value_parser = value_parser!(u16).range(1..))]
    waiting_max: u16,
    /// Commands that may wait to record in one case; the next one is answered BUSY.
    #[arg(long, env = "SAGSSPOR_WAITING_FOR_STREAM_MAX", default_value_t = 32, value_parser = value_parser!(u16).range(1..))]
    waiting_for_stream_max: u16,
    /// Seconds from the signal to stop to the end of the process.
    #[arg(long, env = "SAGSSPOR_GRACE_SECONDS", default_value_t = 20, value_parser = value_parser!(u64).range(4..=600))]
    grace_seconds: u64,
    /// Seconds that entries may wait for a checkpoint before /readyz says so.
    #[arg(long, env = "SAGSSPOR_CHECKPOINT_LATE_SECONDS", default_value_t = 10, value_parser = value_parser!(u64).range(1..=3_600))]
    checkpoint_late_seconds: u64,
    /// Seconds for which reads are answered after the store has stopped; then the process ends with
    /// code 75, so that it is started again and the store opened anew.
    #[arg(long, env = "SAGSSPOR_STOPPED_SECONDS", default_value_t = 60, value_parser = value_parser!(u64).range(0..=86_400))]
    stopped_seconds: u64,
}

impl ServeArgs {
    /// As whom everybody asks who says nothing else.
    ///
    /// # Errors
    /// When `--as` names nobody.
    pub(crate) fn viewer(&self, municipality: &str) -> Result<Viewer> {
        let developer = open::developer(municipality);
        match &self.acting_as {
            None => Ok(developer),
            Some(said) => developer.acting_as(said).into_diagnostic().wrap_err("--as"),
        }
    }

    /// Bytes that are kept of cases that were read.
    pub(crate) fn cache_bytes(&self) -> usize {
        usize::try_from(self.cache_mb)
            .unwrap_or(usize::MAX)
            .saturating_mul(MEGABYTE)
    }

    pub(crate) fn settings(&self) -> Settings {
        let limits = Limits {
            connections_max: usize::try_from(self.connections_max).unwrap_or(usize::MAX),
            head: Duration::from_secs(self.head_seconds),
            stall: Duration::from_secs(self.stall_seconds),
            request: Duration::from_secs(self.request_seconds),
            reads: usize::from(self.reads_at_once),
            writes: usize::from(self.writes_at_once),
            waiting_max: usize::from(self.waiting_max),
            waiting_for_stream_max: usize::from(self.waiting_for_stream_max),
            answer_bytes_max: usize::try_from(self.answer_bytes_max).unwrap_or(usize::MAX),
            grace: Duration::from_secs(self.grace_seconds),
            checkpoint_late: Duration::from_secs(self.checkpoint_late_seconds),
            stopped: Duration::from_secs(self.stopped_seconds),
        };
        Settings {
            document_bytes_max: self.document_bytes_max,
            limits,
            hosts: self.allowed_hosts.clone(),
            origins: self.allowed_origins.clone(),
        }
    }
}

/// Opens a log and serves it until interrupted, then closes it.
pub(crate) fn serve(
    open: impl FnOnce() -> Result<Operator>,
    viewer: Viewer,
    settings: Settings,
    listen: SocketAddr,
) -> Result<ExitCode> {
    let identity = IdentityProvider::Development(viewer);
    let runtime = runtime()?;
    let operator = open()?;
    let served = runtime.block_on(async {
        let stop = stop_signal()?;
        tell_syncs_when_asked()?;
        let listening = |address: SocketAddr| {
            terminal::say(&format!(
                "GraphQL on http://{address}/graphql, documents on /documents, evidence on /bundles and /dossiers, tiles on /tiles, \
                 health on /livez and /readyz; Ctrl-C stops"
            ));
        };
        server::serve::serve(operator.door(), identity, settings, listen, listening, stop).await.into_diagnostic()
    });
    // What still runs waits for a disk; nobody waits for it any more.
    runtime.shutdown_timeout(LEFT_BEHIND_AFTER);
    let closed = operator
        .close()
        .into_diagnostic()
        .wrap_err("the log could not be closed in order");
    match served? {
        Ended::Asked => closed.map(|()| ExitCode::SUCCESS),
        Ended::StoreStopped(why) => {
            if let Err(report) = closed {
                terminal::complain_about(&report);
            }
            terminal::complain(&format!(
                "{why}; start again, which reads what is really there"
            ));
            Ok(ExitCode::from(exit::STORE_STOPPED))
        }
    }
}

/// A runtime under which the loss of a terminal ends nothing: who wants the program to end sends
/// SIGTERM.
pub(crate) fn runtime() -> Result<Runtime> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .into_diagnostic()?;
    let mut hangup = {
        let _within = runtime.enter();
        signal(SignalKind::hangup()).into_diagnostic()?
    };
    runtime.spawn(async move {
        while hangup.recv().await.is_some() {
            terminal::complain("SIGHUP is ignored: nothing is reloaded while the program runs; stop and start it to change settings");
        }
    });
    Ok(runtime)
}

/// Tells at each SIGUSR1 how often files of the journal and of the keys were synced: what a command
/// costs on another disk follows from it.
fn tell_syncs_when_asked() -> Result<()> {
    let mut asked = signal(SignalKind::user_defined1()).into_diagnostic()?;
    tokio::spawn(async move {
        while asked.recv().await.is_some() {
            terminal::complain(&format!("{}{SYNCS_TOLD}", store::disk::syncs_so_far()));
        }
    });
    Ok(())
}

/// Resolves at an interrupt or when the service manager asks to stop.
pub(crate) fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static> {
    let mut interrupt = signal(SignalKind::interrupt()).into_diagnostic()?;
    let mut terminate = signal(SignalKind::terminate()).into_diagnostic()?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(test)]
mod tests {
    use app::log::caches::CACHE_BYTES_DEFAULT;
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Alone {
        #[command(flatten)]
        serve: ServeArgs,
    }

    #[test]
    fn what_is_not_set_is_what_the_server_holds_to_anyway() {
        let given = Alone::parse_from(["serve"]).serve;
        assert_eq!(given.settings(), Settings::default());
        assert_eq!(given.cache_bytes(), CACHE_BYTES_DEFAULT);
        let given = Alone::parse_from([
            "serve",
            "--allowed-host",
            "a.example,b.example",
            "--grace-seconds",
            "9",
            "--stopped-seconds",
            "0",
        ]);
        let given = given.serve.settings();
        assert_eq!(given.hosts, ["a.example", "b.example"]);
        assert_eq!(
            (given.limits.grace, given.limits.stopped),
            (Duration::from_secs(9), Duration::ZERO)
        );
    }
}
