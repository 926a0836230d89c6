//! Whether a command can be true, and the facts that it becomes.
//!
//! Late is never refused; only what cannot be true, is not permitted, or conflicts with what the
//! case already holds.

mod case;
mod common;
mod correction;
mod notification;
mod person;
mod procedure;

use events::casework::FactReferenced;
use events::event::Event;
use events::ids::{EventId, StreamId};
use events::meta::{Actor, EventRef, Meta};
use events::spec::StreamKind;
use events::text::Digest;
use jiff::Timestamp;

use crate::reading::Reading;
use crate::refusal::{Reasons, Refusal, RefusalCode};
use crate::state::StreamState;

/// An order to record a fact.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// The stream.
    pub stream: StreamId,
    /// Id that the fact gets.
    pub event: EventId,
    /// The fact.
    pub facts: Event,
    /// Its circumstances.
    pub meta: Meta,
    /// Who records it.
    pub actor: Actor,
    /// Whether the client said which version it had on screen.
    pub version_given: bool,
    /// Cases of brothers and sisters that the fact belongs to too: written once, referenced there.
    pub also: Vec<StreamId>,
}

/// What is known of streams other than the command's own.
pub trait Streams {
    /// The kind of a stream; none when there is none.
    fn kind(&self, stream: StreamId) -> Option<StreamKind>;
}

/// What a command is decided on.
pub struct State<'a> {
    /// The command's stream with all that it references; empty when the stream is new.
    pub reading: &'a Reading,
    /// Other streams.
    pub streams: &'a dyn Streams,
    /// The cases that a notification was matched to.
    pub related: &'a [Reading],
    /// Now: nothing recorded may take place later.
    pub now: Timestamp,
}

/// A fact to be recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// The stream.
    pub stream: StreamId,
    /// Its kind.
    pub kind: StreamKind,
    /// Its id; none when the caller chooses one.
    pub event: Option<EventId>,
    /// The fact. Where `reference_to` is set it is a [`FactReferenced`] whose leaf is still
    /// zeros: only the one who puts events in order knows it.
    pub facts: Event,
    /// Its circumstances.
    pub meta: Meta,
    /// The place, among the facts decided, of the one that this one references.
    pub reference_to: Option<usize>,
}

/// Whether a fact begins a stream.
#[must_use]
pub fn begins_stream(facts: &Event) -> bool {
    matches!(
        facts,
        Event::NotificationReceived(_)
            | Event::PersonRegistered(_)
            | Event::CaseOpened(_)
            | Event::EarlyAdviceStarted(_)
            | Event::IntegrityChecked(_)
            | Event::RuleSetActivated(_)
            | Event::SafeguardOverridden(_)
            | Event::RecordAccessed(_)
    )
}

/// Decides a command.
///
/// # Errors
/// The refusal with the lowest number.
pub fn decide(command: &Command, state: &State<'_>) -> Result<Vec<Decided>, Refusal> {
    let own = StreamState::fold(state.reading, command.stream);
    let mut reasons = Reasons::default();
    let spec = command.facts.spec();
    let kind = match (own.kind, begins_stream(&command.facts)) {
        (None, false) => {
            return Err(Refusal {
                code: RefusalCode::StreamUnknown,
                field: Some("stream".to_owned()),
            });
        }
        (None, true) => spec.streams.first().copied().unwrap_or(StreamKind::Case),
        (Some(kind), begins) => {
            reasons.refuse_if(
                !spec.streams.contains(&kind),
                RefusalCode::StreamKindWrong,
                "stream",
            );
            let goes_on = matches!(kind, StreamKind::System | StreamKind::Access);
            reasons.refuse_if(begins && !goes_on, RefusalCode::StreamExists, "stream");
            kind
        }
    };
    common::check(command, state, &mut reasons);
    match kind {
        StreamKind::Case => {
            case::check(command, &own, state, &mut reasons);
            procedure::check(command, &own, &mut reasons);
        }
        StreamKind::Notification => notification::check(command, &own, state, &mut reasons),
        StreamKind::Person => person::check(command, &own, state, &mut reasons),
        StreamKind::System | StreamKind::Access => {}
    }
    correction::check(command, state, &mut reasons);
    shared(command, kind, state, &mut reasons);
    reasons.first()?;
    let mut decided = vec![Decided {
        stream: command.stream,
        kind,
        event: Some(command.event),
        facts: command.facts.clone(),
        meta: command.meta.clone(),
        reference_to: None,
    }];
    if let Event::NotificationMatched(facts) = &command.facts {
        for case in &facts.cases {
            decided.push(reference(command, *case)?);
        }
    }
    for case in &command.also {
        decided.push(reference(command, *case)?);
    }
    Ok(decided)
}

/// A fact belongs to other cases only as a whole, and never one that changes the stream itself.
fn shared(command: &Command, kind: StreamKind, state: &State<'_>, reasons: &mut Reasons) {
    let own_only = begins_stream(&command.facts)
        || kind != StreamKind::Case
        || matches!(
            command.facts,
            Event::EventCorrected(_) | Event::EventAnnulled(_)
        )
        || matches!(
            command.facts,
            Event::ErasureOrdered(_) | Event::ErasureExecuted(_) | Event::FactReferenced(_)
        )
        || matches!(
            command.facts,
            Event::RetentionHoldChanged(_) | Event::ArchiveVersionApproved(_)
        )
        || matches!(
            command.facts,
            Event::CaseClosed(_) | Event::CaseReopened(_) | Event::CaseworkerAssigned(_)
        );
    reasons.refuse_if(
        !command.also.is_empty() && own_only,
        RefusalCode::FieldNotApplicable,
        "also_cases",
    );
    let known = |case: &StreamId| {
        *case != command.stream && state.streams.kind(*case) == Some(StreamKind::Case)
    };
    reasons.refuse_if(
        !command.also.iter().all(known),
        RefusalCode::CaseUnknown,
        "also_cases",
    );
}

/// The fact becomes part of a case's reading.
fn reference(command: &Command, case: StreamId) -> Result<Decided, Refusal> {
    let target = EventRef {
        stream: command.stream,
        event: command.event,
    };
    let zeros = Digest::new("A".repeat(43)).map_err(|_| Refusal {
        code: RefusalCode::ValueMisfit,
        field: None,
    })?;
    let mut meta = Meta::at(command.meta.occurred);
    meta.causation = Some(target);
    meta.source.clone_from(&command.meta.source);
    Ok(Decided {
        stream: case,
        kind: StreamKind::Case,
        event: None,
        facts: Event::FactReferenced(FactReferenced {
            target,
            leaf: zeros,
        }),
        meta,
        reference_to: Some(0),
    })
}
