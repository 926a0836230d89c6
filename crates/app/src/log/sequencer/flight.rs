//! Which commands and events are on their way to the store, and which have an unknown outcome.

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

/// What is on its way to the store.
#[derive(Default)]
pub(super) struct Flight {
    pub(super) state: Mutex<Aloft>,
    pub(super) landed: Condvar,
}

#[derive(Default)]
pub(super) struct Aloft {
    pub(super) batches: usize,
    pub(super) failed: bool,
    pub(super) commands: BTreeSet<uuid::Uuid>,
    pub(super) events: BTreeSet<uuid::Uuid>,
    /// Commands of a batch whose outcome is unknown: until the store is opened again nobody can say
    /// of them that nothing was written. The store takes no batch behind such a one, so they are
    /// few.
    pub(super) unknown: BTreeSet<uuid::Uuid>,
}
