//! What auditors and receipts need of the log itself: entries, checkpoint and proofs, no content.

use record::checkpoint::Checkpoint;
use record::hash::Hash;
use record::positions::{LogIndex, Size};
use record::proof::{ProveError, inclusion_proof};

use crate::app::App;
use crate::error::{ReadError, RecordError};
use crate::log::head::StoreNodes;
use crate::log::signing_keys::{LogKeys, Pair, VerifierKeys};

/// An entry as anybody may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Index in the log.
    pub position: LogIndex,
    /// The signed bytes.
    pub bytes: Vec<u8>,
    /// Leaf hash.
    pub leaf: Hash,
}

/// Proof that an entry stands in the checkpointed log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InclusionProof {
    /// Index in the log.
    pub position: LogIndex,
    /// Leaf hash.
    pub leaf: Hash,
    /// Size of the checkpoint.
    pub size: Size,
    /// Hashes from the leaf's sibling upwards.
    pub path: Vec<Hash>,
}

impl App {
    /// The signed note of the latest checkpoint.
    ///
    /// # Errors
    /// [`ReadError::Store`].
    pub(crate) fn checkpoint_note(&self) -> Result<Option<(Size, String)>, ReadError> {
        Ok(self
            .log
            .checkpoint()?
            .map(|checkpoint| (checkpoint.size, checkpoint.note)))
    }

    /// Signs a checkpoint now, over everything recorded so far.
    ///
    /// # Errors
    /// [`RecordError`].
    pub(crate) fn checkpoint(&self) -> Result<Checkpoint, RecordError> {
        self.sequencer.checkpoint()
    }

    /// Number of entries.
    #[must_use]
    pub(crate) fn size(&self) -> Size {
        self.log.size()
    }

    /// One entry; none beyond the end.
    ///
    /// # Errors
    /// [`ReadError::Store`].
    pub(crate) fn entry(&self, position: LogIndex) -> Result<Option<LogEntry>, ReadError> {
        let stored = self.log.entry(position)?;
        Ok(stored.map(|stored| LogEntry {
            position,
            bytes: stored.bytes,
            leaf: stored.leaf,
        }))
    }

    /// Proof that an entry stands in the latest checkpoint; none when no checkpoint covers it yet.
    ///
    /// # Errors
    /// [`ReadError::Store`].
    pub(crate) fn inclusion_proof(
        &self,
        position: LogIndex,
    ) -> Result<Option<InclusionProof>, ReadError> {
        let (Some(checkpoint), Some(leaf)) = (self.log.checkpoint()?, self.log.leaf(position)?)
        else {
            return Ok(None);
        };
        match inclusion_proof(&StoreNodes(&*self.log), position, checkpoint.size) {
            Ok(path) => Ok(Some(InclusionProof {
                position,
                leaf,
                size: checkpoint.size,
                path,
            })),
            Err(ProveError::Range) => Ok(None),
            Err(ProveError::Node(error)) => Err(error.into()),
        }
    }

    /// The log's verifier keys.
    ///
    /// # Errors
    /// [`RecordError::NotWritten`] when the key store has lost its post-quantum key.
    pub(crate) fn verifier_keys(&self) -> Result<VerifierKeys, RecordError> {
        Ok(LogKeys::new(&self.layout.origin(), &self.keys.secrets())?
            .established
            .public())
    }

    /// The verifier keys that sign beside the established ones; none unless they are being
    /// exchanged.
    ///
    /// # Errors
    /// As [`App::verifier_keys`].
    pub(crate) fn next_verifier_keys(&self) -> Result<Option<VerifierKeys>, RecordError> {
        Ok(LogKeys::new(&self.layout.origin(), &self.keys.secrets())?
            .next
            .as_ref()
            .map(Pair::public))
    }
}
