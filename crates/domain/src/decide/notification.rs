//! What cannot be true in a notification.

use events::event::Event;
use events::notification::{NotificationMatched, NotificationReassessed, NotificationReceived};
use events::spec::StreamKind;

use super::{Command, State};
use crate::refusal::{Reasons, RefusalCode};
use crate::state::StreamState;

pub(super) fn check(
    command: &Command,
    own: &StreamState,
    state: &State<'_>,
    reasons: &mut Reasons,
) {
    match &command.facts {
        Event::NotificationReceived(facts) => received(facts, reasons),
        Event::AcuteAssessmentMade(_) => assessed(command, state, reasons),
        Event::NotificationReceiptConfirmed(facts) => {
            reasons.refuse_if(
                facts.not_possible.is_some() && facts.recipient.is_some(),
                RefusalCode::FieldNotApplicable,
                "recipient",
            );
        }
        Event::NotificationMatched(facts) => matched(facts, state, reasons),
        Event::NotificationReassessed(facts) => reassessed(facts, own, state, reasons),
        Event::NotifierFeedbackGiven(facts) => {
            let withheld = facts.outcome == events::notification::FeedbackOutcome::Withheld;
            reasons.refuse_if(
                withheld && facts.withheld_reason.is_none(),
                RefusalCode::FieldRequired,
                "withheld_reason",
            );
        }
        _ => {}
    }
}

fn received(facts: &NotificationReceived, reasons: &mut Reasons) {
    reasons.refuse_if(
        facts.concerns.is_empty(),
        RefusalCode::ListEmpty,
        "concerns",
    );
    let nobody = facts.children.is_empty() && facts.child_description.is_none();
    reasons.refuse_if(nobody, RefusalCode::FieldRequired, "child_description");
    let unnamed = facts.notifier.is_none()
        && (facts.notifier_name.is_some()
            || facts.notifier_contact.is_some()
            || facts.notifier_relation.is_some());
    reasons.refuse_if(unnamed, RefusalCode::FieldRequired, "notifier");
}

/// An acute assessment follows what was notified.
fn assessed(command: &Command, state: &State<'_>, reasons: &mut Reasons) {
    let received = state.reading.facts().find_map(|(_, shown)| {
        matches!(shown.facts, Event::NotificationReceived(_))
            .then(|| shown.meta.occurred.earliest())
    });
    let before = received.is_some_and(|received| command.meta.occurred.earliest() < received);
    reasons.refuse_if(before, RefusalCode::DatesContradict, "occurred");
}

fn matched(facts: &NotificationMatched, state: &State<'_>, reasons: &mut Reasons) {
    reasons.refuse_if(
        facts.children.is_empty(),
        RefusalCode::ListEmpty,
        "children",
    );
    reasons.refuse_if(facts.cases.is_empty(), RefusalCode::ListEmpty, "cases");
    let unknown = facts
        .cases
        .iter()
        .any(|case| state.streams.kind(*case) != Some(StreamKind::Case));
    reasons.refuse_if(unknown, RefusalCode::CaseUnknown, "cases");
    let duplicate = facts
        .duplicate_of
        .is_some_and(|other| state.streams.kind(other) != Some(StreamKind::Notification));
    reasons.refuse_if(duplicate, RefusalCode::EventUnknown, "duplicate_of");
}

/// Who is named as uninvolved was involved neither in this notification nor in a related stream.
fn reassessed(
    facts: &NotificationReassessed,
    own: &StreamState,
    state: &State<'_>,
    reasons: &mut Reasons,
) {
    let named = facts.participants.contains(&facts.uninvolved_participant);
    reasons.refuse_if(!named, RefusalCode::FieldRequired, "participants");
    let uninvolved = facts.uninvolved_participant.as_str();
    let before = |reading: &crate::reading::Reading| {
        let streams: std::collections::BTreeSet<_> =
            reading.events.iter().map(|event| event.stream).collect();
        streams.into_iter().any(|stream| {
            StreamState::fold(reading, stream)
                .involved
                .contains(uninvolved)
        })
    };
    let involved = own.involved.contains(uninvolved) || state.related.iter().any(before);
    reasons.refuse_if(
        involved,
        RefusalCode::ParticipantInvolved,
        "uninvolved_participant",
    );
}
