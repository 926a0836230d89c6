//! The small texts that are kept beside a log and beside its keys.
//!
//! What a text says is for whoever writes it; here it is bytes.

use std::io;

use uuid::Uuid;

/// Names a text. Each has one place, which other programs know: auditors and witnesses read the
/// public keys there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SideText {
    /// The newest checkpoint, kept with the keys: it tells when the log was replaced by an older
    /// copy. After a loss of power an earlier text may be found, which only tells of less: it is
    /// replaced at every checkpoint, so it is not synced.
    KnownCheckpoint,
    /// What an ordered erasure has committed to and not yet carried out, by the id of the order;
    /// kept with the keys.
    PendingErasure(Uuid),
    /// The public keys that verify the log's checkpoints, kept with the log.
    LogKey,
    /// The public post-quantum keys that verify them, kept with the log.
    PostQuantumLogKey,
}

/// The texts beside one log and its keys.
///
/// Promises of every implementation:
/// * A text is found whole, as it was before or as it was put: never a part of it.
/// * What was put or removed is durable when the call returns `Ok`, except for
///   [`SideText::KnownCheckpoint`].
/// * They can be read and written whether or not the log and its keys are open.
pub trait SideTexts: Send + Sync {
    /// A text; `None` if there is none.
    ///
    /// # Errors
    /// As the medium reports.
    fn read(&self, text: SideText) -> io::Result<Option<Vec<u8>>>;

    /// Puts a text in the place of the one before.
    ///
    /// # Errors
    /// As the medium reports; the old text or the new is found then.
    fn put(&self, text: SideText, bytes: &[u8]) -> io::Result<()>;

    /// Removes a text. One that is missing stays missing.
    ///
    /// # Errors
    /// As the medium reports.
    fn remove(&self, text: SideText) -> io::Result<()>;

    /// The orders that have a [`SideText::PendingErasure`], rising.
    ///
    /// # Errors
    /// As the medium reports.
    fn pending_erasures(&self) -> io::Result<Vec<Uuid>>;

    /// Where a text lies, for messages to people.
    fn place(&self, text: SideText) -> String;
}
