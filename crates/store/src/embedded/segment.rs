//! One file of the journal: a header, then frames. Reading it decides what is a torn end and
//! what is damage.

use std::path::PathBuf;
use std::sync::Arc;

use record::hash::Hash;
use record::positions::{LogIndex, Size};
use sha2::{Digest, Sha256};

use super::frame::{self, EntryPlaces, Frame, HEADER};
use super::growing::is_free;
use super::places::{Places, segment_number};
use crate::backend::opening::OpenError;
use crate::disk::{Disk, DiskFile};

const MAGIC: &[u8; 8] = b"SAGSEG2\n";
/// Of segments that hold frames of the first form.
const OLD_MAGIC: &[u8; 8] = b"SAGSEG1\n";
/// Length of a segment's header: magic (8), index of the first entry (8), checksum (4).
pub(crate) const SEGMENT_HEADER: u64 = 20;

/// Where a frame lies in its segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FrameAt {
    pub(crate) begin: u64,
    pub(crate) end: u64,
}

/// An open segment.
#[derive(Clone)]
pub(crate) struct Segment {
    pub(crate) number: u32,
    pub(crate) path: PathBuf,
    pub(crate) file: Arc<dyn DiskFile>,
}

/// A frame as it lies in its segment.
pub(crate) struct PlacedFrame {
    pub(crate) frame: Frame,
    pub(crate) offset: u64,
    pub(crate) len: u64,
    pub(crate) places: EntryPlaces,
}

/// What is done with each frame.
pub(crate) type Visit<'a> = &'a mut dyn FnMut(PlacedFrame) -> Result<(), OpenError>;

/// Where good frames end in a segment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct End {
    /// The byte after the last good frame.
    pub(crate) offset: u64,
    /// Where the last good frame begins; the end when there is none.
    pub(crate) newest: u64,
    /// The first entry of the last good frame.
    pub(crate) newest_first: Option<LogIndex>,
    /// What follows it, if anything does.
    pub(crate) bad: Option<&'static str>,
    /// Length of the file.
    pub(crate) len: u64,
}

impl End {
    /// The last good frame; where there is none, nothing at the end.
    pub(crate) const fn newest_frame(&self) -> FrameAt {
        FrameAt {
            begin: self.newest,
            end: self.offset,
        }
    }
}

pub(crate) fn header(first: LogIndex) -> Vec<u8> {
    header_as(*MAGIC, first)
}

fn header_as(magic: [u8; 8], first: LogIndex) -> Vec<u8> {
    let mut bytes = magic.to_vec();
    bytes.extend_from_slice(&first.to_be_bytes());
    let checksum = crc32c::crc32c(&bytes);
    bytes.extend_from_slice(&checksum.to_be_bytes());
    bytes
}

/// The numbers of the segments, which must be 0, 1, 2 and so on.
pub(crate) fn numbers(disk: &dyn Disk, places: &Places) -> Result<Vec<u32>, OpenError> {
    let journal = places.journal();
    let names = disk.list(&journal).map_err(OpenError::io(&journal))?;
    let numbers: Vec<u32> = names
        .iter()
        .filter_map(|name| segment_number(name))
        .collect();
    for (expected, number) in (0..).zip(&numbers) {
        if expected != *number {
            return Err(OpenError::Corrupt {
                place: places.segment(expected).display().to_string(),
                offset: 0,
                what: "the segment is missing",
            });
        }
    }
    Ok(numbers)
}

impl Segment {
    /// Opens an existing segment.
    pub(crate) fn open(
        disk: &dyn Disk,
        places: &Places,
        number: u32,
        write: bool,
    ) -> Result<Self, OpenError> {
        let path = places.segment(number);
        let file = if write {
            disk.open_write(&path)
        } else {
            disk.open_read(&path)
        }
        .map_err(OpenError::io(&path))?;
        Ok(Self { number, path, file })
    }

    fn read(&self, offset: u64, len: usize) -> Result<Vec<u8>, OpenError> {
        let mut bytes = vec![0; len];
        self.file
            .read_exact_at(&mut bytes, offset)
            .map_err(OpenError::io(&self.path))?;
        Ok(bytes)
    }

    /// Whether it holds frames of the first form, as its header says.
    pub(crate) fn is_old(&self) -> std::io::Result<bool> {
        let mut magic = [0; 8];
        match self.file.read_exact_at(&mut magic, 0) {
            Ok(()) => Ok(magic == *OLD_MAGIC),
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// SHA-256 of its first `len` bytes.
    pub(crate) fn digest(&self, len: u64) -> std::io::Result<Hash> {
        let mut hasher = Sha256::new();
        let mut begin = 0;
        while begin < len {
            let step = usize::try_from(len - begin)
                .unwrap_or(usize::MAX)
                .min(1024 * 1024);
            let mut bytes = vec![0; step];
            self.file.read_exact_at(&mut bytes, begin)?;
            hasher.update(&bytes);
            begin += step as u64;
        }
        Ok(Hash::new(hasher.finalize().into()))
    }

    /// Index of the first entry, as the header says; a scan checks it.
    pub(crate) fn first(&self) -> std::io::Result<LogIndex> {
        let mut first = [0; 8];
        self.file.read_exact_at(&mut first, MAGIC.len() as u64)?;
        Ok(LogIndex::from_be_bytes(first))
    }

    /// Damage in this segment.
    pub(crate) fn corrupt(&self, offset: u64, what: &'static str) -> OpenError {
        OpenError::Corrupt {
            place: self.path.display().to_string(),
            offset,
            what,
        }
    }

    /// Hands every good frame to `visit`, from the first on; `next` is the index that the first
    /// entry must have, and afterwards that of the next one.
    pub(crate) fn scan(&self, next: &mut LogIndex, visit: Visit<'_>) -> Result<End, OpenError> {
        self.scan_until(u64::MAX, next, visit)
    }

    /// The same, but bytes from `until` on are not looked at: somebody may be writing them.
    pub(crate) fn scan_until(
        &self,
        until: u64,
        next: &mut LogIndex,
        visit: Visit<'_>,
    ) -> Result<End, OpenError> {
        let len = self
            .file
            .len()
            .map_err(OpenError::io(&self.path))?
            .min(until);
        let mut end = End {
            offset: 0,
            newest: 0,
            newest_first: None,
            bad: None,
            len,
        };
        if len < SEGMENT_HEADER {
            end.bad = Some("the segment is cut short");
            return Ok(end);
        }
        let old = self.is_old().map_err(OpenError::io(&self.path))?;
        let expected = if old {
            header_as(*OLD_MAGIC, *next)
        } else {
            header(*next)
        };
        if self.read(0, expected.len())? != expected {
            end.bad = Some("the header of the segment does not hold");
            return Ok(end);
        }
        (end.offset, end.newest) = (SEGMENT_HEADER, SEGMENT_HEADER);
        self.scan_frames(end, next, visit)
    }

    /// The same from a frame in its middle on: `from` is where the frame before begins, and where
    /// it ends.
    pub(crate) fn scan_behind(
        &self,
        (newest, offset): (u64, u64),
        until: u64,
        next: &mut LogIndex,
        visit: Visit<'_>,
    ) -> Result<End, OpenError> {
        let len = self.file.len().map_err(OpenError::io(&self.path))?;
        let end = End {
            offset,
            newest,
            newest_first: None,
            bad: None,
            len: len.min(until),
        };
        self.scan_frames(end, next, visit)
    }

    /// Goes on from the end that was reached.
    fn scan_frames(
        &self,
        mut end: End,
        next: &mut LogIndex,
        visit: Visit<'_>,
    ) -> Result<End, OpenError> {
        let (len, old) = (end.len, self.is_old().map_err(OpenError::io(&self.path))?);
        while end.offset < len {
            match self.frame_at(end.offset, len, old)? {
                Ok(mut placed) if placed.frame.first == *next => {
                    *next = next
                        .size_after(placed.frame.entries.len() as u64)
                        .next_index();
                    placed.offset = end.offset;
                    end.newest = end.offset;
                    end.newest_first = Some(placed.frame.first);
                    end.offset += placed.len;
                    visit(placed)?;
                }
                Ok(_) => {
                    end.bad = Some("the frame does not continue the log");
                    break;
                }
                Err(_) if self.is_free_from(end.offset, len)? => break,
                Err(what) => {
                    end.bad = Some(what);
                    break;
                }
            }
        }
        Ok(end)
    }

    fn frame_at(
        &self,
        offset: u64,
        len: u64,
        old: bool,
    ) -> Result<Result<PlacedFrame, &'static str>, OpenError> {
        let rest = len - offset;
        if rest < HEADER as u64 {
            return Ok(Err("the frame is cut short"));
        }
        let header = match frame::header(&self.read(offset, HEADER)?) {
            Ok(header) => header,
            Err(what) => return Ok(Err(what)),
        };
        if (header.frame_len() as u64) > rest {
            return Ok(Err("the frame is cut short"));
        }
        let bytes = self.read(offset, header.frame_len())?;
        if frame::is_old(&bytes) != old {
            return Ok(Err("the frame is of another form than its segment"));
        }
        let len = bytes.len() as u64;
        Ok(frame::decode(&bytes).map(|(frame, places)| PlacedFrame {
            frame,
            offset,
            len,
            places,
        }))
    }

    /// Whether everything from `offset` on is space that was filled ahead.
    fn is_free_from(&self, offset: u64, len: u64) -> Result<bool, OpenError> {
        let mut begin = offset;
        while begin < len {
            let step = usize::try_from(len - begin)
                .unwrap_or(usize::MAX)
                .min(1024 * 1024);
            if !is_free(&self.read(begin, step)?) {
                return Ok(false);
            }
            begin += step as u64;
        }
        Ok(true)
    }

    /// Whether a good frame lies anywhere after `offset`: then what is bad there is damage in the
    /// middle, and no torn end.
    pub(crate) fn good_frame_after(&self, offset: u64, len: u64) -> Result<bool, OpenError> {
        let window = usize::try_from(len - offset)
            .unwrap_or(usize::MAX)
            .min(frame::BODY_MAX * 2);
        let bytes = self.read(offset, window)?;
        let found = (1..bytes.len()).any(|place| {
            bytes.get(place..).is_some_and(|rest| {
                frame::header(rest).is_ok_and(|header| {
                    rest.get(..header.frame_len())
                        .is_some_and(|frame| frame::decode(frame).is_ok())
                })
            })
        });
        Ok(found)
    }

    /// What to do about bytes that are no frame: cut them off when they end the log and lie
    /// wholly after the checkpoint; anything else is damage.
    pub(crate) fn judge(
        &self,
        end: End,
        last: bool,
        size: Size,
        checkpointed: Size,
    ) -> Result<Option<u64>, OpenError> {
        let Some(what) = end.bad else { return Ok(None) };
        if !last || size < checkpointed || self.good_frame_after(end.offset, end.len)? {
            return Err(self.corrupt(end.offset, what));
        }
        Ok(Some(end.len - end.offset))
    }
}
