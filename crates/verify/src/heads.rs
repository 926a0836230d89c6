//! Recomputing the list of newest entries that every heads entry signs.

use crate::code::{Code, Finding};
use crate::entry::{Common, Event, Heads};
use crate::tree::{self, Changing, Hash, ZERO};

pub(crate) struct HeadsState {
    tree: Changing,
    prev: Hash,
    /// Index of the newest heads entry.
    pub(crate) newest: Option<u64>,
}

impl Default for HeadsState {
    fn default() -> Self {
        Self { tree: Changing::default(), prev: ZERO, newest: None }
    }
}

impl HeadsState {
    pub(crate) fn event(&mut self, common: &Common, event: &Event, leaf: Hash) {
        let mut data = event.stream.to_vec();
        data.extend_from_slice(&event.seq.to_be_bytes());
        data.extend_from_slice(&common.index.to_be_bytes());
        data.extend_from_slice(&leaf);
        if let Ok(place) = usize::try_from(event.ordinal) {
            self.tree.set(place, tree::leaf(&data));
        }
    }

    pub(crate) fn check(&mut self, common: &Common, heads: &Heads, streams: u64, keys: (u64, Hash), leaf: Hash) -> Result<(), Finding> {
        let wrong = |code, what: &str| Err(Finding::at(code, common.index, what));
        if common.prev != self.prev {
            return wrong(Code::HeadsChain, "its predecessor is another heads entry");
        }
        if heads.covers != common.index {
            return wrong(Code::HeadsNotLast, "it does not cover every entry in front of it");
        }
        if heads.streams != streams || heads.root != self.tree.root() {
            return wrong(Code::HeadsRoot, "its root is not that of the entries in front of it");
        }
        if heads.keys != keys {
            return wrong(Code::KeysChain, "it names another keys entry than the newest");
        }
        self.prev = leaf;
        self.newest = Some(common.index);
        Ok(())
    }
}
