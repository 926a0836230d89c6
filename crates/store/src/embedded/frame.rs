//! The bytes of one frame: what one commit writes, whole or not at all. Every byte is covered by
//! one of two checksums (CRC-32C).
//!
//! Layout, integers big-endian: magic (4), length of the body (4), index of the first entry (8),
//! number of entries (4), checksum of these 20 bytes (4); then the body: each entry, the number
//! of commands and each command; then the checksum of the body (4).

use record::hash::Hash;
use uuid::Uuid;

use super::blob_form;
use crate::log_store::{CommandRow, Place};

const MAGIC: &[u8; 4] = b"SGF1";
/// Length of the header of a frame.
pub(crate) const HEADER: usize = 24;
/// Length of the checksum behind the body.
pub(crate) const TRAILER: usize = 4;
/// No frame is longer: a batch of 8 MiB, or a single entry with its largest blobs in files.
pub(crate) const BODY_MAX: usize = 64 * 1024 * 1024;

/// Where each entry of a frame lies in it: offset and length.
pub(crate) type EntryPlaces = Vec<(u32, u32)>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) first: u64,
    pub(crate) entries: Vec<FrameEntry>,
    pub(crate) commands: Vec<CommandRow>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FrameEntry {
    pub(crate) bytes: Vec<u8>,
    pub(crate) place: Place,
    pub(crate) erases: bool,
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
    pub(crate) first: u64,
    pub(crate) count: u32,
    pub(crate) body: usize,
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
    let (magic, body, first, count) = (reader.take(4)?, reader.u32()?, reader.u64()?, reader.u32()?);
    let covered = bytes.get(..HEADER - 4).ok_or("the frame is cut short")?;
    if magic != MAGIC {
        return Err("no frame begins here");
    }
    if reader.u32()? != crc32c::crc32c(covered) {
        return Err("the checksum of the frame's header does not hold");
    }
    let body = usize::try_from(body).map_err(|_| "the frame is too long")?;
    if body > BODY_MAX { Err("the frame is too long") } else { Ok(Header { first, count, body }) }
}

/// Writes a frame; also answers where each entry lies in it (offset, length).
pub(crate) fn encode(frame: &Frame) -> Option<(Vec<u8>, EntryPlaces)> {
    let mut bytes = vec![0; HEADER];
    let mut places = Vec::with_capacity(frame.entries.len());
    for entry in &frame.entries {
        let begin = bytes.len();
        write_entry(entry, &mut bytes)?;
        places.push((u32::try_from(begin).ok()?, u32::try_from(bytes.len() - begin).ok()?));
    }
    bytes.extend_from_slice(&u32::try_from(frame.commands.len()).ok()?.to_be_bytes());
    for command in &frame.commands {
        bytes.extend_from_slice(command.id.as_bytes());
        bytes.extend_from_slice(&command.input_mac);
        bytes.extend_from_slice(&command.first.to_be_bytes());
        bytes.extend_from_slice(&command.count.to_be_bytes());
    }
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
    bytes.push(u8::from(entry.erases));
    match entry.place {
        Place::System => bytes.push(0),
        Place::Event { stream, ordinal, seq, event_id } => {
            bytes.push(1);
            bytes.extend_from_slice(stream.as_bytes());
            bytes.extend_from_slice(&ordinal.to_be_bytes());
            bytes.extend_from_slice(&seq.to_be_bytes());
            bytes.extend_from_slice(event_id.as_bytes());
        }
    }
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
    let body = bytes.get(HEADER..HEADER + header.body).ok_or("the frame is cut short")?;
    let trailer = bytes.get(HEADER + header.body..header.frame_len()).ok_or("the frame is cut short")?;
    if trailer != crc32c::crc32c(body).to_be_bytes() {
        return Err("the checksum of the frame does not hold");
    }
    let mut reader = Reader(body);
    let (mut entries, mut places) = (Vec::new(), Vec::new());
    for _ in 0..header.count {
        let begin = HEADER + body.len() - reader.0.len();
        entries.push(read_entry(&mut reader)?);
        let end = HEADER + body.len() - reader.0.len();
        places.push((u32::try_from(begin).map_err(|_| FORM)?, u32::try_from(end - begin).map_err(|_| FORM)?));
    }
    let mut commands = Vec::new();
    for _ in 0..reader.u32()? {
        let id = reader.uuid()?;
        let input_mac = reader.take(32)?.try_into().map_err(|_| FORM)?;
        commands.push(CommandRow { id, input_mac, first: reader.u64()?, count: reader.u32()? });
    }
    if !reader.0.is_empty() || entries.is_empty() {
        return Err(FORM);
    }
    Ok((Frame { first: header.first, entries, commands }, places))
}

/// Reads one entry from its own bytes.
pub(crate) fn decode_entry(bytes: &[u8]) -> Result<FrameEntry, &'static str> {
    let mut reader = Reader(bytes);
    let entry = read_entry(&mut reader)?;
    if reader.0.is_empty() { Ok(entry) } else { Err("the entry is malformed") }
}

fn read_entry(reader: &mut Reader<'_>) -> Result<FrameEntry, &'static str> {
    let bytes = reader.counted()?.to_vec();
    let erases = reader.byte()? != 0;
    let place = match reader.byte()? {
        0 => Place::System,
        1 => Place::Event { stream: reader.uuid()?, ordinal: reader.u64()?, seq: reader.u64()?, event_id: reader.uuid()? },
        _ => return Err("the place of an entry is malformed"),
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
            3 => FrameBlob::File(Hash::new(content.try_into().map_err(|_| "a blob is malformed")?)),
            _ => return Err("a blob is malformed"),
        });
    }
    Ok(FrameEntry { bytes, place, erases, blobs })
}

/// Takes fields from the front of a slice.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], &'static str> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or("a field is cut short")?;
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

    fn uuid(&mut self) -> Result<Uuid, &'static str> {
        self.array().map(Uuid::from_bytes)
    }

    fn counted(&mut self) -> Result<&'a [u8], &'static str> {
        let count = usize::try_from(self.u32()?).map_err(|_| "a field is too long")?;
        self.take(count)
    }
}
