//! Comparing the newest generation of the index with what the journal gives. Nothing is written, and
//! no key is needed.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::block_cache::BlockCache;
use super::index::{Index, Tenant};
use super::index_home::{self, Vouched};
use super::merged::Merged;
use super::read_only::ReadOnly;
use super::run::{Run, read_text};
use super::state::{Derived, Tally, is_front, leaves};
use crate::backend::opening::OpenError;
use crate::backend::view::IndexCheck;
use crate::index_store::{Extent, IndexError, IndexRow, IndexRows, Made};
use record::positions::LogIndex;

/// How often, and after what pause, a generation is looked at again that does not fit the journal.
const TRIES: usize = 5;
const PAUSE: Duration = Duration::from_millis(200);

fn index_error(dir: &Path) -> impl Fn(IndexError) -> OpenError + '_ {
    |error| OpenError::Index {
        place: dir.display().to_string(),
        what: error.0,
    }
}

fn drift(what: impl Into<String>) -> IndexCheck {
    IndexCheck::Drift { what: what.into() }
}

/// What a row is about, by its key.
fn kind(key: &[u8]) -> &'static str {
    match key.get(4) {
        Some(b'e') => "where entries lie",
        Some(b'h') => "the newest entry of a stream",
        Some(b'u') => "the number of a stream",
        Some(b's') => "the entries of a stream",
        Some(b'i') => "an event id",
        Some(b'c') => "a command",
        Some(b'r') => "an erasing entry",
        Some(b'n') => "a node of the tree",
        _ => "nothing that is known",
    }
}

/// The rows of a generation, as they lie on disk.
struct Kept(Vec<Run>);

impl IndexRows for Kept {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, IndexError> {
        let found = self.0.iter().rev().map(|run| run.get(key));
        found.filter_map(Result::transpose).next().transpose()
    }

    fn count(&self) -> Result<u64, IndexError> {
        let (mut merged, mut count) = (Merged::of(self.0.iter())?, 0);
        while merged.next()?.is_some() {
            count += 1;
        }
        Ok(count)
    }

    fn put(&self, _rows: Vec<IndexRow>) -> Result<(), IndexError> {
        Err(IndexError("it is only read".to_owned()))
    }

    fn close(&self) -> Result<(), IndexError> {
        Ok(())
    }
}

impl ReadOnly {
    /// Compares every row of the newest generation of the index with what the journal gives. What the
    /// journal holds behind that is in no generation yet. `progress` hears of entries done.
    ///
    /// # Errors
    /// [`OpenError::Corrupt`] if the journal is damaged; [`OpenError::Io`] if a file could not be
    /// read; [`OpenError::Index`] if the index gave no answer.
    pub fn check_index(
        &self,
        tenant: [u8; 4],
        progress: &mut dyn FnMut(u64),
    ) -> Result<IndexCheck, OpenError> {
        let (disk, path) = (&*self.disk, self.places.index_digest());
        let read = || read_text(disk, &path).map_err(OpenError::io(&path));
        let Some(text) = read()? else {
            return Ok(IndexCheck::Unsealed);
        };
        let Some(vouched) = Vouched::decode(&text).map(|(vouched, _)| vouched) else {
            return Ok(drift("what vouches for it is malformed"));
        };
        let checked = if self.holds(&vouched)? {
            self.check_vouched(tenant, &vouched, progress)?
        } else if self.is_being_changed(&vouched, &text)? {
            IndexCheck::Unsealed
        } else {
            drift("it does not reflect the front of this journal")
        };
        // Whoever has the log open may have put another generation in its place meanwhile.
        if read()?.is_some_and(|now| now == text) {
            Ok(checked)
        } else {
            Ok(IndexCheck::Unsealed)
        }
    }

    /// Whether a generation that does not reflect the front of the journal as it was listed is only
    /// behind or ahead of it for a moment. Whoever has the log open begins segments; and an eraser writes
    /// one anew first, and the generation that knows of it a moment later.
    fn is_being_changed(&self, vouched: &Vouched, text: &str) -> Result<bool, OpenError> {
        let path = self.places.index_digest();
        for wait in std::iter::once(Duration::ZERO).chain([PAUSE; TRIES]) {
            std::thread::sleep(wait);
            let now = read_text(&*self.disk, &path).map_err(OpenError::io(&path))?;
            if now.as_deref() != Some(text)
                || Self::open(Arc::clone(&self.disk), self.places.dir())?.holds(vouched)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a generation reflects the front of the journal, as it was listed.
    fn holds(&self, vouched: &Vouched) -> Result<bool, OpenError> {
        let front = is_front(&self.segments, &vouched.extent);
        front.map_err(OpenError::io(&self.places.journal()))
    }

    fn check_vouched(
        &self,
        tenant: Tenant,
        vouched: &Vouched,
        progress: &mut dyn FnMut(u64),
    ) -> Result<IndexCheck, OpenError> {
        let disk = &*self.disk;
        for note in &vouched.runs {
            let path = index_home::run_path(&self.places, vouched.number, note.run);
            match Run::is_as_noted(disk, &path, note) {
                Ok(true) => {}
                Ok(false) => {
                    return Ok(drift("its files are not those that were vouched for"));
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return Ok(drift("files of it are missing"));
                }
                Err(error) => return Err(OpenError::io(&path)(error)),
            }
        }
        let cache = Arc::<BlockCache>::default();
        let runs = match index_home::open_runs(disk, &self.places, None, vouched, &cache) {
            Ok(runs) => runs,
            Err(error) => return Ok(drift(error.0)),
        };
        let number = vouched.number;
        let rows = Box::new(Kept(runs));
        let index = Index::new(tenant, Made { number, rows });
        self.compare(tenant, &index, &vouched.extent, progress)
            .map_err(|error| match error {
                Fault::Open(error) => error,
                Fault::Index(error) => index_error(&self.places.index())(error),
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
                if known.tally.size >= extent.size {
                    return Ok(());
                }
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
