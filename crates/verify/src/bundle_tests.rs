//! The attack catalogue, as far as it applies to a bundle: each attack by its number, with the code
//! that must be found.

use crate::bundle_builder::{CASE, World};

#[test]
fn the_honest_bundle_is_clean() {
    let world = World::honest();
    let verdict = world.bundle(CASE).check(&world.trust()).unwrap();
    assert_eq!(verdict.notes, []);
    assert_eq!(verdict.case_number.as_deref(), Some("2026-004711"));
}
