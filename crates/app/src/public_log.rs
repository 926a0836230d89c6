//! What of a log everybody may see, by design: its name, keys, size, checkpoints and tiles, the
//! law that answers rest on, and whether it can do its work.
//!
//! No right is asked here, because nothing of it says anything about a person. Signed entries one
//! by one, with their proofs, are asked of a [`crate::session::Session`].

pub mod readiness;

use std::sync::{Arc, Weak};
use std::time::Duration;

use domain::reading::ReadingPoint;
use domain::views::integrity::Activation;
use jiff::Timestamp;
use law::catalogue::Catalogue;
use record::positions::Size;
use store::log_store::{StoredCheckpoint, StoredToken};

use crate::app::App;
use crate::error::{ReadError, RecordError};
use crate::log::signing_keys::VerifierKeys;
use crate::public_log::readiness::Trouble;
use crate::rules::basis::InForce;
use crate::witnessing::client::WitnessClientStatus;
use crate::witnessing::time_stamp::StampStatus;

/// What of a log everybody may see. A clone is cheap.
#[derive(Debug, Clone)]
pub struct PublicLog {
    app: Arc<App>,
}

/// A public log that does not keep the log open.
#[derive(Debug, Clone)]
pub struct WeakPublicLog(Weak<App>);

impl WeakPublicLog {
    /// The public log; none when the log was let go.
    #[must_use]
    pub fn upgrade(&self) -> Option<PublicLog> {
        self.0.upgrade().map(PublicLog::new)
    }
}

impl PublicLog {
    pub(crate) const fn new(app: Arc<App>) -> Self {
        Self { app }
    }

    /// The same without keeping the log open.
    #[must_use]
    pub fn downgrade(&self) -> WeakPublicLog {
        WeakPublicLog(Arc::downgrade(&self.app))
    }

    /// Name of the log.
    #[must_use]
    pub fn origin(&self) -> String {
        self.app.layout().origin()
    }

    /// Four-digit code of the municipality.
    #[must_use]
    pub fn municipality(&self) -> &str {
        self.app.layout().municipality().code()
    }

    /// The time by the log's clock, for reading: it may be refused.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.app.now()
    }

    /// Number of entries.
    #[must_use]
    pub fn size(&self) -> Size {
        self.app.size()
    }

    /// The signed note of the latest checkpoint, and its size.
    ///
    /// # Errors
    /// [`ReadError::Store`] when the store does not answer.
    pub fn checkpoint_note(&self) -> Result<Option<(Size, String)>, ReadError> {
        self.app.checkpoint_note()
    }

    /// The bytes of a file of the tiled log, by its path: `checkpoint`, `tile/…`, `blobs/…`. None
    /// when the latest checkpoint does not cover it, it is erased, or there is no such path.
    ///
    /// # Errors
    /// [`ReadError::Store`] when the store does not answer; [`ReadError::Damaged`] when an entry
    /// is missing.
    pub fn tile(&self, path: &str) -> Result<Option<Vec<u8>>, ReadError> {
        self.app.tile(path)
    }

    /// The same of the access log, which is opened for it where it exists.
    ///
    /// # Errors
    /// As [`PublicLog::tile`]; [`ReadError::Keys`] when the access log cannot be opened.
    pub fn access_tile(&self, path: &str) -> Result<Option<Vec<u8>>, ReadError> {
        self.app.access_tile(path)
    }

    /// The verifier key of the log's checkpoints, which auditors need.
    #[must_use]
    pub fn verifier_key(&self) -> String {
        self.app.verifier_key()
    }

    /// The log's verifier keys.
    ///
    /// # Errors
    /// [`RecordError::NotWritten`] when the key store has lost its post-quantum key.
    pub fn verifier_keys(&self) -> Result<VerifierKeys, RecordError> {
        self.app.verifier_keys()
    }

    /// The verifier keys that sign beside the established ones; none unless they are being
    /// exchanged.
    ///
    /// # Errors
    /// As [`PublicLog::verifier_keys`].
    pub fn next_verifier_keys(&self) -> Result<Option<VerifierKeys>, RecordError> {
        self.app.next_verifier_keys()
    }

    /// The catalogues that the program holds, oldest first.
    pub fn catalogues(&self) -> impl Iterator<Item = &'static Catalogue> + use<> {
        self.app.catalogues()
    }

    /// The newest catalogue that the program holds.
    #[must_use]
    pub fn newest_catalogue(&self) -> &'static Catalogue {
        self.app.newest_catalogue()
    }

    /// The catalogue that a reading at a point is evaluated by: what had happened by then does
    /// not matter, what was known does.
    ///
    /// # Errors
    /// [`ReadError::CatalogueNotHeld`] when the program does not hold it; [`ReadError::Store`].
    pub fn rules_in_force(&self, point: &ReadingPoint) -> Result<InForce, ReadError> {
        self.app.rules_in_force(point)
    }

    /// The catalogues of rules that were put into force, in the order of the log.
    ///
    /// # Errors
    /// [`ReadError::Store`], [`ReadError::Keys`] and [`ReadError::Damaged`] when they cannot be
    /// read.
    pub fn rule_set_activations(&self) -> Result<Vec<Activation>, ReadError> {
        self.app.rule_set_activations()
    }

    /// Whether a recorded activation is that of the program's newest catalogue.
    #[must_use]
    pub fn is_built_in(&self, activation: &Activation) -> bool {
        self.app.is_built_in(activation)
    }

    /// Whether the program holds the catalogue of a recorded activation.
    #[must_use]
    pub fn holds(&self, activation: &Activation) -> bool {
        self.app.holds(activation)
    }

    /// What keeps this log, or its access log where that is open, from its work; nothing as a
    /// rule. A checkpoint is late when entries have waited longer than `checkpoint_late` for it.
    #[must_use]
    pub fn troubles(&self, checkpoint_late: Duration) -> Vec<Trouble> {
        self.app.troubles(checkpoint_late)
    }

    /// How it stands with the witnesses; none when none are asked.
    #[must_use]
    pub fn witness_status(&self) -> Option<WitnessClientStatus> {
        self.app.witness_status()
    }

    /// How it stands with time stamps; none when no authority is asked.
    #[must_use]
    pub fn stamp_status(&self) -> Option<StampStatus> {
        self.app.stamp_status()
    }

    /// The latest cosigned note of the largest archived size that is at most `size`.
    ///
    /// # Errors
    /// [`ReadError::Store`] when the store does not answer.
    pub fn archived_before(&self, size: Size) -> Result<Option<StoredCheckpoint>, ReadError> {
        self.app.archived_before(size)
    }

    /// Archived time stamps over checkpoints of at least so many entries.
    ///
    /// # Errors
    /// [`ReadError::Store`] when the store does not answer.
    pub fn time_stamps(&self, from_size: Size) -> Result<Vec<StoredToken>, ReadError> {
        self.app.time_stamps(from_size)
    }
}
