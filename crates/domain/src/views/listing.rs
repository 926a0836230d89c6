//! What lists know of a case: one row.
//!
//! It holds no name and no number of a person: a list finds a case by keys and reads a name when it
//! is shown.

use std::collections::BTreeSet;

use events::assessment::CaseWeight;
use events::event::Event;
use events::ids::{FamilyId, StreamId};
use events::person::PersonRef;
use events::spec::StreamKind;
use events::text::EmployeeId;
use events::time::Occurred;

use crate::reading::{ReadEvent, Reading, Shown};

/// How far a case has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
pub enum CaseStatus {
    /// Early advice; no case is opened.
    Advice,
    /// Open.
    Open,
    /// Closed.
    Closed,
    /// What would tell was erased.
    Unknown,
}

/// A case in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRow {
    /// Its stream.
    pub case: StreamId,
    /// How far it has come.
    pub status: CaseStatus,
    /// The child.
    pub child: Option<PersonRef>,
    /// When it was opened, or the advice began.
    pub opened: Option<Occurred>,
    /// When it was closed.
    pub closed: Option<Occurred>,
    /// Who works on it.
    pub caseworkers: Vec<EmployeeId>,
    /// The unit of whoever opened it or gave it to its caseworkers last, where that was stated.
    pub unit: Option<String>,
    /// How heavy it weighs.
    pub weight: Option<CaseWeight>,
    /// The family that it belongs to.
    pub family: Option<FamilyId>,
}

impl CaseRow {
    /// A case of which nothing is known.
    #[must_use]
    pub const fn unknown(case: StreamId) -> Self {
        Self {
            case,
            status: CaseStatus::Unknown,
            child: None,
            opened: None,
            closed: None,
            caseworkers: Vec::new(),
            unit: None,
            weight: None,
            family: None,
        }
    }
}

/// Folds the row of a case. Streams of persons may be missing from the reading.
#[must_use]
pub fn case_row(reading: &Reading, case: StreamId) -> CaseRow {
    let mut row = CaseRow::unknown(case);
    // A screening of several children stands once, in one of their cases.
    let own = |event: &ReadEvent, shown: &Shown| {
        event.stream == case || matches!(shown.facts, Event::ScreeningConcluded(_))
    };
    for (_, shown) in reading.facts().filter(|(event, shown)| own(event, shown)) {
        match &shown.facts {
            Event::EarlyAdviceStarted(facts) => {
                row.status = CaseStatus::Advice;
                row.child = facts.child;
                row.opened = Some(shown.meta.occurred);
                row.family = shown.meta.correlation;
            }
            Event::CaseOpened(facts) => {
                row.status = CaseStatus::Open;
                row.child = Some(facts.child);
                row.opened = Some(shown.meta.occurred);
                row.family = shown.meta.correlation;
            }
            Event::CaseworkerAssigned(facts) => {
                row.caseworkers = facts
                    .caseworkers
                    .iter()
                    .chain(&facts.second_caseworker)
                    .cloned()
                    .collect();
            }
            Event::ScreeningConcluded(facts) => row.weight = Some(facts.weight),
            Event::CaseClosed(_) => {
                row.status = CaseStatus::Closed;
                row.closed = Some(shown.meta.occurred);
            }
            Event::CaseReopened(_) => {
                row.status = CaseStatus::Open;
                row.closed = None;
            }
            _ => continue,
        }
        if !matches!(
            shown.facts,
            Event::ScreeningConcluded(_) | Event::CaseClosed(_)
        ) {
            row.unit = shown
                .actor
                .as_ref()
                .and_then(|actor| actor.unit.clone())
                .or(row.unit);
        }
    }
    row
}

/// Everybody whom the facts of a reading name, in every role.
#[must_use]
pub fn people(reading: &Reading) -> BTreeSet<PersonRef> {
    let mut people = BTreeSet::new();
    reading
        .facts()
        .for_each(|(_, shown)| people.extend(people_of(shown.kind, &shown.facts)));
    people
}

/// Whom a fact names. A person's stream names relatives, who are in no case by that alone; a
/// correction names whom the corrected fact may no longer name.
#[must_use]
pub fn people_of(kind: StreamKind, facts: &Event) -> BTreeSet<PersonRef> {
    if kind == StreamKind::Person
        || matches!(facts, Event::EventCorrected(_) | Event::EventAnnulled(_))
    {
        return BTreeSet::new();
    }
    facts.people()
}
