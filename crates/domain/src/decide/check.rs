//! A command while it is evaluated: the questions that several event types ask of it, and the
//! reasons found against it.
//!
//! It knows no event type; which questions a type asks stands in the file of its subject.

use std::cell::Cell;
use std::collections::BTreeSet;

use events::ids::{EventId, MeasureId, StreamId};
use events::person::PersonRef;
use events::spec::StreamKind;

use super::dates::wrong_dates;
use super::{Command, State, Undecided};
use crate::reading::Reading;
use crate::refusal::{Reasons, RefusalCode};
use crate::state::{CaseState, Found, MeasureState, StreamState};

/// A command, what it is decided on, and what speaks against it.
pub(super) struct Check<'a> {
    pub(super) command: &'a Command,
    /// The stream that the fact would stand in.
    pub(super) own: &'a StreamState,
    pub(super) state: &'a State<'a>,
    reasons: Reasons,
    /// Whether the reading was asked for and is not at hand.
    reading_needed: Cell<bool>,
}

impl<'a> Check<'a> {
    pub(super) fn of(command: &'a Command, state: &'a State<'a>) -> Self {
        Self {
            command,
            own: state.own,
            state,
            reasons: Reasons::default(),
            reading_needed: Cell::new(false),
        }
    }

    pub(super) fn refuse(&mut self, code: RefusalCode, field: &str) {
        self.reasons.refuse(code, field);
    }

    pub(super) fn refuse_if(&mut self, condition: bool, code: RefusalCode, field: &str) {
        self.reasons.refuse_if(condition, code, field);
    }

    /// The reading of the stream. Null where it is not at hand; nothing is decided then, whatever the
    /// caller makes of it.
    pub(super) fn reading(&self) -> Option<&'a Reading> {
        if self.state.reading.is_none() {
            self.reading_needed.set(true);
        }
        self.state.reading
    }

    /// # Errors
    /// * [`Undecided::ReadingNeeded`] when the reading was asked for and is not at hand;
    /// * [`Undecided::Refused`] with the lowest number of all reasons; among equals the one found
    ///   first.
    pub(super) fn outcome(self) -> Result<(), Undecided> {
        if self.reading_needed.get() {
            return Err(Undecided::ReadingNeeded);
        }
        Ok(self.reasons.first()?)
    }

    /// The command must say which version was on screen: its outcome depends on what somebody else
    /// may have changed meanwhile. The system's own reports and a person's own words never need it.
    pub(super) fn needs_version(&mut self) {
        self.refuse_if(
            !self.command.version_given,
            RefusalCode::ExpectedVersionNeeded,
            "expected_version",
        );
    }

    /// No date in it is one that cannot be true.
    pub(super) fn dates(&mut self) {
        let Command { facts, meta, .. } = self.command;
        wrong_dates(facts, meta, self.state.now, &mut self.reasons);
    }

    /// It is work on the case, which ends with it.
    pub(super) fn needs_open_case(&mut self) {
        match self.own.case {
            CaseState::Closed => self.refuse(RefusalCode::CaseClosed, "stream"),
            // Where the opening was erased, the case may well be open.
            CaseState::Absent | CaseState::Advice | CaseState::Open => {}
        }
    }

    /// The list must not be empty.
    pub(super) fn needs_some<T>(&mut self, items: &[T], field: &str) {
        self.refuse_if(items.is_empty(), RefusalCode::ListEmpty, field);
    }

    /// It changes the stream itself, so it cannot belong to the cases of brothers and sisters too.
    pub(super) fn concerns_this_stream_only(&mut self) {
        self.refuse_if(
            !self.command.also.is_empty(),
            RefusalCode::FieldNotApplicable,
            "also_cases",
        );
    }

    /// The child must be the one that the case is about.
    pub(super) fn needs_child_of_case(&mut self, child: PersonRef) {
        self.refuse_if(
            self.own.about_another(child),
            RefusalCode::OtherChild,
            "child",
        );
    }

    /// The child of the case must be among those that a committee matter covers.
    pub(super) fn needs_child_of_case_among(&mut self, children: &[PersonRef], field: &str) {
        self.needs_some(children, field);
        let other = self.own.about.is_some_and(|child| {
            !children
                .iter()
                .any(|covered| self.own.persons.same(covered.person, child.person))
        });
        self.refuse_if(
            other && !children.is_empty(),
            RefusalCode::OtherChild,
            field,
        );
    }

    /// The person must be the one whose stream it is.
    pub(super) fn needs_own_person(&mut self, person: PersonRef) {
        self.refuse_if(
            self.own.about_another(person),
            RefusalCode::OtherPerson,
            "person",
        );
    }

    /// Whether an event stands in reach of the stream, or may have been erased from it.
    pub(super) fn in_reach(&self, event: EventId) -> bool {
        self.own.holes || self.own.events.iter().any(|(_, known)| *known == event)
    }

    /// The event, where one is named, must stand in reach.
    pub(super) fn needs_event(&mut self, event: Option<EventId>, field: &str) {
        let unknown = event.is_some_and(|event| !self.in_reach(event));
        self.refuse_if(unknown, RefusalCode::EventUnknown, field);
    }

    /// The measures must have been started, whether they run or not.
    pub(super) fn needs_measures(&mut self, measures: &[MeasureId], field: &str) {
        let unknown = measures
            .iter()
            .any(|measure| self.own.measure(*measure) == Found::Nowhere);
        self.refuse_if(unknown, RefusalCode::MeasureUnknown, field);
    }

    /// The measure must have been started, and not have ended.
    pub(super) fn needs_running_measure(&mut self, measure: MeasureId) {
        match self.own.measure(measure) {
            Found::Here(MeasureState::Running) | Found::PerhapsErased => {}
            Found::Here(MeasureState::Ended) => self.refuse(RefusalCode::MeasureEnded, "measure"),
            Found::Nowhere => self.refuse(RefusalCode::MeasureUnknown, "measure"),
        }
    }

    /// The decision, where one is named, must stand in this case or in one that shares it.
    pub(super) fn needs_decision(&mut self, decision: Option<EventId>, field: &str) {
        let found = decision.map(|decision| self.own.decision(decision));
        self.refuse_if(
            found == Some(Found::Nowhere),
            RefusalCode::DecisionUnknown,
            field,
        );
    }

    /// The complaint, where one is named, must stand in this case.
    pub(super) fn needs_complaint(&mut self, complaint: Option<EventId>) {
        let found = complaint.map(|complaint| self.own.complaint(complaint));
        self.refuse_if(
            found == Some(Found::Nowhere),
            RefusalCode::ComplaintUnknown,
            "complaint",
        );
    }

    /// Whether somebody has worked in this stream or in one that is related to it.
    pub(super) fn was_involved(&self, id: &str) -> bool {
        let before = |reading: &Reading| {
            let streams: BTreeSet<_> = reading.events.iter().map(|event| event.stream).collect();
            streams
                .into_iter()
                .any(|stream| StreamState::fold(reading, stream).involved.contains(id))
        };
        self.own.involved.contains(id) || self.state.related.iter().any(before)
    }

    /// Whether there is such a stream, of that kind.
    pub(super) fn stream_is(&self, stream: StreamId, kind: StreamKind) -> bool {
        self.state.streams.kind(stream) == Some(kind)
    }
}
