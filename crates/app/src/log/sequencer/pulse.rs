//! Since when entries wait for a checkpoint.

use crate::background::Background;
use crate::clock::watch::Watch;
use crate::error::{BoxError, ReadError, RecordError};
use crate::layout::{Layout, LogKind};
use crate::log::content::Prepared;
use crate::log::head::{StreamTip, Tip};
use crate::log::keyring::Keyring;
use crate::log::signing_keys::LogKeys;
use crate::wanted::Wanted;
use beyond::Beyond;
use events::ids::{CommandId, EventId, StreamId};
use key_change::KeyChange;
use record::checkpoint::Checkpoint;
use record::entry::{Anchor, ErasedRef, EventEnvelope, ReplacedRef};
use record::hash::Hash;
use record::heads::Head;
use record::jws::SignedEntry;
use record::signing::EventKey;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};
use store::key_store::{KeyRow, KeyStore};
use store::log_store::{
    BATCH_BYTES_MAX, Batch, CommandRow, CommitError, EVENT_COUNT_MAX, LogStore, NewBlob, NewEntry,
    StoredCheckpoint,
};
use store::pipeline::Pipeline;

/// Since when entries wait for a checkpoint, for whoever watches: reading it waits for nothing.
pub(super) struct Pulse {
    pub(super) begun: Instant,
    /// Milliseconds since `begun`, and one more; 0 when none waits.
    pub(super) unsealed: AtomicU64,
}

impl Default for Pulse {
    fn default() -> Self {
        Self {
            begun: Instant::now(),
            unsealed: AtomicU64::new(0),
        }
    }
}

impl Pulse {
    pub(super) fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX - 1) + 1
    }

    /// An entry waits, and the first one counts.
    pub(super) fn dirty(&self) {
        // It is zero or the time of an earlier entry; only the sequencer writes it.
        if self.unsealed.load(Ordering::Relaxed) == 0 {
            self.unsealed.store(self.now(), Ordering::Relaxed);
        }
    }

    pub(super) fn sealed(&self) {
        self.unsealed.store(0, Ordering::Relaxed);
    }

    pub(super) fn unsealed_for(&self) -> Option<Duration> {
        let since = self.unsealed.load(Ordering::Relaxed);
        (since > 0).then(|| Duration::from_millis(self.now().saturating_sub(since)))
    }
}
