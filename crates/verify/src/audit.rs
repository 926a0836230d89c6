//! The streaming auditor: every byte hashed, every signature checked, entries taken in order.
//!
//! What needs no other entry is done on several threads, a chunk at a time; the chain, the
//! streams, the keys and the list of newest entries are followed one by one. The whole state can
//! be saved and taken up again, so that an audit that was interrupted goes on where it stopped,
//! and a witness checks only what is new.
//!
//! Memory: up to 36 bytes for each entry (its id), about 200 for each stream, a byte for each
//! event. A saved state has 16 bytes for each entry, 64 for each stream, a byte for each event.
//!
//! The eleven entries of the published vectors, without their ciphertexts:
//!
//! ```
//! use verify::audit::{Auditor, Checks, Trust};
//! use verify::position::{LogIndex, Size};
//! use verify::source::RawEntry;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let vectors = std::fs::read("../../schema/vectors/record.json")?;
//! # let vectors: serde_json::Value = serde_json::from_slice(&vectors)?;
//! # let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
//! # let entries: Vec<String> = vectors["entries"]
//! #     .as_array()
//! #     .map(|rows| rows.iter().map(|row| text(&row["entry"])).collect())
//! #     .unwrap_or_default();
//! # let log_key = text(&vectors["keys"]["log_vkey_ed25519"]);
//! # let body = text(&vectors["checkpoint_bodies"]["11"]);
//! # let checkpoint = format!("{body}\n{}", text(&vectors["log_sig_line_size11"]));
//! let trust = Trust {
//!     origin: "log.aarhus.example/0751/sag".to_owned(),
//!     log_key,
//!     post_quantum_key: None,
//!     pins: Vec::new(),
//! };
//! let checks = Checks { blobs: false, ..Checks::default() };
//! let mut auditor = Auditor::new(trust, checks);
//! // The signature of the checkpoint first, then every entry, in order.
//! auditor.expect(&checkpoint)?;
//! for (index, entry) in LogIndex::FIRST.and_behind().zip(&entries) {
//!     auditor.entry(RawEntry { index, bytes: entry.as_bytes(), blobs: &[] })?;
//! }
//! let report = auditor.finish()?;
//! assert_eq!((report.entries, report.tail), (Size::new(11), 0));
//! # Ok(())
//! # }
//! ```

mod following;
mod reading;

use std::collections::{BTreeSet, HashSet};

use crate::blobs::Blobs;
use crate::code::{Code, Finding};
use crate::entry::Id;
pub use crate::entry::{Anchor, anchors_in_heads, anchors_of};
use crate::heads::HeadsState;
use crate::jws::Key;
use crate::note::{self, Checkpoint, LogKeys};
use crate::position::{LogIndex, LogTime, Size};
use crate::prepare::Chunk;
pub use crate::report::{Checks, Hole, Pin, Report, Trust};
use crate::source::{LogSource, RawEntry, SourceError};
pub use crate::state_bytes::StateError;
use crate::streams::Streams;
use crate::tree::{Growing, Hash, ZERO};

/// An audit under way: fed with entries in order, asked for its root at any size.
///
/// After a finding it goes no further: every call answers that finding again.
pub struct Auditor {
    /// Its pins in order of size.
    pub(crate) trust: Trust,
    pub(crate) checks: Checks,
    pub(crate) expected: Option<Checkpoint>,
    /// The size at which the state was taken up.
    pub(crate) before: Size,
    pub(crate) tree: Growing,
    pub(crate) time: LogTime,
    pub(crate) ids: HashSet<Id>,
    pub(crate) keys: Vec<Key>,
    pub(crate) newest_keys: (LogIndex, Hash),
    pub(crate) streams: Streams,
    pub(crate) heads: HeadsState,
    pub(crate) blobs: Blobs,
    pub(crate) report: Report,
    /// Sizes whose roots are asked for.
    wanted: BTreeSet<Size>,
    /// Whether the entries were compared with the expected checkpoint.
    reached: bool,
    found: Option<Finding>,
}

impl std::fmt::Debug for Auditor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Auditor")
            .field("size", &self.report.entries)
            .field("found", &self.found)
            .finish_non_exhaustive()
    }
}

/// Audits a whole log on the thread that asks for it.
///
/// `progress` hears of entries read, and of the size of the checkpoint.
///
/// # Errors
/// [`SourceError::Finding`] with the first thing wrong, [`Code::CheckpointMissing`] without a
/// checkpoint; [`SourceError::Read`] when the source cannot be read.
pub fn audit<S: LogSource>(
    source: &S,
    trust: &Trust,
    checkpoint: Option<&str>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Report, SourceError<S::Error>> {
    let note = checkpoint
        .ok_or_else(|| Finding::of(Code::CheckpointMissing, "no checkpoint is stored"))?;
    let mut auditor = Auditor::new(trust.clone(), Checks::default());
    let size = auditor.expect(note)?;
    auditor.read(source, &mut |auditor| {
        progress(auditor.size().get().saturating_sub(1), size.get())
    })?;
    Ok(auditor.finish()?)
}

impl Auditor {
    /// At the beginning of a log.
    #[must_use]
    pub fn new(trust: Trust, checks: Checks) -> Self {
        let mut trust = trust;
        trust.pins.sort_by_key(|pin| pin.size);
        Self {
            trust,
            checks,
            expected: None,
            before: Size::EMPTY,
            tree: Growing::default(),
            time: LogTime::EPOCH,
            ids: HashSet::new(),
            keys: Vec::new(),
            newest_keys: (LogIndex::FIRST, ZERO),
            streams: Streams::default(),
            heads: HeadsState::default(),
            blobs: Blobs::default(),
            report: Report::default(),
            wanted: BTreeSet::new(),
            reached: false,
            found: None,
        }
    }

    /// Asks for the roots at some sizes; they stand in the report, as far as the entries are read.
    pub fn want_roots(&mut self, sizes: BTreeSet<Size>) {
        self.wanted = sizes;
    }

    /// Entries taken in.
    #[must_use]
    pub const fn size(&self) -> Size {
        self.report.entries
    }

    /// The time that the newest entry taken in states, seconds of Unix time.
    #[must_use]
    pub const fn time(&self) -> LogTime {
        self.time
    }

    /// Root over the entries taken in.
    #[must_use]
    pub fn root(&self) -> [u8; 32] {
        self.tree.root()
    }

    /// Announces the checkpoint that the entries must lead to: its signature is checked now, its
    /// root when its size is reached. Answers its size.
    ///
    /// # Errors
    /// [`Code::CheckpointFormat`], [`Code::CheckpointOrigin`] or [`Code::CheckpointSignature`] when
    /// the note is not one that this log signed; [`Code::Rollback`] when it is smaller than what
    /// was taken in, or than a pin; otherwise what was found before.
    pub fn expect(&mut self, note: &str) -> Result<Size, Finding> {
        self.sound()?;
        let keys = LogKeys::parse(&self.trust.log_key, self.trust.post_quantum_key.as_deref())?;
        let checkpoint = note::check(note, &self.trust.origin, &keys)?;
        if let Some(Pin { size, by, .. }) = self
            .trust
            .pins
            .last()
            .filter(|pin| pin.size > checkpoint.size)
        {
            return Err(Finding::of(
                Code::Rollback,
                format!(
                    "the checkpoint has {} entries, {by} knows {size}",
                    checkpoint.size
                ),
            ));
        }
        if checkpoint.size < self.size() {
            let what = format!(
                "the checkpoint has {} entries, {} were audited before",
                checkpoint.size,
                self.size()
            );
            return Err(Finding::of(Code::Rollback, what));
        }
        self.expected = Some(checkpoint);
        self.reached = false;
        self.compare().map_err(|finding| self.spoil(finding))?;
        Ok(checkpoint.size)
    }

    /// Size and root of the announced checkpoint, whose signature was checked.
    #[must_use]
    pub fn expected(&self) -> Option<(Size, [u8; 32])> {
        self.expected
            .map(|checkpoint| (checkpoint.size, checkpoint.root))
    }

    /// Compares what was taken in with a checkpoint of exactly that size: signature, root, and that
    /// the last entry is a complete list of newest entries. A witness that signs after this vouches
    /// for every entry.
    ///
    /// # Errors
    /// As [`Auditor::expect`]; [`Code::Fork`] or [`Code::Root`] when the root is another;
    /// [`Code::HeadsNotLast`] when the last entry lists no newest entries; [`Code::Rollback`] when
    /// fewer entries were taken in than the checkpoint has.
    pub fn check(&mut self, note: &str) -> Result<(), Finding> {
        let size = self.expect(note)?;
        if size == self.size() {
            self.sound()
        } else {
            Err(self.short(size))
        }
    }

    /// Takes in the next entry.
    ///
    /// # Errors
    /// The first rule of the record that it breaks, with its index; what was found before, where
    /// something was.
    pub fn entry(&mut self, raw: RawEntry<'_>) -> Result<(), Finding> {
        let mut chunk = Chunk::default();
        chunk.add(&raw, self.checks.blobs);
        self.take(&chunk)
    }

    /// At the size of a pin and of the checkpoint, the root must be theirs.
    fn compare(&mut self) -> Result<(), Finding> {
        let size = self.report.entries;
        let tree = std::mem::take(&mut self.tree);
        let held = self.held_to_pins(size, &tree);
        self.tree = tree;
        held?;
        let Some(checkpoint) = self.expected.filter(|checkpoint| checkpoint.size == size) else {
            return Ok(());
        };
        if self.tree.root() != checkpoint.root {
            let code = if self.before == size {
                Code::Fork
            } else {
                Code::Root
            };
            return Err(Finding::of(code, format!("at size {size}")));
        }
        if self.heads.newest != size.last() {
            return Err(Finding::of(
                Code::HeadsNotLast,
                format!("the checkpoint of size {size} does not end in a heads entry"),
            ));
        }
        self.reached = true;
        Ok(())
    }

    /// Checks that a tree of that size has the root that the pins of this size name. Records the
    /// root for the report where it was asked for.
    fn held_to_pins(&mut self, size: Size, tree: &Growing) -> Result<(), Finding> {
        if self.wanted.contains(&size) {
            self.report.roots.insert(size, tree.root());
        }
        // They are in order of size, and may be many.
        let first = self.trust.pins.partition_point(|pin| pin.size < size);
        let mut of_size = self
            .trust
            .pins
            .iter()
            .skip(first)
            .take_while(|pin| pin.size == size);
        of_size
            .find(|pin| tree.root() != pin.root)
            .map_or(Ok(()), |pin| Err(other_past(pin)))
    }

    fn short(&self, size: Size) -> Finding {
        Finding::of(
            Code::Rollback,
            format!(
                "the log ends at {} entries, its checkpoint says {size}",
                self.size()
            ),
        )
    }

    fn spoil(&mut self, finding: Finding) -> Finding {
        self.found.get_or_insert(finding).clone()
    }

    /// Whether nothing wrong was found so far.
    ///
    /// # Errors
    /// What was found.
    pub fn sound(&self) -> Result<(), Finding> {
        self.found.clone().map_or(Ok(()), Err)
    }

    /// Ends the audit. The expected checkpoint must have been reached.
    ///
    /// # Errors
    /// What was found before; [`Code::CheckpointMissing`] when no checkpoint was announced;
    /// [`Code::Rollback`] when it was not reached; [`Code::BlobHash`], [`Code::BlobMissing`] or
    /// [`Code::ErasedButPresent`] when a ciphertext is not as the entries say.
    pub fn finish(self) -> Result<Report, Finding> {
        self.sound()?;
        let Some(checkpoint) = self.expected else {
            return Err(Finding::of(
                Code::CheckpointMissing,
                "no checkpoint is given",
            ));
        };
        if !self.reached {
            return Err(self.short(checkpoint.size));
        }
        let mut report = self.report;
        report.before = self.before;
        report.streams = self.streams.count();
        report.anchors = self.heads.anchors;
        report.blobs = self.blobs.checked;
        report.bytes += self.blobs.bytes;
        let (holes, notes) = if self.checks.blobs {
            self.blobs.finish(checkpoint.size)?
        } else {
            (self.blobs.declared(), Vec::new())
        };
        (report.holes, report.notes) = (holes, notes);
        if !self.checks.blobs {
            report.notes.push(
                "ciphertexts were not compared, so one that is missing or altered is not seen"
                    .to_owned(),
            );
        }
        if !self.checks.signatures {
            report
                .notes
                .push("signatures of entries were not checked".to_owned());
        }
        report.checkpoint_size = checkpoint.size;
        report.root = checkpoint
            .root
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        report.tail = report.entries.beyond(checkpoint.size);
        Ok(report)
    }
}

fn other_past(pin: &Pin) -> Finding {
    Finding::of(
        Code::Fork,
        format!("{} knows other {} entries", pin.by, pin.size),
    )
}
