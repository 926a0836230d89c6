//! Comparing the index that a clean stop left with one made from the journal. Only a copy of it is
//! opened, because sled writes wherever it opens.

use std::fs;
use std::io;
use std::path::Path;

use super::index::{Index, Tenant};
use super::read_only::ReadOnly;
use super::sled_home::{self, Vouched};
use super::sled_index::SledIndex;
use super::state::{Derived, Tally, leaves};
use crate::backend::opening::OpenError;
use crate::backend::view::IndexCheck;
use crate::index_store::{Extent, IndexError, IndexRow, Made};
use record::positions::LogIndex;

fn index_error(dir: &Path) -> impl Fn(IndexError) -> OpenError + '_ {
    |error| OpenError::Index {
        place: dir.display().to_string(),
        what: error.0,
    }
}

/// Copies a folder with all that is in it.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn drift(what: impl Into<String>) -> IndexCheck {
    IndexCheck::Drift { what: what.into() }
}

/// What a row is about, by its key.
fn kind(key: &[u8]) -> &'static str {
    match key.get(4) {
        Some(b'e') => "where entries lie",
        Some(b'h') => "the newest entry of a stream",
        Some(b'o') => "the number of a stream",
        Some(b's') => "the entries of a stream",
        Some(b'i') => "an event id",
        Some(b'c') => "a command",
        Some(b'r') => "an erasing entry",
        Some(b'n') => "a node of the tree",
        _ => "nothing that is known",
    }
}

impl ReadOnly {
    /// Compares every row of the index with what the journal gives. `scratch` is an empty folder to
    /// which the index is copied; the caller removes it. `progress` hears of entries done.
    ///
    /// # Errors
    /// [`OpenError::Corrupt`] if the journal is damaged; [`OpenError::Io`] if a file could not be
    /// read or copied; [`OpenError::Index`] if the copy gave no answer.
    pub fn check_index(
        &self,
        tenant: [u8; 4],
        scratch: &Path,
        progress: &mut dyn FnMut(u64),
    ) -> Result<IndexCheck, OpenError> {
        let seal_path = self.places.index_digest();
        let Ok(text) = fs::read_to_string(&seal_path) else {
            return Ok(IndexCheck::Unsealed);
        };
        let vouched = Vouched::decode(&text).map(|(vouched, _)| vouched);
        let Some(vouched) = vouched else {
            return Ok(drift("what vouches for it is malformed"));
        };
        let copied = copy_folder(&sled_home::folder(&self.places, vouched.number), scratch);
        // Opening the log removes the seal first: if it is gone, the copy may be of an index in use.
        if !fs::read_to_string(&seal_path).is_ok_and(|now| now == text) {
            return Ok(IndexCheck::Unsealed);
        }
        match copied {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(drift("files of it are missing"));
            }
            copied => copied.map_err(OpenError::io(&self.places.index()))?,
        }
        let digest = sled_home::digest(scratch).map_err(OpenError::io(scratch))?;
        if digest != vouched.digest {
            return Ok(drift("its files are not those that a clean stop left"));
        }
        let index = match SledIndex::open(scratch) {
            Ok(rows) => Index::new(
                tenant,
                Made {
                    number: vouched.number,
                    rows: Box::new(rows),
                },
            ),
            Err(error) => return Ok(drift(error.0)),
        };
        self.compare(tenant, &index, &vouched.extent, progress)
            .map_err(|error| match error {
                Fault::Open(error) => error,
                Fault::Index(error) => index_error(scratch)(error),
            })
    }

    fn compare(
        &self,
        tenant: Tenant,
        index: &Index,
        extent: &Extent,
        progress: &mut dyn FnMut(u64),
    ) -> Result<IndexCheck, Fault> {
        let mut known = Derived::new(tenant);
        let (mut next, mut rows, mut other) = (LogIndex::FIRST, 0, None);
        for segment in &self.segments {
            let mut failed = None;
            segment.scan(&mut next, &mut |placed| {
                let made = known.absorb(
                    &placed.frame,
                    &leaves(&placed.frame),
                    &placed.places,
                    segment.number,
                    placed.offset,
                );
                let made = made.map_err(|error| segment.corrupt(placed.offset, error.0))?;
                progress(known.tally.size.get());
                if other.is_none() && failed.is_none() {
                    match first_other(index, &made) {
                        Ok(found) => other = found,
                        Err(error) => failed = Some(error),
                    }
                }
                rows += made.len() as u64;
                Ok(())
            })?;
            if let Some(error) = failed {
                return Err(error.into());
            }
        }
        if other.is_none() {
            let rest = known.paged.rest(tenant);
            rows += rest.len() as u64;
            other = first_other(index, &rest)?;
        }
        let held = index.count()?;
        let Tally {
            size,
            streams,
            erasing,
            ..
        } = known.tally;
        Ok(match other {
            Some(what) => drift(format!(
                "a row about {what} is not the one that the journal gives"
            )),
            None if (extent.size, extent.streams, extent.erasing) != (size, streams, erasing) => {
                drift(format!(
                    "it reflects {} entries, the journal has {size}",
                    extent.size
                ))
            }
            None if held != rows => drift(format!("it has {held} rows, the journal gives {rows}")),
            None => IndexCheck::Same { rows },
        })
    }
}

/// What the first row that differs is about.
fn first_other(index: &Index, rows: &[IndexRow]) -> Result<Option<&'static str>, IndexError> {
    for (key, value) in rows {
        if index.value(key)?.as_ref() != Some(value) {
            return Ok(Some(kind(key)));
        }
    }
    Ok(None)
}

enum Fault {
    Open(OpenError),
    Index(IndexError),
}

impl From<OpenError> for Fault {
    fn from(error: OpenError) -> Self {
        Self::Open(error)
    }
}

impl From<IndexError> for Fault {
    fn from(error: IndexError) -> Self {
        Self::Index(error)
    }
}
