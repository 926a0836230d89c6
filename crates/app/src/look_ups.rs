//! Look-ups: they stand in a log of their own (*adgang*), so that readers' patterns do not leak into
//! the proofs of cases and can be kept for a shorter time.
//!
//! Here they are recorded and read. That every answer is preceded by one is the gate's business.

use std::sync::{Arc, PoisonError};

use domain::reading::{Known, Reading, ReadingPoint};
use domain::views::access::{LookUp, access};
use events::ids::StreamId;
use jiff::Timestamp;
use record::keys::InputMacKey;

use crate::bundle::BundleError;
use crate::content;
use crate::error::{ReadError, RecordError};
use crate::service::{App, Guard, StartError};
use crate::viewer::Viewer;

impl App {
    /// The access log of this municipality; begun when it is first needed.
    ///
    /// # Errors
    /// [`RecordError::NotWritten`] when it cannot be opened; [`RecordError::ClockRefused`] when it would
    /// have to be begun.
    pub fn access_log(&self) -> Result<Arc<Self>, RecordError> {
        self.open_access_log(&mut |_, _| {}, &|_, _| Ok(())).map_err(|error| match error {
            StartError::Record(refused @ RecordError::ClockRefused(_)) => refused,
            other => RecordError::not_written(other),
        })
    }

    /// The same, asking `guard` first, with the store and the log's name, where it is not open yet:
    /// nothing is written unless it agrees.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn open_access_log(&self, progress: &mut dyn FnMut(u64, u64), guard: Guard<'_>) -> Result<Arc<Self>, StartError> {
        let mut accesses = self.accesses.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(log) = &*accesses {
            return Ok(Arc::clone(log));
        }
        let log = Self::open_guarded(self.layout().accesses(), Arc::clone(&self.clock), progress, guard)?;
        log.write_log_key().map_err(RecordError::not_written)?;
        // Each names the other's newest checkpoint in its own, so that neither goes back alone.
        log.sequencer.listen(self.sequencer.anchoring());
        self.sequencer.listen(log.sequencer.anchoring());
        let log = Arc::new(log);
        *accesses = Some(Arc::clone(&log));
        Ok(log)
    }

    /// The access log, if it was begun.
    ///
    /// # Errors
    /// [`ReadError::Keys`] when it cannot be opened.
    pub fn accesses_if_begun(&self) -> Result<Option<Arc<Self>>, ReadError> {
        if !self.layout().accesses().log_dir().exists() {
            return Ok(None);
        }
        self.access_log().map(Some).map_err(|error| ReadError::Keys(error.into()))
    }

    /// The stream in which the look-ups of a case stand: an id that only the holder of the keys can
    /// connect with the case.
    pub(crate) fn look_ups_of(&self, target: StreamId) -> Result<StreamId, RecordError> {
        let mac = InputMacKey::from_bytes(*self.keys.secrets().mac_key).mac(format!("look-ups of {target}").as_bytes());
        let bytes = mac.first_chunk::<16>().copied().unwrap_or_default();
        StreamId::new(uuid::Builder::from_custom_bytes(bytes).into_uuid()).map_err(RecordError::not_written)
    }

    /// The access log, and the stream of it in which the look-ups of a case stand: what an extract for
    /// somebody is made from.
    ///
    /// # Errors
    /// [`BundleError::NoStream`] when there is no such case; [`BundleError::NobodyLooked`].
    pub fn accesses_of(&self, case: StreamId, viewer: &Viewer) -> Result<(Arc<Self>, StreamId), BundleError> {
        if !viewer.reads_content() {
            return Err(ReadError::Forbidden.into());
        }
        if self.version(case)?.is_none() {
            return Err(BundleError::NoStream(case));
        }
        let log = self.accesses_if_begun()?.ok_or(BundleError::NobodyLooked(case))?;
        let stream = log.look_ups_of(case)?;
        if log.version(stream)?.is_none() {
            return Err(BundleError::NobodyLooked(case));
        }
        Ok((log, stream))
    }

    /// A point that both logs understand: a position of the case log as the time of the entry in front
    /// of it.
    fn on_the_clock(&self, point: ReadingPoint) -> Result<ReadingPoint, ReadError> {
        let Known::Position(position) = point.known else { return Ok(point) };
        let newest = position.min(self.log.size()).checked_sub(1);
        let stored = newest.map(|index| self.log.entry(index)).transpose()?.flatten();
        let recorded_at = stored.map(|stored| content::recorded_at(&stored)).transpose()?.unwrap_or(Timestamp::MIN);
        Ok(ReadingPoint { known: Known::At(recorded_at), ..point })
    }

    /// The look-ups of a case at a point, in the order in which they took place.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn look_ups(&self, case: StreamId, point: ReadingPoint, viewer: &Viewer) -> Result<Vec<LookUp>, ReadError> {
        if !viewer.reads_content() {
            return Err(ReadError::Forbidden);
        }
        let Some(log) = self.accesses_if_begun()? else { return Ok(Vec::new()) };
        let stream = log.look_ups_of(case).map_err(|error| ReadError::Keys(error.into()))?;
        let reading = log.read(stream, self.on_the_clock(point)?, viewer)?;
        Ok(reading.map(|reading: Reading| access(&reading).look_ups).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_name_of_the_log_says_which_it_is() {
        let layout = crate::layout::Layout::new(
            std::path::Path::new("d"),
            std::path::Path::new("k"),
            "log.test.invalid",
            crate::layout::Municipality::parse("0999").unwrap(),
        );
        assert_eq!(layout.accesses().origin(), "log.test.invalid/0999/adgang");
        assert_ne!(layout.accesses().key_dir(), layout.key_dir());
        assert_ne!(layout.accesses().system_stream(), layout.system_stream());
    }
}
