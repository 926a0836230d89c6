//! The chain over the records of an archive: each link is made from the one before and the record,
//! so that no record can be altered, removed or put in without changing every link behind it.

use record::hash::{Hash, Hasher, sha256};
use record::positions::Size;

use crate::log_store::ArchiveHead;

/// Leaves of a tree begin with 0, nodes with 1.
const PREFIX: u8 = 2;

/// What a record holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordKind {
    /// A cosigned checkpoint.
    Note = 1,
    /// A time stamp token.
    Token = 2,
    /// That records are missing here: its size is how many there should be in front of it, its body
    /// their link.
    Mark = 3,
}

impl RecordKind {
    /// The kind with this number.
    #[must_use]
    pub const fn of(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Note),
            2 => Some(Self::Token),
            3 => Some(Self::Mark),
            _ => None,
        }
    }
}

/// The head behind a record that follows another head.
#[must_use]
pub fn after(head: &ArchiveHead, kind: RecordKind, size: Size, body: &[u8]) -> ArchiveHead {
    let before = match (kind, body.try_into()) {
        (RecordKind::Mark, Ok(link)) => ArchiveHead {
            count: size.get(),
            link: Hash::new(link),
        },
        _ => *head,
    };
    let mut hasher = Hasher::default();
    hasher.update(&[PREFIX]);
    hasher.update(before.link.as_bytes());
    hasher.update(&[kind as u8]);
    hasher.update(&size.to_be_bytes());
    hasher.update(sha256(body).as_bytes());
    ArchiveHead {
        count: before.count.saturating_add(1),
        link: hasher.finish(),
    }
}
