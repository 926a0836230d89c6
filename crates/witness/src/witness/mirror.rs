//! The mirror's part (C2SP tlog-mirror): `add-checkpoint` is answered by the witness alone; that
//! all of a checkpoint is kept is signed with other keys, and had with `add-entries`. Entries are
//! not taken from requests: they are fetched and replayed in front of the cosignature.

use std::io;

use verify::position::Size;

use super::{Answer, Witness};
use crate::state::origin_hash;

/// The content type of what a mirror tells of itself.
pub const MIRROR_TYPE: &str = "text/x.tlog.mirror-info";

/// The head of a request, in front of its packages.
struct Upload<'a> {
    origin: &'a str,
    start: Size,
    end: Size,
}

impl<'a> Upload<'a> {
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (length, rest) = bytes.split_first_chunk::<2>()?;
        let (origin, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        let (start, rest) = rest.split_first_chunk::<8>()?;
        let (end, rest) = rest.split_first_chunk::<8>()?;
        // A ticket would be one of this mirror, which gives none.
        rest.split_first_chunk::<2>()?;
        let (start, end) = (
            Size::new(u64::from_be_bytes(*start)),
            Size::new(u64::from_be_bytes(*end)),
        );
        let origin = std::str::from_utf8(origin).ok()?;
        (start <= end).then_some(Self { origin, start, end })
    }
}

impl Witness {
    /// Answers `add-entries` by the head of its request.
    pub fn add_entries(&self, head: &[u8]) -> Answer {
        let Some(upload) = Upload::parse(head) else {
            return Answer::refuse(400, "the head of the request is malformed");
        };
        let Some(mirror) = self
            .logs
            .get(upload.origin)
            .and_then(|log| log.mirror.as_ref())
        else {
            return Answer::refuse(404, "this log is not kept here");
        };
        match mirror.lines() {
            None => Answer::refuse(
                503,
                "nothing is signed for yet: it is with the next checkpoint that is added",
            ),
            Some((size, lines)) if (upload.start, upload.end) == (size, size) => Answer {
                status: 200,
                kind: "text/plain; charset=utf-8",
                body: lines,
            },
            Some((size, _)) => Answer {
                status: 409,
                kind: MIRROR_TYPE,
                body: format!("{size}\n{size}\n\n"),
            },
        }
    }

    /// A file of the mirror of the log whose origin has this hash (hexadecimal): its checkpoint,
    /// which bears the mirror's lines, or a tile.
    ///
    /// # Errors
    /// As the file system reports.
    pub fn mirrored(&self, hash: &str, path: &str) -> io::Result<Option<Vec<u8>>> {
        let log = self
            .logs
            .iter()
            .find(|(origin, _)| origin_hash(origin) == hash)
            .map(|(_, log)| log);
        log.and_then(|log| log.mirror.as_ref())
            .map_or(Ok(None), |mirror| mirror.file(path))
    }
}
