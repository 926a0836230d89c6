//! What binds a stream to a case, a child, or to what was looked at.

use serde_json::json;

use super::disclosures::{digest, text};
use super::{clean, found};
use crate::code::Code;
use crate::test_support::bundle::Bundle;
use crate::test_support::world::{CASE, NOTIFICATION, World};

#[test]
fn a_case_without_a_number_is_known_by_its_child() {
    let with = |fields: &[crate::test_support::world::Field<'_>], who: &str| {
        let mut world = World::empty();
        world.wait(900);
        world.record(CASE, "CaseOpened", &[who], fields);
        world.seal();
        world
    };
    let child = (
        0,
        "child",
        vec![json!({ "person": "3fa85f64-5717-4562-b3fc-2c963f66afa6", "role": "CHILD" })],
    );
    let world = with(std::slice::from_ref(&child), "case");
    let verdict = world.bundle(CASE).check(&world.trust()).unwrap();
    assert_eq!(
        (verdict.notes.len(), verdict.child.as_deref()),
        (0, Some("3fa85f64-5717-4562-b3fc-2c963f66afa6"))
    );
    let shown = world.bundle(CASE).disclosures(1);
    let hidden = world
        .bundle(CASE)
        .with_disclosures(1, &shown[..1])
        .redact(1, &digest(&shown[1]));
    clean(
        "child withheld",
        &hidden,
        &world.trust(),
        &[Code::CaseBindingMissing],
    );
    let none = with(&[], "case");
    clean(
        "nothing stated",
        &none.bundle(CASE),
        &none.trust(),
        &[Code::CaseBindingMissing],
    );
    let person = with(&[], "person");
    clean("not a case", &person.bundle(CASE), &person.trust(), &[]);
}

#[test]
fn look_ups_are_bound_by_what_was_looked_at() {
    let world = looking_at([NOTIFICATION, NOTIFICATION]);
    let (bundle, trust) = (world.bundle(CASE), world.trust());
    let verdict = bundle.check(&trust).unwrap();
    assert_eq!(
        (
            verdict.notes,
            verdict.target.as_deref(),
            verdict.case_number,
            verdict.child
        ),
        (vec![], Some(NOTIFICATION), None, None)
    );
    // Withheld of one, it is still told by the other; withheld of both, nothing tells.
    let shown = bundle.disclosures(1);
    let hide = |bundle: Bundle, seq: u64| {
        let [payload, target, reader] = bundle.disclosures(seq).try_into().unwrap();
        bundle
            .with_disclosures(seq, &[payload, reader])
            .redact(seq, &digest(&target))
    };
    assert!(text(&shown[1]).contains(NOTIFICATION));
    let one = hide(bundle, 1);
    assert_eq!(
        one.check(&trust).unwrap().target.as_deref(),
        Some(NOTIFICATION)
    );
    clean(
        "target withheld",
        &hide(one, 2),
        &trust,
        &[Code::CaseBindingMissing],
    );
    let mixed = looking_at([NOTIFICATION, CASE]);
    found(
        "looks at two streams",
        &mixed.bundle(CASE),
        &mixed.trust(),
        Code::StreamId,
    );
    // Of a case, a value of that name binds nothing.
    let mut case = World::empty();
    case.wait(900);
    case.record(
        CASE,
        "CaseOpened",
        &["case"],
        &[(0, "target", vec![json!(NOTIFICATION)])],
    );
    case.seal();
    clean(
        "no look-up",
        &case.bundle(CASE),
        &case.trust(),
        &[Code::CaseBindingMissing],
    );
}

/// A world in which these two streams were looked at.
fn looking_at(targets: [&str; 2]) -> World {
    let mut world = World::empty();
    world.typ = "sag-access+sd-jwt";
    world.wait(900);
    for target in targets {
        world.record(
            CASE,
            "RecordAccessed",
            &["access"],
            &[
                (0, "target", vec![json!(target)]),
                (0, "reader", vec![json!("b-17")]),
            ],
        );
    }
    world.seal();
    world
}
