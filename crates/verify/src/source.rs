//! Where the entries come from.

use crate::code::Finding;

/// One entry with what is stored beside it.
#[derive(Debug, Clone, Copy)]
pub struct RawEntry<'a> {
    /// Place in the log.
    pub index: u64,
    /// The entry.
    pub bytes: &'a [u8],
    /// Its ciphertexts in order; none where one is not stored any more.
    pub blobs: &'a [Option<&'a [u8]>],
}

/// Gives the entries of a log in order.
pub trait LogSource {
    /// Why reading failed.
    type Error: std::error::Error;

    /// Hands every entry to `visit`, and stops when it reports a finding.
    ///
    /// # Errors
    /// [`SourceError`].
    fn for_each(&self, visit: &mut dyn FnMut(RawEntry<'_>) -> Result<(), Finding>) -> Result<(), SourceError<Self::Error>>;
}

/// Reading ended early.
#[derive(Debug, thiserror::Error)]
pub enum SourceError<E: std::error::Error> {
    /// An entry is wrong.
    #[error(transparent)]
    Finding(#[from] Finding),
    /// The medium failed or is damaged.
    #[error("the log could not be read")]
    Read(#[source] E),
}
