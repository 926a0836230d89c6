//! Why a fact about a notification of concern may not be recorded.

use events::event::Event;
use events::moment::Moment;
use events::notification::{
    AcuteAssessmentMade, FeedbackOutcome, NotificationMatched, NotificationReassessed,
    NotificationReceiptConfirmed, NotificationReceived, NotifierFeedbackGiven,
};
use events::spec::StreamKind;

use super::check::Check;
use crate::reading::Reading;
use crate::refusal::RefusalCode;

/// A notification (BL §§ 132-136) says what the concern is and which child it is about; who sent
/// it has a name only where the sender is a registered person.
pub(super) fn receive_notification(facts: &NotificationReceived, check: &mut Check<'_>) {
    check.needs_some(&facts.concerns, "concerns");
    let nobody = facts.children.is_empty() && facts.child_description.is_none();
    check.refuse_if(nobody, RefusalCode::FieldRequired, "child_description");
    let unnamed = facts.notifier.is_none()
        && (facts.notifier_name.is_some()
            || facts.notifier_contact.is_some()
            || facts.notifier_relation.is_some());
    check.refuse_if(unnamed, RefusalCode::FieldRequired, "notifier");
}

/// An acute assessment (BL § 136(2)) follows what was notified.
pub(super) fn make_acute_assessment(_: &AcuteAssessmentMade, check: &mut Check<'_>) {
    let mut known = check.reading().into_iter().flat_map(Reading::facts);
    let received = known.find_map(|(_, shown)| {
        matches!(shown.facts, Event::NotificationReceived(_))
            .then(|| Moment::from(shown.meta.occurred))
    });
    let assessed = Moment::from(check.command.meta.occurred);
    let before = received.is_some_and(|received| !received.not_after(assessed));
    check.refuse_if(before, RefusalCode::DatesContradict, "occurred");
}

/// A receipt (BL § 138(1)) has a recipient, or a reason why none could be sent.
pub(super) fn confirm_notification_receipt(
    facts: &NotificationReceiptConfirmed,
    check: &mut Check<'_>,
) {
    check.refuse_if(
        facts.not_possible.is_some() && facts.recipient.is_some(),
        RefusalCode::FieldNotApplicable,
        "recipient",
    );
}

/// A match (BL §§ 136(1), 137) names children and cases that exist.
pub(super) fn match_notification(facts: &NotificationMatched, check: &mut Check<'_>) {
    check.needs_some(&facts.children, "children");
    check.needs_some(&facts.cases, "cases");
    let duplicate = facts
        .duplicate_of
        .is_some_and(|other| !check.stream_is(other, StreamKind::Notification));
    check.refuse_if(duplicate, RefusalCode::EventUnknown, "duplicate_of");
    let known = |case| check.stream_is(case, StreamKind::Case);
    let unknown = !facts.cases.iter().copied().all(known);
    check.refuse_if(unknown, RefusalCode::CaseUnknown, "cases");
}

/// Somebody takes part in the reassessment (BL § 137(1)) who was involved neither in this
/// notification nor in a related stream.
pub(super) fn reassess_notification(facts: &NotificationReassessed, check: &mut Check<'_>) {
    let named = facts.participants.contains(&facts.uninvolved_participant);
    check.refuse_if(!named, RefusalCode::FieldRequired, "participants");
    let involved = check.was_involved(facts.uninvolved_participant.as_str());
    check.refuse_if(
        involved,
        RefusalCode::ParticipantInvolved,
        "uninvolved_participant",
    );
}

/// Feedback (BL § 138(2)-(3)) that is withheld states why.
pub(super) fn give_notifier_feedback(facts: &NotifierFeedbackGiven, check: &mut Check<'_>) {
    let withheld = facts.outcome == FeedbackOutcome::Withheld;
    check.refuse_if(
        withheld && facts.withheld_reason.is_none(),
        RefusalCode::FieldRequired,
        "withheld_reason",
    );
}
