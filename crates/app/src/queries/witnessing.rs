//! What vouches for the log from outside: witnesses and time stamps, as far as they have come.

use std::sync::{Arc, PoisonError};

use record::positions::{LogIndex, Size};
use store::log_store::{StoredCheckpoint, StoredToken};

use crate::app::App;
use crate::error::{ReadError, RecordError};
use crate::witnessing::client::{
    self, WitnessClient, WitnessClientError, WitnessClientSettings, WitnessClientStatus,
    WitnessTransport,
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
    /// [`WitnessClientError`]; [`WitnessClientError::Keys`] when the log's own keys cannot be read.
    pub(crate) fn start_witness_client(
        &self,
        settings: WitnessClientSettings,
        transport: Arc<dyn WitnessTransport>,
    ) -> Result<(), WitnessClientError> {
        let keys = self
            .verifier_keys()
            .map_err(|error: RecordError| WitnessClientError::Keys(Box::new(error)))?;
        let next = self
            .next_verifier_keys()
            .map_err(|error| WitnessClientError::Keys(Box::new(error)))?;
        let keys = match (&client::fits(&settings.policy, &keys), next) {
            // While the log's keys are being exchanged, a policy may name either.
            (Err(_), Some(next)) if client::fits(&settings.policy, &next).is_ok() => next,
            _ => keys,
        };
        let witness_client = WitnessClient::start(
            Arc::clone(&self.log),
            (Arc::clone(&self.watch), self.sequencer.beyond()),
            &keys,
            settings,
            transport,
        )?;
        self.sequencer.listen(Box::new(witness_client.listener()));
        *self
            .witness_client
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(witness_client);
        Ok(())
    }

    /// How it stands with the witnesses; none when none are asked.
    #[must_use]
    pub(crate) fn witness_status(&self) -> Option<WitnessClientStatus> {
        self.witness_client
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
            .map(WitnessClient::status)
    }

    /// Lets the witness client look at the clock at once.
    pub(crate) fn nudge_witness_client(&self) {
        if let Some(witness_client) = &*self
            .witness_client
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
        {
            witness_client.nudge();
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
    pub(crate) fn archived_before(
        &self,
        size: Size,
    ) -> Result<Option<StoredCheckpoint>, ReadError> {
        Ok(self.log.last_archived(size)?)
    }

    /// Archived time stamps over checkpoints of at least so many entries.
    ///
    /// # Errors
    /// [`ReadError::Store`].
    pub(crate) fn time_stamps(&self, from_size: Size) -> Result<Vec<StoredToken>, ReadError> {
        Ok(self.log.tokens(from_size)?)
    }

    /// How well the entry at a position is vouched for; none beyond the end.
    ///
    /// # Errors
    /// [`ReadError::Store`].
    pub(crate) fn standing(&self, position: LogIndex) -> Result<Option<Standing>, ReadError> {
        if !self.log.size().holds(position) {
            return Ok(None);
        }
        if self
            .log
            .checkpoint()?
            .is_none_or(|checkpoint| !checkpoint.size.holds(position))
        {
            return Ok(Some(Standing::Recorded));
        }
        if self.log.first_archived(position.size_before())?.is_none() {
            return Ok(Some(Standing::Checkpointed));
        }
        let stamped = !self.log.tokens(position.size_after(1))?.is_empty();
        Ok(Some(if stamped {
            Standing::TimeStamped
        } else {
            Standing::Witnessed
        }))
    }
}
