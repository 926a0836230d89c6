//! Which form a directory has: a small text file that is written once.

use std::path::Path;

use super::places::Places;
use super::rewrite::replace_file;
use super::segment::{self, Segment};
use crate::backend::opening::OpenError;
use crate::disk::{Disk, read_all};

/// The form that is written.
pub(crate) const FORMAT: u32 = 2;

fn text(format: u32) -> String {
    format!("sagsspor log {format}\n")
}

fn parse(text: &str) -> Option<u32> {
    let format = text
        .strip_prefix("sagsspor log ")?
        .trim_end()
        .parse()
        .ok()?;
    (self::text(format) == text).then_some(format)
}

/// The form of a directory; none of one in which no log was begun. Before there was such a file the
/// form was 1.
pub(crate) fn read(disk: &dyn Disk, places: &Places) -> Result<Option<u32>, OpenError> {
    let path = places.format();
    match read_all(disk, &path) {
        Ok(bytes) => std::str::from_utf8(&bytes)
            .ok()
            .and_then(parse)
            .map(Some)
            .ok_or(OpenError::Corrupt {
                place: path.display().to_string(),
                offset: 0,
                what: "it does not say which form the directory has",
            }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let begun = !segment::numbers(disk, places)?.is_empty();
            Ok(begun.then(|| form_of_first(disk, places)).transpose()?)
        }
        Err(error) => Err(OpenError::io(&path)(error)),
    }
}

/// A crash may leave a first segment of today's form without the file.
fn form_of_first(disk: &dyn Disk, places: &Places) -> Result<u32, OpenError> {
    let first = Segment::open(disk, places, 0, false)?;
    Ok(if first.is_old().map_err(OpenError::io(&first.path))? {
        1
    } else {
        FORMAT
    })
}

/// Refuses a directory of another form, and states the form of a new one.
pub(crate) fn settle(disk: &dyn Disk, places: &Places) -> Result<(), OpenError> {
    let found = read(disk, places)?;
    if let Some(found) = found.filter(|found| *found != FORMAT) {
        return Err(OpenError::Format {
            place: places.dir().display().to_string(),
            found,
            expected: FORMAT,
        });
    }
    let path = places.format();
    if found.is_none() || !exists(disk, &path)? {
        write(disk, places)?;
    }
    Ok(())
}

fn exists(disk: &dyn Disk, path: &Path) -> Result<bool, OpenError> {
    match disk.open_read(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(OpenError::io(path)(error)),
    }
}

/// States today's form.
pub(crate) fn write(disk: &dyn Disk, places: &Places) -> Result<(), OpenError> {
    let path = places.format();
    replace_file(disk, &path, text(FORMAT).as_bytes())
        .map_err(|error| OpenError::io(&path)(std::io::Error::other(error)))
}
