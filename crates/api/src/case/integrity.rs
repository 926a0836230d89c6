//! What was done to the record: erasures, checks of the log, safeguards set aside.

use async_graphql::SimpleObject;
use domain::views::integrity::{Check, Integrity, Override};
use events::correction::AnnulmentReason;
use events::erasure::{ErasureGround, ErasureScope};
use events::ids::{ErasureId, EventId};
use events::log::{IntegrityResult, Safeguard};
use events::time::Occurred;
use jiff::Timestamp;

/// A correction or an annulment.
#[derive(Debug, Clone, SimpleObject)]
pub struct ReadingChangeView {
    /// The correction or annulment.
    pub event: EventId,
    /// The event that it changes.
    pub target: EventId,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The corrected field; none for an annulment.
    pub field: Option<String>,
    /// The reason of an annulment.
    pub reason: Option<AnnulmentReason>,
}

/// A lawful erasure.
#[derive(Debug, Clone, SimpleObject)]
pub struct ErasureView {
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
    /// The event that reports it as carried out; none while it is not.
    pub executed: Option<EventId>,
}

/// A check of the log against its checkpoint.
#[derive(Debug, Clone, SimpleObject)]
pub struct IntegrityCheckView {
    /// The event.
    pub event: EventId,
    /// When it took place.
    pub occurred: Occurred,
    /// Number of entries in the checked tree.
    pub size: u64,
    /// Root hash, base64url.
    pub root: String,
    /// What was found.
    pub result: IntegrityResult,
    /// Holes, each of which an erasure explains.
    pub explained_holes: u32,
    /// Annulments.
    pub annulments: u32,
}

impl From<&Check> for IntegrityCheckView {
    fn from(check: &Check) -> Self {
        Self {
            event: check.event,
            occurred: check.occurred,
            size: check.size,
            root: check.root.as_str().to_owned(),
            result: check.result,
            explained_holes: check.explained_holes,
            annulments: check.annulments,
        }
    }
}

/// A safeguard that an operator set aside.
#[derive(Debug, Clone, SimpleObject)]
pub struct SafeguardOverrideView {
    /// The event, in the log's own stream.
    pub event: EventId,
    /// When the log recorded it.
    pub recorded_at: Timestamp,
    /// Who did it, as the operator's machine states it; null where that cannot be read.
    pub operator: Option<String>,
    /// What was set aside.
    pub safeguard: Safeguard,
    /// Why, in the operator's words.
    pub reason: String,
    /// What the clock said.
    pub clock: Option<Timestamp>,
    /// The time that it was compared with.
    pub known_time: Option<Timestamp>,
    /// Number of entries that lay here.
    pub entries_here: Option<u64>,
    /// Number of entries that were known.
    pub entries_known: Option<u64>,
    /// Who or what knew that time or that number of entries.
    pub known_by: Option<String>,
}

impl From<&Override> for SafeguardOverrideView {
    fn from(set_aside: &Override) -> Self {
        Self {
            event: set_aside.event,
            recorded_at: set_aside.recorded_at,
            operator: set_aside.operator.clone(),
            safeguard: set_aside.safeguard,
            reason: set_aside.reason.text(),
            clock: set_aside.clock,
            known_time: set_aside.known_time,
            entries_here: set_aside.entries_here,
            entries_known: set_aside.entries_known,
            known_by: set_aside
                .known_by
                .as_ref()
                .map(|name| name.as_str().to_owned()),
        }
    }
}

/// What explains every difference between the record and its reading (V17).
#[derive(Debug, Clone, SimpleObject)]
pub struct IntegrityView {
    /// Corrections and annulments in the order in which they were recorded.
    pub changes: Vec<ReadingChangeView>,
    /// Lawful erasures.
    pub erasures: Vec<ErasureView>,
    /// Events that are holes, because all of them was erased.
    pub holes: Vec<EventId>,
    /// Holes that no erasure of this case explains.
    pub unexplained: Vec<EventId>,
}

impl From<Integrity> for IntegrityView {
    fn from(view: Integrity) -> Self {
        let changes = view.changes.into_iter().map(|change| ReadingChangeView {
            event: change.event,
            target: change.target,
            recorded_at: change.recorded_at,
            field: change.field,
            reason: change.reason,
        });
        let erasures = view.erasures.into_iter().map(|erasure| ErasureView {
            erasure: erasure.erasure,
            ordered: erasure.ordered,
            ordered_on: erasure.ordered_on,
            scope: erasure.scope,
            ground: erasure.ground,
            touches: erasure.touches,
            executed: erasure.executed,
        });
        Self {
            changes: changes.collect(),
            erasures: erasures.collect(),
            holes: view.holes,
            unexplained: view.unexplained,
        }
    }
}
