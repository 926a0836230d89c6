//! Who a person is: what is registered of it, and which registrations are one person. One fold for
//! the views, the law, and what may be recorded.
//!
//! It takes what the record says; it never guesses that two registrations are the same.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::event::Event;
use crate::ids::{EventId, PersonId};
use crate::personal::Personal;
use crate::text::{IdNumber, PersonName, Short};

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

/// The persons that some facts speak of.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Persons {
    /// As each registration states it.
    registered: BTreeMap<PersonId, Registered>,
    /// Each registration that goes on under another one. It never leads in a circle.
    merged: BTreeMap<PersonId, PersonId>,
    /// What is known of a person whose registrations were merged, by the id that goes on.
    together: BTreeMap<PersonId, Registered>,
}

impl Persons {
    /// Takes one fact in. It names every event type: a new one that says who somebody is must not
    /// be passed over.
    #[expect(
        clippy::too_many_lines,
        reason = "names every event type, so that a new one is thought about here"
    )]
    pub fn evolve(&mut self, id: EventId, facts: &Event) {
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
                self.put_together(facts.person.person);
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
                self.put_together(facts.person.person);
            }
            Event::PersonsMerged(facts) => {
                self.merge(facts.person.person, facts.into.person);
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

    /// Makes two registrations one person. Where one of them goes on under a third one already, that
    /// one is the same person too; a merge that closes a ring says nothing new.
    fn merge(&mut self, person: PersonId, into: PersonId) {
        let (from, to) = (self.canonical(person), self.canonical(into));
        if from != to {
            self.merged.insert(from, to);
            self.put_together(to);
        }
    }

    /// Writes down what all registrations of one person say together. What stands under the id that
    /// goes on comes first; what it lacks comes from the others, the lowest id first.
    fn put_together(&mut self, person: PersonId) {
        let goes_on = self.canonical(person);
        let others: Vec<PersonId> = self
            .merged
            .keys()
            .copied()
            .filter(|other| self.canonical(*other) == goes_on)
            .collect();
        if others.is_empty() {
            return;
        }
        let mut whole = self.registered.get(&goes_on).cloned().unwrap_or_default();
        for other in others {
            if let Some(known) = self.registered.get(&other) {
                whole.fill_blanks(known);
            }
            self.together.remove(&other);
        }
        self.together.insert(goes_on, whole);
    }

    /// The id under which a person goes on: the last one, where registrations were merged.
    #[must_use]
    pub fn canonical(&self, person: PersonId) -> PersonId {
        let mut at = person;
        while let Some(next) = self.merged.get(&at) {
            at = *next;
        }
        at
    }

    /// Whether a registration goes on under another one.
    #[must_use]
    pub fn is_merged(&self, person: PersonId) -> bool {
        self.merged.contains_key(&person)
    }

    /// Whether two ids are one person.
    #[must_use]
    pub fn same(&self, one: PersonId, other: PersonId) -> bool {
        self.canonical(one) == self.canonical(other)
    }

    /// What is registered of a person, all its registrations together; null where nothing is.
    #[must_use]
    pub fn get(&self, person: PersonId) -> Option<&Registered> {
        let goes_on = self.canonical(person);
        self.together
            .get(&goes_on)
            .or_else(|| self.registered.get(&goes_on))
    }

    /// Every registration as it was stated, by its own id.
    pub fn registrations(&self) -> impl Iterator<Item = (PersonId, &Registered)> {
        self.registered
            .iter()
            .map(|(person, known)| (*person, known))
    }

    /// The expected day of birth of a person who is not known to be born, where it can be read.
    #[must_use]
    pub fn expected(&self, person: PersonId) -> Option<Date> {
        self.get(person)?.due_date.as_ref()?.known().copied()
    }

    /// The day of birth of a person, where it is registered and can be read.
    #[must_use]
    pub fn birth(&self, person: PersonId) -> Option<Date> {
        self.get(person)?.birth_date.as_ref()?.known().copied()
    }
}

impl Registered {
    /// Takes what is not stated here from another registration of the same person. What was stated
    /// and erased is no blank. A birth that is known takes the place of an expected one.
    fn fill_blanks(&mut self, other: &Self) {
        fill(&mut self.name, other.name.as_ref());
        fill(&mut self.birth_date, other.birth_date.as_ref());
        fill(&mut self.due_date, other.due_date.as_ref());
        fill(&mut self.id_number, other.id_number.as_ref());
        fill(&mut self.language, other.language.as_ref());
        fill(
            &mut self.interpreter_needed,
            other.interpreter_needed.as_ref(),
        );
        if self.birth_date.is_some() {
            self.due_date = None;
        }
        self.events.extend(other.events.iter().copied());
    }
}

fn fill<T: Clone>(slot: &mut Option<T>, new: Option<&T>) {
    if slot.is_none() {
        *slot = new.cloned();
    }
}

fn replace<T: Clone>(slot: &mut Option<T>, new: Option<&T>) {
    if let Some(new) = new {
        *slot = Some(new.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn id(number: u8) -> Value {
        json!(format!("00000000-0000-4000-8000-0000000000{number:02x}"))
    }

    fn person(number: u8) -> PersonId {
        serde_json::from_value(id(number)).unwrap()
    }

    fn fold(facts: &[(&str, Value)]) -> Persons {
        let mut persons = Persons::default();
        for (kind, says) in facts {
            let event = serde_json::from_value(id(0xee)).unwrap();
            persons.evolve(event, &Event::from_json(kind, says.clone()).unwrap());
        }
        persons
    }

    fn registered(number: u8, rest: Value) -> (&'static str, Value) {
        let mut says =
            json!({ "person": { "person": id(number), "role": "CHILD" }, "name": "Prøve" });
        for (name, value) in rest.as_object().unwrap() {
            says[name] = value.clone();
        }
        ("PersonRegistered", says)
    }

    fn merged(from: u8, into: u8) -> (&'static str, Value) {
        let who = |number| json!({ "person": id(number), "role": "CHILD" });
        let says = json!({ "person": who(from), "into": who(into), "reasons": ["the same"] });
        ("PersonsMerged", says)
    }

    fn born(persons: &Persons, number: u8) -> Option<String> {
        persons.birth(person(number)).map(|day| day.to_string())
    }

    #[test]
    fn what_the_one_that_goes_on_lacks_comes_from_the_other() {
        let known = json!({ "birth_date": "2016-05-14", "id_number": "141316-0003" });
        let facts = [
            registered(1, known),
            registered(2, json!({ "language": "fa" })),
            merged(1, 2),
        ];
        // The order in which they come in makes no difference.
        for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
            let persons = fold(&order.map(|place: usize| facts[place].clone()));
            let both = persons.get(person(2)).unwrap();
            assert_eq!(born(&persons, 2).as_deref(), Some("2016-05-14"));
            assert_eq!(born(&persons, 1), born(&persons, 2));
            assert!(both.id_number.is_some() && both.language.is_some());
        }
    }

    #[test]
    fn what_stands_under_the_id_that_goes_on_comes_first() {
        let persons = fold(&[
            registered(1, json!({ "birth_date": "2016-05-14" })),
            registered(2, json!({ "birth_date": "2016-05-15" })),
            merged(1, 2),
        ]);
        assert_eq!(born(&persons, 1).as_deref(), Some("2016-05-15"));
    }

    #[test]
    fn a_known_birth_takes_the_place_of_an_expected_one() {
        let persons = fold(&[
            registered(1, json!({ "birth_date": "2024-03-01" })),
            registered(2, json!({ "due_date": "2024-03-09" })),
            merged(1, 2),
        ]);
        assert_eq!(persons.get(person(2)).unwrap().due_date, None);
        assert_eq!(born(&persons, 2).as_deref(), Some("2024-03-01"));
    }

    #[test]
    fn a_chain_is_one_person_whatever_comes_first_and_a_ring_changes_nothing() {
        let day = json!({ "birth_date": "2016-05-14" });
        let mut facts = vec![
            registered(1, day),
            registered(2, json!({})),
            registered(3, json!({})),
        ];
        let merges = [merged(1, 2), merged(2, 3), merged(3, 1)];
        for order in [[0, 1, 2], [1, 0, 2], [2, 1, 0], [2, 0, 1]] {
            facts.truncate(3);
            facts.extend(order.map(|place: usize| merges[place].clone()));
            let persons = fold(&facts);
            assert!(persons.same(person(1), person(2)) && persons.same(person(2), person(3)));
            for number in 1..=3 {
                assert_eq!(born(&persons, number).as_deref(), Some("2016-05-14"));
            }
        }
    }
}
