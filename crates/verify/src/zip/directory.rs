//! The directory of an archive, compared with the header that stands before every file.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek, SeekFrom};

use super::{
    DIRECTORY_BYTES_MAX, Entry, FILE_BYTES_MAX, FILES_MAX, Method, RATIO_FREE_BYTES, RATIO_MAX,
    TOTAL_BYTES_MAX, plain, wrong,
};
use crate::files::Failure;

/// How a file begins that is encrypted for transport.
const AGE: &[u8] = b"age-encryption.org/v1";
const END_BYTES: u64 = 22;
const END64_BYTES: u64 = 56;
const LOCATOR_BYTES: u64 = 20;
const CENTRAL_BYTES: usize = 46;
const LOCAL_BYTES: usize = 30;
/// A 16-bit or 32-bit field that says: the value stands in the 64-bit form.
const BIG16: u64 = 0xffff;
const BIG32: u64 = 0xffff_ffff;
/// Name in UTF-8.
const FLAG_UTF8: u64 = 1 << 11;
/// How hard the writer tried to compress; says nothing else.
const FLAGS_EFFORT: u64 = 0b110;

/// Little-endian fields, taken from the front.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn bytes(&mut self, count: usize) -> Result<&'a [u8], Failure> {
        let (taken, rest) = self
            .0
            .split_at_checked(count)
            .ok_or_else(|| wrong("the archive's directory ends too early"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn number(&mut self, count: usize) -> Result<u64, Failure> {
        Ok(self
            .bytes(count)?
            .iter()
            .rev()
            .fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn expect(&mut self, count: usize, value: u64, what: &str) -> Result<(), Failure> {
        if self.number(count)? == value {
            Ok(())
        } else {
            Err(wrong(what))
        }
    }
}

fn read_at<R: Read + Seek>(reader: &mut R, place: u64, count: u64) -> Result<Vec<u8>, Failure> {
    reader.seek(SeekFrom::Start(place))?;
    let mut bytes = Vec::new();
    reader.take(count).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == count {
        Ok(bytes)
    } else {
        Err(wrong("the archive ends too early"))
    }
}

/// Where the directory lies.
struct End {
    count: u64,
    bytes: u64,
    start: u64,
}

/// Reads the directory; every byte of the archive is accounted for afterwards.
pub(super) fn read<R: Read + Seek>(reader: &mut R) -> Result<BTreeMap<String, Entry>, Failure> {
    let end = end(reader)?;
    if end.count > FILES_MAX || end.bytes > DIRECTORY_BYTES_MAX {
        return Err(wrong("the archive holds too many files"));
    }
    let directory = read_at(reader, end.start, end.bytes)?;
    let mut fields = Fields(&directory);
    let mut found: Vec<(String, Entry)> = Vec::new();
    for _ in 0..end.count {
        found.push(central(&mut fields)?);
    }
    if !fields.0.is_empty() {
        return Err(wrong("the archive's directory holds more than its files"));
    }
    bounds(&found)?;
    found.sort_by_key(|(_, entry)| entry.header);
    let mut place = 0;
    for (name, entry) in &mut found {
        if entry.header != place {
            return Err(wrong(format!(
                "bytes before {name} belong to no file, or to two"
            )));
        }
        entry.data = local(reader, name, entry)?;
        place = entry
            .data
            .checked_add(entry.compressed)
            .ok_or_else(|| wrong(format!("{name} has an impossible size")))?;
    }
    if place != end.start {
        return Err(wrong(
            "bytes before the archive's directory belong to no file",
        ));
    }
    Ok(found.into_iter().collect())
}

/// The end of the archive, which must be its last bytes.
fn end<R: Read + Seek>(reader: &mut R) -> Result<End, Failure> {
    let length = reader.seek(SeekFrom::End(0))?;
    let place = length
        .checked_sub(END_BYTES)
        .ok_or_else(|| wrong("this is not a ZIP archive"))?;
    let bytes = read_at(reader, place, END_BYTES)?;
    let mut fields = Fields(&bytes);
    if fields.bytes(4)? != b"PK\x05\x06" {
        if read_at(reader, 0, AGE.len() as u64)? == AGE {
            return Err(wrong(
                "it is encrypted with age and must be decrypted first",
            ));
        }
        return Err(wrong(
            "the last bytes are not the end of a ZIP archive without a comment",
        ));
    }
    fields.expect(4, 0, "the archive is one of several volumes")?;
    let (here, count) = (fields.number(2)?, fields.number(2)?);
    let (bytes, start) = (fields.number(4)?, fields.number(4)?);
    fields.expect(2, 0, "the archive has a comment")?;
    if here != count {
        return Err(wrong("the archive is one of several volumes"));
    }
    let small = End {
        count,
        bytes,
        start,
    };
    if count != BIG16 && bytes != BIG32 && start != BIG32 {
        return if start.checked_add(bytes) == Some(place) {
            Ok(small)
        } else {
            Err(wrong("the directory is not where the archive says"))
        };
    }
    let big = end64(reader, place)?;
    let same = |small: u64, big: u64, mark: u64| {
        if small == mark {
            big >= mark
        } else {
            small == big
        }
    };
    if !(same(count, big.count, BIG16)
        && same(bytes, big.bytes, BIG32)
        && same(start, big.start, BIG32))
    {
        return Err(wrong(
            "the two ends of the archive differ, or the long one is not needed",
        ));
    }
    Ok(big)
}

/// The 64-bit end, which stands directly before its locator and the short end.
fn end64<R: Read + Seek>(reader: &mut R, place: u64) -> Result<End, Failure> {
    let start = place
        .checked_sub(LOCATOR_BYTES + END64_BYTES)
        .ok_or_else(|| wrong("the archive's long end is missing"))?;
    let bytes = read_at(reader, start, LOCATOR_BYTES + END64_BYTES)?;
    let mut fields = Fields(&bytes);
    if fields.bytes(4)? != b"PK\x06\x06" {
        return Err(wrong("the archive's long end is missing"));
    }
    fields.expect(
        8,
        END64_BYTES - 12,
        "the archive's long end has another length",
    )?;
    fields.number(4)?;
    fields.expect(8, 0, "the archive is one of several volumes")?;
    let (here, count) = (fields.number(8)?, fields.number(8)?);
    let end = End {
        count,
        bytes: fields.number(8)?,
        start: fields.number(8)?,
    };
    if here != count || fields.bytes(4)? != b"PK\x06\x07" {
        return Err(wrong("the archive's long end is malformed"));
    }
    fields.expect(4, 0, "the archive is one of several volumes")?;
    fields.expect(8, start, "the locator points elsewhere")?;
    fields.expect(4, 1, "the archive is one of several volumes")?;
    if end.start.checked_add(end.bytes) == Some(start) {
        Ok(end)
    } else {
        Err(wrong("the directory is not where the archive says"))
    }
}

/// One row of the directory.
fn central(fields: &mut Fields<'_>) -> Result<(String, Entry), Failure> {
    let mut row = Fields(fields.bytes(CENTRAL_BYTES)?);
    if row.bytes(4)? != b"PK\x01\x02" {
        return Err(wrong("a row of the archive's directory is malformed"));
    }
    let made_by = row.number(2)? >> 8;
    row.number(2)?;
    let (flags, method) = (row.number(2)?, row.number(2)?);
    row.number(4)?;
    let crc = u32::try_from(row.number(4)?).unwrap_or_default();
    let (compressed, size) = (row.number(4)?, row.number(4)?);
    let (name, extra, comment) = (row.number(2)?, row.number(2)?, row.number(2)?);
    row.expect(2, 0, "the archive is one of several volumes")?;
    row.number(2)?;
    let (attributes, header) = (row.number(4)?, row.number(4)?);
    let length = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    let name = self::name(fields.bytes(length(name))?, flags)?;
    let mut extra = Fields(fields.bytes(length(extra))?);
    let [size, compressed, header] = long(&mut extra, [size, compressed, header], &name)?;
    if comment != 0 {
        return Err(wrong(format!("{name} has a comment")));
    }
    let kind = if made_by == 3 { attributes >> 28 } else { 0 };
    if !matches!(kind, 0 | 8) || attributes & 0x10 != 0 {
        return Err(wrong(format!("{name} is not a regular file")));
    }
    Ok((
        name.clone(),
        Entry {
            method: self::method(method, &name)?,
            crc,
            compressed,
            size,
            header,
            data: 0,
        },
    ))
}

fn name(bytes: &[u8], flags: u64) -> Result<String, Failure> {
    let name =
        std::str::from_utf8(bytes).map_err(|_| wrong("a name in the archive is not UTF-8"))?;
    if flags & !(FLAG_UTF8 | FLAGS_EFFORT) != 0 {
        return Err(wrong(format!("{name} is encrypted or of unknown length")));
    }
    if !name.is_ascii() && flags & FLAG_UTF8 == 0 {
        return Err(wrong("a name in the archive is not marked as UTF-8"));
    }
    if !plain(name) {
        return Err(wrong(format!(
            "the name {} leads out of the archive or is malformed",
            name.escape_default()
        )));
    }
    Ok(name.to_owned())
}

fn method(method: u64, name: &str) -> Result<Method, Failure> {
    match method {
        0 => Ok(Method::Stored),
        8 => Ok(Method::Deflated),
        other => Err(wrong(format!("{name} is compressed by method {other}"))),
    }
}

/// Replaces the values that are marked as long by those of the 64-bit field, the only one allowed.
fn long<const N: usize>(
    extra: &mut Fields<'_>,
    values: [u64; N],
    name: &str,
) -> Result<[u64; N], Failure> {
    let count = values.iter().filter(|value| **value == BIG32).count();
    let superfluous = || wrong(format!("{name} has an extra field"));
    if count == 0 {
        return if extra.0.is_empty() {
            Ok(values)
        } else {
            Err(superfluous())
        };
    }
    if extra.number(2)? != 1 || extra.number(2)? != 8 * count as u64 {
        return Err(superfluous());
    }
    let mut long = values;
    for value in &mut long {
        if *value == BIG32 {
            *value = extra.number(8)?;
        }
    }
    if extra.0.is_empty() {
        Ok(long)
    } else {
        Err(superfluous())
    }
}

/// No name twice, also for readers that do not tell capitals apart; no bomb.
fn bounds(found: &[(String, Entry)]) -> Result<(), Failure> {
    let mut names = BTreeSet::new();
    let mut total = 0_u64;
    for (name, entry) in found {
        if !names.insert(name.to_lowercase()) {
            return Err(wrong(format!("{name} stands twice in the archive")));
        }
        if entry.method == Method::Stored && entry.size != entry.compressed {
            return Err(wrong(format!("{name} is stored and has two sizes")));
        }
        total = total.saturating_add(entry.size);
        let swells = entry.size > RATIO_FREE_BYTES && entry.size / RATIO_MAX > entry.compressed;
        if entry.size > FILE_BYTES_MAX || total > TOTAL_BYTES_MAX || swells {
            return Err(wrong(format!("{name} would grow beyond what is allowed")));
        }
    }
    Ok(())
}

/// Compares the local header with the directory; returns where the bytes of the file begin.
fn local<R: Read + Seek>(reader: &mut R, name: &str, entry: &Entry) -> Result<u64, Failure> {
    let fixed = read_at(reader, entry.header, LOCAL_BYTES as u64)?;
    let mut row = Fields(&fixed);
    let differs = || {
        wrong(format!(
            "the header of {name} and the archive's directory differ"
        ))
    };
    if row.bytes(4)? != b"PK\x03\x04" {
        return Err(differs());
    }
    row.number(2)?;
    let (flags, kind) = (row.number(2)?, row.number(2)?);
    row.number(4)?;
    let crc = row.number(4)?;
    let (compressed, size) = (row.number(4)?, row.number(4)?);
    let (name_bytes, extra_bytes) = (row.number(2)?, row.number(2)?);
    let behind = entry.header + LOCAL_BYTES as u64;
    let rest = read_at(reader, behind, name_bytes + extra_bytes)?;
    let mut rest = Fields(&rest);
    let own = self::name(
        rest.bytes(usize::try_from(name_bytes).unwrap_or(usize::MAX))?,
        flags,
    )?;
    let [size, compressed] = long(&mut rest, [size, compressed], name)?;
    let same = own == name
        && u64::from(entry.crc) == crc
        && (size, compressed) == (entry.size, entry.compressed);
    if !same || method(kind, name)? != entry.method {
        return Err(differs());
    }
    Ok(behind + name_bytes + extra_bytes)
}
