//! What a case is about, in a few lines.

use events::assessment::CaseWeight;
use events::calendar::days_between;
use events::event::Event;
use events::ids::{FamilyId, StreamId};
use events::person::PersonRef;
use events::personal::Personal;
use events::text::{EmployeeId, PersonName};
use events::time::Occurred;

use crate::persons::persons_of;
use crate::reading::Reading;
use crate::views::listing::{CaseStatus, case_row};

/// How long the first steps took, in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct Milestones {
    /// From early advice to the first notification.
    pub advice_to_notification: Option<i32>,
    /// From the first notification to the first decision.
    pub notification_to_decision: Option<i32>,
    /// From the first notification to the start of the first measure.
    pub notification_to_start: Option<i32>,
}

/// A case in a few lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Its stream.
    pub case: StreamId,
    /// How far it has come.
    pub status: CaseStatus,
    /// The child.
    pub child: Option<PersonRef>,
    /// The child's name.
    pub child_name: Option<Personal<PersonName>>,
    /// When it was opened.
    pub opened: Option<Occurred>,
    /// When it was closed.
    pub closed: Option<Occurred>,
    /// Who works on it.
    pub caseworkers: Vec<EmployeeId>,
    /// The unit that opened it or gave it to its caseworkers last, where that was stated.
    pub unit: Option<String>,
    /// How heavy it weighs.
    pub weight: Option<CaseWeight>,
    /// The family.
    pub family: Option<FamilyId>,
    /// How long the first steps took.
    pub milestones: Milestones,
}

/// Folds the view.
#[must_use]
pub fn summary(reading: &Reading, case: StreamId) -> Summary {
    let row = case_row(reading, case);
    let (mut advice, mut notified, mut decided, mut started) = (None, None, None, None);
    for (_, shown) in reading.facts() {
        let occurred = shown.meta.occurred;
        let earliest = |slot: &mut Option<Occurred>| {
            if slot.is_none_or(|known: Occurred| occurred.earliest() < known.earliest()) {
                *slot = Some(occurred);
            }
        };
        match &shown.facts {
            Event::EarlyAdviceStarted(_) => earliest(&mut advice),
            Event::NotificationReceived(_) => earliest(&mut notified),
            Event::DecisionMade(_) => earliest(&mut decided),
            Event::SupportStarted(_) => earliest(&mut started),
            _ => {}
        }
    }
    let between =
        |from: Option<Occurred>, to: Option<Occurred>| Some(days_between(from?.day(), to?.day()));
    Summary {
        case,
        status: row.status,
        child: row.child,
        child_name: row
            .child
            .and_then(|child| persons_of(reading).get(child.person)?.name.clone()),
        opened: row.opened,
        closed: row.closed,
        caseworkers: row.caseworkers,
        unit: row.unit,
        weight: row.weight,
        family: row.family,
        milestones: Milestones {
            advice_to_notification: between(advice, notified),
            notification_to_decision: between(notified, decided),
            notification_to_start: between(notified, started),
        },
    }
}
