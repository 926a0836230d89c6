//! Bytes that belong to an event beside its parts: the chunks of a document, each a blob behind
//! the parts, bound to the event and its own number exactly as a part is.
//!
//! It does not know where a document comes from or what it is; which chunks belong together is a
//! value of the event.

use uuid::Uuid;
use zeroize::Zeroizing;

use crate::entropy::Entropy;
use crate::hash::{Hash, Hasher, sha256};
use crate::keys::PartKey;
use crate::opening::PartSource;
use crate::payload::EncryptedPart;
use crate::sealed_part::{self, OpenBlobError};

/// Plaintext bytes of a chunk; the last one of a document may be shorter.
pub const CHUNK_BYTES: usize = 8 * 1024 * 1024;

/// A chunk cannot be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChunkError {
    /// A document of no bytes has no chunk.
    #[error("a chunk has at least one byte")]
    Empty,
    /// See [`CHUNK_BYTES`].
    #[error("a chunk has at most {CHUNK_BYTES} bytes, not {0}")]
    TooLong(usize),
    /// Number 0 is the stream's own part.
    #[error("blob 0 is the part of the stream")]
    Number,
}

/// Chunks do not add up to the document that the event speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    /// The size needs another number of chunks.
    #[error("{size} bytes do not lie in {chunks} chunks")]
    Count {
        /// Size of the document.
        size: u64,
        /// Number of chunks that are listed.
        chunks: usize,
    },
    /// A chunk is shorter or longer than its place says.
    #[error("a chunk holds {actual} bytes, {expected} belong there")]
    Length {
        /// What belongs there.
        expected: u64,
        /// What it holds.
        actual: u64,
    },
    /// All chunks together have another hash.
    #[error("the chunks do not add up to the hash of the document")]
    Hash,
}

/// Encrypts a chunk as blob `number` of an event, under a key of its own.
///
/// Entropy is drawn as for a part: a key of 32 and a nonce of 12 bytes.
///
/// # Errors
/// [`ChunkError::Empty`] for no bytes; [`ChunkError::Number`] for blob 0; [`ChunkError::TooLong`]
/// above [`CHUNK_BYTES`].
pub fn commit(
    chunk: &[u8],
    event: Uuid,
    number: u16,
    entropy: &mut dyn Entropy,
) -> Result<EncryptedPart, ChunkError> {
    if chunk.is_empty() {
        return Err(ChunkError::Empty);
    }
    if number == 0 {
        return Err(ChunkError::Number);
    }
    if chunk.len() > CHUNK_BYTES {
        return Err(ChunkError::TooLong(chunk.len()));
    }
    let key = PartKey::generate(entropy);
    let mut iv = [0; 12];
    entropy.fill(&mut iv);
    let blob = sealed_part::seal(chunk, &key, &iv, event, number)
        .ok_or(ChunkError::TooLong(chunk.len()))?;
    Ok(EncryptedPart {
        blob_hash: sha256(&blob),
        blob,
        key,
    })
}

/// Decrypts a chunk.
///
/// # Errors
/// [`OpenBlobError`] when it is not blob `number` of this event, or was changed.
pub fn open(
    source: PartSource<'_>,
    event: Uuid,
    number: u16,
) -> Result<Zeroizing<Vec<u8>>, OpenBlobError> {
    sealed_part::open(source.blob, source.key, event, number).map(Zeroizing::new)
}

/// Number of chunks that a document of this size lies in.
#[must_use]
pub const fn chunk_count(size: u64) -> u64 {
    size.div_ceil(CHUNK_BYTES as u64)
}

/// What chunks add up to, while a document is cut.
#[derive(Debug, Clone, Default)]
pub struct Sum {
    size: u64,
    hasher: Hasher,
}

impl Sum {
    /// Takes the next chunk in.
    pub fn add(&mut self, chunk: &[u8]) {
        self.size += chunk.len() as u64;
        self.hasher.update(chunk);
    }

    /// Bytes so far.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// SHA-256 of all chunks.
    #[must_use]
    pub fn hash(self) -> Hash {
        self.hasher.finish()
    }
}

/// Checks chunks, in order, against what they must add up to.
#[derive(Debug, Clone)]
pub struct Join {
    size: u64,
    hash: Hash,
    sum: Sum,
}

impl Join {
    /// Begins a document of that size and hash that lies in so many chunks.
    ///
    /// # Errors
    /// [`JoinError::Count`].
    pub fn new(size: u64, hash: Hash, chunks: usize) -> Result<Self, JoinError> {
        if size == 0 || chunk_count(size) != chunks as u64 {
            return Err(JoinError::Count { size, chunks });
        }
        Ok(Self {
            size,
            hash,
            sum: Sum::default(),
        })
    }

    /// Takes the next chunk in. With the last one the whole is checked, so that a caller who
    /// hands a chunk on only after this never hands on the end of a wrong document.
    ///
    /// # Errors
    /// [`JoinError::Length`], [`JoinError::Hash`].
    pub fn take(&mut self, chunk: &[u8]) -> Result<(), JoinError> {
        let expected = self
            .size
            .saturating_sub(self.sum.size())
            .min(CHUNK_BYTES as u64);
        let actual = chunk.len() as u64;
        if actual != expected || actual == 0 {
            return Err(JoinError::Length { expected, actual });
        }
        self.sum.add(chunk);
        if self.is_whole() && self.sum.clone().hash() != self.hash {
            return Err(JoinError::Hash);
        }
        Ok(())
    }

    /// Whether every chunk was taken in.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.sum.size() == self.size
    }
}
