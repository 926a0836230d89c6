//! The rights of the parties (V10): who is a party and why, who stands by them, what they consented
//! to, what they were told and heard on, and on which days a child reaches the ages of the law.
//!
//! Whether a right was honoured is the law's question; here stands what the record says.

mod standing;

use std::collections::BTreeMap;

use events::event::Event;
use events::ids::{EventId, PersonId, StreamId};
use events::person::{PersonRef, PersonRole};
use events::rights::ConsentWithdrawn;
use events::time::Occurred;
use jiff::civil::Date;

use self::standing::{Ground, complete};
use crate::persons::persons_of;
use crate::reading::{ReadEvent, Reading, Shown};
use crate::views::party::{
    Act, Consent, Custody, PartyHearing, Person, Representation, Standing, Told,
};
use events::identity::Persons;

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
    let persons = persons_of(reading);
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
    let ground = Ground {
        persons: &persons,
        child,
        named: &named,
        on,
    };
    for row in rows.values_mut() {
        complete(row, &ground);
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

    fn withdrawn(&mut self, event: EventId, occurred: Occurred, facts: &ConsentWithdrawn) {
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
