//! Look-ups: they stand in a log of their own (*adgang*), so that readers' patterns do not leak
//! into the proofs of cases and can be kept for a shorter time.
//!
//! Here they are recorded and read. That every answer is preceded by one is the gate's business.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use domain::reading::{Known, ReadingPoint};
use domain::views::access::{LookUp, access};
use events::access::RecordAccessed;
use events::ids::StreamId;
use events::raw::RawEvent;
use events::spec::{Facts, StreamKind};
use jiff::Timestamp;
use record::keys::UnwrapError;
use record::positions::{Size, StreamVersion};

use crate::app::App;
use crate::entropy::fresh;
use crate::error::{ReadError, RecordError};
use crate::evidence::bundle::BundleError;
use crate::log::content;
use crate::open::{Guard, StartError};
use crate::waiting::wait;

/// What a look-up looked at.
pub(crate) fn target(raw: &RawEvent) -> Option<StreamId> {
    if raw.kind != RecordAccessed::SPEC.name {
        return None;
    }
    let target = raw.parts.first()?.fields.get("target")?.first()?;
    serde_json::from_value(target.value.as_ref().ok()?.clone()).ok()
}

/// Whether an event was erased or is damaged, so that reading it again does not help.
fn cannot_be_read(error: &ReadError) -> bool {
    match error {
        ReadError::Damaged { .. } | ReadError::KeyMissing { .. } => true,
        ReadError::Keys(cause) => cause.is::<UnwrapError>(),
        _ => false,
    }
}

impl App {
    /// The access log of this municipality; begun when it is first needed.
    ///
    /// # Errors
    /// [`RecordError::NotWritten`] when it cannot be opened; [`RecordError::ClockRefused`] when it
    /// would have to be begun.
    pub(crate) fn access_log(&self) -> Result<Arc<Self>, RecordError> {
        self.open_access_log(&mut |_, _| {}, &|_, _| Ok(()))
            .map_err(|error| match error {
                StartError::Record(refused @ RecordError::ClockRefused(_)) => refused,
                other => RecordError::not_written(other),
            })
    }

    /// The same, asking `guard` first, with the store and the log's name, where it is not open yet:
    /// nothing is written unless it agrees.
    ///
    /// # Errors
    /// [`StartError`].
    pub(crate) fn open_access_log(
        &self,
        progress: &mut dyn FnMut(u64, u64),
        guard: Guard<'_>,
    ) -> Result<Arc<Self>, StartError> {
        let mut accesses = self.accesses.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(log) = &*accesses {
            return Ok(Arc::clone(log));
        }
        let log = Self::open_guarded(
            self.layout().accesses(),
            Arc::clone(&self.clock),
            progress,
            guard,
        )?;
        log.write_log_key().map_err(RecordError::not_written)?;
        // Each names the other's newest checkpoint in its own, so that neither goes back alone.
        log.sequencer.listen(self.sequencer.anchoring());
        self.sequencer.listen(log.sequencer.anchoring());
        let log = Arc::new(log);
        *accesses = Some(Arc::clone(&log));
        drop(accesses);
        self.unlink_what_waited()?;
        Ok(log)
    }

    /// The access log, if it was begun.
    ///
    /// # Errors
    /// [`ReadError::Keys`] when it cannot be opened.
    pub(crate) fn accesses_if_begun(&self) -> Result<Option<Arc<Self>>, ReadError> {
        if !self
            .layout()
            .accesses()
            .holds_log()
            .map_err(|error| ReadError::Store(store::log_store::ReadError::Failed(error.into())))?
        {
            return Ok(None);
        }
        self.access_log()
            .map(Some)
            .map_err(|error| ReadError::Keys(error.into()))
    }

    /// Asks in which streams of this log the look-ups of others stand.
    fn with_look_up_streams<R>(
        &self,
        ask: impl FnOnce(&mut BTreeMap<StreamId, StreamId>) -> R,
    ) -> Result<R, ReadError> {
        let mut streams = self
            .look_up_streams
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if streams.is_none() {
            // No key may go while they are read.
            let _epoch = wait(self.epoch.read());
            *streams = Some(self.find_look_up_streams()?);
        }
        Ok(ask(streams.get_or_insert_default()))
    }

    fn find_look_up_streams(&self) -> Result<BTreeMap<StreamId, StreamId>, ReadError> {
        let mut found = BTreeMap::new();
        for stream in self.streams(StreamKind::Access)? {
            if let Some(target) = self.looked_at(stream)? {
                found.insert(target, stream);
            }
        }
        Ok(found)
    }

    /// What the look-ups of a stream looked at, as the first of them says that can be read.
    fn looked_at(&self, stream: StreamId) -> Result<Option<StreamId>, ReadError> {
        let newest = self
            .log
            .stream_head(stream.uuid())?
            .map_or(StreamVersion::EMPTY, |head| head.seq.version());
        for seq in newest.seqs() {
            for stored in self.log.stream_page(stream.uuid(), seq, 1)? {
                match content::open_alone(&stored, &self.keyring, &*self.log) {
                    Ok(raw) => {
                        if let Some(target) = raw.as_ref().and_then(target) {
                            return Ok(Some(target));
                        }
                    }
                    Err(error) if cannot_be_read(&error) => {
                        tracing::debug!(%error, "a look-up does not say any more what was looked at");
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(None)
    }

    /// The stream in which the look-ups of a case stand: a random id, which nothing but their
    /// content connects with the case.
    pub(crate) fn look_ups_of(&self, target: StreamId) -> Result<Option<StreamId>, ReadError> {
        self.with_look_up_streams(|streams| streams.get(&target).copied())
    }

    /// The stream in which the next look-up of a case is to stand. Nobody begins another one
    /// meanwhile.
    pub(crate) fn look_ups_for(&self, target: StreamId) -> Result<StreamId, ReadError> {
        self.with_look_up_streams(|streams| *streams.entry(target).or_insert_with(fresh))
    }

    /// From now on nothing connects a case with its look-ups; those that come begin a new stream.
    pub(crate) fn no_look_ups_of(&self, target: StreamId) -> Result<(), ReadError> {
        self.with_look_up_streams(|streams| {
            streams.remove(&target);
        })
    }

    /// The access log, and the stream of it in which the look-ups of a case stand: what an extract
    /// for somebody is made from.
    ///
    /// # Errors
    /// [`BundleError::NoStream`] when there is no such case; [`BundleError::NobodyLooked`].
    pub(crate) fn accesses_of(&self, case: StreamId) -> Result<(Arc<Self>, StreamId), BundleError> {
        if self.version(case)?.is_none() {
            return Err(BundleError::NoStream(case));
        }
        let log = self
            .accesses_if_begun()?
            .ok_or(BundleError::NobodyLooked(case))?;
        match log.look_ups_of(case)? {
            Some(stream) if log.version(stream)?.is_some() => Ok((log, stream)),
            _ => Err(BundleError::NobodyLooked(case)),
        }
    }

    /// A point that both logs understand: a position of the case log as the time of the entry in
    /// front of it.
    fn on_the_clock(&self, point: ReadingPoint) -> Result<ReadingPoint, ReadError> {
        let Known::Position(position) = point.known else {
            return Ok(point);
        };
        let newest = Size::new(position).min(self.log.size()).last();
        let stored = newest
            .map(|index| self.log.entry(index))
            .transpose()?
            .flatten();
        let recorded_at = stored
            .map(|stored| content::recorded_at(&stored))
            .transpose()?
            .unwrap_or(Timestamp::MIN);
        Ok(ReadingPoint {
            known: Known::At(recorded_at),
            ..point
        })
    }

    /// The look-ups of a case at a point, in the order in which they took place.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(crate) fn look_ups(
        &self,
        case: StreamId,
        point: ReadingPoint,
    ) -> Result<Vec<LookUp>, ReadError> {
        let Some(log) = self.accesses_if_begun()? else {
            return Ok(Vec::new());
        };
        let Some(stream) = log.look_ups_of(case)? else {
            return Ok(Vec::new());
        };
        let reading = log.read(stream, self.on_the_clock(point)?)?;
        Ok(reading
            .map(|reading| access(&reading).look_ups)
            .unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_name_of_the_log_says_which_it_is() {
        let layout = crate::layout::Layout::new(
            std::sync::Arc::new(store::memory_backend::MemoryBackend::new()),
            "log.test.invalid",
            crate::layout::Municipality::parse("0999").unwrap(),
        );
        assert_eq!(layout.accesses().origin(), "log.test.invalid/0999/adgang");
        assert_ne!(layout.accesses().places().keys, layout.places().keys);
        assert_ne!(layout.accesses().system_stream(), layout.system_stream());
    }
}
