//! What was corrected, taken out or erased: that it was, and when. What it said is not repeated.

use events::correction::{AnnulmentReason, EventAnnulled, EventCorrected};
use events::ids::EventId;
use events::spec::StreamKind;
use events::time::Occurred;

use super::page::{At, Case, Page};
use super::voice::say;
use crate::reading::{Body, Reading};

/// Whether a change in a stream concerns the reader: changes in another person's stream are theirs.
fn concerns(case: &Case, at: At) -> bool {
    let own = case
        .facts
        .iter()
        .find(|(event, _)| event.event == at.event)
        .map(|(_, shown)| shown.kind);
    match own {
        Some(StreamKind::Case | StreamKind::Notification) => true,
        Some(StreamKind::Person) => case.voice.is_readers_stream(at.stream),
        Some(StreamKind::System | StreamKind::Access) | None => false,
    }
}

/// The day of what was changed, where the reader may know of it.
fn day_of(case: &Case, target: EventId) -> Option<String> {
    let (_, shown) = case.facts.iter().find(|(event, _)| event.event == target)?;
    Some(case.voice.on(shown.meta.occurred.day()))
}

pub(super) fn corrected(case: &Case, page: &mut Page, at: At, facts: &EventCorrected) {
    if !concerns(case, at) {
        return;
    }
    let v = &case.voice;
    page.dated(
        v,
        at,
        say!(
            v,
            "Vi rettede noget, der var skrevet forkert.",
            "We corrected something that was written wrongly."
        ),
    );
    if let Some(day) = day_of(case, facts.target.event) {
        page.say(
            at,
            say!(
                v,
                "Det var skrevet om noget, der skete {day}.",
                "It was written about something that happened {day}."
            ),
        );
    }
}

pub(super) fn annulled(case: &Case, page: &mut Page, at: At, facts: &EventAnnulled) {
    if !concerns(case, at) {
        return;
    }
    let v = &case.voice;
    page.dated(
        v,
        at,
        say!(
            v,
            "Noget, der var skrevet, gælder ikke mere.",
            "Something that was written does not hold any more."
        ),
    );
    let reason = match facts.reason {
        AnnulmentReason::WrongStream => say!(
            v,
            "Det var skrevet et forkert sted.",
            "It was written in a wrong place."
        ),
        AnnulmentReason::Duplicate => say!(v, "Det var skrevet to gange.", "It was written twice."),
        AnnulmentReason::NeverHappened => say!(v, "Det var aldrig sket.", "It had never happened."),
        AnnulmentReason::WrongPerson => say!(
            v,
            "Det handlede om en anden.",
            "It was about somebody else."
        ),
    };
    page.say(at, reason);
    if facts.replacement.is_some() {
        page.say(
            at,
            say!(
                v,
                "Vi skrev det rigtigt bagefter.",
                "We wrote it rightly afterwards."
            ),
        );
    }
}

pub(super) fn erased(case: &Case, page: &mut Page, at: At) {
    if !concerns(case, at) {
        return;
    }
    let v = &case.voice;
    page.dated(
        v,
        at,
        say!(
            v,
            "Noget blev slettet efter loven.",
            "Something was erased by law."
        ),
    );
    page.once(
        at,
        say!(
            v,
            "Ingen kan læse det mere.",
            "Nobody can read it any more."
        ),
    );
}

/// What stood in the case and is gone whole: that something was written, and when.
pub(super) fn holes(case: &Case, page: &mut Page, reading: &Reading) {
    let v = &case.voice;
    for event in reading
        .events
        .iter()
        .filter(|event| event.stream == case.stream && event.body == Body::Hole)
    {
        let written = Occurred::At(event.recorded_at);
        if case.privacy.may_be_told(written) {
            let on = v.on(written.day());
            page.rests_on(
                &[event.event],
                say!(
                    v,
                    "Noget, der blev skrevet {on}, kan ikke læses mere.",
                    "Something that was written {on} cannot be read any more."
                ),
            );
        }
    }
}
