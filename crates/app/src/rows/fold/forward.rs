//! A case whose new events stand alone: its row is brought forward by what they add, and nothing of
//! the case is read but these events.
//!
//! Whatever is not sure is left to a whole evaluation: it answers that it could not.

use std::borrow::Cow;

use domain::current::Next;
use domain::views::listing::people_of;
use events::ids::StreamId;
use events::spec::StreamKind;
use law::catalogue::Catalogue;
use record::positions::Seq;
use store::log_store::StoredEntry;

use super::{FoldError, New, RowMaker, Then};
use crate::log::content;
use crate::log::reader::as_recorded;
use crate::rows::draft::Draft;
use crate::rows::duty::Added;
use crate::rows::foresights::KnownCase;
use crate::waiting::wait;

impl RowMaker {
    /// Brings a case forward by its new events; answers whether that was enough.
    pub(super) fn bring_forward(
        &self,
        stream: StreamId,
        events: &[New],
        draft: &mut Draft<'_>,
        then: &Then,
    ) -> Result<bool, FoldError> {
        let (Some(foresights), Some(catalogue)) = (&self.foresights, then.law.catalogue) else {
            return Ok(false);
        };
        let Some(mut known) = foresights.take(stream) else {
            return Ok(false);
        };
        let mut added = Vec::new();
        for event in events {
            let next = match event {
                New::AtHand(next) => Some(Cow::Borrowed(next)),
                New::Stored(stored) => self.open_next(stream, stored).map(Cow::Owned),
            };
            let taken = next.and_then(|next| self.take_in(&mut known, &next, catalogue));
            let Some(more) = taken else {
                return Ok(false);
            };
            added.extend(more);
        }
        draft.add_figures(known.ordinal, added)?;
        foresights.put(stream, known);
        Ok(true)
    }

    /// Opens a new event of a stream; null where it erases. What cannot be read is told where the case
    /// is read as a whole.
    fn open_next(&self, stream: StreamId, stored: &StoredEntry) -> Option<Next> {
        let opened = {
            let _epoch = wait(self.reader.epoch.read());
            let stored = std::slice::from_ref(stored);
            content::open_stream(stored, &self.reader.keyring, &*self.reader.log)
        };
        let opened = opened.ok()?.pop()?;
        let envelope = &opened.envelope;
        let erases = !envelope.erased.is_empty() || !envelope.replaced.is_empty();
        let record = as_recorded(opened, stream).ok().filter(|_| !erases)?;
        Next::of(&record).ok()
    }

    /// Takes the next event of a case in; null where only a whole evaluation can tell.
    fn take_in(
        &self,
        known: &mut KnownCase,
        next: &Next,
        catalogue: &Catalogue,
    ) -> Option<Vec<Added>> {
        let event = next.event();
        let seq = Seq::new(event.seq).filter(|seq| known.version.next_seq() == Some(*seq))?;
        let shown = event.fact()?;
        let read = |of: StreamId| of == event.stream || known.reads(of);
        let names = people_of(shown.kind, &shown.facts);
        let same = names.iter().all(|who| known.people.contains(&who.person));
        if shown.kind != StreamKind::Case || !same || !next.only_adds(read) {
            return None;
        }
        let foresight = &mut known.foresight;
        let added = foresight.added_by(catalogue, &self.municipality, event)?;
        foresight.recorded_at(event.recorded_at);
        known.version = Seq::version(seq);
        Some(added)
    }
}
