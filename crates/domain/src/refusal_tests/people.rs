//! Persons, and registrations that turn out to be one person.

use serde_json::json;
use uuid::Uuid;

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
