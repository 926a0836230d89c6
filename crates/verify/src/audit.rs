//! The streaming auditor: one pass over a log, every byte hashed, every signature checked.
//!
//! Memory: 16 bytes for each event id, about 100 for each stream, a byte for each event.

use std::collections::HashSet;

use crate::blobs::Blobs;
pub use crate::blobs::Hole;
use crate::code::{Code, Finding};
use crate::entry::{self, Common, Id, Kind};
use crate::heads::HeadsState;
use crate::jws::{Key, Signed};
use crate::note::{self, Checkpoint};
use crate::source::{LogSource, RawEntry, SourceError};
use crate::streams::Streams;
use crate::tree::{self, Growing, Hash, ZERO};

/// What the auditor trusts beforehand.
#[derive(Debug, Clone)]
pub struct Trust {
    /// Name of the log.
    pub origin: String,
    /// The log's verifier key: `name+id+key`.
    pub log_key: String,
    /// A size and a root that are known from elsewhere.
    pub pin: Option<(u64, [u8; 32])>,
}

/// What an audit found when nothing is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Entries read.
    pub entries: u64,
    /// Events among them.
    pub events: u64,
    /// Streams.
    pub streams: u64,
    /// Ciphertexts compared with what commits to them.
    pub blobs: u64,
    /// Bytes hashed.
    pub bytes: u64,
    /// Lawful gaps.
    pub holes: Vec<Hole>,
    /// Size of the checkpoint.
    pub checkpoint_size: u64,
    /// Its root, hexadecimal.
    pub root: String,
    /// Entries behind the checkpoint: each checked, none vouched for yet.
    pub tail: u64,
    /// What else a reader should know.
    pub notes: Vec<String>,
}

struct Auditor<'a> {
    trust: &'a Trust,
    checkpoint: Checkpoint,
    tree: Growing,
    time: u64,
    ids: HashSet<Id>,
    keys: Vec<Key>,
    newest_keys: (u64, Hash),
    streams: Streams,
    heads: HeadsState,
    blobs: Blobs,
    report: Report,
}

/// Audits a log.
///
/// `progress` hears of each entry read, with the size of the checkpoint.
///
/// # Errors
/// [`SourceError::Finding`] with the first thing wrong; [`SourceError::Read`].
pub fn audit<S: LogSource>(
    source: &S,
    trust: &Trust,
    checkpoint: Option<&str>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Report, SourceError<S::Error>> {
    let note = checkpoint.ok_or_else(|| Finding::of(Code::CheckpointMissing, "no checkpoint is stored"))?;
    let checkpoint = note::check(note, &trust.origin, &trust.log_key)?;
    if trust.pin.is_some_and(|(size, _)| size > checkpoint.size) {
        return Err(Finding::of(Code::Rollback, "the checkpoint is smaller than the one known from elsewhere").into());
    }
    let mut auditor = Auditor {
        trust,
        checkpoint,
        tree: Growing::default(),
        time: 0,
        ids: HashSet::new(),
        keys: Vec::new(),
        newest_keys: (0, ZERO),
        streams: Streams::default(),
        heads: HeadsState::default(),
        blobs: Blobs::default(),
        report: Report::default(),
    };
    source.for_each(&mut |raw| {
        progress(raw.index, checkpoint.size);
        auditor.entry(raw)
    })?;
    Ok(auditor.finish()?)
}

impl Auditor<'_> {
    fn entry(&mut self, raw: RawEntry<'_>) -> Result<(), Finding> {
        let place = self.report.entries;
        let wrong = |code: Code, what: &str| Finding::at(code, place, what);
        let signed = Signed::parse(raw.bytes).map_err(|code| wrong(code, "its outer form is wrong"))?;
        let typed = signed.typ.starts_with("sag-");
        let (common, kind) = entry::read(&signed.typ, &signed.payload).ok_or_else(|| {
            if typed { wrong(Code::EventSchema, "its members are wrong") } else { wrong(Code::JwsHeader, "its type is unknown") }
        })?;
        if let (Kind::Keys(keys), 0) = (&kind, place) {
            self.keys.clone_from(keys);
        }
        if self.keys.is_empty() {
            return Err(wrong(Code::KeysChain, "the log does not begin with its keys"));
        }
        signed.verify(&self.keys).map_err(|code| wrong(code, &format!("key {}", signed.kid)))?;
        self.place(place, raw.index, &common)?;
        let leaf = tree::leaf(raw.bytes);
        self.report.bytes += raw.bytes.len() as u64;
        match kind {
            Kind::Event(event) => {
                self.streams.add(&common, &event, leaf)?;
                self.heads.event(&common, &event, leaf);
                self.blobs.event(&common, &event, raw.blobs)?;
                self.report.events += 1;
            }
            Kind::Keys(keys) => {
                if common.prev != self.newest_keys.1 {
                    return Err(wrong(Code::KeysChain, "its predecessor is another keys entry"));
                }
                self.keys = keys;
                self.newest_keys = (place, leaf);
            }
            Kind::Heads(heads) => self.heads.check(&common, &heads, self.streams.count(), self.newest_keys, leaf)?,
        }
        self.tree.add(leaf);
        self.report.entries += 1;
        self.roots()
    }

    fn place(&mut self, place: u64, stored: u64, common: &Common) -> Result<(), Finding> {
        let wrong = |code: Code, what: &str| Err(Finding::at(code, place, what));
        if common.index != place || stored != place {
            return wrong(Code::EventIndex, &format!("it says that it is entry {}", common.index));
        }
        if common.origin != self.trust.origin {
            return wrong(Code::EventOrigin, &format!("it belongs to {}", common.origin));
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

    /// At the size of the pin and of the checkpoint, the root must be the one that is known.
    fn roots(&self) -> Result<(), Finding> {
        let size = self.report.entries;
        if let Some((pinned, root)) = self.trust.pin
            && pinned == size
            && self.tree.root() != root
        {
            return Err(Finding::of(Code::Fork, format!("at size {size}")));
        }
        if size != self.checkpoint.size {
            return Ok(());
        }
        if self.tree.root() != self.checkpoint.root {
            return Err(Finding::of(Code::Root, format!("at size {size}")));
        }
        if self.heads.newest != size.checked_sub(1) {
            return Err(Finding::of(Code::HeadsNotLast, format!("the checkpoint of size {size} does not end in a heads entry")));
        }
        Ok(())
    }

    fn finish(self) -> Result<Report, Finding> {
        let mut report = self.report;
        if report.entries < self.checkpoint.size {
            let what = format!("the log ends at {} entries, its checkpoint says {}", report.entries, self.checkpoint.size);
            return Err(Finding::of(Code::Rollback, what));
        }
        report.streams = self.streams.count();
        report.blobs = self.blobs.checked;
        report.bytes += self.blobs.bytes;
        (report.holes, report.notes) = self.blobs.finish(self.checkpoint.size)?;
        report.checkpoint_size = self.checkpoint.size;
        report.root = self.checkpoint.root.iter().map(|byte| format!("{byte:02x}")).collect();
        report.tail = report.entries - self.checkpoint.size;
        Ok(report)
    }
}
