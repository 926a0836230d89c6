//! What is owed because of a notification.
//!
//! A notification's own steps stand in its stream; the child's are in the case.

use events::assessment::ScreeningOutcome;
use events::involvement::HearingOccasion;
use events::meta::EventRef;
use events::notification::{
    FeedbackOutcome, NotificationReceived, NotifierFeedbackGiven, NotifierKind, RunningMeasure,
    Suspicion,
};

use super::shared::{answers, decisions, granted, waived_after};
use crate::case::Case;
use crate::duty::{Duty, Remark, Waived};
use crate::measure::MeasureKind;
use crate::seen::{Seen, first_after};
use events::moment::Moment;

/// Each notification is judged for acute danger. One judgement may serve two notifications when
/// it names the other as its cause.
pub(super) fn acute_assessment(case: &Case<'_>) -> Vec<Duty> {
    let duties = case.lists.notifications.iter().map(|notification| {
        let assessed = first_after(
            &case.lists.acute_assessments,
            notification.moment,
            |assessed| {
                assessed.fact.stream == notification.fact.stream
                    || answers(assessed.fact.meta.causation, notification.event())
            },
        );
        Duty::from(notification).met(assessed)
    });
    duties.collect()
}

/// Each notifier who can be reached gets a receipt.
pub(super) fn receipt(case: &Case<'_>) -> Vec<Duty> {
    let duties = case.lists.notifications.iter().map(|notification| {
        let own = |possible: bool| {
            first_after(&case.lists.receipts, notification.moment, |receipt| {
                receipt.fact.stream == notification.fact.stream
                    && receipt.says.not_possible.is_none() == possible
            })
        };
        let mut duty = towards_notifier(case, notification)
            .met(own(true))
            .waived(own(false));
        if !notification.says.contactable {
            duty.waived = Some(Waived {
                at: notification.moment,
                by: notification.event(),
            });
            duty = duty.remark(Remark::NotContactable);
        }
        duty
    });
    duties.collect()
}

fn towards_notifier(case: &Case<'_>, notification: &Seen<'_, NotificationReceived>) -> Duty {
    let duty = Duty::from(notification);
    match notification.says.notifier {
        Some(notifier) => duty.towards(case.person(notifier)),
        None => duty,
    }
}

fn by_professional(notification: &Seen<'_, NotificationReceived>) -> bool {
    notification.says.notifier_kind == NotifierKind::Professional133
}

fn feedback_to<'s, 'a>(
    case: &'s Case<'a>,
    notification: &Seen<'_, NotificationReceived>,
    told: bool,
) -> Option<&'s Seen<'a, NotifierFeedbackGiven>> {
    first_after(&case.lists.feedbacks, notification.moment, |feedback| {
        feedback.fact.stream == notification.fact.stream
            && (feedback.says.outcome != FeedbackOutcome::Withheld) == told
    })
}

/// A professional is told what was started.
pub(super) fn feedback(case: &Case<'_>) -> Vec<Duty> {
    let professional = case
        .lists
        .notifications
        .iter()
        .filter(|notification| by_professional(notification));
    let duties = professional.map(|notification| {
        let duty = towards_notifier(case, notification);
        duty.met(feedback_to(case, notification, true))
            .waived(feedback_to(case, notification, false))
    });
    duties.collect()
}

/// The first step after a professional's notification starts the target for feedback.
pub(super) fn feedback_after_first_step(case: &Case<'_>) -> Vec<Duty> {
    let professional = case
        .lists
        .notifications
        .iter()
        .filter(|notification| by_professional(notification));
    let duties = professional.filter_map(|notification| {
        let steps = [
            first_after(&case.lists.assessments, notification.moment, |opened| {
                case.concerns(&opened.says.children)
            })
            .map(Duty::from),
            first_after(&case.lists.decisions, notification.moment, |decision| {
                super::shared::about_child(case, decision.says)
            })
            .map(Duty::from),
            first_after(&case.lists.screenings, notification.moment, |screening| {
                screening.says.outcome == ScreeningOutcome::NoFurther
            })
            .map(Duty::from),
        ];
        let duty = steps
            .into_iter()
            .flatten()
            .min_by_key(|duty| (duty.trigger, duty.index))?;
        let duty = match notification.says.notifier {
            Some(notifier) => duty.towards(case.person(notifier)),
            None => duty,
        };
        Some(
            duty.met(feedback_to(case, notification, true))
                .waived(feedback_to(case, notification, false)),
        )
    });
    duties.collect()
}

fn reassessment(case: &Case<'_>, counts: impl Fn(RunningMeasure) -> bool) -> Vec<Duty> {
    let matched = case
        .lists
        .matches
        .iter()
        .filter(|matched| counts(matched.says.running_measure));
    let duties = matched.map(|matched| {
        let reassessed = first_after(&case.lists.reassessments, matched.moment, |reassessed| {
            reassessed.fact.stream == matched.fact.stream
                && !case.took_part_before(
                    reassessed.says.uninvolved_participant.as_str(),
                    reassessed.moment,
                )
        });
        // Its age is counted from the receipt of the notification, not from the matching.
        let received = case
            .lists
            .notifications
            .iter()
            .find(|notification| notification.fact.stream == matched.fact.stream);
        Duty::from(matched)
            .anchored(Some(
                received.map_or(matched.moment, |received| received.moment),
            ))
            .met(reassessed)
    });
    duties.collect()
}

/// Any measure that runs asks for a fresh look.
pub(super) fn reassessment_of_any(case: &Case<'_>) -> Vec<Duty> {
    reassessment(case, |running| running != RunningMeasure::None)
}

/// Only support, placement and measures after youth crime ask for it; early measures do not.
pub(super) fn reassessment_of_support(case: &Case<'_>) -> Vec<Duty> {
    reassessment(case, |running| match running {
        RunningMeasure::Support32
        | RunningMeasure::Placement4647
        | RunningMeasure::Permanent67
        | RunningMeasure::YouthCrime => true,
        RunningMeasure::None | RunningMeasure::Early30 => false,
    })
}

/// Suspicion of abuse asks for a talk with the child; without the parents where the suspicion
/// points at their side.
pub(super) fn abuse_talk(case: &Case<'_>) -> Vec<Duty> {
    let suspected = case.lists.notifications.iter().filter(|notification| {
        notification.says.suspicions.contains(&Suspicion::Abuse)
            && !case.unborn_on(notification.moment.day)
    });
    let duties = suspected.map(|notification| {
        let parents = notification
            .says
            .suspicions
            .contains(&Suspicion::ParentSide);
        let occasion = HearingOccasion::Notification137;
        let heard = first_after(&case.lists.hearings, notification.moment, |heard| {
            case.is_child(heard.says.child)
                && heard.says.occasion == occasion
                && (!parents || heard.says.without_parents == Some(true))
                && !is_about_another(case, heard.fact.meta.causation, notification)
        });
        Duty::from(notification).met(heard).waived(waived_after(
            case,
            notification.moment,
            occasion,
        ))
    });
    duties.collect()
}

/// Whether a step names another notification as its cause.
fn is_about_another(
    case: &Case<'_>,
    cause: Option<EventRef>,
    notification: &Seen<'_, NotificationReceived>,
) -> bool {
    let mut others = case.lists.notifications.iter();
    others.any(|other| other.event() != notification.event() && answers(cause, other.event()))
}

/// A family without help gets it within the municipality's target, once support is granted.
pub(super) fn help_started(case: &Case<'_>) -> Vec<Duty> {
    let unhelped = case.lists.notifications.iter().filter(|notification| {
        let day = notification.moment.day;
        !case.measures.iter().any(|measure| {
            measure.kind != MeasureKind::Early
                && measure.start.moment < notification.moment
                && measure.ran_on(day)
        })
    });
    let duties = unhelped.filter_map(|notification| {
        let granted = decisions(case).any(|decision| {
            notification.moment.not_after(decision.moment) && grants_help(decision.says)
        });
        let start = first_help(case, notification.moment);
        (granted || start.is_some()).then(|| Duty::from(notification).met(start))
    });
    duties.collect()
}

fn grants_help(decision: &events::decision::DecisionMade) -> bool {
    use events::decision::DecisionKind as Kind;
    granted(decision)
        && matches!(
            decision.kind,
            Kind::Support32
                | Kind::Placement46
                | Kind::Placement47
                | Kind::Treatment33
                | Kind::YouthSupport114
        )
}

/// The first measure that starts from a moment on; early advice is none.
pub(crate) fn first_help<'s, 'a>(
    case: &'s Case<'a>,
    from: Moment,
) -> Option<&'s Seen<'a, events::support::SupportStarted>> {
    let mut later = case.measures.iter().filter(|measure| {
        measure.kind != MeasureKind::Early && from.not_after(measure.start.moment)
    });
    later.next().map(|measure| &measure.start)
}
