//! Why an earlier event may not be corrected or annulled. Both may follow the end of a case.

use events::correction::{EventAnnulled, EventCorrected};
use events::document::DocumentFiled;
use events::event::Event;
use events::meta::EventRef;
use events::parts::META;

use super::check::Check;
use crate::reading::{ReadEvent, Shown};
use crate::refusal::RefusalCode;

/// A correction (RSL § 10; OFL § 13) changes a field of an event of the same stream that counts.
/// Whether the new value fits is asked of the bytes, in [`crate::correction::fits`].
pub(super) fn correct_event(facts: &EventCorrected, check: &mut Check<'_>) {
    check.needs_version();
    match target(facts.target, check) {
        Some((target, Some(shown))) => {
            correctable(facts, shown, check);
            let annulled = target.annulled.is_some();
            check.refuse_if(annulled, RefusalCode::TargetAnnulled, "target");
        }
        // What was erased cannot be corrected.
        Some((_, None)) | None => check.refuse(RefusalCode::TargetUnknown, "target"),
    }
    check.concerns_this_stream_only();
}

/// An annulment (RSL § 10; OFL § 13) takes out an event of the same stream that counts, and names
/// what takes its place where something does.
pub(super) fn annul_event(facts: &EventAnnulled, check: &mut Check<'_>) {
    check.needs_version();
    check.concerns_this_stream_only();
    let Some((target, shown)) = target(facts.target, check) else {
        return check.refuse(RefusalCode::TargetUnknown, "target");
    };
    let own = check.command.stream;
    let missing = facts.replacement.is_some_and(|new| {
        if new.stream == own {
            new.event == facts.target.event
                || check
                    .reading()
                    .is_some_and(|reading| reading.event(new.event).is_none())
        } else {
            check.state.streams.kind(new.stream).is_none()
        }
    });
    check.refuse_if(missing, RefusalCode::EventUnknown, "replacement");
    let annulled = target.annulled.is_some();
    check.refuse_if(annulled, RefusalCode::TargetAnnulled, "target");
    let fixed = shown.is_some_and(|shown| !can_be_annulled(&shown.facts));
    check.refuse_if(fixed, RefusalCode::TargetFixed, "target");
}

/// The event that is to change, with its fact unless that was erased.
fn target<'a>(target: EventRef, check: &Check<'a>) -> Option<(&'a ReadEvent, Option<&'a Shown>)> {
    let found = check.reading()?.event(target.event)?;
    let here = found.stream == check.command.stream && found.stream == target.stream;
    here.then(|| (found, found.fact()))
}

/// Whether the event has the field, and the field may change.
fn correctable(facts: &EventCorrected, shown: &Shown, check: &mut Check<'_>) {
    let field = facts.field.as_str();
    let circumstances = field == META;
    let own_part = facts.part == 0;
    check.refuse_if(
        facts.values.is_empty() && facts.replaces.is_empty(),
        RefusalCode::ListEmpty,
        "values",
    );
    let fixed =
        matches!(shown.facts, Event::DocumentFiled(_)) && DocumentFiled::FIXED.contains(&field);
    check.refuse_if(fixed, RefusalCode::FieldNotApplicable, "field");
    check.refuse_if(
        !circumstances && shown.facts.spec().field(field).is_none(),
        RefusalCode::FieldUnknown,
        "field",
    );
    check.refuse_if(
        own_part != facts.subject.is_none() || circumstances && !own_part,
        RefusalCode::FieldUnknown,
        "part",
    );
}

/// Whether such an event can be annulled: any can, since an annulment hides and destroys nothing. What
/// other records rest on stays: a reference, an erasure and what it did, and a hold, which is lifted
/// by a fact of its own.
fn can_be_annulled(facts: &Event) -> bool {
    !matches!(
        facts,
        Event::FactReferenced(_)
            | Event::ErasureOrdered(_)
            | Event::ErasureExecuted(_)
            | Event::RetentionHoldChanged(_)
    )
}
