//! The stored checkpoint: one small text file, replaced as a whole.

use std::path::Path;

use record::positions::Size;

use crate::backend::opening::OpenError;
use crate::disk::Disk;
use crate::log_store::StoredCheckpoint;

const MAGIC: &str = "sagsspor checkpoint 1";

fn checksum(size: Size, note: &str) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&size.to_be_bytes()), note.as_bytes())
}

/// The text of the file.
pub(crate) fn encode(checkpoint: &StoredCheckpoint) -> String {
    format!(
        "{MAGIC}\n{}\n{:08x}\n{}",
        checkpoint.size,
        checksum(checkpoint.size, &checkpoint.note),
        checkpoint.note
    )
}

fn decode(text: &str) -> Option<StoredCheckpoint> {
    let mut lines = text.splitn(4, '\n');
    let (magic, size, sum, note) = (lines.next()?, lines.next()?, lines.next()?, lines.next()?);
    let checkpoint = StoredCheckpoint {
        size: size.parse().ok()?,
        note: note.to_owned(),
    };
    (magic == MAGIC && sum.len() == 8 && encode(&checkpoint) == text).then_some(checkpoint)
}

/// Reads the file; none when there is none.
pub(crate) fn read(disk: &dyn Disk, path: &Path) -> Result<Option<StoredCheckpoint>, OpenError> {
    let file = match disk.open_read(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(OpenError::io(path)(error)),
    };
    let corrupt = || OpenError::Corrupt {
        place: path.display().to_string(),
        offset: 0,
        what: "the checkpoint is malformed",
    };
    let len = usize::try_from(file.len().map_err(OpenError::io(path))?).map_err(|_| corrupt())?;
    if len > 1024 * 1024 {
        return Err(corrupt());
    }
    let mut bytes = vec![0; len];
    file.read_exact_at(&mut bytes, 0)
        .map_err(OpenError::io(path))?;
    String::from_utf8(bytes)
        .ok()
        .as_deref()
        .and_then(decode)
        .map(Some)
        .ok_or_else(corrupt)
}
