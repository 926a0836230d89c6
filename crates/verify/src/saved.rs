//! The state of an audit as bytes: to go on later, and to check only what is new.
//!
//! Layout, numbers big-endian: `SAGAUDIT`, a version byte, then the fields in the order of
//! [`Auditor::save`], and a SHA-256 over all of it against accidents. Whoever can write the file
//! can write any state into it: it belongs where only the auditor writes.

use std::collections::HashSet;

use crate::audit::Auditor;
use crate::blobs::Blobs;
use crate::code::Finding;
use crate::entry::Anchor;
use crate::heads::HeadsState;
use crate::jws::Key;
use crate::position::{LogIndex, LogTime, Size};
use crate::report::{Checks, Trust};
use crate::state_bytes::{ByteReader, ByteWriter, StateError};
use crate::streams::{Stream, Streams};
use crate::tree::{Growing, hash};

const MAGIC: &[u8; 8] = b"SAGAUDIT";
const VERSION: u8 = 2;

impl Auditor {
    /// The whole state.
    ///
    /// # Errors
    /// What was found, where something was: such a state is worth nothing.
    pub fn save(&self) -> Result<Vec<u8>, Finding> {
        self.sound()?;
        let mut out = ByteWriter(Vec::with_capacity(
            self.ids.len() * 17 + self.streams.all().len() * 96 + 1_024,
        ));
        out.bytes(MAGIC);
        out.bytes(&[VERSION]);
        out.counted(self.trust.origin.as_bytes());
        for number in [
            self.size().get(),
            self.time.get(),
            self.report.events,
            self.report.bytes,
            self.newest_keys.0.get(),
        ] {
            out.number(number);
        }
        out.bytes(&self.newest_keys.1);
        out.bytes(&self.heads.prev);
        out.number(self.heads.newest.map_or(u64::MAX, LogIndex::get));
        out.number(self.heads.anchors.len() as u64);
        for Anchor { origin, size, root } in &self.heads.anchors {
            out.counted(origin.as_bytes());
            out.number(size.get());
            out.bytes(root);
        }
        self.tree.parts().for_each(|part| out.bytes(part));
        out.number(self.keys.len() as u64);
        self.keys.iter().for_each(|key| out.bytes(key.public()));
        out.number(self.streams.all().len() as u64);
        for Stream {
            id,
            head,
            index,
            parts,
        } in self.streams.all()
        {
            out.bytes(id);
            out.bytes(head);
            out.number(index.get());
            out.counted(parts);
        }
        let mut ids: Vec<_> = self.ids.iter().collect();
        ids.sort_unstable();
        ids.into_iter().for_each(|id| out.bytes(id));
        self.blobs.save(&mut |bytes| out.bytes(bytes));
        let digest = hash(&out.0);
        out.bytes(&digest);
        Ok(out.0)
    }

    /// Takes a saved state up. The trust may have other pins than before.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn resume(saved: &[u8], trust: Trust, checks: Checks) -> Result<Self, StateError> {
        let (body, digest) = saved.split_last_chunk::<32>().ok_or(StateError::Damaged)?;
        let rest = body
            .strip_prefix(MAGIC.as_slice())
            .ok_or(StateError::Damaged)?;
        if hash(body) != *digest {
            return Err(StateError::Damaged);
        }
        let (version, rest) = rest.split_first().ok_or(StateError::Damaged)?;
        if *version != VERSION {
            return Err(StateError::Version(*version));
        }
        let mut reader = ByteReader(rest);
        if reader.counted().ok_or(StateError::Damaged)? != trust.origin.as_bytes() {
            return Err(StateError::OtherLog);
        }
        Self::fields(&mut reader, trust, checks)
            .filter(|_| reader.0.is_empty())
            .ok_or(StateError::Damaged)
    }

    fn fields(reader: &mut ByteReader<'_>, trust: Trust, checks: Checks) -> Option<Self> {
        let mut auditor = Self::new(trust, checks);
        let size = Size::new(reader.number()?);
        auditor.before = size;
        auditor.report.entries = size;
        auditor.time = LogTime::new(reader.number()?);
        auditor.report.events = reader.number()?;
        auditor.report.bytes = reader.number()?;
        auditor.newest_keys = (LogIndex::new(reader.number()?), reader.array()?);
        let (prev, newest) = (reader.array()?, reader.number()?);
        let anchors = reader.list(|reader| {
            let origin = String::from_utf8(reader.counted()?.to_vec()).ok()?;
            Some(Anchor {
                origin,
                size: Size::new(reader.number()?),
                root: reader.array()?,
            })
        })?;
        let parts = (0..size.get().count_ones())
            .map(|_| reader.array())
            .collect::<Option<_>>()?;
        auditor.tree = Growing::from_parts(size, parts)?;
        auditor.keys = reader.list(|reader| Key::from_public(reader.array()?))?;
        let streams = reader.list(|reader| {
            let (id, head, index) = (reader.array()?, reader.array()?, reader.number()?);
            Some(Stream {
                id,
                head,
                index: LogIndex::new(index),
                parts: reader.counted()?.to_vec(),
            })
        })?;
        auditor.streams = Streams::from_saved(streams)?;
        auditor.heads = HeadsState::from_saved(
            &auditor.streams,
            prev,
            (newest != u64::MAX).then_some(LogIndex::new(newest)),
            anchors,
        );
        auditor.ids =
            HashSet::with_capacity(usize::try_from(size.get().min(reader.0.len() as u64)).ok()?);
        for _ in 0..size.get() {
            auditor.ids.insert(reader.array()?);
        }
        auditor.blobs = Blobs::from_saved(reader)?;
        (auditor.ids.len() as u64 == size.get() && auditor.keys.is_empty() == size.is_empty())
            .then_some(auditor)
    }
}
