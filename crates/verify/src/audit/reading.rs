//! Reading a source: what is new is taken in, and what an earlier audit had checked is compared
//! with what it was then.

use std::panic::resume_unwind;
use std::thread::{Scope, ScopedJoinHandle};

use super::{Auditor, other_past};
use crate::blobs::Blobs;
use crate::code::{Code, Finding};
use crate::entry::Kind;
use crate::jws::Key;
use crate::position::{LogIndex, Size};
use crate::prepare::{Chunk, Prepared, PreparedChunk, Refused};
use crate::report::Checks;
use crate::source::{LogSource, SourceError};
use crate::tree::Growing;

/// Entries that are prepared at a time, and the bytes at which a chunk is full before. Two chunks
/// are in memory: one is filled while the other is prepared.
const CHUNK_ENTRIES: usize = 2_048;
const CHUNK_BYTES: usize = 8 * 1_024 * 1_024;

/// A chunk on its way from being read to being followed.
enum Waiting<'scope> {
    /// Other threads prepare it.
    Preparing(ScopedJoinHandle<'scope, PreparedChunk>),
    /// It was prepared on the thread that reads, the only one.
    Prepared(PreparedChunk),
}

impl Waiting<'_> {
    fn done(self) -> PreparedChunk {
        match self {
            Self::Preparing(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
            Self::Prepared(prepared) => prepared,
        }
    }
}

/// What a source holds, chunk by chunk: while one is read, the one before is prepared on other
/// threads. Chunks are followed one after the other, on the thread that reads.
struct Passage<'scope, 'env, 'a> {
    auditor: &'a mut Auditor,
    scope: &'scope Scope<'scope, 'env>,
    watch: &'a mut dyn FnMut(&Auditor),
    /// Keys that the first entry announces; the auditor knows them when that is followed.
    announced: Vec<Key>,
    /// How far the part that was audited before was read again.
    past: Past,
    /// The chunk that is prepared, and whether it lies in the part that was audited before.
    waiting: Option<(Waiting<'scope>, bool)>,
    /// The memory of a chunk that is done.
    spare: Chunk,
}

impl Passage<'_, '_, '_> {
    /// Has a chunk prepared; then takes in the one before it. Leaves memory for the next one.
    fn begin(&mut self, chunk: &mut Chunk, again: bool) -> Result<(), Finding> {
        let full = std::mem::replace(chunk, std::mem::take(&mut self.spare));
        let (keys, checks) = self.asked_of(&full, again);
        let waiting = if checks.threads > 1 {
            let work = move || full.prepared(&keys, checks);
            Waiting::Preparing(self.scope.spawn(work))
        } else {
            Waiting::Prepared(full.prepared(&keys, checks))
        };
        let before = self.waiting.replace((waiting, again));
        before.map_or(Ok(()), |(before, again)| self.end(before, again))
    }

    /// The keys that signatures are checked with, and what is checked. A part that was audited
    /// before is compared by its leaves, which hold the signatures.
    fn asked_of(&mut self, chunk: &Chunk, again: bool) -> (Vec<Key>, Checks) {
        let checks = self.auditor.checks;
        if again {
            let signatures = false;
            return (
                Vec::new(),
                Checks {
                    signatures,
                    ..checks
                },
            );
        }
        if !self.auditor.keys.is_empty() {
            return (self.auditor.keys.clone(), checks);
        }
        if self.announced.is_empty() {
            self.announced = chunk.first_keys();
        }
        (self.announced.clone(), checks)
    }

    /// Takes in the chunk that waits.
    fn finish(&mut self) -> Result<(), Finding> {
        let last = self.waiting.take();
        last.map_or(Ok(()), |(last, again)| self.end(last, again))
    }

    fn end(&mut self, waiting: Waiting<'_>, again: bool) -> Result<(), Finding> {
        let (mut chunk, entries) = waiting.done();
        if again {
            self.auditor.again(entries, &mut self.past)?;
        } else {
            self.auditor.follow(&chunk, entries)?;
        }
        (self.watch)(self.auditor);
        chunk.clear();
        self.spare = chunk;
        Ok(())
    }
}

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
        let first = match self.past_of(source)? {
            true => audited.next(),
            false => LogIndex::FIRST,
        };
        if first == LogIndex::FIRST && !audited.is_empty() && self.checks.blobs {
            self.blobs = Blobs::default();
        }
        let (with_blobs, expected) = (self.checks.blobs, self.expected.map(|known| known.size));
        // Entries up to the newest one that was read.
        let mut read = Size::new(first.get());
        std::thread::scope(|scope| {
            let mut chunk = Chunk::default();
            let mut passage = Passage {
                auditor: self,
                scope,
                watch,
                announced: Vec::new(),
                past: Past::default(),
                waiting: None,
                spare: Chunk::default(),
            };
            let all = source.for_each_from(first, &mut |raw| {
                if raw.index < first {
                    return Ok(());
                }
                chunk.add(&raw, with_blobs);
                read = read.grown();
                let ends = read == audited || expected == Some(read);
                if ends || chunk.len() >= CHUNK_ENTRIES || chunk.bytes() >= CHUNK_BYTES {
                    passage.begin(&mut chunk, read <= audited)?;
                }
                Ok(())
            });
            // What stands in front of the place where reading ended counts first, but for a source
            // whose own order counts before all entries.
            if all.is_ok() || !source.tells_last() {
                passage.finish()?;
            }
            all?;
            if read < audited {
                let less = format!("the log has {read} entries, {audited} were audited before");
                let finding = Finding::of(Code::Rollback, less);
                return Err(passage.auditor.spoil(finding).into());
            }
            passage.begin(&mut chunk, false)?;
            Ok(passage.finish()?)
        })
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
    fn again(
        &mut self,
        prepared: Vec<Result<Prepared, Refused>>,
        past: &mut Past,
    ) -> Result<(), Finding> {
        self.sound()?;
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
