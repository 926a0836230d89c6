//! One municipality's log, opened: what every use case works on.
//!
//! Nobody outside this crate can name it: [`crate::session`], [`crate::public_log`] and
//! [`crate::operations::operator`] hold one. It asks nobody for a right; whoever holds it has.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use store::backend::opening::OpenReport;
use store::key_store::KeyStore;
use store::log_store::LogStore;

use crate::clock::Clock;
use crate::clock::watch::Watch;
use crate::error::RecordError;
use crate::evidence::bundle::kept_heads::KeptHeads;
use crate::layout::Layout;
use crate::log::caches::Caches;
use crate::log::directory::Directory;
use crate::log::epoch::Epoch;
use crate::log::keyring::Keyring;
use crate::log::pending::PendingErasures;
use crate::log::reader::StreamReader;
use crate::log::sequencer::Sequencer;
use crate::queries::look_up_streams::LookUpStreams;
use crate::rows::lists::Lists;
use crate::rules::rulebook::Rulebook;
use crate::witnessing::client::WitnessClient;
use crate::witnessing::time_stamp::Stamper;

/// Commands on one stream are decided one after the other.
pub(crate) const STREAM_LOCKS: usize = 4_096;

/// An opened log.
pub(crate) struct App {
    pub(crate) layout: Layout,
    pub(crate) log: Arc<dyn LogStore>,
    pub(crate) keys: Arc<dyn KeyStore>,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) clock: Arc<dyn Clock>,
    /// What anything that is recorded is dated by.
    pub(crate) watch: Arc<Watch>,
    pub(crate) sequencer: Sequencer,
    /// Takes checkpoints to witnesses, once it is started.
    pub(crate) witness_client: Mutex<Option<WitnessClient>>,
    /// Has checkpoints stamped, once it is started.
    pub(crate) stamper: Mutex<Option<Stamper>>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) pending: PendingErasures,
    pub(crate) caches: Arc<Caches>,
    /// The heads tree of the checkpoint that a bundle was made at last.
    pub(crate) kept_heads: KeptHeads,
    /// Where the look-ups of a stream stand; of an access log only.
    pub(crate) look_up_streams: LookUpStreams,
    /// Whether an erasure waits for the access log to be opened.
    pub(crate) unlinking_waits: AtomicBool,
    /// The access log, opened when it is first needed.
    pub(crate) accesses: Mutex<Option<Arc<Self>>>,
    pub(crate) locks: Vec<tokio::sync::Mutex<()>>,
    /// Held for reading while content is encrypted and recorded, for writing while keys are
    /// destroyed. Otherwise a new event could be encrypted with a key that is being destroyed.
    pub(crate) epoch: Arc<Epoch>,
    pub(crate) reader: StreamReader,
    /// The rules that duties are evaluated by.
    pub(crate) rules: &'static Rulebook,
    /// The lists of a case log; an access log keeps none.
    pub(crate) lists: Option<Lists>,
    pub(crate) report: OpenReport,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("origin", &self.layout.origin())
            .finish_non_exhaustive()
    }
}

impl App {
    /// The time by the log's clock, for reading: it may be refused.
    #[must_use]
    pub(crate) fn now(&self) -> jiff::Timestamp {
        self.clock.now()
    }

    /// The time for what is to be recorded.
    pub(crate) fn time(&self) -> Result<jiff::Timestamp, RecordError> {
        Ok(self.watch.read()?)
    }

    /// What was found when the log was opened.
    #[must_use]
    pub(crate) const fn report(&self) -> &OpenReport {
        &self.report
    }

    /// Where the log lies and what it is called.
    #[must_use]
    pub(crate) const fn layout(&self) -> &Layout {
        &self.layout
    }
}
