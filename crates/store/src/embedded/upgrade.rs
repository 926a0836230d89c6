//! Bringing a directory of an earlier form over to today's.
//!
//! Each segment is made anew beside the old one and takes its place when it is durable; a crash at
//! any moment is finished by running it again, and until then the directory is refused. Entries,
//! ciphertexts, checkpoints and the archive stay byte for byte as they are.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::places::Places;
use super::read_only::ReadOnly;
use super::segment::{self, PlacedFrame, Segment};
use super::state::leaves;
use super::{checkpoint_file, format_file, frame};
use crate::backend::opening::{OpenError, SignCommands, Upgraded};
use crate::disk::{Disk, make_dirs, write_new};
use record::positions::{LogIndex, Size};

/// The form of the log in a directory; `None` where no log was begun.
///
/// # Errors
/// [`OpenError::Corrupt`] if the directory does not say; [`OpenError::Io`] if the medium does not
/// answer.
pub(crate) fn form(disk: &dyn Disk, dir: &Path) -> Result<Option<u32>, OpenError> {
    format_file::read(disk, &Places::new(dir))
}

/// Brings a directory over. What stood beside the entries is compared with what they sign; the
/// commands of each commit are signed as they are found, which nothing vouched for until now.
/// `progress` hears how many bytes of the segment under way are written.
///
/// # Errors
/// [`OpenError::InUse`] if another process has it open; [`OpenError::Corrupt`] for damage that is
/// no torn end; [`OpenError::Format`] if a later version wrote it; [`OpenError::Io`] if there is no
/// log or the medium refused. The old journal is in force then, or running it again finishes the
/// switch.
pub(crate) fn upgrade(
    disk: &Arc<dyn Disk>,
    dir: &Path,
    sign: SignCommands<'_>,
    progress: &mut dyn FnMut(u64),
) -> Result<Upgraded, OpenError> {
    let places = Places::new(dir);
    let lock_path = places.lock();
    let lock = disk.lock(&lock_path).map_err(OpenError::io(&lock_path))?;
    let _lock = lock.ok_or_else(|| OpenError::InUse {
        place: dir.display().to_string(),
    })?;
    let Some(found) = format_file::read(&**disk, &places)? else {
        let source = std::io::Error::new(std::io::ErrorKind::NotFound, "there is no journal here");
        return Err(OpenError::Io {
            place: places.journal().display().to_string(),
            source,
        });
    };
    match found {
        format_file::FORMAT => Ok(Upgraded::Current),
        1 => {
            let entries = bring_over(disk, &places, sign, progress)?;
            Ok(Upgraded::From { form: 1, entries })
        }
        found => Err(OpenError::Format {
            place: dir.display().to_string(),
            found,
            expected: format_file::FORMAT,
        }),
    }
}

fn bring_over(
    disk: &Arc<dyn Disk>,
    places: &Places,
    sign: SignCommands<'_>,
    progress: &mut dyn FnMut(u64),
) -> Result<Size, OpenError> {
    // Read once as an audit would: whatever is damaged is found before anything is written.
    let entries = ReadOnly::open(Arc::clone(disk), places.dir())?
        .for_each_bare(&mut |_| ControlFlow::Continue(()))?
        .entries;
    let checkpoint = checkpoint_file::read(&**disk, &places.checkpoint())?;
    let checkpointed = checkpoint.map_or(Size::EMPTY, |checkpoint| checkpoint.size);
    let numbers = segment::numbers(&**disk, places)?;
    let mut next = LogIndex::FIRST;
    for (place, number) in numbers.iter().enumerate() {
        let old = Segment::open(&**disk, places, *number, false)?;
        if !old.is_old().map_err(OpenError::io(&old.path))? {
            // Brought over by a run that did not end.
            let end = old.scan(&mut next, &mut |_| Ok(()))?;
            old.judge(
                end,
                place + 1 == numbers.len(),
                next.size_before(),
                checkpointed,
            )?;
            continue;
        }
        let mut bytes = segment::header(next);
        let end = old.scan(&mut next, &mut |placed| {
            bytes.extend_from_slice(&signed(placed, &old, sign)?);
            progress(bytes.len() as u64);
            Ok(())
        })?;
        // A torn end is left behind, as opening does.
        old.judge(
            end,
            place + 1 == numbers.len(),
            next.size_before(),
            checkpointed,
        )?;
        let new = new_path(&old.path);
        write_new(&**disk, &new, &bytes).map_err(OpenError::io(&new))?;
        disk.rename(&new, &old.path)
            .map_err(OpenError::io(&old.path))?;
        disk.sync_dir(&places.journal())
            .map_err(OpenError::io(&places.journal()))?;
    }
    make_dirs(&**disk, &places.blobs()).map_err(OpenError::io(&places.blobs()))?;
    // Where things lie has changed: what vouched for the old index vouches for nothing now.
    match disk.remove(&places.index_digest()) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(OpenError::io(&places.index_digest())(error));
        }
        _ => {}
    }
    format_file::write(&**disk, places)?;
    Ok(entries)
}

fn new_path(path: &Path) -> PathBuf {
    path.with_extension("new")
}

fn signed(
    mut placed: PlacedFrame,
    old: &Segment,
    sign: SignCommands<'_>,
) -> Result<Vec<u8>, OpenError> {
    let frame = &mut placed.frame;
    frame.proof = Some(sign(frame.first, &leaves(frame), &frame.commands));
    frame::encode(frame)
        .map(|(bytes, _)| bytes)
        .ok_or_else(|| old.corrupt(placed.offset, "the frame is too long"))
}
