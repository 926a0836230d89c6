//! Persons, and registrations that turn out to be one person.

use serde_json::json;
use uuid::Uuid;

use crate::examples::{CHILD, TWIN_ENTRY, child};
use crate::given::{case, fact, stranger};
use crate::refusal::RefusalCode::*;

#[test]
fn a_fact_stands_with_the_person_that_it_is_about() {
    case()
        .when(fact("ProtectionMarkerSet").with("person", stranger()))
        .then_refused(OtherPerson);
}

#[test]
fn two_registrations_become_one_person() {
    let twin = json!({ "person": Uuid::from_u128(0xc5), "role": "CHILD" });
    let heard = || fact("ChildHeard").with("child", twin.clone());
    case().when(heard()).then_refused(OtherChild);
    // A fact that names the child by its other registration is about the same child.
    case()
        .given([fact("PersonsMerged")])
        .when(heard())
        .then_recorded();
}

#[test]
fn a_registration_goes_on_under_one_other() {
    let merged = || case().given([fact("PersonsMerged")]);
    merged()
        .when(fact("PersonsMerged"))
        .then_refused(AlreadyMerged);
}

#[test]
fn a_merge_that_closes_a_ring_is_refused() {
    let twin = json!({ "person": Uuid::from_u128(TWIN_ENTRY), "role": "CHILD" });
    let back = || {
        fact("PersonsMerged")
            .with("person", child())
            .with("into", twin.clone())
    };
    let order = || case().when(back()).in_stream(CHILD);
    order().related_to(case()).then_recorded();
    order()
        .related_to(case().given([fact("PersonsMerged")]))
        .then_refused(AlreadyMerged);
}
