//! What an entry says of ciphertexts, for whoever keeps them beside the entries: which it commits
//! to, and which earlier ones it takes away or replaces.

use crate::entry::{self, Kind};
use crate::jws::Signed;
use crate::position::Seq;
use crate::quick::QuickReader;

/// What an event says of ciphertexts. Parts are counted from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commitments {
    /// Its stream.
    pub stream: [u8; 16],
    /// Its sequence in the stream, from 1.
    pub seq: Seq,
    /// The hashes of its own ciphertexts, in order.
    pub blobs: Vec<[u8; 32]>,
    /// Sequence and part of what is erased as a whole, in the same stream.
    pub erased: Vec<(Seq, u64)>,
    /// Sequence, part, and hash of the ciphertext that takes the place of an earlier one.
    pub replaced: Vec<(Seq, u64, [u8; 32])>,
}

/// Reads entries for what they say of ciphertexts; their signatures are not looked at.
#[derive(Default)]
pub struct CommitmentReader(QuickReader);

impl CommitmentReader {
    /// What an entry says; none when it is no event, or cannot be read.
    pub fn read(&mut self, entry: &[u8]) -> Option<Commitments> {
        let kind = match self.0.read(entry) {
            Some(quick) => quick.kind,
            None => {
                Signed::parse(entry)
                    .ok()
                    .and_then(|signed| entry::read(&signed.typ, &signed.payload))?
                    .1
            }
        };
        let Kind::Event(event) = kind else {
            return None;
        };
        let whole = event
            .erased
            .iter()
            .filter(|(_, _, digest)| digest.is_none());
        Some(Commitments {
            stream: event.stream,
            seq: event.seq,
            erased: whole.map(|(seq, part, _)| (*seq, *part)).collect(),
            blobs: event.blobs,
            replaced: event.replaced,
        })
    }
}
