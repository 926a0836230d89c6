//! What a simulated disk holds, what of it is durable, and what a loss of power leaves.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use super::Mishap;

#[derive(Clone)]
pub(super) enum Change {
    Write(u64, Vec<u8>),
    Truncate(u64),
}

#[derive(Default, Clone)]
pub(super) struct Node {
    pub(super) now: Vec<u8>,
    pub(super) durable: Vec<u8>,
    pub(super) pending: Vec<Change>,
}

#[derive(Clone)]
pub(super) enum Renaming {
    Link(PathBuf, usize),
    Unlink(PathBuf),
    /// From, to: both names change at once or not at all, as journaling file systems do it.
    Rename(PathBuf, PathBuf, usize),
    Dir(PathBuf),
}

impl Renaming {
    pub(super) fn parent(&self) -> Option<&Path> {
        let (Self::Link(path, _) | Self::Unlink(path) | Self::Rename(_, path, _) | Self::Dir(path)) =
            self;
        path.parent()
    }

    pub(super) fn apply(self, names: &mut Names) {
        match self {
            Self::Link(path, node) => {
                names.files.insert(path, node);
            }
            Self::Unlink(path) => {
                names.files.remove(&path);
            }
            Self::Rename(from, to, node) => {
                names.files.remove(&from);
                names.files.insert(to, node);
            }
            Self::Dir(path) => {
                names.dirs.insert(path);
            }
        }
    }
}

/// What has a name: files by their nodes, and directories.
#[derive(Default, Clone)]
pub(super) struct Names {
    pub(super) files: BTreeMap<PathBuf, usize>,
    pub(super) dirs: BTreeSet<PathBuf>,
}

impl Names {
    /// Whether there is such a directory; the root always is.
    pub(super) fn has_dir(&self, dir: &Path) -> bool {
        dir.parent().is_none() || self.dirs.contains(dir)
    }

    /// A directory that is lost takes along all that lies in it.
    fn drop_orphans(&mut self) {
        let dirs = self.dirs.clone();
        let whole = |path: &Path| {
            path.ancestors()
                .skip(1)
                .all(|above| above.parent().is_none() || dirs.contains(above))
        };
        self.files.retain(|path, _| whole(path));
        self.dirs.retain(|path| whole(path));
    }
}

/// What is on the disk, and what of it is durable.
#[derive(Default)]
pub(super) struct State {
    pub(super) nodes: Vec<Node>,
    pub(super) names: Names,
    pub(super) durable_names: Names,
    pub(super) pending_names: Vec<Renaming>,
    /// Nodes that are locked, each by the handle that holds it.
    pub(super) locks: BTreeMap<usize, u64>,
    pub(super) handles: u64,
    pub(super) operations: u64,
    pub(super) mishap: Option<(u64, Mishap)>,
    pub(super) dead: bool,
    pub(super) life: u64,
    pub(super) random: u64,
}

impl State {
    fn draw(&mut self, below: u64) -> u64 {
        // splitmix64: small, seeded, good enough to choose what is lost.
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below.max(1)
    }

    /// Counts an operation; answers what goes wrong with it.
    pub(super) fn operate(&mut self) -> io::Result<Option<Mishap>> {
        if self.dead {
            return Err(io::Error::other("the power is gone"));
        }
        self.operations += 1;
        let Some((left, mishap)) = self.mishap else {
            return Ok(None);
        };
        if left > 0 {
            self.mishap = Some((left - 1, mishap));
            return Ok(None);
        }
        self.mishap = None;
        if mishap == Mishap::PowerLoss {
            self.dead = true;
            return Err(io::Error::other("the power is gone"));
        }
        Ok(Some(mishap))
    }

    pub(super) fn apply(bytes: &mut Vec<u8>, change: &Change) {
        match change {
            Change::Write(offset, new) => {
                let begin = usize::try_from(*offset).unwrap_or(usize::MAX);
                if bytes.len() < begin + new.len() {
                    bytes.resize(begin + new.len(), 0);
                }
                if let Some(slot) = bytes.get_mut(begin..begin + new.len()) {
                    slot.copy_from_slice(new);
                }
            }
            Change::Truncate(len) => bytes.resize(usize::try_from(*len).unwrap_or(0), 0),
        }
    }

    pub(super) fn change(&mut self, node: usize, change: Change) {
        if let Some(node) = self.nodes.get_mut(node) {
            Self::apply(&mut node.now, &change);
            node.pending.push(change);
        }
    }

    pub(super) fn lose_power(&mut self) {
        for number in 0..self.nodes.len() {
            let Some(mut node) = self.nodes.get(number).cloned() else {
                continue;
            };
            let mut pending = std::mem::take(&mut node.pending);
            let mut bytes = node.durable.clone();
            while !pending.is_empty() {
                let place = usize::try_from(self.draw(pending.len() as u64)).unwrap_or(0);
                let change = pending.remove(place);
                match (self.draw(3), change) {
                    (0, _) => {}
                    (1, Change::Write(offset, new)) => {
                        let keep = usize::try_from(self.draw(new.len() as u64 + 1)).unwrap_or(0);
                        Self::apply(
                            &mut bytes,
                            &Change::Write(offset, new.into_iter().take(keep).collect()),
                        );
                    }
                    (_, change) => Self::apply(&mut bytes, &change),
                }
            }
            node.now.clone_from(&bytes);
            node.durable = bytes;
            if let Some(slot) = self.nodes.get_mut(number) {
                *slot = node;
            }
        }
        let mut names = self.durable_names.clone();
        for renaming in std::mem::take(&mut self.pending_names) {
            if self.draw(2) == 0 {
                renaming.apply(&mut names);
            }
        }
        names.drop_orphans();
        self.names.clone_from(&names);
        self.durable_names = names;
    }

    /// The node of a file, which is made when it is not there.
    pub(super) fn node(&mut self, path: &Path) -> io::Result<usize> {
        if let Some(node) = self.names.files.get(path) {
            return Ok(*node);
        }
        if !path.parent().is_some_and(|dir| self.names.has_dir(dir)) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let node = self.nodes.len();
        self.nodes.push(Node::default());
        self.names.files.insert(path.to_owned(), node);
        self.pending_names
            .push(Renaming::Link(path.to_owned(), node));
        Ok(node)
    }

    /// Takes the lock of a node for a handle; false when another holds it.
    pub(super) fn lock(&mut self, node: usize, handle: u64) -> bool {
        *self.locks.entry(node).or_insert(handle) == handle
    }
}
