//! Reading a source: what is new is taken in, and what an earlier audit had checked is compared
//! with what it was then.

use super::{Auditor, other_past};
use crate::blobs::Blobs;
use crate::code::{Code, Finding};
use crate::entry::Kind;
use crate::position::{LogIndex, Size};
use crate::prepare::{Chunk, Prepared};
use crate::report::Checks;
use crate::source::{LogSource, SourceError};
use crate::tree::Growing;

/// Entries that are prepared at a time, and the bytes at which a chunk is full before.
const CHUNK_ENTRIES: usize = 4_096;
const CHUNK_BYTES: usize = 16 * 1_024 * 1_024;

impl Auditor {
    /// Takes in what a source holds beyond what was taken in before. `watch` is called now and
    /// then, and when the size of the expected checkpoint is reached; it may save the state.
    ///
    /// Where an earlier audit had read a part of the log, that part must have the root that it had
    /// then. Its ciphertexts are compared again, because one may have been altered since.
    ///
    /// # Errors
    /// [`SourceError::Finding`] with the first thing wrong, [`Code::Fork`] when the part that was
    /// audited before is another now; [`SourceError::Read`].
    pub fn read<S: LogSource>(
        &mut self,
        source: &S,
        watch: &mut dyn FnMut(&Self),
    ) -> Result<(), SourceError<S::Error>> {
        self.sound()?;
        let audited = self.size();
        let mut chunk = Chunk::default();
        let mut past = Past::default();
        let first = match self.past_of(source)? {
            true => audited.next(),
            false => LogIndex::FIRST,
        };
        if first == LogIndex::FIRST && !audited.is_empty() && self.checks.blobs {
            self.blobs = Blobs::default();
        }
        // Entries up to the newest one that was read.
        let mut read = Size::new(first.get());
        source.for_each_from(first, &mut |raw| {
            if raw.index < first {
                return Ok(());
            }
            chunk.add(&raw, self.checks.blobs);
            read = read.grown();
            let at_checkpoint = self
                .expected
                .is_some_and(|checkpoint| checkpoint.size == read);
            if read == audited
                || at_checkpoint
                || chunk.len() >= CHUNK_ENTRIES
                || chunk.bytes() >= CHUNK_BYTES
            {
                if read <= audited {
                    self.again(&chunk, &mut past)?
                } else {
                    self.take(&chunk)?
                }
                chunk.clear();
                watch(self);
            }
            Ok(())
        })?;
        if read < audited {
            return Err(self
                .spoil(Finding::of(
                    Code::Rollback,
                    format!("the log has {read} entries, {audited} were audited before"),
                ))
                .into());
        }
        self.take(&chunk)?;
        watch(self);
        Ok(())
    }

    /// Compares the roots of the part that was audited before, where the source knows them without
    /// reading entries. Answers whether it did: then that part need not be read again.
    fn past_of<S: LogSource>(&mut self, source: &S) -> Result<bool, SourceError<S::Error>> {
        let audited = self.size();
        if audited.is_empty() || self.checks.blobs {
            return Ok(false);
        }
        let Some(root) = source.past(audited)? else {
            return Ok(false);
        };
        if root != self.root() {
            return Err(self.spoil(forked(audited)).into());
        }
        for pin in self.trust.pins.iter().filter(|pin| pin.size < audited) {
            if source.past(pin.size)?.is_some_and(|root| root != pin.root) {
                let finding = other_past(pin);
                return Err(self.spoil(finding).into());
            }
        }
        Ok(true)
    }

    /// Reads again what an earlier audit had checked: the leaves must be the same, and ciphertexts
    /// must be what the entries commit to now.
    fn again(&mut self, chunk: &Chunk, past: &mut Past) -> Result<(), Finding> {
        let prepared = chunk.prepare(
            &[],
            Checks {
                signatures: false,
                ..self.checks
            },
        );
        let audited = self.size();
        for entry in prepared {
            past.tree.add(
                entry
                    .as_ref()
                    .map_or_else(|refused| refused.leaf, |entry| entry.leaf),
            );
            past.size = past.size.grown();
            self.held_to_pins(past.size, &past.tree)
                .map_err(|finding| self.spoil(finding))?;
            if let (
                Ok(Prepared {
                    common,
                    kind: Kind::Event(event),
                    blobs,
                    blob_bytes,
                    ..
                }),
                true,
            ) = (&entry, self.checks.blobs)
                && let Err(finding) = self.blobs.event(common, event, Some((blobs, *blob_bytes)))
            {
                past.odd.get_or_insert(finding);
            }
        }
        if past.size < audited {
            return Ok(());
        }
        if past.tree != self.tree {
            return Err(self.spoil(forked(audited)));
        }
        past.odd
            .take()
            .map_or(Ok(()), |finding| Err(self.spoil(finding)))
    }
}

/// The part of a log that an earlier audit had checked, read again.
#[derive(Default)]
struct Past {
    tree: Growing,
    size: Size,
    odd: Option<Finding>,
}

fn forked(size: Size) -> Finding {
    Finding::of(
        Code::Fork,
        format!("the first {size} entries are not those that were audited before"),
    )
}
