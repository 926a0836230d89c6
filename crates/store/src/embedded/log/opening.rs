//! Opening a log: what lies in its directory, and whether it may be written.

use std::sync::Arc;

use super::EmbeddedStore;
use super::healing::Healing;
use super::stop::Stop;
use crate::disk::{Disk, Held, make_dirs};
use crate::embedded::archive::Archive;
use crate::embedded::options::Options;
use crate::embedded::places::Places;
use crate::embedded::rebuild::{Demands, NewestCommit};
use crate::embedded::writer::Writer;
use crate::embedded::{OpenError, checkpoint_file, format_file, rebuild, rewrite};
use crate::log_store::{StoredCheckpoint, UnusableReason};
use crate::sync::{Mutex, PoisonError, RwLock};
use record::positions::{LogIndex, Size};

/// What a log is opened for.
enum Purpose<'a> {
    Use,
    /// To bring back what is missing up to a checkpoint.
    Repair(&'a StoredCheckpoint),
    /// To go on without the newest commit, under the lock that is held already.
    Without(NewestCommit, Box<dyn Held>),
}

impl EmbeddedStore {
    /// Opens a log, or begins a new one. `progress` hears of bytes done and to do while the index
    /// is made anew.
    ///
    /// # Errors
    /// [`OpenError::InUse`] if another process has it open; [`OpenError::Corrupt`] for damage that
    /// is no torn end; [`OpenError::RolledBack`] if the journal ends before the stored checkpoint
    /// or before what the archive knows; [`OpenError::Format`] if another version wrote it;
    /// [`OpenError::Io`] if the medium refused; [`OpenError::Index`] if no index could be made.
    /// Nothing was changed then, except that a lock file may exist.
    pub fn open(
        disk: Arc<dyn Disk>,
        options: &Options,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, OpenError> {
        let store = Self::open_unswept(disk, options, progress)?;
        store.sweep()?;
        Ok(store)
    }

    /// Opens a log without destroying what belongs to none of its entries: in a store that was
    /// rolled back that may be what later entries need. [`EmbeddedStore::sweep`] does it.
    ///
    /// # Errors
    /// As [`EmbeddedStore::open`].
    pub fn open_unswept(
        disk: Arc<dyn Disk>,
        options: &Options,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, OpenError> {
        Self::open_as(disk, options, Purpose::Use, progress)
    }

    /// The first entry of the newest commit that was found at opening, if it may be left out: it lies
    /// wholly behind the stored checkpoint, and still ends the log.
    #[must_use]
    pub fn newest_commit(&self) -> Option<LogIndex> {
        let NewestCommit { first, frame } = self.newest?;
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if writer.tail.end() != frame.1 {
            return None;
        }
        let state = self.state();
        let checkpointed = state
            .checkpoint
            .as_ref()
            .map_or(Size::EMPTY, |stored| stored.size);
        (first.size_before() >= checkpointed).then_some(first)
    }

    /// Opens the log again as if it ended in front of its newest commit, see
    /// [`EmbeddedStore::newest_commit`]. The bytes of that commit stay where they are until
    /// [`EmbeddedStore::sweep`]; nothing may be written before. It must be given what the log was
    /// opened with.
    ///
    /// # Errors
    /// As [`EmbeddedStore::open`].
    pub fn without_newest_commit(
        self,
        disk: Arc<dyn Disk>,
        options: &Options,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, OpenError> {
        let Some(newest) = self.newest.filter(|_| self.newest_commit().is_some()) else {
            return Ok(self);
        };
        let lock = {
            let store = self;
            // The rest goes, and what the journal itself is locked with.
            let Self { lock, .. } = store;
            lock
        };
        Self::open_as(disk, options, Purpose::Without(newest, lock), progress)
    }

    /// Opens a log that is behind what is known of it, so that what is missing can be brought back
    /// from a copy; for nothing else. `announced` is what it will lead to: it takes the place of a
    /// smaller stored checkpoint first, so that [`EmbeddedStore::open`] refuses the log until all of
    /// it is there.
    ///
    /// # Errors
    /// As [`EmbeddedStore::open`], without [`OpenError::RolledBack`].
    pub fn open_behind(
        disk: Arc<dyn Disk>,
        options: &Options,
        announced: &StoredCheckpoint,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, OpenError> {
        let store = Self::open_as(disk, options, Purpose::Repair(announced), progress)?;
        store.sweep()?;
        Ok(store)
    }

    fn open_as(
        disk: Arc<dyn Disk>,
        options: &Options,
        purpose: Purpose<'_>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, OpenError> {
        let (announced, left_out, lock) = match purpose {
            Purpose::Use => (None, None, None),
            Purpose::Repair(announced) => (Some(announced), None, None),
            Purpose::Without(newest, lock) => (None, Some(newest), Some(lock)),
        };
        let places = Places::new(&options.dir);
        // Every name is durable before anything is acknowledged that lies under it.
        for dir in [places.dir().to_owned(), places.journal(), places.blobs()] {
            make_dirs(&*disk, &dir).map_err(OpenError::io(&dir))?;
        }
        let lock_path = places.lock();
        let lock = match lock {
            Some(lock) => Some(lock),
            None => disk.lock(&lock_path).map_err(OpenError::io(&lock_path))?,
        };
        let lock = lock.ok_or_else(|| OpenError::InUse {
            place: places.dir().display().to_string(),
        })?;
        format_file::settle(&*disk, &places)?;
        let mut checkpoint = checkpoint_file::read(&*disk, &places.checkpoint())?;
        if let Some(announced) = announced.filter(|announced| {
            checkpoint
                .as_ref()
                .is_none_or(|known| known.size < announced.size)
        }) {
            let path = places.checkpoint();
            rewrite::replace_file(&*disk, &path, checkpoint_file::encode(announced).as_bytes())
                .map_err(|error| OpenError::io(&path)(std::io::Error::other(error)))?;
            checkpoint = Some(announced.clone());
        }
        let demands = Demands {
            checkpoint: checkpoint.clone().filter(|_| announced.is_none()),
            left_out,
        };
        let home = options.index.home(&disk, &places);
        let mut opened = rebuild::open(&*disk, &places, options, &*home, demands, progress)?;
        opened.state.checkpoint = checkpoint;
        let size = opened.state.known.tally.size;
        let archive = Archive::open(
            &*disk,
            &places,
            if announced.is_some() { Size::MAX } else { size },
        )?;
        let stop = Stop::default();
        if let Some(why) = &opened.report.index {
            tracing::error!(
                why,
                "the index lies in memory, and the log is open for reading only"
            );
            stop.because(UnusableReason::ReadOnly);
        }
        Ok(Self {
            disk,
            places,
            tenant: options.tenant,
            home,
            archive,
            writer: Mutex::new(Writer { tail: opened.tail }),
            healing: Mutex::new(Healing::default()),
            retry: options.retry,
            segment_bytes: options.segment_bytes,
            signers: options.signers.clone(),
            state: RwLock::new(opened.state),
            report: opened.report,
            newest: opened
                .newest
                .filter(|_| announced.is_none() && left_out.is_none()),
            leaves_out: left_out.is_some().into(),
            stop,
            lock,
        })
    }
}
