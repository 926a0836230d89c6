//! Ciphertexts against what entries commit to. What does not match at once may be explained by
//! a later erasure, so it is kept until the end; what matches needs no memory.

use std::collections::BTreeMap;

use crate::code::{Code, Finding};
use crate::entry::{Common, Event, Id};
use crate::tree::{Hash, hash};

type Place = (Id, u64, u64);

/// What is stored where an entry commits to something else.
struct Odd {
    index: u64,
    actual: Option<Hash>,
}

/// What erasures say of a part.
#[derive(Default)]
struct Erasure {
    /// Index of the latest entry that erases the whole part.
    whole: Option<u64>,
    /// Values erased, and the index of the latest entry that did it.
    values: u64,
    values_by: u64,
    replacement: Option<Hash>,
}

/// A gap that a lawful erasure explains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hole {
    /// Stream, as 32 hexadecimal digits.
    pub stream: String,
    /// Sequence of the event in it.
    pub seq: u64,
    /// Part of the event; 0 is the stream's own.
    pub part: u64,
    /// How many values were taken out; none when the whole part is gone.
    pub values: Option<u64>,
    /// Log index of the entry that erased it.
    pub erased_by: u64,
}

#[derive(Default)]
pub(crate) struct Blobs {
    odd: BTreeMap<Place, Odd>,
    erasures: BTreeMap<Place, Erasure>,
    pub(crate) checked: u64,
    pub(crate) bytes: u64,
}

impl Blobs {
    pub(crate) fn event(&mut self, common: &Common, event: &Event, stored: &[Option<&[u8]>]) -> Result<(), Finding> {
        if stored.len() != event.blobs.len() {
            let what = format!("it commits to {} ciphertexts, {} are stored", event.blobs.len(), stored.len());
            return Err(Finding::at(if stored.len() < event.blobs.len() { Code::BlobMissing } else { Code::BlobHash }, common.index, what));
        }
        for ((part, blob), expected) in (0..).zip(stored).zip(&event.blobs) {
            let actual = blob.map(hash);
            self.checked += 1;
            self.bytes += blob.map_or(0, |blob| blob.len() as u64);
            if actual.as_ref() != Some(expected) {
                self.odd.insert((event.stream, event.seq, part), Odd { index: common.index, actual });
            }
        }
        for (seq, part, digest) in &event.erased {
            let erasure = self.erasures.entry((event.stream, *seq, *part)).or_default();
            match digest {
                None => erasure.whole = Some(common.index),
                Some(_) => {
                    erasure.values += 1;
                    erasure.values_by = common.index;
                    if !event.replaced.iter().any(|(s, p, _)| (s, p) == (seq, part)) {
                        return Err(Finding::at(Code::ErasureScope, common.index, "a value is erased without a replacement of its part"));
                    }
                }
            }
        }
        for (seq, part, blob) in &event.replaced {
            let erasure = self.erasures.entry((event.stream, *seq, *part)).or_default();
            if erasure.values_by != common.index {
                return Err(Finding::at(Code::ErasureScope, common.index, "a part is replaced without an erased value"));
            }
            erasure.replacement = Some(*blob);
        }
        Ok(())
    }

    /// What is still odd at the end, the first entry first. Erasures from `open_from` on are
    /// ordered and need not be carried out yet.
    pub(crate) fn finish(mut self, open_from: u64) -> Result<(Vec<Hole>, Vec<String>), Finding> {
        let (mut findings, mut holes, mut notes) = (Vec::new(), Vec::new(), Vec::new());
        for (place, erasure) in &self.erasures {
            let odd = self.odd.remove(place);
            let by = erasure.whole.unwrap_or(erasure.values_by);
            let hole = Hole {
                stream: place.0.iter().map(|byte| format!("{byte:02x}")).collect(),
                seq: place.1,
                part: place.2,
                values: if erasure.whole.is_some() { None } else { Some(erasure.values) },
                erased_by: by,
            };
            let done = match (&odd, erasure.whole) {
                (Some(Odd { actual: None, .. }), Some(_)) => true,
                (Some(Odd { actual: Some(actual), .. }), None) => Some(*actual) == erasure.replacement,
                _ => false,
            };
            if done {
                holes.push(hole);
                continue;
            }
            let what = format!("sequence {}, part {} of stream {}", hole.seq, hole.part, hole.stream);
            match odd {
                None if by >= open_from => notes.push(format!("the erasure of {what} is ordered and not yet carried out")),
                None => findings.push(Finding::at(Code::ErasedButPresent, by, what)),
                Some(Odd { index, actual: None }) => findings.push(Finding::at(Code::BlobMissing, index, what)),
                Some(Odd { index, actual: Some(_) }) if erasure.whole.is_none() => findings.push(Finding::at(Code::BlobHash, index, what)),
                Some(_) => findings.push(Finding::at(Code::ErasedButPresent, by, what)),
            }
        }
        for ((_, seq, part), odd) in self.odd {
            let code = if odd.actual.is_some() { Code::BlobHash } else { Code::BlobMissing };
            findings.push(Finding::at(code, odd.index, format!("sequence {seq} of its stream, part {part}")));
        }
        match findings.into_iter().min_by_key(|finding| finding.index) {
            Some(first) => Err(first),
            None => Ok((holes, notes)),
        }
    }
}
