//! Where the entries come from.

use crate::code::Finding;
use crate::position::{LogIndex, Size};

/// One entry with what is stored beside it.
#[derive(Debug, Clone, Copy)]
pub struct RawEntry<'a> {
    /// Place in the log.
    pub index: LogIndex,
    /// The entry.
    pub bytes: &'a [u8],
    /// Its ciphertexts in order; `None` in the place of one that is not stored any more.
    pub blobs: &'a [Option<&'a [u8]>],
}

/// Gives the entries of a log in order.
pub trait LogSource {
    /// Why reading failed.
    type Error: std::error::Error;

    /// Hands every entry to `visit`, and stops when it reports a finding.
    ///
    /// # Errors
    /// [`SourceError::Finding`] as `visit` reports, or when the source itself is not as it must be;
    /// [`SourceError::Read`] when it cannot be read.
    fn for_each(
        &self,
        visit: &mut dyn FnMut(RawEntry<'_>) -> Result<(), Finding>,
    ) -> Result<(), SourceError<Self::Error>>;

    /// The same from the entry `first` on; a source that cannot begin there hands out earlier ones
    /// as well.
    ///
    /// # Errors
    /// As [`LogSource::for_each`].
    fn for_each_from(
        &self,
        first: LogIndex,
        visit: &mut dyn FnMut(RawEntry<'_>) -> Result<(), Finding>,
    ) -> Result<(), SourceError<Self::Error>> {
        let _ = first;
        self.for_each(visit)
    }

    /// Whether a finding about an entry is told only when everything could be read and is in order.
    fn tells_last(&self) -> bool {
        false
    }

    /// Root of the first `size` entries, from a source that holds hashes and need not read the
    /// entries for it; `None` from any other.
    ///
    /// # Errors
    /// As [`LogSource::for_each`].
    fn past(&self, size: Size) -> Result<Option<[u8; 32]>, SourceError<Self::Error>> {
        let _ = size;
        Ok(None)
    }
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
