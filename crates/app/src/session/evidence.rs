//! What a viewer takes out of the log: bundles, dossiers, receipts, entries with their proofs.

use std::io::{Read, Seek, Write};
use std::time::Duration;

use events::ids::{EventId, StreamId};
use record::positions::LogIndex;

use super::Session;
use crate::access::rights::Right;
use crate::error::{ReadError, RecordError};
use crate::evidence::bundle::{BundleError, BundleOrder, BundleReport, Snapshot};
use crate::evidence::dossier::{
    Disclosure, DisclosureError, DisclosureOrder, Resolved, Suggestion, Withhold,
};
use crate::evidence::receipt::{LetterReceipt, ReceiptError};
use crate::queries::log::{InclusionProof, LogEntry};
use crate::queries::witnessing::Standing;

impl Session {
    /// A checkpoint over everything recorded so far, which witnesses are given some time to cosign.
    ///
    /// # Errors
    /// [`BundleError::Forbidden`] without [`Right::Bundle`]; [`BundleError::NotWitnessed`] when
    /// witnesses are appointed and have not cosigned in time; [`BundleError::Record`] when no
    /// checkpoint can be signed; [`BundleError::Read`].
    pub fn snapshot(&self, wait: Duration) -> Result<Snapshot, BundleError> {
        self.ask(Right::Bundle, None)?;
        self.app.snapshot_while(wait, &self.wanted)
    }

    /// Writes the evidence of one stream as it stands, at a [`Session::snapshot`].
    ///
    /// # Errors
    /// As [`Session::snapshot`]; [`BundleError::NoStream`] when there is no such stream, before a
    /// checkpoint is signed; [`BundleError::Write`]. What was written by then is not a bundle.
    pub fn bundle<W: Write + Seek>(
        &self,
        order: &BundleOrder<'_>,
        wait: Duration,
        out: W,
    ) -> Result<BundleReport, BundleError> {
        self.ask(Right::Bundle, Some(order.stream))?;
        self.app.bundle_stream(order, wait, out, &self.wanted)
    }

    /// Writes the evidence of one stream at a snapshot that was taken before.
    ///
    /// # Errors
    /// [`BundleError::Forbidden`] without [`Right::Bundle`]; [`BundleError::NothingWithheld`] when
    /// the stream does not hold what is to be withheld; [`BundleError::Write`]. What was written
    /// by then is not a bundle.
    pub fn write_bundle<W: Write + Seek>(
        &self,
        snapshot: &Snapshot,
        order: &BundleOrder<'_>,
        out: W,
    ) -> Result<BundleReport, BundleError> {
        self.ask(Right::Bundle, Some(order.stream))?;
        self.app.write_bundle(snapshot, order, out)
    }

    /// The access log as this viewer reads it, and the stream of it in which the look-ups of a
    /// case stand: what an extract for somebody is made from.
    ///
    /// # Errors
    /// [`BundleError::Forbidden`] without [`Right::ReadLookUps`]; [`BundleError::NoStream`] when
    /// there is no such case; [`BundleError::NobodyLooked`] when nobody's look was recorded.
    pub fn accesses_of(&self, case: StreamId) -> Result<(Self, StreamId), BundleError> {
        self.ask(Right::ReadLookUps, Some(case))?;
        let (log, stream) = self.app.accesses_of(case)?;
        Ok((self.at(log), stream))
    }

    /// The access log as this viewer reads it; none before anybody's look was recorded.
    ///
    /// # Errors
    /// [`ReadError::Forbidden`] without [`Right::ReadLog`]; [`ReadError::Keys`] when it cannot be
    /// opened.
    pub fn access_log(&self) -> Result<Option<Self>, ReadError> {
        self.ask(Right::ReadLog, None)?;
        Ok(self.app.accesses_if_begun()?.map(|log| self.at(log)))
    }

    /// What of a case is often withheld. Nothing is withheld because of it.
    ///
    /// # Errors
    /// [`ReadError::Forbidden`] without [`Right::SuggestWithholding`]; else as [`Session::read`].
    pub fn suggest_withholding(&self, case: StreamId) -> Result<Vec<Suggestion>, ReadError> {
        self.ask(Right::SuggestWithholding, Some(case))?;
        self.app.suggest_withholding(case)
    }

    /// Finds what is to be withheld. What two wishes mean counts for the first.
    ///
    /// # Errors
    /// [`RecordError::Forbidden`] without [`Right::Bundle`]; [`RecordError::Refused`], naming the
    /// wish and what of it is not in the record; [`RecordError::Read`].
    pub fn resolve_withheld(&self, wishes: &[Withhold]) -> Result<Resolved, RecordError> {
        self.ask(Right::Bundle, None)?;
        self.app.resolve_withheld(wishes)
    }

    /// Writes the dossier of a case, then records that it was given out. Bundles lie in a scratch
    /// file meanwhile, one at a time.
    ///
    /// # Errors
    /// [`DisclosureError::Forbidden`] without [`Right::Disclose`];
    /// [`DisclosureError::CarriedOut`] when the same command gave it out before;
    /// [`DisclosureError::Record`] and [`DisclosureError::Bundle`] as [`Session::record`] and
    /// [`Session::bundle`]. Nothing is recorded then, and what was written must not be used.
    pub fn disclose<W: Read + Write + Seek, S: Read + Write + Seek>(
        &self,
        order: &DisclosureOrder,
        out: &mut W,
        scratch: &mut dyn FnMut() -> std::io::Result<S>,
    ) -> Result<Disclosure, DisclosureError> {
        self.ask(Right::Disclose, Some(order.case))?;
        self.app
            .disclose(order, &self.viewer, out, scratch, &self.wanted)
    }

    /// The receipt of an event; none when the stream does not hold it.
    ///
    /// # Errors
    /// [`ReadError::Forbidden`] without [`Right::LetterReceipt`]; [`ReadError::Store`].
    pub fn letter_receipt(
        &self,
        stream: StreamId,
        event: EventId,
    ) -> Result<Option<LetterReceipt>, ReadError> {
        self.ask(Right::LetterReceipt, Some(stream))?;
        self.app.letter_receipt(stream, event)
    }

    /// Checks a receipt that somebody holds against the log.
    ///
    /// # Errors
    /// [`ReadError::Forbidden`] without [`Right::CheckReceipt`]; [`ReadError::Store`];
    /// [`ReceiptError`] as the inner result, when the log does not hold what it vouches for.
    pub fn check_receipt(
        &self,
        text: &str,
    ) -> Result<Result<LetterReceipt, ReceiptError>, ReadError> {
        self.ask(Right::CheckReceipt, None)?;
        self.app.check_receipt(text)
    }

    /// One signed entry; none beyond the end.
    ///
    /// # Errors
    /// [`ReadError::Forbidden`] without [`Right::ReadLog`]; [`ReadError::Store`].
    pub fn entry(&self, position: LogIndex) -> Result<Option<LogEntry>, ReadError> {
        self.ask(Right::ReadLog, None)?;
        self.app.entry(position)
    }

    /// Proof that an entry stands in the latest checkpoint; none when no checkpoint covers it yet.
    ///
    /// # Errors
    /// As [`Session::entry`].
    pub fn inclusion_proof(&self, position: LogIndex) -> Result<Option<InclusionProof>, ReadError> {
        self.ask(Right::ReadLog, None)?;
        self.app.inclusion_proof(position)
    }

    /// How well the entry at a position is vouched for; none beyond the end.
    ///
    /// # Errors
    /// As [`Session::entry`].
    pub fn standing(&self, position: LogIndex) -> Result<Option<Standing>, ReadError> {
        self.ask(Right::ReadLog, None)?;
        self.app.standing(position)
    }
}
