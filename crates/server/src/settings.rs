//! What the operator sets.

use std::time::Duration;

use app::commands::document::DOCUMENT_BYTES_DEFAULT;

/// The longest body of a GraphQL request, in bytes.
pub const BODY_BYTES_MAX: usize = 256 * 1024;

/// What the operator sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The largest document taken, in bytes.
    pub document_bytes_max: u64,
    /// What a crowd, a slow client or a failing disk may cost.
    pub limits: Limits,
    /// Names under which this server is asked, beside those of this machine and the address that it
    /// listens on.
    pub hosts: Vec<String>,
    /// Origins of pages that may ask, beside those that the server answers under its own names.
    pub origins: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            document_bytes_max: DOCUMENT_BYTES_DEFAULT,
            limits: Limits::default(),
            hosts: Vec::new(),
            origins: Vec::new(),
        }
    }
}

/// Bounds on what is open, waits, runs and leaves, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections that are open at once.
    pub connections_max: usize,
    /// How long a connection may take to bring the head of its next request, the first or a later
    /// one.
    pub head: Duration,
    /// How long a peer may send or take nothing, or all but nothing, while it is waited for.
    pub stall: Duration,
    /// How long a GraphQL request may take, waiting included.
    pub request: Duration,
    /// Requests that only read and are executed at once.
    pub reads: usize,
    /// Requests that record and are executed at once.
    pub writes: usize,
    /// Requests of one kind that wait until they are executed.
    pub waiting_max: usize,
    /// Requests that wait until they may record in one stream.
    pub waiting_for_stream_max: usize,
    /// Bytes of the largest answer to a GraphQL request.
    pub answer_bytes_max: usize,
    /// From the signal to stop to the end.
    pub grace: Duration,
    /// Entries that have waited so long for a checkpoint make the server not ready.
    pub checkpoint_late: Duration,
    /// How long a server whose store has stopped goes on answering reads before it ends.
    pub stopped: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 1_024,
            head: Duration::from_secs(20),
            stall: Duration::from_secs(30),
            request: Duration::from_secs(30),
            reads: 16,
            writes: 256,
            waiting_max: 256,
            waiting_for_stream_max: 32,
            answer_bytes_max: 16 * 1024 * 1024,
            grace: Duration::from_secs(20),
            checkpoint_late: Duration::from_secs(10),
            stopped: Duration::from_secs(60),
        }
    }
}

impl Limits {
    /// How long a request waits until it is executed, before it is told that the server is busy:
    /// while there is still time to be executed.
    pub(crate) fn wait(&self) -> Duration {
        self.request / 3
    }

    /// What is left of the grace for closing the log.
    pub(crate) fn closing(&self) -> Duration {
        self.grace / 4
    }
}
