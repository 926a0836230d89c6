//! The person at the machine: opens and closes a log, keeps its keys, mends what is derived, and
//! sets a safeguard aside.
//!
//! No request over the network reaches it: `api` and `server` hold a [`Door`], which gives none.

use std::sync::Arc;

use events::ids::CommandId;
use events::log::SafeguardOverridden;
use record::checkpoint::Checkpoint;
use record::signing::PublicKey;
use serde_json::Value;
use store::backend::opening::OpenReport;
use store::key_store::KeyStore;
use store::log_store::LogStore;
use store::projection_store::Generations;

use crate::access::viewer::Viewer;
use crate::app::App;
use crate::clock::Clock;
use crate::commands::record::Recording;
use crate::error::{ReadError, RecordError};
use crate::layout::Layout;
use crate::open::{Guard, StartError};
use crate::operations::key_custody::EventKeys;
use crate::public_log::PublicLog;
use crate::rows::lists::ListError;
use crate::rules::rulebook::Rulebook;
use crate::session::{Door, Session};
use crate::witnessing::client::{WitnessClientError, WitnessClientSettings, WitnessTransport};
use crate::witnessing::time_stamp::{StampSettings, StampTransport};

/// An opened log, in the hands of whoever runs the program. A clone is cheap.
#[derive(Debug, Clone)]
pub struct Operator {
    app: Arc<App>,
}

/// Opening and closing.
impl Operator {
    fn new(app: App) -> Self {
        Self { app: Arc::new(app) }
    }

    /// Opens a log, or begins a new one with new keys. Erasures that were ordered and not carried
    /// out are carried out before anything else.
    ///
    /// `progress` hears of bytes done and to do while the index is made anew.
    ///
    /// # Errors
    /// [`StartError::Log`] and [`StartError::Keys`] when the stores cannot be opened;
    /// [`StartError::Known`] when more is known of the log than lies here; the other variants name
    /// what could not be put in order.
    pub fn open(
        layout: Layout,
        clock: Arc<dyn Clock>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, StartError> {
        Self::open_under(layout, clock, Rulebook::checked()?, progress)
    }

    /// The same under another law than that of the program.
    ///
    /// # Errors
    /// As [`Operator::open`].
    pub fn open_under(
        layout: Layout,
        clock: Arc<dyn Clock>,
        rules: &'static Rulebook,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, StartError> {
        App::open_under(layout, clock, rules, progress).map(Self::new)
    }

    /// Opens a log as [`Operator::open`] does, but asks `guard` first, with the store and the
    /// log's name: nothing is written unless it agrees.
    ///
    /// # Errors
    /// As [`Operator::open`]; [`StartError::RolledBack`] when the guard does not agree.
    pub fn open_guarded(
        layout: Layout,
        clock: Arc<dyn Clock>,
        progress: &mut dyn FnMut(u64, u64),
        guard: Guard<'_>,
    ) -> Result<Self, StartError> {
        App::open_guarded(layout, clock, progress, guard).map(Self::new)
    }

    /// Works on stores that are open already.
    ///
    /// # Errors
    /// As [`Operator::open`], but for the stores.
    pub fn with_stores(
        layout: Layout,
        log: Arc<dyn LogStore>,
        keys: Arc<dyn KeyStore>,
        clock: Arc<dyn Clock>,
        report: OpenReport,
    ) -> Result<Self, StartError> {
        App::with_stores(layout, log, keys, clock, report).map(Self::new)
    }

    /// Works on stores that are open already, rows of lists included, under a law.
    ///
    /// # Errors
    /// As [`Operator::with_stores`].
    pub fn with_projections(
        layout: Layout,
        log: Arc<dyn LogStore>,
        keys: Arc<dyn KeyStore>,
        projections: Arc<dyn Generations>,
        clock: Arc<dyn Clock>,
        report: OpenReport,
        rules: &'static Rulebook,
    ) -> Result<Self, StartError> {
        App::with_projections(layout, log, keys, projections, clock, report, rules).map(Self::new)
    }

    /// Bounds what is kept of streams that were read, in bytes; what is too much goes at once. A
    /// smaller bound costs time: what is not kept is read and decrypted again. It answers the same.
    pub fn keep_at_most(&self, bytes: usize) {
        self.app.caches.limit(bytes);
    }

    /// The access log of this municipality; begun when it is first needed.
    ///
    /// # Errors
    /// [`RecordError::NotWritten`] when it cannot be opened; [`RecordError::ClockRefused`] when it
    /// would have to be begun.
    pub fn access_log(&self) -> Result<Self, RecordError> {
        self.app.access_log().map(|app| Self { app })
    }

    /// The same, asking `guard` first, with the store and the log's name, where it is not open yet:
    /// nothing is written unless it agrees.
    ///
    /// # Errors
    /// As [`Operator::open_guarded`].
    pub fn open_access_log(
        &self,
        progress: &mut dyn FnMut(u64, u64),
        guard: Guard<'_>,
    ) -> Result<Self, StartError> {
        self.app
            .open_access_log(progress, guard)
            .map(|app| Self { app })
    }

    /// Signs a last checkpoint and closes the stores.
    ///
    /// # Errors
    /// [`ReadError::Store`] when derived files could not be put in order; the record is durable
    /// regardless.
    pub fn close(&self) -> Result<(), ReadError> {
        self.app.close()
    }

    /// What was found when the log was opened.
    #[must_use]
    pub fn report(&self) -> &OpenReport {
        self.app.report()
    }

    /// Where the log lies and what it is called.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        self.app.layout()
    }
}

/// The ways in for others.
impl Operator {
    /// What a server is given of the log.
    #[must_use]
    pub fn door(&self) -> Door {
        Door::new(Arc::clone(&self.app))
    }

    /// The log as a viewer reads and writes it.
    #[must_use]
    pub fn session(&self, viewer: Viewer) -> Session {
        Session::new(Arc::clone(&self.app), viewer)
    }

    /// What of the log everybody may see.
    #[must_use]
    pub fn public_log(&self) -> PublicLog {
        PublicLog::new(Arc::clone(&self.app))
    }
}

/// Keys and checkpoints.
impl Operator {
    /// Signs a checkpoint now, over everything recorded so far.
    ///
    /// # Errors
    /// [`RecordError::NotWritten`], [`RecordError::Stopped`] and [`RecordError::ClockRefused`]
    /// when nothing can be signed or kept.
    pub fn checkpoint(&self) -> Result<Checkpoint, RecordError> {
        self.app.checkpoint()
    }

    /// Puts the log's public verifier keys beside it, where they are not there yet. While keys are
    /// being exchanged the next ones stand in a second line.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write_log_key(&self) -> std::io::Result<()> {
        self.app.write_log_key()
    }

    /// The keys that may sign entries, as the log says.
    ///
    /// # Errors
    /// [`ReadError::Store`] and [`ReadError::Damaged`] when the entries that list them cannot be
    /// read.
    pub fn event_keys(&self) -> Result<EventKeys, ReadError> {
        self.app.event_keys()
    }

    /// Puts a new key in force that signs entries, and destroys the one before. A recovery key that
    /// is given takes the place of the one that was listed; none leaves that as it is.
    ///
    /// # Errors
    /// [`RecordError::NotWritten`] with the old key in force; [`RecordError::Unknown`] when it is
    /// found out at the next start which of the two is.
    pub fn rotate_event_key(&self, recovery: Option<PublicKey>) -> Result<Checkpoint, RecordError> {
        self.app.rotate_event_key(recovery)
    }

    /// Makes new keys that sign checkpoints beside the established ones, from the checkpoint that
    /// is answered on. Readers who know the old keys only are content, and those who know the new
    /// ones.
    ///
    /// # Errors
    /// [`RecordError::NotWritten`] when an exchange is under way already, or the keys cannot be
    /// kept: nothing is changed then.
    pub fn begin_log_keys(&self) -> Result<Checkpoint, RecordError> {
        self.app.begin_log_keys()
    }

    /// Lets the new keys alone sign checkpoints, and destroys the old ones.
    ///
    /// # Errors
    /// [`RecordError::NotWritten`] when no exchange is under way: nothing is changed then.
    pub fn finish_log_keys(&self) -> Result<Checkpoint, RecordError> {
        self.app.finish_log_keys()
    }

    /// Gives the new keys up, and goes on with the established ones.
    ///
    /// # Errors
    /// As [`Operator::finish_log_keys`].
    pub fn cancel_log_keys(&self) -> Result<Checkpoint, RecordError> {
        self.app.cancel_log_keys()
    }

    /// Wraps every subject's key under a new root key and destroys the old one: no copy of the key
    /// directory that was made before opens anything afterwards. Answers the epoch in force.
    ///
    /// # Errors
    /// [`RecordError::NotWritten`] with the old epoch in force; [`RecordError::Unknown`] when it is
    /// found out at the next start which of the two is.
    pub fn rotate_root(&self) -> Result<u32, RecordError> {
        self.app.rotate_root()
    }
}

/// Safeguards, lists and imports.
impl Operator {
    /// Why nothing is recorded because of the clock; none when it is trusted. It waits for nothing.
    #[must_use]
    pub fn clock_refusal(&self) -> Option<String> {
        self.app.clock_refusal()
    }

    /// Records that an operator sets a safeguard aside. `operator` is what the machine says of who
    /// that is: stated, not proven.
    ///
    /// # Errors
    /// [`RecordError::NotWritten`] and [`RecordError::Stopped`] when the store takes nothing;
    /// [`RecordError::ClockRefused`] when it is not the clock that is set aside.
    pub fn record_override(
        &self,
        facts: SafeguardOverridden,
        operator: &str,
    ) -> Result<Recording, RecordError> {
        self.app.record_override(facts, operator)
    }

    /// Waits until the lists reflect everything that is recorded now. `progress` hears of streams
    /// done and to do while the rows are made.
    ///
    /// # Errors
    /// [`ListError::Stopped`] when the log is shut down meanwhile.
    pub fn lists_ready(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<(), ListError> {
        self.app.lists_ready(progress)
    }

    /// Makes the rows of the lists anew beside those in force, in the background.
    pub fn make_lists_anew(&self) {
        self.app.make_lists_anew();
    }

    /// How often a case was evaluated for its row since the log was opened; rows that were made
    /// anew are not counted.
    #[must_use]
    pub fn list_evaluations(&self) -> u64 {
        self.app.list_evaluations()
    }

    /// Whether the lists are what the record says: makes all rows anew, in memory, and compares.
    ///
    /// # Errors
    /// [`ListError::Read`] and [`ListError::Rows`] when either cannot be read.
    pub fn check_lists(&self) -> Result<bool, ListError> {
        self.app.check_lists()
    }

    /// Puts what the log knows in the place of every marker of an imported line
    /// ([`crate::commands::placeholders`]).
    ///
    /// # Errors
    /// [`RecordError::NotWritten`] when no checkpoint can be signed; [`RecordError::Read`] when
    /// the log cannot be read.
    pub fn fill_placeholders(&self, value: &mut Value) -> Result<(), RecordError> {
        self.app.fill_placeholders(value)
    }

    /// Whether a command was carried out before.
    ///
    /// # Errors
    /// [`ReadError::Store`] when the store does not answer.
    pub fn was_carried_out(&self, command: CommandId) -> Result<bool, ReadError> {
        self.app.was_carried_out(command)
    }
}

/// Witnesses and time stamps.
impl Operator {
    /// Begins to take checkpoints to the witnesses of a policy, from the latest one on.
    ///
    /// # Errors
    /// [`WitnessClientError::Keys`] when the log's own keys cannot be read; the other variants when the
    /// policy does not fit them.
    pub fn start_witness_client(
        &self,
        settings: WitnessClientSettings,
        transport: Arc<dyn WitnessTransport>,
    ) -> Result<(), WitnessClientError> {
        self.app.start_witness_client(settings, transport)
    }

    /// Lets the witness client look at the clock at once.
    pub fn nudge_witness_client(&self) {
        self.app.nudge_witness_client();
    }

    /// Begins to have checkpoints stamped.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub fn start_stamper(
        &self,
        settings: StampSettings,
        transport: Arc<dyn StampTransport>,
    ) -> std::io::Result<()> {
        self.app.start_stamper(settings, transport)
    }

    /// Lets the stamper look at the clock at once.
    pub fn nudge_stamper(&self) {
        self.app.nudge_stamper();
    }
}
