//! Recomputing the list of newest entries that every heads entry signs.

use crate::code::{Code, Finding};
use crate::entry::{Anchor, Common, Heads};
use crate::position::LogIndex;
use crate::streams::{Stream, Streams};
use crate::tree::{self, Changing, Hash, ZERO};

/// A log names at most so many others.
const ANCHORED_MAX: usize = 16;

pub(crate) struct HeadsState {
    tree: Changing,
    /// Streams with entries behind the newest heads entry; their leaves are computed when needed.
    changed: Vec<usize>,
    pub(crate) prev: Hash,
    /// Index of the newest heads entry.
    pub(crate) newest: Option<LogIndex>,
    /// What was said last of each other log.
    pub(crate) anchors: Vec<Anchor>,
}

impl Default for HeadsState {
    fn default() -> Self {
        Self {
            tree: Changing::default(),
            changed: Vec::new(),
            prev: ZERO,
            newest: None,
            anchors: Vec::new(),
        }
    }
}

fn leaf_of(stream: &Stream) -> Hash {
    let mut data = [0; 64];
    let (id, rest) = data.split_at_mut(16);
    let (seq, rest) = rest.split_at_mut(8);
    let (index, head) = rest.split_at_mut(8);
    id.copy_from_slice(&stream.id);
    seq.copy_from_slice(&(stream.parts.len() as u64).to_be_bytes());
    index.copy_from_slice(&stream.index.get().to_be_bytes());
    head.copy_from_slice(&stream.head);
    tree::leaf(&data)
}

impl HeadsState {
    /// Continues behind the heads entry `newest` with the hash `prev`.
    pub(crate) fn from_saved(
        streams: &Streams,
        prev: Hash,
        newest: Option<LogIndex>,
        anchors: Vec<Anchor>,
    ) -> Self {
        Self {
            tree: Changing::default(),
            changed: (0..streams.all().len()).collect(),
            prev,
            newest,
            anchors,
        }
    }

    /// The stream with this ordinal has a new entry.
    pub(crate) fn event(&mut self, streams: &Streams, place: usize) {
        self.changed.push(place);
        // A log that never lists its newest entries must not fill the memory.
        if self.changed.len() > streams.all().len() * 2 + 4_096 {
            self.settle();
        }
    }

    fn settle(&mut self) {
        self.changed.sort_unstable();
        self.changed.dedup();
    }

    fn root(&mut self, streams: &Streams) -> Hash {
        self.settle();
        let leaves = self
            .changed
            .iter()
            .filter_map(|place| Some((*place, leaf_of(streams.all().get(*place)?))));
        let root = self.tree.set_all(leaves.collect());
        self.changed.clear();
        root
    }

    pub(crate) fn check(
        &mut self,
        common: &Common,
        heads: &Heads,
        streams: &Streams,
        keys: (LogIndex, Hash),
        leaf: Hash,
    ) -> Result<(), Finding> {
        let wrong = |code, what: &str| Err(Finding::at(code, common.index, what));
        if common.prev != self.prev {
            return wrong(Code::HeadsChain, "its predecessor is another heads entry");
        }
        if heads.covers.next() != common.index {
            return wrong(
                Code::HeadsNotLast,
                "it does not cover every entry in front of it",
            );
        }
        if heads.streams != streams.count() || heads.root != self.root(streams) {
            return wrong(
                Code::HeadsRoot,
                "its root is not that of the entries in front of it",
            );
        }
        if heads.keys != keys {
            return wrong(
                Code::KeysChain,
                "it names another keys entry than the newest",
            );
        }
        for anchor in &heads.anchors {
            self.anchor(common, anchor)?;
        }
        self.prev = leaf;
        self.newest = Some(common.index);
        Ok(())
    }

    /// Another log only grows: what is said of it must not go back.
    fn anchor(&mut self, common: &Common, anchor: &Anchor) -> Result<(), Finding> {
        let wrong = |what: String| Err(Finding::at(Code::HeadsChain, common.index, what));
        let Anchor { origin, size, .. } = anchor;
        if *origin == common.origin {
            return wrong("it anchors its own log".to_owned());
        }
        let full = self.anchors.len() >= ANCHORED_MAX;
        match self
            .anchors
            .iter_mut()
            .find(|before| before.origin == *origin)
        {
            Some(before) if *size < before.size => wrong(format!(
                "it anchors {size} entries of {origin}, {} were anchored before",
                before.size
            )),
            Some(before) if *size == before.size && *before != *anchor => wrong(format!(
                "it anchors other {size} entries of {origin} than before"
            )),
            Some(before) => {
                before.clone_from(anchor);
                Ok(())
            }
            None if full => wrong(format!("more than {ANCHORED_MAX} other logs are anchored")),
            None => {
                self.anchors.push(anchor.clone());
                Ok(())
            }
        }
    }
}
