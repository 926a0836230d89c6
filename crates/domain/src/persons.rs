//! Who the persons of a reading are: names, days of birth, and which registrations are one person.
//!
//! It takes what the record says; it never guesses that two registrations are the same.

use std::collections::BTreeMap;

use events::event::Event;
use events::ids::{EventId, PersonId};
use events::person::{PersonRef, PersonRole};
use events::personal::Personal;
use events::text::{IdNumber, PersonName, Short};
use jiff::civil::Date;

use crate::reading::Reading;

/// What is registered of a person.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Registered {
    /// Name.
    pub name: Option<Personal<PersonName>>,
    /// Day of birth.
    pub birth_date: Option<Personal<Date>>,
    /// Expected day of birth of an unborn child.
    pub due_date: Option<Personal<Date>>,
    /// Identity number (*CPR-nummer*).
    pub id_number: Option<Personal<IdNumber>>,
    /// Language, where it is not Danish.
    pub language: Option<Personal<Short>>,
    /// Whether an interpreter is needed.
    pub interpreter_needed: Option<Personal<bool>>,
    /// The events that say so.
    pub events: Vec<EventId>,
}

/// The persons of a reading.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Persons {
    registered: BTreeMap<PersonId, Registered>,
    merged: BTreeMap<PersonId, PersonId>,
}

impl Persons {
    /// Folds them from a reading.
    #[must_use]
    pub fn of(reading: &Reading) -> Self {
        let mut persons = Self::default();
        for (event, shown) in reading.facts() {
            persons.evolve(event.event, &shown.facts);
        }
        persons
    }

    /// Takes one fact in. It names every event type: a new one that says who somebody is must not
    /// be passed over.
    #[expect(
        clippy::too_many_lines,
        reason = "names every event type, so that a new one is thought about here"
    )]
    pub(crate) fn evolve(&mut self, id: EventId, facts: &Event) {
        match facts {
            Event::PersonRegistered(facts) => {
                let registered = Registered {
                    name: Some(facts.name.clone()),
                    birth_date: facts.birth_date.clone(),
                    due_date: facts.due_date.clone(),
                    id_number: facts.id_number.clone(),
                    language: facts.language.clone(),
                    interpreter_needed: facts.interpreter_needed.clone(),
                    events: vec![id],
                };
                self.registered.insert(facts.person.person, registered);
            }
            Event::PersonIdentified(facts) => {
                let entry = self.registered.entry(facts.person.person).or_default();
                replace(&mut entry.name, facts.name.as_ref());
                replace(&mut entry.id_number, facts.id_number.as_ref());
                if facts.birth_date.is_some() {
                    entry.birth_date.clone_from(&facts.birth_date);
                    entry.due_date = None;
                }
                entry.events.push(id);
            }
            Event::PersonsMerged(facts) => {
                self.merged.insert(facts.person.person, facts.into.person);
            }
            Event::NotificationReceived(_)
            | Event::AcuteAssessmentMade(_)
            | Event::NotificationReceiptConfirmed(_)
            | Event::NotificationMatched(_)
            | Event::NotificationReassessed(_)
            | Event::NotifierFeedbackGiven(_)
            | Event::IntermunicipalNotificationSent(_)
            | Event::RelationRecorded(_)
            | Event::ResponsibleMunicipalityChanged(_)
            | Event::ConsentGiven(_)
            | Event::ConsentWithdrawn(_)
            | Event::RepresentativeAppointed(_)
            | Event::NetworkMapped(_)
            | Event::ProtectionMarkerSet(_)
            | Event::EarlyAdviceStarted(_)
            | Event::CaseOpened(_)
            | Event::CaseworkerAssigned(_)
            | Event::NeedAwarenessEstablished(_)
            | Event::ScreeningConcluded(_)
            | Event::RiskAssessmentMade(_)
            | Event::AssessmentOpened(_)
            | Event::AssessmentReported(_)
            | Event::SiblingNeedAssessed(_)
            | Event::ChildHeard(_)
            | Event::ChildHearingWaived(_)
            | Event::NetworkMeetingHeld(_)
            | Event::NoteTaken(_)
            | Event::InformationObtained(_)
            | Event::DocumentFiled(_)
            | Event::PartyHearingHeld(_)
            | Event::RequestMade(_)
            | Event::DecisionMade(_)
            | Event::DecisionCommunicated(_)
            | Event::ProvisionalDecisionMade(_)
            | Event::CommitteeSubmissionMade(_)
            | Event::CommitteeDecisionMade(_)
            | Event::PlanAdopted(_)
            | Event::GoalSet(_)
            | Event::GoalChanged(_)
            | Event::SupportStarted(_)
            | Event::SupportAdjusted(_)
            | Event::SupportEnded(_)
            | Event::FollowUpHeld(_)
            | Event::WellbeingMeasured(_)
            | Event::SupervisionVisitHeld(_)
            | Event::ComplaintReceived(_)
            | Event::ComplaintReassessed(_)
            | Event::AppealForwarded(_)
            | Event::AppealOutcomeReceived(_)
            | Event::CaseTransferred(_)
            | Event::CaseClosed(_)
            | Event::CaseReopened(_)
            | Event::FactReferenced(_)
            | Event::EventCorrected(_)
            | Event::EventAnnulled(_)
            | Event::RecordAccessed(_)
            | Event::FileAccessRequested(_)
            | Event::DisclosureMade(_)
            | Event::RetentionHoldChanged(_)
            | Event::ArchiveVersionApproved(_)
            | Event::ErasureOrdered(_)
            | Event::ErasureExecuted(_)
            | Event::IntegrityChecked(_)
            | Event::RuleSetActivated(_)
            | Event::SafeguardOverridden(_) => {}
        }
    }

    /// The id under which a person goes on: the last one, where registrations were merged.
    #[must_use]
    pub fn canonical(&self, person: PersonId) -> PersonId {
        let mut at = person;
        // A chain of merges ends; a ring of them, which only an erased past could leave, is left
        // after as many steps as there are merges.
        for _ in 0..self.merged.len() {
            match self.merged.get(&at) {
                Some(next) => at = *next,
                None => break,
            }
        }
        at
    }

    /// Whether two ids are one person.
    #[must_use]
    pub fn same(&self, one: PersonId, other: PersonId) -> bool {
        self.canonical(one) == self.canonical(other)
    }

    /// What is registered of a person; what stands under the id that goes on comes first.
    #[must_use]
    pub fn get(&self, person: PersonId) -> Option<&Registered> {
        self.registered
            .get(&self.canonical(person))
            .or_else(|| self.registered.get(&person))
    }

    /// The person's name, or the role in words where no name is registered.
    #[must_use]
    pub fn label(&self, person: PersonRef) -> String {
        match self
            .get(person.person)
            .and_then(|known| known.name.as_ref())
        {
            Some(name) => name.to_string(),
            None => role(person.role).to_owned(),
        }
    }
}

fn replace<T: Clone>(slot: &mut Option<T>, new: Option<&T>) {
    if let Some(new) = new {
        *slot = Some(new.clone());
    }
}

/// A role in words.
#[must_use]
pub const fn role(role: PersonRole) -> &'static str {
    match role {
        PersonRole::Child => "the child",
        PersonRole::Parent => "a parent",
        PersonRole::Sibling => "a brother or sister",
        PersonRole::Notifier => "the notifier",
        PersonRole::Relative => "a relative",
        PersonRole::Professional => "a professional",
        PersonRole::Other => "another person",
    }
}

/// Whole years of life on a day; null before birth.
#[must_use]
pub fn age(born: Date, on: Date) -> Option<i16> {
    let years =
        on.year() - born.year() - i16::from((on.month(), on.day()) < (born.month(), born.day()));
    (on >= born).then_some(years)
}

/// The day on which somebody reaches an age given in months. A person born on 29 February reaches
/// it on 1 March of a year without that day.
#[must_use]
pub fn reaches(born: Date, months: i32) -> Option<Date> {
    let day = born.checked_add(jiff::Span::new().months(months)).ok()?;
    // A shorter month cut the day: the age is reached when that month is over.
    if day.day() == born.day() {
        Some(day)
    } else {
        day.tomorrow().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn an_age_is_reached_on_the_birthday() {
        let born = day("2018-08-19");
        assert_eq!(reaches(born, 120), Some(day("2028-08-19")));
        assert_eq!(
            (age(born, day("2028-08-18")), age(born, day("2028-08-19"))),
            (Some(9), Some(10))
        );
        assert_eq!(age(born, day("2018-08-18")), None);
        assert_eq!(reaches(day("2016-02-29"), 10 * 12), Some(day("2026-03-01")));
        assert_eq!(reaches(day("2016-02-29"), 12 * 12), Some(day("2028-02-29")));
        assert_eq!(
            reaches(day("2012-11-03"), 17 * 12 + 6),
            Some(day("2030-05-03"))
        );
    }
}
