//! Names and limits of the files of a log.

use std::path::{Path, PathBuf};

use record::hash::Hash;
use record::positions::{LogIndex, Size};

/// A segment is closed when the next frame would make it longer.
pub(crate) const SEGMENT_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// The directory of a log.
#[derive(Debug, Clone)]
pub(crate) struct Places(PathBuf);

impl Places {
    pub(crate) fn new(dir: &Path) -> Self {
        Self(dir.to_owned())
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.0
    }

    pub(crate) fn journal(&self) -> PathBuf {
        self.0.join("journal")
    }

    pub(crate) fn segment(&self, number: u32) -> PathBuf {
        self.journal().join(format!("{number:06}.seg"))
    }

    pub(crate) fn blobs(&self) -> PathBuf {
        self.0.join("blobs")
    }

    /// Named by place and content, so that writing one twice is harmless.
    pub(crate) fn blob(&self, index: LogIndex, part: usize, hash: &Hash) -> PathBuf {
        let hash: String = hash.to_hex().chars().take(32).collect();
        self.blobs()
            .join(format!("{:016x}-{part:02x}-{hash}", index.get()))
    }

    /// A blob that belongs to no entry yet.
    pub(crate) fn staged(&self, hash: &Hash) -> PathBuf {
        self.blobs().join(format!("{STAGED}{hash}"))
    }

    pub(crate) fn checkpoint(&self) -> PathBuf {
        self.0.join("checkpoint")
    }

    pub(crate) fn archive(&self) -> PathBuf {
        self.0.join("archive")
    }

    /// The latest note of the largest archived size, while that can still be replaced.
    pub(crate) fn archive_latest(&self) -> PathBuf {
        self.0.join("archive.latest")
    }

    pub(crate) fn lock(&self) -> PathBuf {
        self.0.join("lock")
    }

    pub(crate) fn format(&self) -> PathBuf {
        self.0.join("format")
    }

    pub(crate) fn index(&self) -> PathBuf {
        self.0.join("index")
    }

    pub(crate) fn index_digest(&self) -> PathBuf {
        self.0.join("index.digest")
    }
}

const STAGED: &str = "staged-";

/// Whether a file among the blobs belongs to no entry of a log of this size: an upload that was
/// broken off, or a commit that never came to be.
pub(crate) fn is_stray(name: &str, size: Size) -> bool {
    let index = name
        .get(..16)
        .and_then(|digits| u64::from_str_radix(digits, 16).ok())
        .map(LogIndex::new);
    name.starts_with(STAGED)
        || Path::new(name).extension().is_some_and(|end| end == "new")
        || index.is_some_and(|index| !size.holds(index))
}

/// The number in a segment's name.
pub(crate) fn segment_number(name: &str) -> Option<u32> {
    name.strip_suffix(".seg")
        .filter(|digits| digits.len() == 6)?
        .parse()
        .ok()
}
