//! From a reading to the facts that the law evaluates.
//!
//! What counts is settled by the reading; nothing is evaluated here.

use domain::reading::Reading;
use law::fact::Fact;

/// The facts of a reading that count, in the form that the law takes.
#[must_use]
pub fn facts(reading: &Reading) -> Vec<Fact<'_>> {
    let facts = reading.facts().map(|(event, shown)| Fact {
        stream: event.stream,
        event: event.event,
        index: event.index,
        recorded_at: event.recorded_at,
        meta: &shown.meta,
        actor: shown.actor.as_ref(),
        facts: &shown.facts,
    });
    facts.collect()
}
