//! What every point is answered with: the case, its duties, and how several answers become one.

use events::ids::EventId;

use crate::case::Case;
use crate::obligation::{Evaluation, Obligation, Status};

/// What the record says to a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// It was done.
    Yes,
    /// The record shows that it was not, or came too late.
    No,
    /// The case raises no such question, or not yet.
    NotApplicable,
    /// The record does not show it, although it should.
    NotEvident,
}

/// An answer with its events, before it has a name.
pub(super) type Finding = (Answer, Vec<EventId>);

/// The case that is reviewed, with its duties.
pub(super) struct Review<'v, 'k, 'a> {
    pub(super) case: &'k Case<'a>,
    pub(super) evaluation: &'v Evaluation<'v>,
}

/// Several answers as one: a failure outweighs a gap, a gap outweighs what was done.
pub(super) fn together(answers: impl IntoIterator<Item = Finding>) -> Finding {
    let answers: Vec<Finding> = answers.into_iter().collect();
    let worst = [Answer::No, Answer::NotEvident, Answer::Yes]
        .into_iter()
        .find(|answer| answers.iter().any(|(own, _)| own == answer));
    let Some(worst) = worst else {
        return (Answer::NotApplicable, Vec::new());
    };
    (
        worst,
        answers
            .into_iter()
            .filter(|(answer, _)| *answer == worst)
            .flat_map(|(_, events)| events)
            .collect(),
    )
}

/// What a duty says to a point.
pub(super) fn by_duty(duty: &Obligation<'_>) -> Finding {
    let with = |mut events: Vec<EventId>| {
        events.insert(0, duty.event);
        events
    };
    match &duty.status {
        Status::Met { late_by: None, .. } => (Answer::Yes, with(duty.met_by.clone())),
        Status::Met {
            late_by: Some(_), ..
        } => (Answer::No, with(duty.met_by.clone())),
        Status::Waived { by, .. } => (Answer::Yes, with(vec![*by])),
        Status::Overdue | Status::Lapsed => (Answer::NotEvident, vec![duty.event]),
        Status::Open
        | Status::Succeeded { .. }
        | Status::Suppressed { .. }
        | Status::Moot { .. } => (Answer::NotApplicable, Vec::new()),
    }
}

impl<'v> Review<'v, '_, '_> {
    pub(super) fn duties(
        &self,
        rules: &'static [&'static str],
    ) -> impl Iterator<Item = &'v Obligation<'v>> + use<'v> {
        self.evaluation
            .obligations
            .iter()
            .filter(move |duty| rules.contains(&duty.rule.id.as_str()))
    }

    pub(super) fn by_duties(&self, rules: &'static [&'static str]) -> Finding {
        together(self.duties(rules).map(by_duty))
    }

    /// Duties without a number: open ones are not evident.
    pub(super) fn by_duties_without_number(&self, rules: &'static [&'static str]) -> Finding {
        together(self.duties(rules).map(|duty| match duty.status {
            Status::Open | Status::Moot { .. } => (Answer::NotEvident, vec![duty.event]),
            _ => by_duty(duty),
        }))
    }
}
