//! What a case is about, in a few lines.

use events::assessment::CaseWeight;
use events::event::Event;
use events::ids::{FamilyId, StreamId};
use events::person::PersonRef;
use events::personal::Personal;
use events::text::{EmployeeId, PersonName};
use events::time::Occurred;

use crate::reading::Reading;

/// How far a case has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// Days from one thing to another, by civil days in Denmark.
#[must_use]
pub fn days_between(from: Occurred, to: Occurred) -> i32 {
    from.day().until(to.day()).map_or(0, |span| span.get_days())
}

/// How long the first steps took, in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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
    let mut view = Summary {
        case,
        status: CaseStatus::Unknown,
        child: None,
        child_name: None,
        opened: None,
        closed: None,
        caseworkers: Vec::new(),
        weight: None,
        family: None,
        milestones: Milestones::default(),
    };
    let mut names = std::collections::BTreeMap::new();
    let (mut advice, mut notified, mut decided, mut started) = (None, None, None, None);
    for (event, shown) in reading.facts() {
        let occurred = shown.meta.occurred;
        let earliest = |slot: &mut Option<Occurred>| {
            if slot.is_none_or(|known: Occurred| occurred.earliest() < known.earliest()) {
                *slot = Some(occurred);
            }
        };
        match &shown.facts {
            Event::EarlyAdviceStarted(facts) => {
                earliest(&mut advice);
                if event.stream == case {
                    view.status = CaseStatus::Advice;
                    view.child = facts.child;
                    view.opened = Some(occurred);
                }
            }
            Event::CaseOpened(facts) if event.stream == case => {
                view.status = CaseStatus::Open;
                view.child = Some(facts.child);
                view.opened = Some(occurred);
                view.family = shown.meta.correlation;
            }
            Event::CaseworkerAssigned(facts) if event.stream == case => {
                view.caseworkers = facts.caseworkers.iter().chain(&facts.second_caseworker).cloned().collect();
            }
            // A screening of several children stands once, in one of their cases.
            Event::ScreeningConcluded(facts) => view.weight = Some(facts.weight),
            Event::CaseClosed(_) if event.stream == case => {
                view.status = CaseStatus::Closed;
                view.closed = Some(occurred);
            }
            Event::PersonRegistered(facts) => {
                names.insert(facts.person.person, facts.name.clone());
            }
            Event::NotificationReceived(_) => earliest(&mut notified),
            Event::DecisionMade(_) => earliest(&mut decided),
            Event::SupportStarted(_) => earliest(&mut started),
            _ => {}
        }
    }
    view.child_name = view.child.and_then(|child| names.remove(&child.person));
    let between = |from: Option<Occurred>, to: Option<Occurred>| Some(days_between(from?, to?));
    view.milestones = Milestones {
        advice_to_notification: between(advice, notified),
        notification_to_decision: between(notified, decided),
        notification_to_start: between(notified, started),
    };
    view
}
