//! How one duty stands: met, late, waived, overdue, or gone with its reason. When it is due is the
//! deadline's.

use events::ids::EventId;

use crate::case::Case;
use crate::deadline::Deadline;
use crate::duty::{DueOn, Duty, Met};
use crate::finding::{Finding, FindingKind};
use crate::obligation::{DueAt, Late, Status};
use crate::rule::{Due, EndsWith, Rule, RunsOut};
use events::calendar::days_between;
use events::moment::Moment;

/// One duty with its rule, its deadline and the case.
pub(crate) struct DutyInCase<'w, 'k, 'a> {
    pub(crate) case: &'k Case<'a>,
    pub(crate) rule: &'w Rule,
    pub(crate) duty: &'w Duty,
    pub(crate) deadline: &'w Deadline,
}

impl DutyInCase<'_, '_, '_> {
    /// How it stands, and the finding at the event that should have waited.
    pub(crate) fn status(&self) -> (Status, Option<Finding>) {
        // What ended with the case, the measure or the childhood is not met or waived afterwards.
        let ended = self.ended();
        let in_time = |at: Moment| ended.is_none_or(|ended| at.not_after(ended));
        // A waiver that comes after the event that should have waited removes nothing.
        if let Some(waived) = self.duty.waived
            && in_time(waived.at)
            && self.duty.met.as_ref().is_none_or(|met| waived.at < met.at)
            && self
                .target()
                .is_none_or(|(_, target)| waived.at.not_after(target))
        {
            return (
                Status::Waived {
                    at: waived.at,
                    by: waived.by,
                },
                None,
            );
        }
        match self.duty.met.as_ref().filter(|met| in_time(met.at)) {
            Some(met) => self.met(met),
            None => self.unmet(),
        }
    }

    /// The event that should have waited, once it took place.
    fn target(&self) -> Option<(EventId, Moment)> {
        match (self.duty.due_on, &self.rule.due) {
            (DueOn::BeforeTarget, _) | (DueOn::Rule, Due::Before(_)) => self.duty.target,
            (DueOn::Rule, Due::BeforeTrigger | Due::AtTrigger) => {
                Some((self.duty.event, self.duty.trigger))
            }
            _ => None,
        }
    }

    fn missing(&self, target: EventId) -> Option<Finding> {
        Some(Finding::new(
            target,
            FindingKind::MissingStep {
                rule: self.rule.id.clone(),
            },
        ))
    }

    fn met(&self, met: &Met) -> (Status, Option<Finding>) {
        let late_by = match self.target() {
            Some((_, target)) if !met.at.not_after(target) => {
                Some(Late::Days(days_between(target.day, met.at.day)))
            }
            Some(_) => None,
            None => self.late(met.at),
        };
        let missing = self
            .target()
            .filter(|_| late_by.is_some())
            .and_then(|(event, _)| self.missing(event));
        (
            Status::Met {
                at: met.at,
                late_by,
            },
            missing,
        )
    }

    fn late(&self, at: Moment) -> Option<Late> {
        let last = self
            .deadline
            .overdue_after
            .filter(|last| at.earliest() > *last)?;
        Some(match self.deadline.due {
            DueAt::Instant(_) => Late::Minutes((at.earliest().as_second() - last.as_second()) / 60),
            _ => Late::Days(days_between(Moment::at(last).day, at.day)),
        })
    }

    fn unmet(&self) -> (Status, Option<Finding>) {
        if let Some((event, _)) = self.target() {
            return (Status::Overdue, self.missing(event));
        }
        let last = self.deadline.overdue_after;
        if let Some(at) = self.handed_over() {
            return (Status::Moot { at }, None);
        }
        if let Some(at) = self
            .moot()
            .filter(|at| last.is_none_or(|last| at.earliest() <= last))
        {
            return (Status::Moot { at }, None);
        }
        let status = match (last, self.rule.runs_out) {
            (Some(last), RunsOut::Overdue) if self.case.circumstances.as_of > last => {
                Status::Overdue
            }
            (Some(last), RunsOut::Lapsed) if self.case.circumstances.as_of > last => Status::Lapsed,
            _ => Status::Open,
        };
        (status, None)
    }

    /// Since when another municipality owes the duty: it is responsible for the child when the duty falls
    /// due, or now where the duty has no day.
    pub(crate) fn handed_over(&self) -> Option<Moment> {
        let now = self.case.circumstances.as_of;
        let due = self
            .deadline
            .overdue_after
            .map_or(now, |last| last.min(now));
        let ends = self.rule.ends_with.contains(&EndsWith::HandedOver);
        let since = ends.then(|| self.case.away_at(due)).flatten()?;
        Some(since.max(self.duty.trigger))
    }

    /// When the duty ended by the end of the matter itself; what comes later does not meet it.
    fn ended(&self) -> Option<Moment> {
        self.target().is_none().then(|| self.moot()).flatten()
    }

    /// When the reason for the duty went away, as far as the rule lets it.
    pub(crate) fn moot(&self) -> Option<Moment> {
        let ends = self.rule.ends_with.iter().filter_map(|end| match end {
            // What is owed for a measure goes on with it, also in a case that was opened again.
            EndsWith::CaseClosed if self.rule.ends_with.contains(&EndsWith::SupportEnded) => {
                self.case.closed_since(self.duty.trigger)
            }
            EndsWith::CaseClosed => self.case.closed_after(self.duty.trigger),
            EndsWith::SupportEnded => self.duty.measure_ended,
            EndsWith::Age18 => {
                let day = Moment::on(self.case.comes_of_age()?);
                (day.earliest() <= self.case.circumstances.as_of).then_some(day)
            }
            EndsWith::HandedOver => None,
        });
        ends.min()
    }
}
