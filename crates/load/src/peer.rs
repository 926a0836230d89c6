//! Peers: other stores of events that are asked the same in the same run, on the same disk.
//!
//! A peer records a body of the size that an event of ours has on disk, behind a check of the
//! version, durably. It does neither encrypt nor sign, and it has no law: what the difference buys is
//! told in `docs/performance.md`.

pub mod cluster;
pub mod postgres;

use std::future::Future;
use std::time::Duration;

use crate::pace::Client;
use crate::report::Target;

/// Bytes of an event as this program keeps it on disk (`docs/performance.md`); a peer's bodies are
/// as large.
pub const BODY_BYTES: usize = 3_072;

/// Why a peer is not measured.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Absent(pub String);

/// A peer that runs.
pub trait Peer {
    /// Who it is.
    const TARGET: Target;
    /// One of its clients.
    type Client: Client;

    /// Clients that append, each to streams of its own; together they have so many streams.
    fn clients(
        &self,
        count: u32,
        streams: u32,
    ) -> impl Future<Output = Result<Vec<Self::Client>, Absent>>;

    /// Syncs of its files so far; null where it does not say.
    fn syncs(&self) -> impl Future<Output = Option<u64>>;

    /// Time of the processor that it has spent so far.
    fn cpu(&self) -> Option<Duration>;
}
