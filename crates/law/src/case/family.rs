//! Who is who in a case: the child, brothers and sisters, holders of custody, registrations that
//! were merged.

use std::collections::BTreeSet;

use events::age::{age_on, reaches};
use events::assessment::{AssessmentKind, ScreeningFlag};
use events::calendar::add_months;
use events::identity::Persons;
use events::ids::{EventId, PersonId};
use events::moment::Moment;
use events::people::RelationKind;
use events::person::{PersonRef, PersonRole};
use jiff::civil::Date;

use super::{Case, Custody};
use crate::seen::Seen;

impl Case<'_> {
    pub(super) fn find_family(&mut self) {
        self.persons = self.who_is_who();
        self.child = self.find_child();
        self.birth = self.child.and_then(|child| self.persons.birth(child));
        let Some(child) = self.child else { return };
        for relation in &self.lists.relations {
            let (from, to) = (
                self.person(relation.says.from),
                self.person(relation.says.to),
            );
            if from != child && to != child {
                continue;
            }
            let other = if from == child { to } else { from };
            match relation.says.kind {
                RelationKind::CustodySole | RelationKind::CustodyJoint => {
                    let meta = relation.fact.meta;
                    self.custody.push(Custody {
                        holder: other,
                        from: meta.effective_from,
                        to: meta.effective_to,
                    });
                }
                RelationKind::Sibling => {
                    self.siblings.insert(other);
                }
                RelationKind::ParentNoCustody
                | RelationKind::Household
                | RelationKind::Foster
                | RelationKind::Other => {}
            }
        }
        let flagged = self
            .lists
            .matches
            .iter()
            .flat_map(|matched| &matched.says.flagged_siblings);
        let flagged: Vec<PersonId> = flagged
            .map(|sibling| self.person(*sibling))
            .filter(|sibling| *sibling != child)
            .collect();
        self.siblings.extend(flagged);
    }

    fn find_child(&self) -> Option<PersonId> {
        let openings = &self.lists.openings;
        let own = openings
            .iter()
            .find(|opening| Some(opening.fact.stream) == self.circumstances.case);
        let opened = own.or(openings.first()).map(|opening| opening.says.child);
        let notified = || {
            self.lists
                .notifications
                .first()
                .and_then(|notification| notification.says.children.first().copied())
        };
        let advised = || {
            self.lists
                .advices
                .first()
                .and_then(|advice| advice.says.child)
        };
        let registered = || {
            self.lists
                .registrations
                .iter()
                .map(|registered| registered.says.person)
                .find(|person| person.role == PersonRole::Child)
        };
        opened
            .or_else(notified)
            .or_else(advised)
            .or_else(registered)
            .map(|child| self.person(child))
    }

    /// The persons of the case, told in the order of the log: the one in which what was known of them
    /// came in.
    fn who_is_who(&self) -> Persons {
        let lists = &self.lists;
        let registered = lists.registrations.iter().map(|seen| seen.fact);
        let identified = lists.identifications.iter().map(|seen| seen.fact);
        let merged = lists.mergers.iter().map(|seen| seen.fact);
        let mut told: Vec<_> = registered.chain(identified).chain(merged).collect();
        told.sort_by_key(|fact| fact.index);
        let mut persons = Persons::default();
        for fact in told {
            persons.evolve(fact.event, fact.facts);
        }
        persons
    }

    /// The person that a reference means, registrations merged.
    #[must_use]
    pub fn person(&self, person: PersonRef) -> PersonId {
        self.persons.canonical(person.person)
    }

    /// Whether a fact that names these children is about the child of the case. Naming nobody is
    /// about everybody.
    #[must_use]
    pub fn concerns(&self, children: &[PersonRef]) -> bool {
        children.is_empty() || children.iter().any(|child| self.is_child(*child))
    }

    /// Whether a reference means the child of the case.
    #[must_use]
    pub fn is_child(&self, person: PersonRef) -> bool {
        self.child.is_none_or(|child| self.person(person) == child)
    }

    /// The day of birth of a person, where it can be read.
    #[must_use]
    pub fn birth_of(&self, person: PersonId) -> Option<Date> {
        self.persons.birth(person)
    }

    /// Whether the child was not born on a day. Where no day of birth is registered, it is read from the
    /// expected day, and where none is, from a notification, screening or examination that says so.
    #[must_use]
    pub fn unborn_on(&self, day: Date) -> bool {
        if let Some(birth) = self.birth {
            return day < birth;
        }
        match self.child.and_then(|child| self.persons.expected(child)) {
            Some(expected) => day <= expected,
            None => self.said_unborn(day),
        }
    }

    /// Whether a fact of less than ten months before or after says that the child is not born: no
    /// pregnancy lasts longer. A need may be known before the fact that tells of it is recorded.
    fn said_unborn(&self, day: Date) -> bool {
        let near = |moment: &Moment| {
            let (first, last) = (day.min(moment.day), day.max(moment.day));
            last < add_months(first, 10)
        };
        let lists = &self.lists;
        let notified = lists.notifications.iter().filter(|seen| seen.says.unborn);
        let screened = lists.screenings.iter();
        let screened = screened.filter(|seen| seen.says.flags.contains(&ScreeningFlag::Unborn));
        let opened = lists.assessments.iter().filter(|opened| {
            opened.says.kind == AssessmentKind::Unborn26 && self.concerns(&opened.says.children)
        });
        let said = notified
            .map(|seen| seen.moment)
            .chain(screened.map(|seen| seen.moment))
            .chain(opened.map(|seen| seen.moment));
        let mut said = said.filter(near);
        said.next().is_some()
    }

    /// Facts that show direct contact with the child (BL § 5(3)): a supervision visit with a talk, a plan
    /// that was made with the child, a follow-up or a network meeting in which it took part, a
    /// measurement of well-being that it answered itself. Talks are asked for by themselves.
    pub(super) fn find_contacts(&self) -> Vec<(Moment, u64, EventId)> {
        fn place<T>(seen: &Seen<'_, T>) -> (Moment, u64, EventId) {
            (seen.moment, seen.fact.index, seen.event())
        }
        let lists = &self.lists;
        let visits = lists.visits.iter();
        let visited =
            visits.filter(|seen| seen.says.child_spoken_to && self.is_child(seen.says.child));
        let planned = lists.plans.iter().filter(|seen| {
            let with_child = |person: &PersonRef| self.is_child(*person);
            self.concerns(&seen.says.children) && seen.says.made_with.iter().any(with_child)
        });
        let follow_ups = lists.follow_ups.iter();
        let followed =
            follow_ups.filter(|seen| seen.says.child_involved && self.is_child(seen.says.child));
        let meetings = lists.network_meetings.iter();
        let met = meetings.filter(|seen| seen.says.child_took_part);
        let measured = lists.wellbeing.iter();
        let answered = measured
            .filter(|seen| self.is_child(seen.says.child) && self.is_child(seen.says.respondent));
        let mut contacts: Vec<_> = visited
            .map(place)
            .chain(planned.map(place))
            .chain(followed.map(place))
            .chain(met.map(place))
            .chain(answered.map(place))
            .collect();
        contacts.sort_unstable();
        contacts
    }

    /// The child's age on a day, where the day of birth is known.
    #[must_use]
    pub fn child_age(&self, day: Date) -> Option<u16> {
        self.birth.and_then(|birth| age_on(birth, day))
    }

    /// The child's eighteenth birthday.
    #[must_use]
    pub fn comes_of_age(&self) -> Option<Date> {
        self.birth.and_then(|birth| reaches(birth, 18 * 12))
    }

    /// Since when somebody who is a party on a day is one; null where that is not stated.
    #[must_use]
    pub fn party_since(&self, person: PersonId, on: Date) -> Option<Date> {
        if self.child == Some(person) {
            return reaches(self.birth?, self.party_age(on) * 12);
        }
        let own = self
            .custody
            .iter()
            .filter(|custody| custody.holder == person);
        own.filter_map(|custody| custody.from).min()
    }

    /// Who exercises the rights of a party on a day: holders of custody, and the child from
    /// the age that the catalogue states.
    #[must_use]
    pub fn parties(&self, day: Date) -> BTreeSet<PersonId> {
        let holds = |custody: &&Custody| {
            custody.from.is_none_or(|from| from <= day) && custody.to.is_none_or(|to| day <= to)
        };
        let mut parties: BTreeSet<PersonId> = self
            .custody
            .iter()
            .filter(holds)
            .map(|custody| custody.holder)
            .collect();
        if self
            .child_age(day)
            .is_some_and(|age| age >= self.party_age(day))
        {
            parties.extend(self.child);
        }
        parties
    }
}
