//! Why a fact about people, their relations, consents and network may not be recorded.

use events::people::{
    NetworkMapped, PersonIdentified, PersonRegistered, PersonsMerged, RelationRecorded,
};
use events::spec::StreamKind;

use super::check::Check;
use crate::persons::persons_of;
use crate::reading::Reading;
use crate::refusal::RefusalCode;

/// A person is born or expected, not both.
pub(super) fn register_person(facts: &PersonRegistered, check: &mut Check<'_>) {
    let both = facts.birth_date.is_some() && facts.due_date.is_some();
    check.refuse_if(both, RefusalCode::FieldNotApplicable, "due_date");
}

/// Something becomes known of the person whose stream it is.
pub(super) fn identify_person(facts: &PersonIdentified, check: &mut Check<'_>) {
    let nothing = facts.name.is_none() && facts.birth_date.is_none() && facts.id_number.is_none();
    check.refuse_if(nothing, RefusalCode::FieldRequired, "name");
    check.needs_own_person(facts.person);
}

/// The person whose stream it is goes on under another registration that exists, once, and never
/// under its own again.
pub(super) fn merge_persons(facts: &PersonsMerged, check: &mut Check<'_>) {
    check.refuse_if(
        facts.into.person == facts.person.person,
        RefusalCode::FieldNotApplicable,
        "into",
    );
    let unknown = !check.stream_is(facts.into.person.into(), StreamKind::Person);
    check.refuse_if(unknown, RefusalCode::EventUnknown, "into");
    let goes_on = check.own.persons.is_merged(facts.person.person);
    check.refuse_if(goes_on, RefusalCode::AlreadyMerged, "person");
    let one = |other: &Reading| persons_of(other).same(facts.into.person, facts.person.person);
    let ring = check.state.related.iter().any(one);
    check.refuse_if(ring, RefusalCode::AlreadyMerged, "into");
    check.needs_own_person(facts.person);
}

/// A relation leads from the person whose stream it is to another one.
pub(super) fn record_relation(facts: &RelationRecorded, check: &mut Check<'_>) {
    check.refuse_if(
        facts.to.person == facts.from.person,
        RefusalCode::FieldNotApplicable,
        "to",
    );
    check.needs_own_person(facts.from);
}

/// The network (BL § 8(3)) is that of the child of the open case.
pub(super) fn map_network(facts: &NetworkMapped, check: &mut Check<'_>) {
    check.needs_open_case();
    check.needs_child_of_case(facts.child);
}
