//! The embedded log store: commits go to the journal, look-ups through the index.
//!
//! Lock order: the writer, then healing, then the state. Whatever waits for a medium holds the
//! writer only, so that reads go on; the state is locked for writing only while memory changes.

mod blobs;
mod commit;
mod contract;
mod healing;
mod opening;
mod stop;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use record::outline::Outline;
use record::signing::PublicKey;

use self::healing::Healing;
use self::stop::Stop;
use super::archive::Archive;
use super::index::Tenant;
use super::places::Places;
use super::rebuild::NewestCommit;
use super::rewrite;
use super::rewrite::not_written;
use super::state::State;
use super::writer::Writer;
use crate::backend::opening::{OpenError, OpenReport};
use crate::check;
use crate::disk::{Disk, Held};
use crate::index_store::{IndexError, IndexHome};
use crate::log_store::reader::LogReader;
use crate::log_store::{Batch, BoxError, CommitError, UnusableReason};
use crate::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// A log in a directory.
pub struct EmbeddedStore {
    disk: Arc<dyn Disk>,
    places: Places,
    tenant: Tenant,
    home: Arc<dyn IndexHome>,
    writer: Mutex<Writer>,
    healing: Mutex<Healing>,
    retry: Duration,
    segment_bytes: u64,
    signers: Vec<PublicKey>,
    state: RwLock<State>,
    /// Apart from the log, under a lock of its own.
    archive: Archive,
    report: OpenReport,
    /// As it was found at opening.
    newest: Option<NewestCommit>,
    /// Whether the newest commit was left out at opening. Its bytes lie there until the sweep.
    leaves_out: AtomicBool,
    stop: Stop,
    lock: Box<dyn Held>,
}

impl EmbeddedStore {
    /// Destroys what belongs to no entry: the newest commit where it was left out, and blobs of
    /// uploads that were broken off and of commits that failed. To be called before the first write:
    /// afterwards a staged blob may be in use.
    ///
    /// # Errors
    /// [`OpenError::Io`] if the medium refused.
    pub fn sweep(&self) -> Result<(), OpenError> {
        if self.stop.reason().is_some() {
            return Ok(());
        }
        if self.leaves_out.load(Ordering::Acquire) {
            let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
            // Durable before anything is written in its place, so that it is not found again.
            let cut = writer.tail.trim().and_then(|()| writer.tail.sync());
            cut.map_err(OpenError::io(&self.places.journal()))?;
            self.leaves_out.store(false, Ordering::Release);
        }
        rewrite::sweep(&*self.disk, &self.places, self.size())
            .map_err(OpenError::io(&self.places.blobs()))
    }

    /// How many streams memory holds; the others are asked of the index.
    #[cfg(test)]
    pub(crate) fn streams_in_memory(&self) -> usize {
        self.state().known.paged.held()
    }

    /// What was found at opening.
    #[must_use]
    pub fn report(&self) -> &OpenReport {
        &self.report
    }

    fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn state_mut(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The right to write, unless the store has stopped or its locks are lost.
    fn writer(&self) -> Result<MutexGuard<'_, Writer>, CommitError> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reason) = self.stop.reason() {
            return Err(not_written(reason));
        }
        let alone = self.is_alone(&writer).map_err(not_written)?;
        if alone {
            Ok(writer)
        } else {
            Err(not_written(self.stop.because(UnusableReason::LockLost)))
        }
    }

    /// Whether nobody else can have written: the locks lie where they did, and the journal is as
    /// long as this process left it.
    fn is_alone(&self, writer: &Writer) -> std::io::Result<bool> {
        let last = self.state().segments.last().cloned();
        let there = last.map_or(Ok(true), |last| last.file.is_at(&last.path))?;
        Ok(there && self.lock.holds()? && writer.tail.is_as_left()?)
    }

    /// What follows from a write whose outcome nobody knows.
    fn unknown(&self, error: impl Into<BoxError>) -> CommitError {
        self.stop.because(UnusableReason::Poisoned);
        CommitError::Unknown(error.into())
    }

    fn check(&self, writer: &mut Writer, batch: &Batch) -> Result<Vec<Outline>, CommitError> {
        let checked = check::check(&*self.state(), batch);
        match checked {
            Err(CommitError::NotWritten(cause)) if cause.is::<IndexError>() => {
                let number = self.fail_index(&cause.to_string());
                self.heal(writer, number).map_err(not_written)?;
                check::check(&*self.state(), batch)
            }
            other => other,
        }
    }
}
