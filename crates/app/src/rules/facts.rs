//! From a reading to the facts that the law evaluates.
//!
//! What counts is settled by the reading; nothing is evaluated here.

use domain::reading::{ReadEvent, Reading, Shown};
use law::fact::Fact;

/// The facts of a reading that count, in the form that the law takes.
#[must_use]
pub fn facts(reading: &Reading) -> Vec<Fact<'_>> {
    let facts = reading.facts().map(|(event, shown)| fact(event, shown));
    facts.collect()
}

/// A fact that counts, in that form.
pub(crate) fn fact<'a>(event: &ReadEvent, shown: &'a Shown) -> Fact<'a> {
    Fact {
        stream: event.stream,
        event: event.event,
        index: event.index,
        recorded_at: event.recorded_at,
        meta: &shown.meta,
        actor: shown.actor.as_ref(),
        facts: &shown.facts,
    }
}
