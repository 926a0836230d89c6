//! The work on an entry that needs no other entry: taking it apart, hashing it and its
//! ciphertexts, checking its signature. It is done on all cores at once.

use std::ops::Range;
use std::sync::Arc;

use crate::code::{Code, Finding};
use crate::entry::{self, Common, Kind};
use crate::jws::{Key, Signed};
use crate::position::LogIndex;
use crate::quick::QuickReader;
use crate::report::Checks;
use crate::source::RawEntry;
use crate::tree::{self, Hash, hash};

/// Whether the signature is that of the key whose id the entry names. Whether that key was valid at
/// this place is decided later: it depends on the entries in front.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signature {
    Holds,
    Fails,
    /// The key was not known yet when the chunk began.
    Unknown,
    /// It was not asked.
    Unchecked,
}

/// A chunk, with what was prepared of each of its entries.
pub(crate) type PreparedChunk = (Chunk, Vec<Result<Prepared, Refused>>);

/// An entry on which everything is done that needs no other.
pub(crate) struct Prepared {
    /// Where the source says that it stands.
    pub(crate) stored: LogIndex,
    pub(crate) leaf: Hash,
    pub(crate) length: u64,
    pub(crate) kid: Arc<str>,
    pub(crate) signature: Signature,
    pub(crate) common: Common,
    pub(crate) kind: Kind,
    /// Hashes of the ciphertexts as they are stored.
    pub(crate) blobs: Vec<Option<Hash>>,
    pub(crate) blob_bytes: u64,
}

/// An entry that could not be prepared.
pub(crate) struct Refused {
    pub(crate) leaf: Hash,
    pub(crate) code: Code,
    pub(crate) detail: &'static str,
}

/// Entries copied out of a source, in one piece of memory that is used again.
#[derive(Default)]
pub(crate) struct Chunk {
    bytes: Vec<u8>,
    entries: Vec<(LogIndex, Range<usize>, Range<usize>)>,
    blobs: Vec<Kept>,
}

/// A ciphertext of a chunk.
enum Kept {
    /// It is not stored.
    Gone,
    /// Its place in the memory of the chunk.
    Here(Range<usize>),
    /// A long one is hashed at once and not kept: its hash and its length.
    Long(Hash, u64),
}

/// Longer ciphertexts are not copied.
const LONG: usize = 64 * 1_024;

impl Chunk {
    pub(crate) fn add(&mut self, raw: &RawEntry<'_>, with_blobs: bool) {
        let mut keep = |part: &[u8]| {
            let begin = self.bytes.len();
            self.bytes.extend_from_slice(part);
            begin..self.bytes.len()
        };
        let entry = keep(raw.bytes);
        let first = self.blobs.len();
        if with_blobs {
            self.blobs.extend(raw.blobs.iter().map(|blob| match blob {
                None => Kept::Gone,
                Some(long) if long.len() > LONG => Kept::Long(hash(long), long.len() as u64),
                Some(short) => Kept::Here(keep(short)),
            }));
        }
        self.entries
            .push((raw.index, entry, first..self.blobs.len()));
    }

    pub(crate) const fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) const fn bytes(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.entries.clear();
        self.blobs.clear();
    }

    /// Prepares all entries, on several threads where there are enough of them.
    pub(crate) fn prepare(&self, keys: &[Key], checks: Checks) -> Vec<Result<Prepared, Refused>> {
        let share = self.entries.len().div_ceil(checks.threads.max(1)).max(16);
        let one_share = |entries: &[(LogIndex, Range<usize>, Range<usize>)]| {
            let mut reader = QuickReader::default();
            entries
                .iter()
                .map(|entry| self.prepare_one(&mut reader, entry, keys, checks))
                .collect::<Vec<_>>()
        };
        let mut shares = self.entries.chunks(share);
        let Some(first) = shares.next() else {
            return Vec::new();
        };
        std::thread::scope(|scope| {
            let others: Vec<_> = shares
                .map(|share| (share, scope.spawn(move || one_share(share))))
                .collect();
            let mut all = one_share(first);
            for (share, other) in others {
                // A thread that ended in a panic has found nothing: its share is done here again.
                all.extend(other.join().unwrap_or_else(|_| one_share(share)));
            }
            all
        })
    }

    /// The keys that the first entry announces; none where it is no keys entry. Whether they are
    /// valid is found when it is followed.
    pub(crate) fn first_keys(&self) -> Vec<Key> {
        let first = self.entries.first();
        let bytes = first.and_then(|(_, entry, _)| self.bytes.get(entry.clone()));
        let signed = bytes.and_then(|bytes| Signed::parse(bytes).ok());
        match signed.and_then(|signed| entry::read(&signed.typ, &signed.payload)) {
            Some((_, Kind::Keys(keys))) => keys,
            _ => Vec::new(),
        }
    }

    /// The chunk with what [`Chunk::prepare`] answers.
    pub(crate) fn prepared(self, keys: &[Key], checks: Checks) -> PreparedChunk {
        let entries = self.prepare(keys, checks);
        (self, entries)
    }

    fn prepare_one(
        &self,
        reader: &mut QuickReader,
        (stored, entry, blobs): &(LogIndex, Range<usize>, Range<usize>),
        keys: &[Key],
        checks: Checks,
    ) -> Result<Prepared, Refused> {
        let bytes = self.bytes.get(entry.clone()).unwrap_or_default();
        let leaf = tree::leaf(bytes);
        let refused = |code, detail| Refused { leaf, code, detail };
        let (kid, common, kind, signature) = if let Some(quick) = reader.read(bytes) {
            let signer = || keys.iter().find(|key| *key.kid == *quick.kid);
            let signature = match checks.signatures.then(signer) {
                None => Signature::Unchecked,
                Some(None) => Signature::Unknown,
                Some(Some(key)) if key.signed(quick.message, &quick.signature) => Signature::Holds,
                Some(Some(_)) => Signature::Fails,
            };
            (quick.kid, quick.common, quick.kind, signature)
        } else {
            let signed =
                Signed::parse(bytes).map_err(|code| refused(code, "its outer form is wrong"))?;
            let typed = signed.typ.starts_with("sag-");
            let (common, kind) = entry::read(&signed.typ, &signed.payload).ok_or_else(|| {
                if typed {
                    refused(Code::EventSchema, "its members are wrong")
                } else {
                    refused(Code::JwsHeader, "its type is unknown")
                }
            })?;
            let signature = match checks.signatures.then(|| signed.verify(keys)) {
                None => Signature::Unchecked,
                Some(Ok(())) => Signature::Holds,
                Some(Err(Code::JwsKey)) => Signature::Unknown,
                Some(Err(_)) => Signature::Fails,
            };
            (Arc::from(signed.kid), common, kind, signature)
        };
        let (mut hashes, mut blob_bytes) = (Vec::with_capacity(blobs.len()), 0);
        for blob in self.blobs.get(blobs.clone()).unwrap_or_default() {
            let (actual, length) = match blob {
                Kept::Gone => (None, 0),
                Kept::Long(actual, length) => (Some(*actual), *length),
                Kept::Here(place) => {
                    let bytes = self.bytes.get(place.clone()).unwrap_or_default();
                    (Some(hash(bytes)), bytes.len() as u64)
                }
            };
            hashes.push(actual);
            blob_bytes += length;
        }
        Ok(Prepared {
            stored: *stored,
            leaf,
            length: bytes.len() as u64,
            kid,
            signature,
            common,
            kind,
            blobs: hashes,
            blob_bytes,
        })
    }

    /// Checks the signature of one entry with keys that were not known when the chunk began.
    pub(crate) fn verify(&self, place: usize, valid: &[Key]) -> Result<(), Code> {
        let entry = self
            .entries
            .get(place)
            .and_then(|(_, entry, _)| self.bytes.get(entry.clone()))
            .unwrap_or_default();
        Signed::parse(entry)?.verify(valid)
    }
}

impl Refused {
    pub(crate) fn at(&self, index: LogIndex) -> Finding {
        Finding::at(self.code, index, self.detail)
    }
}
