//! A copy of a log, piece by piece: what a repair takes from it. It judges nothing.

use record::positions::LogIndex;
use store::backend::view::{Archived, CommittedBatch, LogView};
use store::log_store::{CommandProof, CommandRow};

use super::RepairError;
use crate::error::BoxError;

/// A piece of a copy: entries that follow each other, with what was committed with them.
pub trait Piece {
    /// Index of the first entry.
    fn first(&self) -> LogIndex;
    /// How many entries.
    fn len(&self) -> usize;
    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// An entry, counted within the piece.
    fn entry(&self, number: usize) -> &[u8];
    /// How many ciphertexts an entry has or had.
    fn blob_count(&self, number: usize) -> usize;
    /// A ciphertext of an entry; none where it was erased.
    ///
    /// # Errors
    /// When it cannot be read.
    fn blob(&self, number: usize, part: usize) -> Result<Option<Vec<u8>>, BoxError>;
    /// The commands that the entries carried out, as far as the copy knows them.
    fn commands(&self) -> &[CommandRow];
    /// The signature under these commands; none where the copy has none.
    fn proof(&self) -> Option<CommandProof> {
        None
    }
}

/// Where an entry of a piece stands in the log.
pub(super) fn place(piece: &dyn Piece, number: usize) -> LogIndex {
    piece.first().size_after(number as u64).next_index()
}

/// Takes one piece after the other.
pub type TakePiece<'a> = &'a mut dyn FnMut(&dyn Piece) -> Result<(), RepairError>;

/// A copy of a log. It must have been audited: signatures and ciphertexts are not looked at here.
pub trait Copied {
    /// Hands out the pieces in log order.
    ///
    /// # Errors
    /// [`RepairError::Copy`], and what `take` answers.
    fn pieces(&self, take: TakePiece<'_>) -> Result<(), RepairError>;

    /// What was archived beside it.
    ///
    /// # Errors
    /// [`RepairError::Copy`].
    fn archived(&self) -> Result<Archived, RepairError>;
}

/// Another copy of the log, as it lies in a backend.
pub struct LogCopy(Box<dyn LogView>);

impl LogCopy {
    /// A copy that is read by [`store::backend::view::Reading::checks_commands`]; it may be in use, and is not changed.
    #[must_use]
    pub fn new(log: Box<dyn LogView>) -> Self {
        Self(log)
    }

    /// The signed checkpoint that lies in it.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        self.0
            .checkpoint()
            .map(|checkpoint| checkpoint.note.clone())
    }
}

struct JournalPiece<'a>(&'a dyn CommittedBatch);

impl Piece for JournalPiece<'_> {
    fn first(&self) -> LogIndex {
        self.0.first()
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn entry(&self, number: usize) -> &[u8] {
        self.0.entry(number).unwrap_or_default()
    }

    fn blob_count(&self, number: usize) -> usize {
        self.0.blob_count(number)
    }

    fn blob(&self, number: usize, part: usize) -> Result<Option<Vec<u8>>, BoxError> {
        Ok(self.0.blob(number, part)?)
    }

    fn commands(&self) -> &[CommandRow] {
        self.0.commands()
    }

    fn proof(&self) -> Option<CommandProof> {
        self.0.proof().copied()
    }
}

impl Copied for LogCopy {
    fn pieces(&self, take: TakePiece<'_>) -> Result<(), RepairError> {
        let mut stopped = None;
        let read = self.0.for_each_batch(&mut |batch| {
            Ok(match take(&JournalPiece(batch)) {
                Ok(()) => std::ops::ControlFlow::Continue(()),
                Err(error) => {
                    stopped = Some(error);
                    std::ops::ControlFlow::Break(())
                }
            })
        });
        match stopped {
            Some(error) => Err(error),
            None => read
                .map(|_| ())
                .map_err(|error| RepairError::Copy(error.into())),
        }
    }

    fn archived(&self) -> Result<Archived, RepairError> {
        self.0
            .archived()
            .map_err(|error| RepairError::Copy(error.into()))
    }
}
