//! Integrity of a case (V17): what was corrected, annulled or erased, so that every difference
//! between the record and its reading is explained. Whether the bytes are whole is the audit's.

use events::correction::AnnulmentReason;
use events::erasure::{ErasureGround, ErasureScope};
use events::event::Event;
use events::ids::{ErasureId, EventId};
use events::log::{IntegrityResult, Safeguard, SafeguardOverridden};
use events::meta::EventRef;
use events::text::{Digest, Short};
use events::time::Occurred;
use events::words::Words;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::reading::{Body, ReadEvent, Reading, Shown};

/// A correction or an annulment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "graphql",
    derive(async_graphql::SimpleObject),
    graphql(name = "ReadingChange")
)]
pub struct Change {
    /// The correction or annulment.
    pub event: EventId,
    /// The event that it changes.
    pub target: EventId,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The corrected field; null for an annulment.
    pub field: Option<String>,
    /// The reason of an annulment.
    pub reason: Option<AnnulmentReason>,
}

/// A lawful erasure.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct Erasure {
    /// The erasure.
    pub erasure: ErasureId,
    /// The event that ordered it.
    pub ordered: EventId,
    /// When it was ordered.
    pub ordered_on: Occurred,
    /// How much.
    pub scope: ErasureScope,
    /// On what ground.
    pub ground: ErasureGround,
    /// The events that it touches.
    pub touches: Vec<EventId>,
    /// The event that reports it as carried out; null while it is not.
    pub executed: Option<EventId>,
}

/// A check of the log against its checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "graphql",
    derive(async_graphql::SimpleObject),
    graphql(name = "IntegrityCheck")
)]
pub struct Check {
    /// The event.
    pub event: EventId,
    /// When it took place.
    pub occurred: Occurred,
    /// Number of entries in the checked tree.
    pub size: u64,
    /// Root hash, base64url.
    pub root: Digest,
    /// What was found.
    pub result: IntegrityResult,
    /// Holes, each of which an erasure explains.
    pub explained_holes: u32,
    /// Annulments.
    pub annulments: u32,
}

/// A catalogue of rules that was put into force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activation {
    /// The event.
    pub event: EventId,
    /// When that was done.
    pub occurred: Occurred,
    /// When the log recorded it.
    pub recorded_at: Timestamp,
    /// SHA-256 of the catalogue's bytes.
    pub catalogue: Digest,
    /// Its version.
    pub version: Short,
    /// Number of its rules.
    pub rules: u32,
    /// First day on which it is used, where that was stated.
    pub from: Option<Date>,
}

/// A safeguard that an operator set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The event.
    pub event: EventId,
    /// When the log recorded it.
    pub recorded_at: Timestamp,
    /// Who did it, as the operator's machine states it; null where that cannot be read.
    pub operator: Option<String>,
    /// What was set aside.
    pub safeguard: Safeguard,
    /// Why, in the operator's words.
    pub reason: Words,
    /// What the clock said.
    pub clock: Option<Timestamp>,
    /// The time that it was compared with.
    pub known_time: Option<Timestamp>,
    /// Number of entries that lay here.
    pub entries_here: Option<u64>,
    /// Number of entries that were known.
    pub entries_known: Option<u64>,
    /// Who or what knew that time or that number of entries.
    pub known_by: Option<Short>,
}

/// What explains every difference between the record and its reading (V17).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct Integrity {
    /// Corrections and annulments in the order in which they were recorded.
    pub changes: Vec<Change>,
    /// Lawful erasures.
    pub erasures: Vec<Erasure>,
    /// Events that are holes, because all of them was erased.
    pub holes: Vec<EventId>,
    /// Holes that no erasure of this case explains; the audit says whether one of another stream does.
    pub unexplained: Vec<EventId>,
    /// Facts of other streams that belong to this case.
    #[cfg_attr(feature = "graphql", graphql(skip))]
    pub links: Vec<(EventId, EventRef)>,
    /// Checks of the log; they stand in the log's own stream.
    #[cfg_attr(feature = "graphql", graphql(skip))]
    pub checks: Vec<Check>,
    /// Catalogues of rules that were put into force; they stand in the log's own stream.
    #[cfg_attr(feature = "graphql", graphql(skip))]
    pub activations: Vec<Activation>,
    /// Safeguards that an operator set aside; they stand in the log's own stream.
    #[cfg_attr(feature = "graphql", graphql(skip))]
    pub overrides: Vec<Override>,
}

/// Folds the view.
#[must_use]
pub fn integrity(reading: &Reading) -> Integrity {
    let mut view = Integrity::default();
    for event in &reading.events {
        if event.body == Body::Hole {
            view.holes.push(event.event);
        }
    }
    for (event, shown) in reading.facts() {
        of_the_content(&mut view, event, shown);
        of_the_log(&mut view, event, shown);
    }
    view.unexplained = unexplained(&view);
    view
}

/// Changes, erasures and links of what stands in a case.
fn of_the_content(view: &mut Integrity, event: &ReadEvent, shown: &Shown) {
    match &shown.facts {
        Event::EventCorrected(facts) => view.changes.push(Change {
            event: event.event,
            target: facts.target.event,
            recorded_at: event.recorded_at,
            field: Some(facts.field.as_str().to_owned()),
            reason: None,
        }),
        Event::EventAnnulled(facts) => view.changes.push(Change {
            event: event.event,
            target: facts.target.event,
            recorded_at: event.recorded_at,
            field: None,
            reason: Some(facts.reason),
        }),
        Event::ErasureOrdered(facts) => view.erasures.push(Erasure {
            erasure: facts.erasure,
            ordered: event.event,
            ordered_on: shown.meta.occurred,
            scope: facts.scope,
            ground: facts.ground,
            touches: facts.targets.iter().map(|target| target.event).collect(),
            executed: None,
        }),
        Event::ErasureExecuted(facts) => {
            if let Some(erasure) = view
                .erasures
                .iter_mut()
                .find(|erasure| erasure.ordered == facts.ordered.event)
            {
                erasure.executed = Some(event.event);
            }
        }
        Event::FactReferenced(facts) => view.links.push((event.event, facts.target)),
        _ => {}
    }
}

/// What stands in the log's own stream.
fn of_the_log(view: &mut Integrity, event: &ReadEvent, shown: &Shown) {
    match &shown.facts {
        Event::IntegrityChecked(facts) => view.checks.push(Check {
            event: event.event,
            occurred: shown.meta.occurred,
            size: facts.size,
            root: facts.root.clone(),
            result: facts.result,
            explained_holes: facts.explained_holes,
            annulments: facts.annulments,
        }),
        Event::RuleSetActivated(facts) => view.activations.push(Activation {
            event: event.event,
            occurred: shown.meta.occurred,
            recorded_at: event.recorded_at,
            catalogue: facts.catalogue.clone(),
            version: facts.version.clone(),
            rules: facts.rules,
            from: shown.meta.effective_from,
        }),
        Event::SafeguardOverridden(facts) => {
            let operator = shown.actor.as_ref().map(|actor| actor.id.clone());
            view.overrides
                .push(set_aside(event.event, event.recorded_at, operator, facts));
        }
        _ => {}
    }
}

fn unexplained(view: &Integrity) -> Vec<EventId> {
    let explained: std::collections::BTreeSet<EventId> = view
        .erasures
        .iter()
        .flat_map(|erasure| erasure.touches.iter().copied())
        .collect();
    view.holes
        .iter()
        .copied()
        .filter(|hole| !explained.contains(hole))
        .collect()
}

fn set_aside(
    event: EventId,
    recorded_at: Timestamp,
    operator: Option<String>,
    facts: &SafeguardOverridden,
) -> Override {
    Override {
        event,
        recorded_at,
        operator,
        safeguard: facts.safeguard,
        reason: facts.reason.clone(),
        clock: facts.clock,
        known_time: facts.known_time,
        entries_here: facts.entries_here,
        entries_known: facts.entries_known,
        known_by: facts.known_by.clone(),
    }
}
