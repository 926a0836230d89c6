//! What vouches for the log from outside: witnesses and time stamps, as far as they have come.

use std::sync::{Arc, PoisonError};

use store::log_store::{StoredCheckpoint, StoredToken};

use crate::app::App;
use crate::error::{ReadError, RecordError};
use crate::witnessing::client::{
    self, Courier, CourierError, CourierSettings, CourierStatus, WitnessTransport,
};
use crate::witnessing::time_stamp::{StampSettings, StampStatus, StampTransport, Stamper};

/// How well an entry is vouched for. Each step includes those before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Durable in the log.
    Recorded,
    /// Covered by a checkpoint that the log has signed.
    Checkpointed,
    /// Covered by a checkpoint that the quorum of witnesses has cosigned.
    Witnessed,
    /// Covered by a checkpoint that a time stamping authority has stamped as well.
    TimeStamped,
}

impl App {
    /// Begins to take checkpoints to the witnesses of a policy, from the latest one on.
    ///
    /// # Errors
    /// [`CourierError`]; [`CourierError::Keys`] when the log's own keys cannot be read.
    pub(crate) fn start_courier(
        &self,
        settings: CourierSettings,
        transport: Arc<dyn WitnessTransport>,
    ) -> Result<(), CourierError> {
        let keys = self
            .verifier_keys()
            .map_err(|error: RecordError| CourierError::Keys(Box::new(error)))?;
        let next = self
            .next_verifier_keys()
            .map_err(|error| CourierError::Keys(Box::new(error)))?;
        let keys = match (&client::fits(&settings.policy, &keys), next) {
            // While the log's keys are being exchanged, a policy may name either.
            (Err(_), Some(next)) if client::fits(&settings.policy, &next).is_ok() => next,
            _ => keys,
        };
        let courier = Courier::start(
            Arc::clone(&self.log),
            (Arc::clone(&self.watch), self.sequencer.beyond()),
            &keys,
            settings,
            transport,
        )?;
        self.sequencer.listen(Box::new(courier.listener()));
        *self.courier.lock().unwrap_or_else(PoisonError::into_inner) = Some(courier);
        Ok(())
    }

    /// How it stands with the witnesses; none when none are asked.
    #[must_use]
    pub(crate) fn witness_status(&self) -> Option<CourierStatus> {
        self.courier
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
            .map(Courier::status)
    }

    /// Lets the courier look at the clock at once.
    pub(crate) fn nudge_courier(&self) {
        if let Some(courier) = &*self.courier.lock().unwrap_or_else(PoisonError::into_inner) {
            courier.nudge();
        }
    }

    /// Begins to have checkpoints stamped.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub(crate) fn start_stamper(
        &self,
        settings: StampSettings,
        transport: Arc<dyn StampTransport>,
    ) -> std::io::Result<()> {
        let stamper = Stamper::start(
            Arc::clone(&self.log),
            Arc::clone(&self.clock),
            settings,
            transport,
        )?;
        *self.stamper.lock().unwrap_or_else(PoisonError::into_inner) = Some(stamper);
        Ok(())
    }

    /// How it stands with time stamps; none when no authority is asked.
    #[must_use]
    pub(crate) fn stamp_status(&self) -> Option<StampStatus> {
        self.stamper
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
            .map(Stamper::status)
    }

    /// Lets the stamper look at the clock at once.
    pub(crate) fn nudge_stamper(&self) {
        if let Some(stamper) = &*self.stamper.lock().unwrap_or_else(PoisonError::into_inner) {
            stamper.nudge();
        }
    }

    /// The latest cosigned note of the largest archived size that is at most `size`.
    ///
    /// # Errors
    /// [`ReadError::Store`].
    pub(crate) fn archived_before(&self, size: u64) -> Result<Option<StoredCheckpoint>, ReadError> {
        Ok(self.log.last_archived(size)?)
    }

    /// Archived time stamps over checkpoints of at least so many entries.
    ///
    /// # Errors
    /// [`ReadError::Store`].
    pub(crate) fn time_stamps(&self, from_size: u64) -> Result<Vec<StoredToken>, ReadError> {
        Ok(self.log.tokens(from_size)?)
    }

    /// How well the entry at a position is vouched for; none beyond the end.
    ///
    /// # Errors
    /// [`ReadError::Store`].
    pub(crate) fn standing(&self, position: u64) -> Result<Option<Standing>, ReadError> {
        if position >= self.log.size() {
            return Ok(None);
        }
        if self
            .log
            .checkpoint()?
            .is_none_or(|checkpoint| checkpoint.size <= position)
        {
            return Ok(Some(Standing::Recorded));
        }
        if self.log.first_archived(position)?.is_none() {
            return Ok(Some(Standing::Checkpointed));
        }
        let stamped = !self.log.tokens(position + 1)?.is_empty();
        Ok(Some(if stamped {
            Standing::TimeStamped
        } else {
            Standing::Witnessed
        }))
    }
}
