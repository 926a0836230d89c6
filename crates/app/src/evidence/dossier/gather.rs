//! What belongs to a dossier: its streams, their events, and which of those are given out. It
//! writes nothing.

use domain::reading::{Known, ReadingPoint};
use domain::references::linked_advice;
use events::ids::StreamId;
use events::meta::EventRef;
use events::spec::StreamKind;
use record::positions::{Seq, Size};

use super::page::PageEvent;
use super::withhold::{self, Resolved, Suggestion};
use crate::app::App;
use crate::error::ReadError;
use crate::log::content;

/// A stream of the dossier.
pub(super) struct Stream {
    pub(super) id: StreamId,
    pub(super) kind: StreamKind,
}

impl Stream {
    /// What it is in the dossier of a case, as the list of contents says it.
    pub(super) fn role(&self, case: StreamId) -> &'static str {
        match self.kind {
            StreamKind::Notification => "notification",
            StreamKind::Person => "person",
            _ if self.id == case => "case",
            _ => "advice",
        }
    }
}

impl App {
    /// What of a case is often withheld. Nothing is withheld because of it.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(crate) fn suggest_withholding(&self, case: StreamId) -> Result<Vec<Suggestion>, ReadError> {
        let reading = self.read(case, ReadingPoint::default())?;
        let secret = reading.map(|reading| withhold::secret_places(&reading));
        let secret = secret.unwrap_or_default();
        self.epoch.reading(|| {
            let mut found = Vec::new();
            for stream in self.streams_of_dossier(case, self.size())? {
                for event in self.opened(stream.id)? {
                    let id = content::event_id(event.envelope.event_id, event.envelope.index)?;
                    if let Some(raw) = &event.raw {
                        found.extend(withhold::suggestions(stream.id, id, raw, &secret));
                    }
                }
            }
            Ok(found)
        })
    }

    /// The streams that belong to a case: itself, its notifications, the early advice that it is linked
    /// to, and the people in it. Cases of others, of which single facts are referenced, are not given out with it.
    pub(super) fn streams_of_dossier(
        &self,
        case: StreamId,
        size: Size,
    ) -> Result<Vec<Stream>, ReadError> {
        let point = ReadingPoint {
            known: Known::Position(size.get()),
            ..ReadingPoint::default()
        };
        let looked = self.reader.reach(case, &point, true)?.versions;
        let advice = linked_advice(&self.reader.recorded(case)?, &point);
        let mut streams = vec![Stream {
            id: case,
            kind: StreamKind::Case,
        }];
        for id in looked.into_keys().filter(|id| *id != case) {
            let belongs = |kind: &StreamKind| match kind {
                StreamKind::Notification | StreamKind::Person => true,
                _ => advice.contains(&id),
            };
            let Some(kind) = self.reader.kind(id)?.filter(belongs) else {
                continue;
            };
            let first = self.log.stream_page(id.uuid(), Seq::FIRST, 1)?;
            if first.first().is_some_and(|entry| size.holds(entry.index)) {
                streams.push(Stream { id, kind });
            }
        }
        streams.sort_by_key(|stream| (stream.id != case, stream.role(case), stream.id));
        Ok(streams)
    }

    /// The events of the dossier below `size`, in log order.
    pub(super) fn page_events(
        &self,
        streams: &[Stream],
        size: Size,
    ) -> Result<Vec<PageEvent>, ReadError> {
        let mut events = Vec::new();
        for stream in streams {
            let opened = self.epoch.reading(|| self.opened(stream.id))?;
            for opened in opened
                .into_iter()
                .filter(|opened| size.holds(opened.envelope.index))
            {
                let envelope = opened.envelope;
                events.push(PageEvent {
                    stream: stream.id,
                    kind: stream.kind,
                    index: envelope.index,
                    seq: envelope.seq,
                    event: content::event_id(envelope.event_id, envelope.index)?,
                    payload: envelope.payload,
                    recorded_at: content::instant(envelope.recorded_at),
                    raw: opened.raw,
                });
            }
        }
        events.sort_by_key(PageEvent::order);
        Ok(events)
    }
}

/// The events that were given, apart from those withheld as a whole and those erased.
pub(super) fn given(events: &[PageEvent], resolved: &Resolved) -> Vec<EventRef> {
    let whole = |event: &PageEvent| {
        resolved
            .streams
            .get(&event.stream)
            .is_some_and(|known| known.reason(event.event, &event.payload).is_some())
    };
    let shown = events
        .iter()
        .filter(|event| event.raw.is_some() && !whole(event));
    shown
        .map(|event| EventRef {
            stream: event.stream,
            event: event.event,
        })
        .collect()
}
