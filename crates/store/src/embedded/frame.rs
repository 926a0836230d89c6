//! The bytes of one frame: what one commit writes, whole or not at all. Every byte is covered by
//! one of two checksums (CRC-32C).
//!
//! Layout, integers big-endian: magic (4), length of the body (4), index of the first entry (8),
//! number of entries (4), checksum of these 20 bytes (4); then the body: each entry with its blobs,
//! the number of commands and each command, whether a signature under the commands follows (1) and
//! that signature (64); then the checksum of the body (4).
//!
//! Where an entry belongs does not stand beside it: it is read from the signed bytes. Frames of the
//! first form (magic `SGF1`) said it beside them and had no signature; they are read where an older
//! directory is brought over or audited.

use record::hash::Hash;
use record::outline::{EventOutline, Outline};
use record::positions::{LogIndex, Seq};
use uuid::Uuid;

use super::blob_form;
use crate::log_store::{CommandProof, CommandRow, INLINE_BYTES_MAX};

const MAGIC: &[u8; 4] = b"SGF2";
const OLD_MAGIC: &[u8; 4] = b"SGF1";
/// Length of the header of a frame.
pub(crate) const HEADER: usize = 24;
/// Length of the checksum behind the body.
pub(crate) const TRAILER: usize = 4;
/// No frame is longer: a batch of 8 MiB, or a single entry with its largest blobs in files.
pub(crate) const BODY_MAX: usize = 64 * 1024 * 1024;

/// Where each entry of a frame lies in it: offset and length.
pub(crate) type EntryPlaces = Vec<(u32, u32)>;

/// Whether a blob is short enough to lie in the frame of its entry; a longer one has a file.
pub(crate) const fn lies_in_frame(blob: &[u8]) -> bool {
    blob.len() <= INLINE_BYTES_MAX
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) first: LogIndex,
    pub(crate) entries: Vec<FrameEntry>,
    /// What each entry says of itself.
    pub(crate) outlines: Vec<Outline>,
    pub(crate) commands: Vec<CommandRow>,
    pub(crate) proof: Option<CommandProof>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FrameEntry {
    pub(crate) bytes: Vec<u8>,
    pub(crate) blobs: Vec<FrameBlob>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FrameBlob {
    Destroyed,
    Inline(Vec<u8>),
    /// A file of its own, named by its hash.
    File(Hash),
}

/// The header of a frame.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Header {
    pub(crate) first: LogIndex,
    pub(crate) count: u32,
    pub(crate) body: usize,
    /// Whether it is of the first form.
    old: bool,
}

impl Header {
    /// Length of the whole frame.
    pub(crate) const fn frame_len(self) -> usize {
        HEADER + self.body + TRAILER
    }
}

/// Reads a header.
pub(crate) fn header(bytes: &[u8]) -> Result<Header, &'static str> {
    let mut reader = Reader(bytes.get(..HEADER).ok_or("the frame is cut short")?);
    let (magic, body, first, count) = (
        reader.take(4)?,
        reader.u32()?,
        reader.index()?,
        reader.u32()?,
    );
    let covered = bytes.get(..HEADER - 4).ok_or("the frame is cut short")?;
    let old = magic == OLD_MAGIC;
    if !old && magic != MAGIC {
        return Err("no frame begins here");
    }
    if reader.u32()? != crc32c::crc32c(covered) {
        return Err("the checksum of the frame's header does not hold");
    }
    let body = usize::try_from(body).map_err(|_| "the frame is too long")?;
    if body > BODY_MAX {
        Err("the frame is too long")
    } else {
        Ok(Header {
            first,
            count,
            body,
            old,
        })
    }
}

/// Writes a frame; also answers where each entry lies in it (offset, length).
pub(crate) fn encode(frame: &Frame) -> Option<(Vec<u8>, EntryPlaces)> {
    let mut bytes = vec![0; HEADER];
    let mut places = Vec::with_capacity(frame.entries.len());
    for entry in &frame.entries {
        let begin = bytes.len();
        write_entry(entry, &mut bytes)?;
        places.push((
            u32::try_from(begin).ok()?,
            u32::try_from(bytes.len() - begin).ok()?,
        ));
    }
    bytes.extend_from_slice(&u32::try_from(frame.commands.len()).ok()?.to_be_bytes());
    for command in &frame.commands {
        bytes.extend_from_slice(command.id.as_bytes());
        bytes.extend_from_slice(&command.input_mac);
        bytes.extend_from_slice(&command.first.to_be_bytes());
        bytes.extend_from_slice(&command.count.to_be_bytes());
    }
    bytes.push(u8::from(frame.proof.is_some()));
    bytes.extend(frame.proof.iter().flat_map(|proof| proof.0));
    let (head, body) = bytes.split_at_mut_checked(HEADER)?;
    if body.len() > BODY_MAX {
        return None;
    }
    let checksum = crc32c::crc32c(body);
    let mut fields = Vec::with_capacity(HEADER);
    fields.extend_from_slice(MAGIC);
    fields.extend_from_slice(&u32::try_from(body.len()).ok()?.to_be_bytes());
    fields.extend_from_slice(&frame.first.to_be_bytes());
    fields.extend_from_slice(&u32::try_from(frame.entries.len()).ok()?.to_be_bytes());
    let own = crc32c::crc32c(&fields);
    fields.extend_from_slice(&own.to_be_bytes());
    head.copy_from_slice(&fields);
    bytes.extend_from_slice(&checksum.to_be_bytes());
    Some((bytes, places))
}

fn write_entry(entry: &FrameEntry, bytes: &mut Vec<u8>) -> Option<()> {
    bytes.extend_from_slice(&u32::try_from(entry.bytes.len()).ok()?.to_be_bytes());
    bytes.extend_from_slice(&entry.bytes);
    bytes.push(u8::try_from(entry.blobs.len()).ok()?);
    for blob in &entry.blobs {
        let packed;
        let (form, content): (u8, &[u8]) = match blob {
            FrameBlob::Destroyed => (0, &[]),
            FrameBlob::Inline(blob) => match blob_form::pack(blob) {
                Some(dense) => {
                    packed = dense;
                    (2, &packed)
                }
                None => (1, blob),
            },
            FrameBlob::File(hash) => (3, hash.as_bytes()),
        };
        bytes.push(form);
        bytes.extend_from_slice(&u32::try_from(content.len()).ok()?.to_be_bytes());
        bytes.extend_from_slice(content);
    }
    Some(())
}

/// Reads a whole frame; also answers where each entry lies in it.
pub(crate) fn decode(bytes: &[u8]) -> Result<(Frame, EntryPlaces), &'static str> {
    const FORM: &str = "the content of the frame is malformed";
    let header = header(bytes)?;
    let body = bytes
        .get(HEADER..HEADER + header.body)
        .ok_or("the frame is cut short")?;
    let trailer = bytes
        .get(HEADER + header.body..header.frame_len())
        .ok_or("the frame is cut short")?;
    if trailer != crc32c::crc32c(body).to_be_bytes() {
        return Err("the checksum of the frame does not hold");
    }
    let mut reader = Reader(body);
    let (mut entries, mut outlines, mut places) = (Vec::new(), Vec::new(), Vec::new());
    let end = header.first.size_after(u64::from(header.count));
    for index in header.first.up_to(end) {
        let begin = HEADER + body.len() - reader.0.len();
        let (entry, beside) = read_entry(&mut reader, header.old)?;
        let outline =
            Outline::read(&entry.bytes).map_err(|_| "an entry does not say where it belongs")?;
        if outline.index() != index {
            return Err("an entry belongs to another place in the log");
        }
        if beside.is_some_and(|beside| beside != Beside::of(&outline)) {
            return Err("what stands beside an entry is not what it says");
        }
        entries.push(entry);
        outlines.push(outline);
        let end = HEADER + body.len() - reader.0.len();
        places.push((
            u32::try_from(begin).map_err(|_| FORM)?,
            u32::try_from(end - begin).map_err(|_| FORM)?,
        ));
    }
    let mut commands = Vec::new();
    for _ in 0..reader.u32()? {
        let id = reader.uuid()?;
        let input_mac = reader.take(32)?.try_into().map_err(|_| FORM)?;
        let command = CommandRow {
            id,
            input_mac,
            first: reader.index()?,
            count: reader.u32()?,
        };
        if !command.is_within(header.first, u64::from(header.count)) {
            return Err("a command names entries outside its commit");
        }
        commands.push(command);
    }
    let proof = match if header.old { 0 } else { reader.byte()? } {
        0 => None,
        1 => Some(CommandProof(reader.array()?)),
        _ => return Err(FORM),
    };
    if !reader.0.is_empty() || entries.is_empty() {
        return Err(FORM);
    }
    Ok((
        Frame {
            first: header.first,
            entries,
            outlines,
            commands,
            proof,
        },
        places,
    ))
}

/// Whether a frame is of the first form.
pub(crate) fn is_old(bytes: &[u8]) -> bool {
    bytes.starts_with(OLD_MAGIC)
}

/// Reads one entry from its own bytes.
pub(crate) fn decode_entry(bytes: &[u8]) -> Result<FrameEntry, &'static str> {
    let mut reader = Reader(bytes);
    let (entry, _) = read_entry(&mut reader, false)?;
    if reader.0.is_empty() {
        Ok(entry)
    } else {
        Err("the entry is malformed")
    }
}

/// What frames of the first form said beside an entry: whether it erases, and where it belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Beside(bool, Option<(Uuid, u64, Option<Seq>, Uuid)>);

impl Beside {
    fn of(outline: &Outline) -> Self {
        match outline {
            Outline::System { .. } => Self(false, None),
            Outline::Event(EventOutline {
                stream,
                ordinal,
                seq,
                event_id,
                erases,
                ..
            }) => Self(*erases, Some((*stream, *ordinal, Some(*seq), *event_id))),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, &'static str> {
        let erases = reader.byte()? != 0;
        match reader.byte()? {
            0 => Ok(Self(erases, None)),
            1 => Ok(Self(
                erases,
                Some((
                    reader.uuid()?,
                    reader.u64()?,
                    Seq::new(reader.u64()?),
                    reader.uuid()?,
                )),
            )),
            _ => Err("the place of an entry is malformed"),
        }
    }
}

fn read_entry(
    reader: &mut Reader<'_>,
    old: bool,
) -> Result<(FrameEntry, Option<Beside>), &'static str> {
    let bytes = reader.counted()?.to_vec();
    let beside = if old {
        Some(Beside::read(reader)?)
    } else {
        None
    };
    let count = reader.byte()?;
    let mut blobs = Vec::with_capacity(usize::from(count));
    for _ in 0..count {
        let form = reader.byte()?;
        let content = reader.counted()?;
        blobs.push(match form {
            0 => FrameBlob::Destroyed,
            1 => FrameBlob::Inline(content.to_vec()),
            2 => FrameBlob::Inline(blob_form::unpack(content).ok_or("a blob is malformed")?),
            3 => FrameBlob::File(Hash::new(
                content.try_into().map_err(|_| "a blob is malformed")?,
            )),
            _ => return Err("a blob is malformed"),
        });
    }
    Ok((FrameEntry { bytes, blobs }, beside))
}

/// Takes fields from the front of a slice.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], &'static str> {
        let (taken, rest) = self
            .0
            .split_at_checked(count)
            .ok_or("a field is cut short")?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], &'static str> {
        self.take(N)?.try_into().map_err(|_| "a field is cut short")
    }

    fn byte(&mut self) -> Result<u8, &'static str> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn u32(&mut self) -> Result<u32, &'static str> {
        self.array().map(u32::from_be_bytes)
    }

    fn u64(&mut self) -> Result<u64, &'static str> {
        self.array().map(u64::from_be_bytes)
    }

    fn index(&mut self) -> Result<LogIndex, &'static str> {
        self.array().map(LogIndex::from_be_bytes)
    }

    fn uuid(&mut self) -> Result<Uuid, &'static str> {
        self.array().map(Uuid::from_bytes)
    }

    fn counted(&mut self) -> Result<&'a [u8], &'static str> {
        let count = usize::try_from(self.u32()?).map_err(|_| "a field is too long")?;
        self.take(count)
    }
}
