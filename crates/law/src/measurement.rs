//! The points that Ankestyrelsen reviews single cases against, answered from the record.
//!
//! "Not evident" is an answer of its own: what the file does not show counts as not done, and that
//! is not the same as shown to be wrong. The points judge nobody; they point at events.

use events::assessment::{
    AssessmentKind, AssessmentOpened, AssessmentReported, CaseWeight, ReportStage, ScreeningFlag,
};
use events::decision::{DecisionKind, DecisionOutcome};
use events::ids::EventId;
use events::involvement::HearingOccasion;
use events::person::PersonRole;
use events::plan::PlanKind;

use crate::calendar::add_months;
use crate::case::{Case, Seen, first_after, last_before};
use crate::catalogue::Catalogue;
use crate::engine::evaluate_case;
use crate::fact::{Circumstances, Fact};
use crate::moment::Moment;
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

/// One point with its answer and the events that prove or fail it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// Id of the point.
    pub point: &'static str,
    /// The question.
    pub question: &'static str,
    /// The answer.
    pub answer: Answer,
    /// The events behind the answer, in the order in which they took place.
    pub events: Vec<EventId>,
}

/// An answer with its events, before it has a name.
type Finding = (Answer, Vec<EventId>);

/// How a point is answered.
type Ask = fn(&Review<'_, '_, '_>) -> Finding;

/// The points in their order, each with its question and its function.
const POINTS: &[(&str, &str, Ask)] = &[
    (
        "MP-01",
        "Was the notification assessed for acute need within 24 hours?",
        assessed_in_time,
    ),
    (
        "MP-02",
        "Was something done when the need was acute?",
        acted_when_acute,
    ),
    (
        "MP-03",
        "Was a running case judged again with somebody fresh?",
        judged_again,
    ),
    (
        "MP-04",
        "Did the notifier get a receipt in time?",
        receipt_in_time,
    ),
    ("MP-05", "Was a professional notifier told?", notifier_told),
    (
        "MP-06",
        "Was an examination made where it was required?",
        examined,
    ),
    (
        "MP-07",
        "Was the examination finished within four months?",
        examined_in_time,
    ),
    (
        "MP-08",
        "Does the examination cover the child's situation and those around it?",
        examined_broadly,
    ),
    (
        "MP-09",
        "Was the child talked to in the examination?",
        child_in_examination,
    ),
    (
        "MP-10",
        "Was the child talked to about the measure before the decision?",
        child_before_decision,
    ),
    ("MP-11", "Were the parents involved?", parents_involved),
    (
        "MP-12",
        "Was the private network clarified?",
        network_clarified,
    ),
    ("MP-13", "Was a plan made, with its goals?", plan_made),
    (
        "MP-14",
        "Was the first follow-up held within three months?",
        followed_up_first,
    ),
    (
        "MP-15",
        "Were later follow-ups and supervision visits held in time?",
        followed_up_later,
    ),
];

struct Review<'v, 'k, 'a> {
    case: &'k Case<'a>,
    evaluation: &'v Evaluation<'v>,
}

/// All points of a case at a moment.
#[must_use]
pub fn measure(
    catalogue: &Catalogue,
    facts: &[Fact<'_>],
    circumstances: &Circumstances,
) -> Vec<Measured> {
    let case = Case::new(facts, circumstances, catalogue);
    measure_case(&case, &evaluate_case(catalogue, &case))
}

/// The same where the duties were weighed already.
#[must_use]
pub fn measure_case(case: &Case<'_>, evaluation: &Evaluation<'_>) -> Vec<Measured> {
    let review = Review { case, evaluation };
    let points = POINTS.iter().map(|(point, question, answer)| {
        let (answer, mut events) = answer(&review);
        events.sort_by_key(|event| case.place(*event));
        events.dedup();
        Measured {
            point,
            question,
            answer,
            events,
        }
    });
    points.collect()
}

/// Several answers as one: a failure outweighs a gap, a gap outweighs what was done.
fn together(answers: impl IntoIterator<Item = Finding>) -> Finding {
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
fn by_duty(duty: &Obligation<'_>) -> Finding {
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
    fn duties(
        &self,
        rules: &'static [&'static str],
    ) -> impl Iterator<Item = &'v Obligation<'v>> + use<'v> {
        self.evaluation
            .obligations
            .iter()
            .filter(move |duty| rules.contains(&duty.rule.id.as_str()))
    }

    fn by_duties(&self, rules: &'static [&'static str]) -> Finding {
        together(self.duties(rules).map(by_duty))
    }

    /// Duties without a number: open ones are not evident.
    fn by_duties_without_number(&self, rules: &'static [&'static str]) -> Finding {
        together(self.duties(rules).map(|duty| match duty.status {
            Status::Open | Status::Moot { .. } => (Answer::NotEvident, vec![duty.event]),
            _ => by_duty(duty),
        }))
    }
}

fn assessed_in_time(review: &Review<'_, '_, '_>) -> Finding {
    review.by_duties(&["SEL-155-2-24H", "BL-136-2-24H"])
}

/// Something was done: a provisional decision, a talk with the child, help, or an examination.
fn acted_when_acute(review: &Review<'_, '_, '_>) -> Finding {
    let lists = &review.case.lists;
    let acute = lists
        .acute_assessments
        .iter()
        .filter(|assessed| assessed.says.acute_measure_needed);
    together(acute.map(|assessed| {
        fn event<T>(seen: &Seen<'_, T>) -> (Moment, EventId) {
            (seen.moment, seen.event())
        }
        let from = assessed.moment;
        let acts = [
            first_after(&lists.provisional_decisions, from, |_| true).map(event),
            first_after(&lists.hearings, from, |heard| {
                heard.says.occasion == HearingOccasion::Notification137
            })
            .map(event),
            first_after(&lists.starts, from, |_| true).map(event),
            first_after(&lists.assessments, from, |_| true).map(event),
        ];
        match acts.into_iter().flatten().min() {
            Some((_, act)) => (Answer::Yes, vec![assessed.event(), act]),
            None => (Answer::NotEvident, vec![assessed.event()]),
        }
    }))
}

/// A reassessment by somebody who had a part in the case is not what the law asks.
fn judged_again(review: &Review<'_, '_, '_>) -> Finding {
    let rules: &[&str] = &[
        "SEL-155A-1-REASSESS",
        "BL-137-1-REASSESS-24",
        "BL-137-1-REASSESS-25",
    ];
    together(review.duties(rules).map(|duty| {
        let stream = review.case.fact(duty.event).map(|fact| fact.stream);
        let tried = review
            .case
            .lists
            .reassessments
            .iter()
            .find(|again| Some(again.fact.stream) == stream);
        match (&duty.status, tried) {
            (Status::Open, Some(tried)) => (Answer::No, vec![duty.event, tried.event()]),
            (Status::Open, None) => (Answer::NotEvident, vec![duty.event]),
            _ => by_duty(duty),
        }
    }))
}

/// A receipt that could not be given raises no question.
fn receipt_in_time(review: &Review<'_, '_, '_>) -> Finding {
    together(
        review
            .duties(&["SEL-155B-1-ACK", "BL-138-1-ACK"])
            .map(|duty| match duty.status {
                Status::Waived { .. } => (Answer::NotApplicable, Vec::new()),
                _ => by_duty(duty),
            }),
    )
}

fn notifier_told(review: &Review<'_, '_, '_>) -> Finding {
    review.by_duties_without_number(&["SEL-155B-2-FEEDBACK", "BL-138-2-FEEDBACK"])
}

fn examinations<'s, 'a>(
    case: &'s Case<'a>,
) -> impl Iterator<Item = &'s Seen<'a, AssessmentOpened>> {
    case.lists.assessments.iter().filter(|opened| {
        opened.says.kind == AssessmentKind::Examination20 && case.concerns(&opened.says.children)
    })
}

fn final_report<'s, 'a>(
    case: &'s Case<'a>,
    from: Moment,
) -> Option<&'s Seen<'a, AssessmentReported>> {
    first_after(&case.lists.reports, from, |report| {
        report.says.kind == AssessmentKind::Examination20
            && report.says.stage == ReportStage::Final
            && case.is_child(report.says.child)
    })
}

/// The first event that makes an examination necessary: a serious screening, or a placement.
fn examination_required(case: &Case<'_>) -> Option<(Moment, EventId)> {
    let serious = case.lists.screenings.iter().find(|screening| {
        let grave = [
            ScreeningFlag::Abuse,
            ScreeningFlag::Violence,
            ScreeningFlag::PlacementConsidered,
        ];
        screening.says.weight == CaseWeight::Heavy
            || grave.iter().any(|flag| screening.says.flags.contains(flag))
    });
    let placed = case
        .measures
        .iter()
        .find(|measure| measure.kind.is_placement());
    let first = [
        serious.map(|seen| (seen.moment, seen.event())),
        placed.map(|measure| (measure.start.moment, measure.start.event())),
    ];
    first.into_iter().flatten().min()
}

/// A placement may come before the examination; what counts is that one was made around it.
fn examined(review: &Review<'_, '_, '_>) -> Finding {
    let case = review.case;
    let Some((_, required)) = examination_required(case) else {
        return (Answer::NotApplicable, Vec::new());
    };
    let report = case.lists.reports.iter().find(|report| {
        report.says.kind == AssessmentKind::Examination20
            && report.says.stage == ReportStage::Final
            && case.is_child(report.says.child)
    });
    let running = review
        .duties(&["SEL-50-7-4M", "BL-20-3-4M"])
        .any(|duty| duty.status == Status::Open);
    match (report, examinations(case).next()) {
        (Some(report), _) => (Answer::Yes, vec![required, report.event()]),
        (None, Some(_)) if running => (Answer::NotApplicable, Vec::new()),
        (None, Some(opened)) => (Answer::No, vec![required, opened.event()]),
        (None, None) => (Answer::NotEvident, vec![required]),
    }
}

fn examined_in_time(review: &Review<'_, '_, '_>) -> Finding {
    together(
        review
            .duties(&["SEL-50-7-4M", "BL-20-3-4M"])
            .map(|duty| match duty.status {
                // An examination that is open for too long is shown, not hidden.
                Status::Overdue => (Answer::No, vec![duty.event]),
                _ => by_duty(duty),
            }),
    )
}

/// The report says what parents think and which resources there are, and others were asked.
fn examined_broadly(review: &Review<'_, '_, '_>) -> Finding {
    let case = review.case;
    together(examinations(case).filter_map(|opened| {
        let report = final_report(case, opened.moment)?;
        let asked = first_after(&case.lists.information, opened.moment, |obtained| {
            obtained.moment.not_after(report.moment)
        });
        let broad =
            report.says.resources.is_some() && !report.says.custody_holder_attitudes.is_empty();
        Some(match asked {
            Some(asked) if broad => (Answer::Yes, vec![asked.event(), report.event()]),
            _ => (Answer::No, vec![report.event()]),
        })
    }))
}

fn child_in_examination(review: &Review<'_, '_, '_>) -> Finding {
    let case = review.case;
    together(examinations(case).filter_map(|opened| {
        let report = final_report(case, opened.moment)?;
        let within = |moment: Moment| moment.not_after(report.moment);
        let heard = first_after(&case.lists.hearings, opened.moment, |heard| {
            heard.says.occasion == HearingOccasion::Examination
                && case.is_child(heard.says.child)
                && within(heard.moment)
        });
        let waived = first_after(&case.lists.hearing_waivers, opened.moment, |waived| {
            waived.says.occasion == HearingOccasion::Examination
                && case.is_child(waived.says.child)
                && within(waived.moment)
        });
        Some(match (heard, waived) {
            (Some(heard), _) => (Answer::Yes, vec![heard.event()]),
            (None, Some(waived)) => (Answer::Yes, vec![waived.event()]),
            (None, None) => (Answer::NotEvident, vec![report.event()]),
        })
    }))
}

/// Decisions that give a measure, of the administration or the committee.
fn measure_decisions(case: &Case<'_>) -> Vec<(Moment, EventId)> {
    use events::committee::{CommitteeMatter, CommitteeOutcome};
    let kinds = [DecisionKind::Support32, DecisionKind::Placement46];
    let own = case.lists.decisions.iter().filter(|decision| {
        let gives = matches!(
            decision.says.outcome,
            DecisionOutcome::Grant | DecisionOutcome::Partial
        );
        gives && kinds.contains(&decision.says.kind) && case.is_child(decision.says.child)
    });
    let committee = case.lists.committee_decisions.iter().filter(|decision| {
        let matters = [
            CommitteeMatter::Placement47,
            CommitteeMatter::Birth49,
            CommitteeMatter::Permanent67,
        ];
        decision.says.outcomes.iter().any(|outcome| {
            case.is_child(outcome.child)
                && outcome.outcome == CommitteeOutcome::Adopted
                && matters.contains(&outcome.matter)
        })
    });
    own.map(|seen| (seen.moment, seen.event()))
        .chain(committee.map(|seen| (seen.moment, seen.event())))
        .collect()
}

/// A talk about the decision itself; having been heard about something else is not evident enough.
fn child_before_decision(review: &Review<'_, '_, '_>) -> Finding {
    let case = review.case;
    together(
        measure_decisions(case)
            .into_iter()
            .map(|(moment, decision)| {
                let since = crate::predicates::decided_before(case, moment);
                let since_then = |at: Moment| since.is_none_or(|since| since.not_after(at));
                let heard = last_before(&case.lists.hearings, moment, |heard| {
                    let about = matches!(
                        heard.says.occasion,
                        HearingOccasion::BeforeDecision | HearingOccasion::Committee
                    );
                    about && case.is_child(heard.says.child) && since_then(heard.moment)
                });
                let waived = last_before(&case.lists.hearing_waivers, moment, |waived| {
                    case.is_child(waived.says.child) && since_then(waived.moment)
                });
                match (heard, waived) {
                    (Some(heard), _) => (Answer::Yes, vec![heard.event(), decision]),
                    (None, Some(waived)) => (Answer::Yes, vec![waived.event(), decision]),
                    (None, None) => (Answer::NotEvident, vec![decision]),
                }
            }),
    )
}

fn parents_involved(review: &Review<'_, '_, '_>) -> Finding {
    let lists = &review.case.lists;
    let Some(opening) = lists.openings.first() else {
        return (Answer::NotApplicable, Vec::new());
    };
    let parent = |person: &events::person::PersonRef| person.role == PersonRole::Parent;
    let mut events: Vec<EventId> = Vec::new();
    events.extend(
        lists
            .consents
            .iter()
            .filter(|consent| parent(&consent.says.giver))
            .map(Seen::event),
    );
    events.extend(
        lists
            .network_meetings
            .iter()
            .filter(|meeting| meeting.says.participants.iter().any(parent))
            .map(Seen::event),
    );
    events.extend(
        lists
            .party_hearings
            .iter()
            .filter(|hearing| hearing.says.answer.is_some())
            .map(Seen::event),
    );
    events.extend(
        lists
            .follow_ups
            .iter()
            .filter(|held| !held.says.parents_involved.is_empty())
            .map(Seen::event),
    );
    events.extend(
        lists
            .plans
            .iter()
            .filter(|plan| plan.says.made_with.iter().any(parent))
            .map(Seen::event),
    );
    if events.is_empty() {
        (Answer::NotEvident, vec![opening.event()])
    } else {
        (Answer::Yes, events)
    }
}

fn network_clarified(review: &Review<'_, '_, '_>) -> Finding {
    let lists = &review.case.lists;
    let Some(opening) = lists.openings.first() else {
        return (Answer::NotApplicable, Vec::new());
    };
    match lists.networks.first() {
        Some(mapped) => (Answer::Yes, vec![mapped.event()]),
        None => (Answer::NotEvident, vec![opening.event()]),
    }
}

/// A plan that is due exists and has goals; in the trial, a description.
fn plan_made(review: &Review<'_, '_, '_>) -> Finding {
    let rules: &[&str] = &[
        "SEL-140-1-PLAN",
        "SEL-140-1-PLAN-4M",
        "FRI-10-7-DESCRIPTION",
        "BL-91-1-PLAN",
        "BL-91-2-PLAN",
        "BL-91-2-PLAN47",
        "BL-108-UNGEPLAN",
    ];
    together(review.duties(rules).map(|duty| {
        let (answer, events) = by_duty(duty);
        let plans = review
            .case
            .lists
            .plans
            .iter()
            .filter(|plan| events.contains(&plan.event()));
        let with_goals = plans
            .clone()
            .any(|plan| !plan.says.goals.is_empty() || plan.says.kind == PlanKind::Description);
        if answer == Answer::Yes && plans.clone().next().is_some() && !with_goals {
            (Answer::No, events)
        } else {
            (answer, events)
        }
    }))
}

/// Three months from the start, whatever earlier day the law sets.
fn followed_up_first(review: &Review<'_, '_, '_>) -> Finding {
    let case = review.case;
    together(
        review
            .duties(&["SEL-70-1-3M", "FRI-10-8-3M", "BL-95-2-FIRST"])
            .map(|duty| {
                let last = add_months(duty.trigger.day, 3);
                match &duty.status {
                    Status::Met { at, .. } if at.day <= last => (Answer::Yes, duty.met_by.clone()),
                    Status::Met { .. } => (Answer::No, duty.met_by.clone()),
                    Status::Overdue if Moment::at(case.circumstances.as_of).day > last => {
                        (Answer::NotEvident, vec![duty.event])
                    }
                    _ => (Answer::NotApplicable, Vec::new()),
                }
            }),
    )
}

fn followed_up_later(review: &Review<'_, '_, '_>) -> Finding {
    review.by_duties(&[
        "SEL-70-1-6M",
        "FRI-10-8-6M",
        "BL-95-OWN",
        "SEL-70-2-VISITS",
        "BL-156-5-VISITS",
    ])
}
