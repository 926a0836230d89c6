//! What cannot be true of a correction or an erasure.

use events::correction::{EventAnnulled, EventCorrected};
use events::document::DocumentFiled;
use events::erasure::{ErasureGround, ErasureOrdered, RetentionHoldChanged};
use events::event::Event;

use super::{Command, State};
use crate::reading::Shown;
use crate::refusal::{Reasons, RefusalCode};
use crate::views::retention::retention;

pub(super) fn check(command: &Command, state: &State<'_>, reasons: &mut Reasons) {
    match &command.facts {
        Event::EventCorrected(facts) => corrected(facts, command, state, reasons),
        Event::EventAnnulled(facts) => annulled(facts, command, state, reasons),
        Event::ErasureOrdered(facts) => erasure_ordered(facts, command, state, reasons),
        Event::RetentionHoldChanged(facts) => hold_changed(facts, command, state, reasons),
        _ => {}
    }
}

fn corrected(facts: &EventCorrected, command: &Command, state: &State<'_>, reasons: &mut Reasons) {
    let target = state
        .reading
        .event(facts.target.event)
        .filter(|event| event.stream == command.stream);
    let Some(target) = target.filter(|event| event.stream == facts.target.stream) else {
        return reasons.refuse(RefusalCode::TargetUnknown, "target");
    };
    let Some(shown) = target.fact() else {
        return reasons.refuse(RefusalCode::TargetUnknown, "target");
    };
    reasons.refuse_if(
        target.annulled.is_some(),
        RefusalCode::TargetAnnulled,
        "target",
    );
    let field = facts.field.as_str();
    let reserved = field == events::parts::META;
    let fixed =
        matches!(shown.facts, Event::DocumentFiled(_)) && DocumentFiled::FIXED.contains(&field);
    reasons.refuse_if(fixed, RefusalCode::FieldNotApplicable, "field");
    reasons.refuse_if(
        !reserved && shown.facts.spec().field(field).is_none(),
        RefusalCode::FieldUnknown,
        "field",
    );
    let own_part = facts.part == 0;
    reasons.refuse_if(
        own_part != facts.subject.is_none() || reserved && !own_part,
        RefusalCode::FieldUnknown,
        "part",
    );
    reasons.refuse_if(
        facts.values.is_empty() && facts.replaces.is_empty(),
        RefusalCode::ListEmpty,
        "values",
    );
}

fn annulled(facts: &EventAnnulled, command: &Command, state: &State<'_>, reasons: &mut Reasons) {
    let target = state
        .reading
        .event(facts.target.event)
        .filter(|event| event.stream == command.stream);
    let Some(target) = target.filter(|event| event.stream == facts.target.stream) else {
        return reasons.refuse(RefusalCode::TargetUnknown, "target");
    };
    reasons.refuse_if(
        target.annulled.is_some(),
        RefusalCode::TargetAnnulled,
        "target",
    );
    // A hold is lifted by a fact of its own, never by taking it back.
    let fixed = |shown: &Shown| {
        matches!(
            shown.facts,
            Event::FactReferenced(_) | Event::ErasureOrdered(_) | Event::ErasureExecuted(_)
        ) || matches!(shown.facts, Event::RetentionHoldChanged(_))
    };
    reasons.refuse_if(
        target.fact().is_some_and(fixed),
        RefusalCode::TargetFixed,
        "target",
    );
    let missing = facts.replacement.is_some_and(|new| {
        if new.stream == command.stream {
            new.event == facts.target.event || state.reading.event(new.event).is_none()
        } else {
            state.streams.kind(new.stream).is_none()
        }
    });
    reasons.refuse_if(missing, RefusalCode::EventUnknown, "replacement");
}

fn erasure_ordered(
    facts: &ErasureOrdered,
    command: &Command,
    state: &State<'_>,
    reasons: &mut Reasons,
) {
    reasons.refuse_if(
        facts.approved_by.as_str() == command.actor.id,
        RefusalCode::ApproverSame,
        "approved_by",
    );
    reasons.refuse_if(
        facts.targets.is_empty(),
        RefusalCode::NothingToErase,
        "targets",
    );
    let kept = retention(state.reading, command.stream);
    reasons.refuse_if(kept.held(), RefusalCode::HoldInForce, "target");
    if facts.ground == ErasureGround::RetentionEnded {
        reasons.refuse_if(kept.running, RefusalCode::CaseNotClosed, "ground");
        reasons.refuse_if(!kept.archived(), RefusalCode::ArchiveNotApproved, "ground");
    }
}

fn hold_changed(
    facts: &RetentionHoldChanged,
    command: &Command,
    state: &State<'_>,
    reasons: &mut Reasons,
) {
    let lifts = facts
        .lifts
        .is_some_and(|set| !retention(state.reading, command.stream).in_force(set));
    reasons.refuse_if(lifts, RefusalCode::HoldUnknown, "lifts");
}
