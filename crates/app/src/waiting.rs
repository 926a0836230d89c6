//! Waiting on a thread for what is written to be waited for by a task.
//!
//! Commands wait for their stream, for the epoch of the keys and for their receipt. A server lets
//! tasks wait, so that no thread stands still for each client; an import, a start and a test have a
//! thread of their own.

use std::future::Future;

/// Waits on this thread. A thread that other tasks need to get on must not, because what is waited for
/// may be held by one of them.
pub(crate) fn wait<T>(work: impl Future<Output = T>) -> T {
    pollster::block_on(work)
}
