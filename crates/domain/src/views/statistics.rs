//! What statistics are made from (V18): notifications and measures, without names or ids of
//! persons. The fields that Statistics Denmark asks for stand in annexes that are not settled
//! here, so this is the content and no report format.

use events::event::Event;
use events::ids::{EventId, MeasureId, StreamId};
use events::meta::EventRef;
use events::notification::{Concern, NotifierKind, Suspicion};
use events::person::PersonRole;
use events::text::Section;
use events::time::Occurred;
use jiff::civil::Date;

use crate::persons::persons_of;
use crate::reading::Reading;
use events::age::age_on;

/// A notification, as statistics count it.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct CountedNotification {
    /// The event.
    #[cfg_attr(feature = "graphql", graphql(skip))]
    pub event: EventRef,
    /// Day of receipt.
    pub received_on: Date,
    /// In which capacity the sender notified.
    pub notifier: NotifierKind,
    /// What it worries about.
    pub concerns: Vec<Concern>,
    /// Suspicions.
    pub suspicions: Vec<Suspicion>,
    /// Whether it is about an unborn child.
    pub unborn: bool,
    /// Ages of the children on that day, in whole years, where their days of birth can be read.
    pub ages: Vec<Option<u16>>,
}

/// A measure, as statistics count it.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct CountedMeasure {
    /// The event that started it.
    #[cfg_attr(feature = "graphql", graphql(skip))]
    pub event: EventRef,
    /// The measure.
    pub measure: MeasureId,
    /// The section that it rests on.
    pub section: Section,
    /// When it started.
    pub started: Occurred,
    /// When it ended.
    pub ended: Option<Occurred>,
    /// The event that ended it.
    #[cfg_attr(feature = "graphql", graphql(skip))]
    pub ended_by: Option<EventId>,
    /// Age of the child at the start, in whole years, where the day of birth can be read.
    pub age: Option<u16>,
}

/// What statistics count of a case, without names or ids of persons (V18).
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct Statistics {
    /// Notifications.
    pub notifications: Vec<CountedNotification>,
    /// Measures. Early advice is not one of them.
    pub measures: Vec<CountedMeasure>,
}

/// Folds the view of one case.
#[must_use]
pub fn statistics(reading: &Reading, case: StreamId) -> Statistics {
    let persons = persons_of(reading);
    let born = |person| {
        persons
            .get(person)
            .and_then(|known| known.birth_date.as_ref()?.known().copied())
    };
    let child = reading
        .facts()
        .find_map(|(event, shown)| match &shown.facts {
            Event::CaseOpened(facts) if event.stream == case => Some(facts.child),
            _ => None,
        });
    let mut view = Statistics::default();
    for (event, shown) in reading.by_occurrence() {
        let day = shown.meta.occurred.day();
        let reference = EventRef {
            stream: event.stream,
            event: event.event,
        };
        match &shown.facts {
            Event::NotificationReceived(facts) => view.notifications.push(CountedNotification {
                event: reference,
                received_on: day,
                notifier: facts.notifier_kind,
                concerns: facts.concerns.clone(),
                suspicions: facts.suspicions.clone(),
                unborn: facts.unborn,
                ages: facts
                    .children
                    .iter()
                    .filter(|child| matches!(child.role, PersonRole::Child | PersonRole::Sibling))
                    .map(|child| born(child.person).and_then(|born| age_on(born, day)))
                    .collect(),
            }),
            Event::SupportStarted(facts) if event.stream == case => {
                view.measures.push(CountedMeasure {
                    event: reference,
                    measure: facts.measure,
                    section: facts.section.clone(),
                    started: shown.meta.occurred,
                    ended: None,
                    ended_by: None,
                    age: child
                        .and_then(|child| born(child.person))
                        .and_then(|born| age_on(born, day)),
                })
            }
            Event::SupportEnded(facts) => {
                if let Some(measure) = view
                    .measures
                    .iter_mut()
                    .find(|measure| measure.measure == facts.measure)
                {
                    measure.ended = Some(shown.meta.occurred);
                    measure.ended_by = Some(event.event);
                }
            }
            _ => {}
        }
    }
    view
}
