//! What an entry holds: an event, keys, or heads. How each is written and read stands in `entry/`.
//! What an event says is encrypted and stands elsewhere ([`crate::payload`]); the entry commits to
//! it.
//!
//! ```
//! use record::entry::{Entry, EventEnvelope, parse};
//! use record::hash::{Hash, sha256};
//! use record::positions::{LogIndex, LogTime, Seq};
//! use record::signing::EventKey;
//! use uuid::Uuid;
//!
//! let key = EventKey::from_seed(&[7; 32]);
//! let event = EventEnvelope {
//!     origin: "log.example/0999/sag".to_owned(),
//!     index: LogIndex::new(7),
//!     recorded_at: LogTime::new(1_735_689_600),
//!     event_id: Uuid::from_u128(5),
//!     stream: Uuid::from_u128(6),
//!     ordinal: 2,
//!     seq: Seq::FIRST,
//!     prev: Hash::ZERO,
//!     payload: sha256(b"the disclosure of the payload"),
//!     blobs: vec![sha256(b"the ciphertext of part 0")],
//!     erased: Vec::new(),
//!     replaced: Vec::new(),
//! };
//! let signed = event.sign(&key)?;
//! let read = parse(&signed.bytes)?;
//! read.verify(key.public())?;
//! assert_eq!(read.entry, Entry::Event(event));
//!
//! // A changed byte is found: the entry cannot be read, or its signature does not fit.
//! let mut bent = signed.bytes;
//! bent[200] ^= 1;
//! assert!(parse(&bent).map_or(true, |read| read.verify(key.public()).is_err()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod event;
mod heads;
mod keys;

use uuid::Uuid;

use crate::b64u;
use crate::envelope::EntryError;
use crate::hash::Hash;
use crate::jws::Jws;
use crate::positions::{LogIndex, LogTime, Seq, Size};
use crate::signing::{PublicKey, SigningError};

const TYP_EVENT: &str = "sag-event+sd-jwt";
const TYP_ACCESS: &str = "sag-access+sd-jwt";
const TYP_KEYS: &str = "sag-keys+jwt";
const TYP_HEADS: &str = "sag-heads+jwt";
/// The most blobs of one event.
pub const BLOB_COUNT_MAX: usize = 64;

/// What an event erases: a whole part, or one value of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErasedRef {
    /// Sequence number in the same stream.
    pub seq: Seq,
    /// Part; 0 is the stream's own.
    pub part: u16,
    /// Digest of the value's disclosure; null for the whole part.
    pub digest: Option<Hash>,
}

/// A part whose ciphertext was replaced because values were taken out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplacedRef {
    /// Sequence number in the same stream.
    pub seq: Seq,
    /// Part.
    pub part: u16,
    /// Hash of the new ciphertext.
    pub blob: Hash,
}

/// What everybody may see of an event: that something was recorded, where and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventEnvelope {
    /// Name of the log.
    pub origin: String,
    /// Place in the log, from 0.
    pub index: LogIndex,
    /// When it was recorded.
    pub recorded_at: LogTime,
    /// Event id.
    pub event_id: Uuid,
    /// Stream.
    pub stream: Uuid,
    /// How many distinct streams appeared before this one.
    pub ordinal: u64,
    /// Place in the stream, from 1.
    pub seq: Seq,
    /// Leaf hash of the stream's previous entry; zeros for the first.
    pub prev: Hash,
    /// Digest of the payload disclosure.
    pub payload: Hash,
    /// Hash of each part's ciphertext.
    pub blobs: Vec<Hash>,
    /// What it erases.
    pub erased: Vec<ErasedRef>,
    /// Which ciphertexts it replaces.
    pub replaced: Vec<ReplacedRef>,
}

/// The keys that may sign from here on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeysEntry {
    /// Name of the log.
    pub origin: String,
    /// Place in the log.
    pub index: LogIndex,
    /// When it was recorded.
    pub recorded_at: LogTime,
    /// Its id.
    pub entry_id: Uuid,
    /// All keys that are valid for later entries.
    pub keys: Vec<PublicKey>,
    /// Leaf hash of the previous keys entry; zeros for the first.
    pub prev: Hash,
}

/// A position of another log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// Its size.
    pub size: Size,
    /// Its name.
    pub origin: String,
    /// Its root.
    pub root: Hash,
}

/// The newest entry of every stream, as a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadsEntry {
    /// Name of the log.
    pub origin: String,
    /// Place in the log; also the number of entries that it covers.
    pub index: LogIndex,
    /// When it was recorded.
    pub recorded_at: LogTime,
    /// Its id.
    pub entry_id: Uuid,
    /// Number of streams.
    pub streams: u64,
    /// Entries covered: those with a smaller index.
    pub covers: Size,
    /// Root of the heads tree.
    pub root: Hash,
    /// Index and leaf hash of the newest keys entry.
    pub keys: (LogIndex, Hash),
    /// Leaf hash of the previous heads entry; zeros for the first.
    pub prev: Hash,
    /// Positions of other logs.
    pub anchors: Vec<Anchor>,
}

/// An entry of any kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// An event of a case log.
    Event(EventEnvelope),
    /// An event of an access log.
    Access(EventEnvelope),
    /// Keys.
    Keys(KeysEntry),
    /// Heads.
    Heads(HeadsEntry),
}

impl Entry {
    /// Name of the log.
    #[must_use]
    pub fn origin(&self) -> &str {
        match self {
            Self::Event(event) | Self::Access(event) => &event.origin,
            Self::Keys(entry) => &entry.origin,
            Self::Heads(entry) => &entry.origin,
        }
    }

    /// When it was recorded.
    #[must_use]
    pub const fn recorded_at(&self) -> LogTime {
        match self {
            Self::Event(event) | Self::Access(event) => event.recorded_at,
            Self::Keys(entry) => entry.recorded_at,
            Self::Heads(entry) => entry.recorded_at,
        }
    }
}

/// An entry that was read; its signature is not checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedEntry {
    /// The content.
    pub entry: Entry,
    jws: Jws,
}

impl ParsedEntry {
    /// Id of the key that claims to have signed.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.jws.kid
    }

    /// Checks the signature.
    ///
    /// # Errors
    /// [`SigningError::KeyId`] when the entry names another key; [`SigningError::Signature`] when
    /// the signature does not fit.
    pub fn verify(&self, key: &PublicKey) -> Result<(), SigningError> {
        self.jws.verify(key)
    }
}

/// Whether an entry claims to be a keys entry, by its header alone.
#[must_use]
pub fn is_keys_entry(bytes: &[u8]) -> bool {
    let header = bytes
        .split(|byte| *byte == b'.')
        .next()
        .and_then(|header| b64u::decode(header).ok());
    header.is_some_and(|header| header.ends_with(format!("\"{TYP_KEYS}\"}}").as_bytes()))
}

/// Reads an entry; only canonical bytes with exactly the members of its kind are accepted.
///
/// # Errors
/// [`EntryError::Jws`] for another outer form; [`EntryError::Type`] for a media type that this
/// format does not have; [`EntryError::Member`] when a member is missing or wrong;
/// [`EntryError::Unknown`] for a member too many.
pub fn parse(bytes: &[u8]) -> Result<ParsedEntry, EntryError> {
    let mut jws = Jws::parse(bytes)?;
    let payload = std::mem::take(&mut jws.payload);
    let entry = match jws.typ.as_str() {
        TYP_EVENT => Entry::Event(EventEnvelope::read(payload)?),
        TYP_ACCESS => Entry::Access(EventEnvelope::read(payload)?),
        TYP_KEYS => Entry::Keys(KeysEntry::read(payload)?),
        TYP_HEADS => Entry::Heads(HeadsEntry::read(payload)?),
        unknown => return Err(EntryError::Type(unknown.to_owned())),
    };
    Ok(ParsedEntry { entry, jws })
}
