//! Following the entries one by one: keys, places, streams and lists of newest entries.
//!
//! What needs no other entry was done before, in `prepare.rs`.

use super::Auditor;
use crate::code::{Code, Finding};
use crate::entry::{Common, Kind};
use crate::position::LogIndex;
use crate::prepare::{Chunk, Prepared, Refused, Signature};

impl Auditor {
    /// Takes in all entries of a chunk.
    pub(super) fn take(&mut self, chunk: &Chunk) -> Result<(), Finding> {
        self.sound()?;
        let prepared = chunk.prepare(&self.keys, self.checks);
        self.follow(chunk, prepared)
    }

    /// Takes in the entries of a chunk that was prepared, perhaps while earlier ones were followed:
    /// whether a key was valid at a place is asked here, in order.
    pub(super) fn follow(
        &mut self,
        chunk: &Chunk,
        prepared: Vec<Result<Prepared, Refused>>,
    ) -> Result<(), Finding> {
        self.sound()?;
        for (place, entry) in prepared.into_iter().enumerate() {
            self.one(chunk, place, entry)
                .map_err(|finding| self.spoil(finding))?;
        }
        Ok(())
    }

    /// Takes in one entry: its key first, then its place, then what its kind asks for.
    fn one(
        &mut self,
        chunk: &Chunk,
        slot: usize,
        prepared: Result<Prepared, Refused>,
    ) -> Result<(), Finding> {
        let place = self.report.entries.next();
        let wrong = |code: Code, what: &str| Finding::at(code, place, what);
        let entry = prepared.map_err(|refused| refused.at(place))?;
        if let (Kind::Keys(keys), LogIndex::FIRST) = (&entry.kind, place) {
            self.keys.clone_from(keys);
        }
        if self.keys.is_empty() {
            return Err(wrong(
                Code::KeysChain,
                "the log does not begin with its keys",
            ));
        }
        if self.checks.signatures {
            let named = || format!("key {}", entry.kid);
            if !self.keys.iter().any(|key| *key.kid == *entry.kid) {
                return Err(wrong(Code::JwsKey, &named()));
            }
            match entry.signature {
                Signature::Holds => {}
                Signature::Fails => return Err(wrong(Code::JwsSignature, &named())),
                Signature::Unknown | Signature::Unchecked => {
                    chunk
                        .verify(slot, &self.keys)
                        .map_err(|code| wrong(code, &named()))?;
                }
            }
        }
        self.place(place, entry.stored, &entry.common)?;
        let leaf = entry.leaf;
        self.report.bytes += entry.length;
        match entry.kind {
            Kind::Event(event) => {
                let ordinal = self.streams.add(&entry.common, &event, leaf)?;
                self.heads.event(&self.streams, ordinal);
                self.blobs.event(
                    &entry.common,
                    &event,
                    self.checks
                        .blobs
                        .then_some((&entry.blobs, entry.blob_bytes)),
                )?;
                self.report.events += 1;
            }
            Kind::Keys(keys) => {
                if entry.common.prev != self.newest_keys.1 {
                    return Err(wrong(
                        Code::KeysChain,
                        "its predecessor is another keys entry",
                    ));
                }
                self.keys = keys;
                self.newest_keys = (place, leaf);
            }
            Kind::Heads(heads) => {
                self.heads
                    .check(&entry.common, &heads, &self.streams, self.newest_keys, leaf)?
            }
        }
        self.tree.add(leaf);
        self.report.entries = self.report.entries.grown();
        self.compare()
    }

    /// Checks index, log, id and time of an entry against those in front of it.
    fn place(&mut self, place: LogIndex, stored: LogIndex, common: &Common) -> Result<(), Finding> {
        let wrong = |code: Code, what: &str| Err(Finding::at(code, place, what));
        if common.index != place || stored != place {
            return wrong(
                Code::EventIndex,
                &format!("it says that it is entry {}", common.index),
            );
        }
        if common.origin != self.trust.origin {
            return wrong(
                Code::EventOrigin,
                &format!("it belongs to {}", common.origin),
            );
        }
        if !self.ids.insert(common.id) {
            return wrong(Code::EventDuplicate, "its id stands earlier in the log");
        }
        if common.time < self.time {
            return wrong(Code::TimeOrder, "it is dated before its predecessor");
        }
        self.time = common.time;
        Ok(())
    }
}
