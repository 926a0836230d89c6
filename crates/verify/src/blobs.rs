//! Compares stored ciphertexts with what entries commit to.
//!
//! A later entry may erase or replace a ciphertext. So a mismatch is remembered until the end of
//! the audit, and is a finding only when no erasure explains it. A match needs no memory.

use std::collections::BTreeMap;

use crate::code::{Code, Finding};
use crate::entry::{Common, Event, Id};
use crate::position::{LogIndex, Seq, Size};
use crate::report::Hole;
use crate::state_bytes::ByteReader;
use crate::tree::Hash;

/// Stream, sequence and part.
type PartId = (Id, Seq, u64);

/// What is stored where an entry commits to something else.
struct Odd {
    index: LogIndex,
    actual: Option<Hash>,
}

/// What erasures say of a part.
#[derive(Default)]
struct Erasure {
    /// Index of the latest entry that erases the whole part.
    whole: Option<LogIndex>,
    /// Values erased, and the index of the latest entry that did it.
    values: u64,
    values_by: LogIndex,
    replacement: Option<Hash>,
}

#[derive(Default)]
pub(crate) struct Blobs {
    odd: BTreeMap<PartId, Odd>,
    erasures: BTreeMap<PartId, Erasure>,
    pub(crate) checked: u64,
    pub(crate) bytes: u64,
}

fn hole(part_id: &PartId, erasure: &Erasure) -> Hole {
    Hole {
        stream: part_id.0.iter().map(|byte| format!("{byte:02x}")).collect(),
        seq: part_id.1,
        part: part_id.2,
        values: if erasure.whole.is_some() {
            None
        } else {
            Some(erasure.values)
        },
        erased_by: erasure.whole.unwrap_or(erasure.values_by),
    }
}

impl Blobs {
    /// Compares the hashes of the stored ciphertexts, where they are given; the number beside them
    /// counts their bytes. Then records what the entry erases and replaces.
    pub(crate) fn event(
        &mut self,
        common: &Common,
        event: &Event,
        stored: Option<(&Vec<Option<Hash>>, u64)>,
    ) -> Result<(), Finding> {
        if let Some((stored, bytes)) = stored {
            self.compare(common, event, stored)?;
            self.bytes += bytes;
        }
        for (seq, part, digest) in &event.erased {
            let erasure = self
                .erasures
                .entry((event.stream, *seq, *part))
                .or_default();
            match digest {
                None => erasure.whole = Some(common.index),
                Some(_) => {
                    erasure.values += 1;
                    erasure.values_by = common.index;
                    if !event.replaced.iter().any(|(s, p, _)| (s, p) == (seq, part)) {
                        return Err(Finding::at(
                            Code::ErasureScope,
                            common.index,
                            "a value is erased without a replacement of its part",
                        ));
                    }
                }
            }
        }
        for (seq, part, blob) in &event.replaced {
            let erasure = self
                .erasures
                .entry((event.stream, *seq, *part))
                .or_default();
            if erasure.values_by != common.index {
                return Err(Finding::at(
                    Code::ErasureScope,
                    common.index,
                    "a part is replaced without an erased value",
                ));
            }
            erasure.replacement = Some(*blob);
        }
        Ok(())
    }

    fn compare(
        &mut self,
        common: &Common,
        event: &Event,
        stored: &[Option<Hash>],
    ) -> Result<(), Finding> {
        if stored.len() != event.blobs.len() {
            let what = format!(
                "it commits to {} ciphertexts, {} are stored",
                event.blobs.len(),
                stored.len()
            );
            return Err(Finding::at(
                if stored.len() < event.blobs.len() {
                    Code::BlobMissing
                } else {
                    Code::BlobHash
                },
                common.index,
                what,
            ));
        }
        for ((part, actual), expected) in (0..).zip(stored).zip(&event.blobs) {
            self.checked += 1;
            if actual.as_ref() != Some(expected) {
                self.odd.insert(
                    (event.stream, event.seq, part),
                    Odd {
                        index: common.index,
                        actual: *actual,
                    },
                );
            }
        }
        Ok(())
    }

    /// Hands out what erasures say, in pieces.
    pub(crate) fn save(&self, out: &mut dyn FnMut(&[u8])) {
        let optional =
            |index: Option<LogIndex>| index.map_or(u64::MAX, LogIndex::get).to_be_bytes();
        out(&(self.erasures.len() as u64).to_be_bytes());
        for ((stream, seq, part), erasure) in &self.erasures {
            out(stream);
            for number in [seq.get(), *part, erasure.values, erasure.values_by.get()] {
                out(&number.to_be_bytes());
            }
            out(&optional(erasure.whole));
            out(&[u8::from(erasure.replacement.is_some())]);
            out(&erasure.replacement.unwrap_or_default());
        }
    }

    pub(crate) fn from_saved(reader: &mut ByteReader<'_>) -> Option<Self> {
        let rows = reader.list(|reader| {
            let part_id = (
                reader.array()?,
                Seq::new(reader.number()?),
                reader.number()?,
            );
            let (values, values_by, whole) = (reader.number()?, reader.number()?, reader.number()?);
            let (replaced, replacement) = (reader.array::<1>()? == [1], reader.array()?);
            let erasure = Erasure {
                whole: (whole != u64::MAX).then_some(LogIndex::new(whole)),
                values,
                values_by: LogIndex::new(values_by),
                replacement: replaced.then_some(replacement),
            };
            Some((part_id, erasure))
        })?;
        Some(Self {
            erasures: rows.into_iter().collect(),
            ..Self::default()
        })
    }

    /// The gaps that entries declare, where ciphertexts were not compared.
    pub(crate) fn declared(&self) -> Vec<Hole> {
        self.erasures
            .iter()
            .map(|(part_id, erasure)| hole(part_id, erasure))
            .collect()
    }

    /// What no erasure explains at the end, the first entry first. Erasures behind the checkpoint
    /// are ordered and need not be carried out yet.
    pub(crate) fn finish(mut self, checkpoint: Size) -> Result<(Vec<Hole>, Vec<String>), Finding> {
        let (mut findings, mut holes, mut notes) = (Vec::new(), Vec::new(), Vec::new());
        for (part_id, erasure) in &self.erasures {
            let odd = self.odd.remove(part_id);
            let hole = hole(part_id, erasure);
            let by = hole.erased_by;
            let done = match (&odd, erasure.whole) {
                (Some(Odd { actual: None, .. }), Some(_)) => true,
                (
                    Some(Odd {
                        actual: Some(actual),
                        ..
                    }),
                    None,
                ) => Some(*actual) == erasure.replacement,
                _ => false,
            };
            if done {
                holes.push(hole);
                continue;
            }
            let what = format!(
                "sequence {}, part {} of stream {}",
                hole.seq, hole.part, hole.stream
            );
            match odd {
                None if !checkpoint.holds(by) => notes.push(format!(
                    "the erasure of {what} is ordered and not yet carried out"
                )),
                None => findings.push(Finding::at(Code::ErasedButPresent, by, what)),
                Some(Odd {
                    index,
                    actual: None,
                }) => findings.push(Finding::at(Code::BlobMissing, index, what)),
                Some(Odd {
                    index,
                    actual: Some(_),
                }) if erasure.whole.is_none() => {
                    findings.push(Finding::at(Code::BlobHash, index, what))
                }
                Some(_) => findings.push(Finding::at(Code::ErasedButPresent, by, what)),
            }
        }
        for ((_, seq, part), odd) in self.odd {
            let code = if odd.actual.is_some() {
                Code::BlobHash
            } else {
                Code::BlobMissing
            };
            findings.push(Finding::at(
                code,
                odd.index,
                format!("sequence {seq} of its stream, part {part}"),
            ));
        }
        match findings.into_iter().min_by_key(|finding| finding.index) {
            Some(first) => Err(first),
            None => Ok((holes, notes)),
        }
    }
}
