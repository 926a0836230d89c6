//! The rights of the parties (V10): who is a party and why, who stands by them, what they consented
//! to, what they were told and heard on, and on which days a child reaches the ages of the law.
//!
//! Whether a right was honoured is the law's question; here stands what the record says.

use std::collections::BTreeMap;

use events::access::{DisclosureKind, FileAccessBasis};
use events::event::Event;
use events::ids::{EventId, PersonId, StreamId};
use events::meta::Channel;
use events::people::{ConsentCapacity, ConsentForm, ConsentPurpose, RelationKind};
use events::person::{PersonRef, PersonRole};
use events::personal::Personal;
use events::rights::{
    ConsentEnd, HearingException, ProtectionKind, RepresentativeKind, RepresentativeStatus,
    RequestKind,
};
use events::text::{PersonName, Section};
use events::time::Occurred;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::ages::{AGE_RIGHTS, AgeRight, DIGITAL_POST_MONTHS, party_months};
use crate::persons::{Persons, age, reaches};
use crate::reading::{ReadEvent, Reading, Shown};

/// How somebody stands to the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
pub enum Standing {
    /// Party: holds custody of the child.
    CustodyHolder,
    /// Party: the child, old enough (BL § 3; 12 years before 2024).
    Child,
    /// Named as a party in a decision; no custody is recorded.
    NamedInDecision,
    /// Party only in decisions about the parent itself (BL §§ 142(3), 145(2), 146(2)).
    ParentWithoutCustody,
    /// Not a party yet: the child is too young.
    TooYoung,
    /// Not a party.
    None,
    /// Cannot be told: the day of birth is not known, or it was erased.
    Unknown,
}

impl Standing {
    /// Whether it makes a party.
    #[must_use]
    pub const fn is_party(self) -> bool {
        matches!(
            self,
            Self::CustodyHolder | Self::Child | Self::NamedInDecision
        )
    }
}

/// Custody of the child, or its absence.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct Custody {
    /// The event.
    pub event: EventId,
    /// The child.
    pub child: PersonRef,
    /// Which kind.
    pub kind: RelationKind,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub to: Option<Date>,
    /// Whether it holds on the day of the view.
    pub in_force: bool,
}

/// Somebody who stands by a person.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct Representation {
    /// The newest event about it.
    pub event: EventId,
    /// As what.
    pub kind: RepresentativeKind,
    /// Who.
    pub representative: PersonRef,
    /// Name.
    pub name: Option<Personal<PersonName>>,
    /// What became of it.
    pub status: RepresentativeStatus,
    /// Since when it stands so.
    pub since: Occurred,
}

/// A consent, or its refusal.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct Consent {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// In which capacity; null for a refusal.
    pub capacity: Option<ConsentCapacity>,
    /// To what.
    pub purpose: ConsentPurpose,
    /// The section.
    pub section: Option<Section>,
    /// In which form; null for a refusal.
    pub form: Option<ConsentForm>,
    /// Whether it was taken back or refused; null while it stands.
    pub ended: Option<ConsentEnd>,
    /// When it was taken back or refused.
    pub ended_on: Option<Occurred>,
    /// The event that took it back or refused it.
    #[cfg_attr(feature = "graphql", graphql(skip))]
    pub ended_by: Option<EventId>,
    /// Last day of validity.
    pub valid_to: Option<Date>,
}

impl Consent {
    /// Whether it is given and stands on a day.
    #[must_use]
    pub fn in_force(&self, on: Date) -> bool {
        let ended = self.ended_on.is_some_and(|when| when.day() <= on);
        self.form.is_some()
            && !ended
            && self.occurred.day() <= on
            && self.valid_to.is_none_or(|last| on <= last)
    }
}

/// How a decision was told.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "graphql",
    derive(async_graphql::SimpleObject),
    graphql(name = "ToldDecision")
)]
pub struct Told {
    /// The event.
    pub event: EventId,
    /// The decision.
    pub decision: EventId,
    /// Through which channel.
    pub channel: Channel,
    /// From when it was available.
    pub available_at: Timestamp,
    /// Whether it was by word of mouth.
    pub oral: bool,
}

/// A hearing of a party (*partshøring*).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct PartyHearing {
    /// The event.
    pub event: EventId,
    /// When the material was sent.
    pub occurred: Occurred,
    /// Last day to answer.
    pub deadline: Option<Date>,
    /// When the answer came.
    pub answered_at: Option<Timestamp>,
    /// Why the party was not heard.
    pub exception: Option<HearingException>,
}

/// Something else that a person did or was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Asked for something.
    Request(RequestKind),
    /// Asked to see the file.
    FileAccess(FileAccessBasis),
    /// Was given something.
    Disclosure(DisclosureKind),
    /// Data was marked as protected.
    Protection(ProtectionKind),
}

/// An age of the law.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Milestone {
    /// The right.
    pub right: &'static AgeRight,
    /// The day on which the child reaches it.
    pub on: Date,
    /// Whether that is so on the day of the view.
    pub reached: bool,
}

/// One person.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// Who, under the id that goes on.
    pub person: PersonRef,
    /// Name.
    pub name: Option<Personal<PersonName>>,
    /// Day of birth.
    pub birth_date: Option<Personal<Date>>,
    /// Expected day of birth.
    pub due_date: Option<Personal<Date>>,
    /// Whole years on the day of the view.
    pub age: Option<i16>,
    /// Whether an interpreter is needed.
    pub interpreter_needed: Option<Personal<bool>>,
    /// How the person stands to the case on the day of the view.
    pub standing: Standing,
    /// The day on which a child becomes a party, where it lies ahead.
    pub becomes_party: Option<Date>,
    /// Whether Digital Post reaches the person by law (15 years); null where the age is not known.
    pub digital_post: Option<bool>,
    /// Custody.
    pub custody: Vec<Custody>,
    /// Who stands by the person.
    pub representations: Vec<Representation>,
    /// Consents and refusals.
    pub consents: Vec<Consent>,
    /// What the person was told.
    pub told: Vec<Told>,
    /// What the person was heard on.
    pub hearings: Vec<PartyHearing>,
    /// Requests, disclosures and markers.
    pub acts: Vec<(EventId, Occurred, Act)>,
    /// Ages of the law; for children only.
    pub milestones: Vec<Milestone>,
    /// The events that say who the person is.
    pub registered_by: Vec<EventId>,
}

struct Folding<'a> {
    persons: Persons,
    rows: BTreeMap<PersonId, Person>,
    child: Option<PersonRef>,
    named: BTreeMap<PersonId, EventId>,
    on: Date,
    case: StreamId,
    reading: &'a Reading,
}

/// Folds the view of one case as it stands on a day.
#[must_use]
pub fn parties(reading: &Reading, case: StreamId, on: Date) -> Vec<Person> {
    let persons = Persons::of(reading);
    let mut folding = Folding {
        persons,
        rows: BTreeMap::new(),
        child: None,
        named: BTreeMap::new(),
        on,
        case,
        reading,
    };
    folding.fold();
    let Folding {
        persons,
        mut rows,
        child,
        named,
        ..
    } = folding;
    for row in rows.values_mut() {
        finish(row, &persons, child, &named, on);
    }
    let mut rows: Vec<Person> = rows.into_values().collect();
    rows.sort_by_key(|row| (!row.standing.is_party(), row.person.role, row.person.person));
    rows
}

impl Folding<'_> {
    fn row(&mut self, person: PersonRef) -> &mut Person {
        let id = self.persons.canonical(person.person);
        let registered = self.persons.get(person.person);
        let row = self.rows.entry(id).or_insert_with(|| Person {
            person: PersonRef {
                person: id,
                role: person.role,
            },
            name: registered.and_then(|known| known.name.clone()),
            birth_date: registered.and_then(|known| known.birth_date.clone()),
            due_date: registered.and_then(|known| known.due_date.clone()),
            age: None,
            interpreter_needed: registered.and_then(|known| known.interpreter_needed.clone()),
            standing: Standing::None,
            becomes_party: None,
            digital_post: None,
            custody: Vec::new(),
            representations: Vec::new(),
            consents: Vec::new(),
            told: Vec::new(),
            hearings: Vec::new(),
            acts: Vec::new(),
            milestones: Vec::new(),
            registered_by: Vec::new(),
        });
        // A brother or sister in one fact is the child of another: the stronger role stays.
        row.person.role = row.person.role.min(person.role);
        row
    }

    fn fold(&mut self) {
        let reading = self.reading;
        for (event, shown) in reading.by_occurrence() {
            self.identity(event, shown);
            self.rights(event, shown);
            self.decisions(event, shown);
            self.acts(event, shown);
        }
    }

    fn identity(&mut self, event: &ReadEvent, shown: &Shown) {
        match &shown.facts {
            Event::CaseOpened(facts) if event.stream == self.case => self.child = Some(facts.child),
            Event::EarlyAdviceStarted(facts) if event.stream == self.case => {
                self.child = self.child.or(facts.child)
            }
            Event::PersonRegistered(facts) => {
                self.row(facts.person).registered_by.push(event.event)
            }
            Event::PersonIdentified(facts) => {
                self.row(facts.person).registered_by.push(event.event)
            }
            Event::PersonsMerged(facts) => self.row(facts.person).registered_by.push(event.event),
            Event::RelationRecorded(facts) => {
                let on = self.on;
                let (from, to) = (shown.meta.effective_from, shown.meta.effective_to);
                let in_force = from.is_none_or(|from| from <= on) && to.is_none_or(|to| on <= to);
                let (child, other) = if facts.to.role == PersonRole::Child {
                    (facts.to, facts.from)
                } else {
                    (facts.from, facts.to)
                };
                self.row(facts.from);
                let custody = Custody {
                    event: event.event,
                    child,
                    kind: facts.kind,
                    from,
                    to,
                    in_force,
                };
                self.row(other).custody.push(custody);
            }
            _ => {}
        }
    }

    /// Consents and representatives.
    fn rights(&mut self, event: &ReadEvent, shown: &Shown) {
        let (id, occurred) = (event.event, shown.meta.occurred);
        match &shown.facts {
            Event::ConsentGiven(facts) => {
                let consent = Consent {
                    event: id,
                    occurred,
                    capacity: Some(facts.capacity),
                    purpose: facts.purpose,
                    section: facts.section.clone(),
                    form: Some(facts.form),
                    ended: None,
                    ended_on: None,
                    ended_by: None,
                    valid_to: shown.meta.effective_to,
                };
                self.row(facts.giver).consents.push(consent);
            }
            Event::ConsentWithdrawn(facts) => self.withdrawn(id, occurred, facts),
            Event::RepresentativeAppointed(facts) => {
                let representation = Representation {
                    event: id,
                    kind: facts.kind,
                    representative: facts.representative,
                    name: facts.name.clone(),
                    status: facts.status,
                    since: occurred,
                };
                let known = &mut self.row(facts.of).representations;
                known.retain(|row| {
                    row.kind != facts.kind
                        || row.representative.person != facts.representative.person
                });
                known.push(representation);
            }
            _ => {}
        }
    }

    /// Parties of decisions, and what was told to them and heard from them.
    fn decisions(&mut self, event: &ReadEvent, shown: &Shown) {
        let (id, occurred) = (event.event, shown.meta.occurred);
        match &shown.facts {
            Event::DecisionMade(facts) => facts.parties.iter().for_each(|party| {
                let canonical = self.persons.canonical(party.person);
                self.named.entry(canonical).or_insert(id);
                self.row(*party);
            }),
            Event::DecisionCommunicated(facts) => {
                for to in &facts.recipients {
                    let told = Told {
                        event: id,
                        decision: facts.decision,
                        channel: to.channel,
                        available_at: to.available_at,
                        oral: to.oral,
                    };
                    self.row(to.who).told.push(told);
                }
            }
            Event::PartyHearingHeld(facts) => {
                let hearing = PartyHearing {
                    event: id,
                    occurred,
                    deadline: facts.deadline,
                    answered_at: facts.answered_at,
                    exception: facts.exception,
                };
                self.row(facts.party).hearings.push(hearing);
            }
            _ => {}
        }
    }

    fn acts(&mut self, event: &ReadEvent, shown: &Shown) {
        let (id, occurred) = (event.event, shown.meta.occurred);
        match &shown.facts {
            Event::RequestMade(facts) => {
                self.row(facts.by)
                    .acts
                    .push((id, occurred, Act::Request(facts.kind)))
            }
            Event::FileAccessRequested(facts) => {
                let person = facts.on_behalf_of.unwrap_or(facts.requester);
                self.row(person)
                    .acts
                    .push((id, occurred, Act::FileAccess(facts.basis)));
            }
            Event::DisclosureMade(facts) => {
                let person = facts.recipient_person.or(self.child);
                if let Some(person) = person {
                    self.row(person)
                        .acts
                        .push((id, occurred, Act::Disclosure(facts.kind)));
                }
            }
            Event::ProtectionMarkerSet(facts) => {
                self.row(facts.person)
                    .acts
                    .push((id, occurred, Act::Protection(facts.kind)))
            }
            _ => {}
        }
    }

    fn withdrawn(
        &mut self,
        event: EventId,
        occurred: Occurred,
        facts: &events::rights::ConsentWithdrawn,
    ) {
        let row = self.row(facts.by);
        let matches = |consent: &&mut Consent| match facts.consent {
            Some(given) => consent.event == given,
            None => {
                consent.ended.is_none()
                    && consent.purpose == facts.purpose
                    && consent.section == facts.section
            }
        };
        match row
            .consents
            .iter_mut()
            .filter(|consent| consent.form.is_some())
            .find(matches)
        {
            Some(consent) => {
                consent.ended = Some(facts.kind);
                consent.ended_on = Some(occurred);
                consent.ended_by = Some(event);
            }
            None => row.consents.push(Consent {
                event,
                occurred,
                capacity: None,
                purpose: facts.purpose,
                section: facts.section.clone(),
                form: None,
                ended: Some(facts.kind),
                ended_on: Some(occurred),
                ended_by: Some(event),
                valid_to: None,
            }),
        }
    }
}

fn finish(
    row: &mut Person,
    persons: &Persons,
    child: Option<PersonRef>,
    named: &BTreeMap<PersonId, EventId>,
    on: Date,
) {
    let born = row.birth_date.as_ref().and_then(Personal::known).copied();
    row.age = born.and_then(|born| age(born, on));
    row.digital_post = born
        .and_then(|born| reaches(born, DIGITAL_POST_MONTHS))
        .map(|from| from <= on);
    let a_child = matches!(row.person.role, PersonRole::Child | PersonRole::Sibling);
    if a_child && let Some(born) = born {
        let reached = |right: &'static AgeRight| {
            let on_day = reaches(born, right.months)?;
            let holds = right.from.is_none_or(|from| from <= on_day.max(on))
                && right.to.is_none_or(|to| on_day.min(on) <= to);
            holds.then_some(Milestone {
                right,
                on: on_day,
                reached: on_day <= on && right.to.is_none_or(|to| on <= to),
            })
        };
        row.milestones = AGE_RIGHTS.iter().filter_map(reached).collect();
    }
    let of_this_child = |custody: &&Custody| {
        child.is_none_or(|child| persons.same(custody.child.person, child.person))
    };
    let is_the_child = child.is_some_and(|child| persons.same(child.person, row.person.person));
    let custody = row
        .custody
        .iter()
        .filter(of_this_child)
        .filter(|custody| custody.in_force);
    let held = custody.clone().any(|custody| {
        matches!(
            custody.kind,
            RelationKind::CustodySole | RelationKind::CustodyJoint
        )
    });
    let without = custody
        .clone()
        .any(|custody| custody.kind == RelationKind::ParentNoCustody);
    row.standing = if is_the_child {
        match born.and_then(|born| reaches(born, party_months(on))) {
            None => Standing::Unknown,
            Some(from) if from <= on => Standing::Child,
            Some(from) => {
                row.becomes_party = Some(from);
                Standing::TooYoung
            }
        }
    } else if held {
        Standing::CustodyHolder
    } else if without {
        Standing::ParentWithoutCustody
    } else if !a_child && named.contains_key(&row.person.person) {
        Standing::NamedInDecision
    } else {
        Standing::None
    };
}
