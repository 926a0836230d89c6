//! The family (V13): children and adults, how they belong together, which municipality answers for
//! them, and what was found of brothers and sisters. One case's share; several cases of a family
//! are put together by [`overview`].

use std::collections::BTreeMap;
use std::sync::Arc;

use events::assessment::SiblingResult;
use events::event::Event;
use events::ids::{EventId, FamilyId, StreamId};
use events::meta::EventRef;
use events::moving::{ResponsibilityReason, TransferDirection};
use events::people::RelationKind;
use events::person::{PersonRef, PersonRole};
use events::personal::Personal;
use events::text::{MunicipalityCode, PersonName};
use events::time::Occurred;
use jiff::civil::Date;

use crate::persons::persons_of;
use crate::reading::{Reading, Shown};
use crate::views::listing::CaseStatus;
use crate::views::summary::summary;

/// A member of the family or of its surroundings.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct Member {
    /// Who, under the id that goes on.
    pub person: PersonRef,
    /// Name.
    pub name: Option<Personal<PersonName>>,
    /// Day of birth.
    pub birth_date: Option<Personal<Date>>,
    /// Expected day of birth.
    pub due_date: Option<Personal<Date>>,
    /// The events that say so.
    #[cfg_attr(feature = "graphql", graphql(skip))]
    pub events: Vec<EventId>,
}

/// How two persons belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct Relation {
    /// The event.
    pub event: EventId,
    /// From whom.
    pub from: PersonRef,
    /// To whom.
    pub to: PersonRef,
    /// How.
    pub kind: RelationKind,
    /// First day.
    pub valid_from: Option<Date>,
    /// Last day.
    pub valid_to: Option<Date>,
}

/// A step of the family's way through cases and municipalities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A notification was received about these children.
    Notified(Vec<PersonRef>),
    /// A notification was matched to cases.
    Matched(Vec<StreamId>),
    /// A case was opened.
    Opened,
    /// A case was closed.
    Closed,
    /// A case was opened again.
    Reopened,
    /// It was assessed what a brother or sister needs.
    SiblingAssessed(PersonRef, SiblingResult),
    /// Another municipality was told.
    MunicipalityTold(MunicipalityCode),
    /// Another municipality became responsible for a person.
    Responsible(PersonRef, MunicipalityCode, ResponsibilityReason),
    /// A case was handed over.
    Transferred(TransferDirection, MunicipalityCode),
}

/// A step with its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The event.
    pub event: EventRef,
    /// When.
    pub occurred: Occurred,
    /// What.
    pub step: Step,
}

/// The family as one case shows it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Family {
    /// The family.
    pub family: Option<FamilyId>,
    /// Its members and their surroundings.
    pub members: Vec<Member>,
    /// How they belong together.
    pub relations: Vec<Relation>,
    /// Brothers and sisters whose need is to be looked at.
    pub flagged_siblings: Vec<PersonRef>,
    /// Its way, in the order in which it took place.
    pub steps: Vec<Taken>,
}

fn step(shown: &Shown) -> Option<Step> {
    Some(match &shown.facts {
        Event::NotificationReceived(facts) => Step::Notified(facts.children.clone()),
        Event::NotificationMatched(facts) => Step::Matched(facts.cases.clone()),
        Event::CaseOpened(_) => Step::Opened,
        Event::CaseClosed(_) => Step::Closed,
        Event::CaseReopened(_) => Step::Reopened,
        Event::SiblingNeedAssessed(facts) => Step::SiblingAssessed(facts.sibling, facts.result),
        Event::IntermunicipalNotificationSent(facts) => Step::MunicipalityTold(facts.to.clone()),
        Event::ResponsibleMunicipalityChanged(facts) => {
            Step::Responsible(facts.person, facts.to.clone(), facts.reason)
        }
        Event::CaseTransferred(facts) => {
            Step::Transferred(facts.direction, facts.counterpart.clone())
        }
        _ => return None,
    })
}

/// Folds the view of one case.
#[must_use]
pub fn family(reading: &Reading, case: StreamId) -> Family {
    let persons = persons_of(reading);
    let mut view = Family::default();
    let mut members: BTreeMap<_, Member> = BTreeMap::new();
    for (event, shown) in reading.by_occurrence() {
        if event.stream == case && matches!(shown.facts, Event::CaseOpened(_)) {
            view.family = shown.meta.correlation;
        }
        if let Some(step) = step(shown) {
            let event = EventRef {
                stream: event.stream,
                event: event.event,
            };
            view.steps.push(Taken {
                event,
                occurred: shown.meta.occurred,
                step,
            });
        }
        let registered = match &shown.facts {
            Event::PersonRegistered(facts) => Some(facts.person),
            Event::PersonIdentified(facts) => Some(facts.person),
            Event::PersonsMerged(facts) => Some(facts.person),
            Event::NotificationMatched(facts) => {
                view.flagged_siblings
                    .extend(facts.flagged_siblings.iter().copied());
                None
            }
            Event::RelationRecorded(facts) => {
                view.relations.push(Relation {
                    event: event.event,
                    from: facts.from,
                    to: facts.to,
                    kind: facts.kind,
                    valid_from: shown.meta.effective_from,
                    valid_to: shown.meta.effective_to,
                });
                None
            }
            _ => None,
        };
        if let Some(person) = registered {
            let known = persons.get(person.person);
            let id = persons.canonical(person.person);
            let member = members.entry(id).or_insert_with(|| Member {
                person: PersonRef {
                    person: id,
                    role: person.role,
                },
                name: known.and_then(|known| known.name.clone()),
                birth_date: known.and_then(|known| known.birth_date.clone()),
                due_date: known.and_then(|known| known.due_date.clone()),
                events: Vec::new(),
            });
            member.events.push(event.event);
        }
    }
    view.members = members.into_values().collect();
    view.members
        .sort_by_key(|member| (member.person.role, member.person.person));
    view
}

/// One child of a family with the child's case.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct ChildCase {
    /// The case's stream.
    pub case: StreamId,
    /// The child.
    pub child: Option<PersonRef>,
    /// Name.
    pub name: Option<Personal<PersonName>>,
    /// Day of birth.
    pub birth_date: Option<Personal<Date>>,
    /// How far the case has come.
    pub status: CaseStatus,
    /// The municipality that answers for the child, where it changed.
    pub responsible_municipality: Option<MunicipalityCode>,
}

/// The cases of one family side by side (V13).
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "graphql",
    derive(async_graphql::SimpleObject),
    graphql(name = "FamilyOverview")
)]
pub struct Overview {
    /// The children with their cases.
    pub children: Vec<ChildCase>,
    /// Children of the family without a case of their own, an unborn child among them.
    pub others: Vec<Member>,
}

/// Puts the cases of a family together, given the reading of each.
#[must_use]
pub fn overview(cases: &[(StreamId, Arc<Reading>)]) -> Overview {
    let mut view = Overview::default();
    let mut others: Vec<Member> = Vec::new();
    for (case, reading) in cases {
        let summary = summary(reading, *case);
        let persons = persons_of(reading);
        let child = summary.child;
        let responsible_municipality =
            reading
                .by_occurrence()
                .into_iter()
                .rev()
                .find_map(|(_, shown)| match &shown.facts {
                    Event::ResponsibleMunicipalityChanged(facts)
                        if child.is_some_and(|child| {
                            persons.same(child.person, facts.person.person)
                        }) =>
                    {
                        Some(facts.to.clone())
                    }
                    _ => None,
                });
        let known = child.and_then(|child| persons.get(child.person));
        view.children.push(ChildCase {
            case: *case,
            child,
            name: known.and_then(|known| known.name.clone()),
            birth_date: known.and_then(|known| known.birth_date.clone()),
            status: summary.status,
            responsible_municipality,
        });
        for member in family(reading, *case).members {
            let a_child = matches!(member.person.role, PersonRole::Child | PersonRole::Sibling);
            if a_child
                && !others
                    .iter()
                    .any(|known| known.person.person == member.person.person)
            {
                others.push(member);
            }
        }
    }
    others.retain(|member| {
        !view.children.iter().any(|child| {
            child
                .child
                .is_some_and(|child| child.person == member.person.person)
        })
    });
    view.others = others;
    view
}
