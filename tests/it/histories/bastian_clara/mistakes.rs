//! Mistakes and what became of them: notes in the wrong case, holes, late notes, look-ups without a
//! purpose.

use std::collections::BTreeSet;

use domain::reading::{Body, ReadingPoint};
use domain::views::findings::{FindingCode, findings};
use domain::views::integrity::integrity;
use domain::views::timeline::timeline;
use events::correction::AnnulmentReason;
use events::event::Event;
use events::ids::{EventId, StreamId};
use record::positions::LogIndex;
use serde_json::json;
use tests::world::{World, family};

use super::{bastian, clara, entry, fact, known_at, now};

#[tokio::test(flavor = "multi_thread")]
async fn a_note_in_the_wrong_case_is_annulled_and_stays_visible() {
    let (world, ids) = (World::with_family().await, family());
    let before = known_at(&world, bastian(&ids), "2025-10-05");
    assert_eq!(entry(&before, ids.event("B39-wrong")).annulled, None);
    let b = now(&world, bastian(&ids));
    let wrong = entry(&b, ids.event("B39-wrong"));
    assert!(wrong.told.is_some(), "it stays readable");
    let annulled = wrong.annulled.unwrap();
    assert_eq!(annulled.reason, AnnulmentReason::WrongStream);
    assert_eq!(annulled.replacement, Some(ids.reference("B39-right")));
    assert_eq!(
        timeline(&b)
            .iter()
            .filter(|entry| entry.annulled.is_some())
            .count(),
        1
    );
    assert!(
        b.facts()
            .all(|(event, _)| event.event != ids.event("B39-wrong")),
        "no view counts it"
    );
    let right = entry(&now(&world, clara(&ids)), ids.event("B39-right"));
    let words = right.told.unwrap();
    assert_eq!(
        (words.line, words.occurred),
        (
            wrong.told.as_ref().unwrap().line.clone(),
            wrong.told.unwrap().occurred
        )
    );
    assert!(
        right.late,
        "written into the right case eighteen days later"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_filed_by_mistake_leaves_a_hole_that_the_erasure_explains() {
    let (world, ids) = (World::with_family().await, family());
    let erased = ids.event("B41-misfiled");
    for reading in [
        now(&world, bastian(&ids)),
        known_at(&world, bastian(&ids), "2025-11-20"),
    ] {
        assert_eq!(
            reading.event(erased).unwrap().body,
            Body::Hole,
            "gone on every day that one reads"
        );
        assert_eq!(entry(&reading, erased).told, None);
    }
    let b = now(&world, bastian(&ids));
    let ordered = b.facts().find_map(|(event, shown)| match &shown.facts {
        Event::ErasureOrdered(facts) => Some((event.event, facts.clone())),
        _ => None,
    });
    let (ordered, facts) = ordered.unwrap();
    assert!(facts.targets.iter().all(|target| target.event == erased));
    assert!(b.facts().any(|(_, shown)| matches!(&shown.facts, Event::ErasureExecuted(done) if done.ordered.event == ordered)));
    let system = now(&world, world.operator.layout().system_stream());
    let Event::IntegrityChecked(check) = fact(&system, ids.event("B41-check")) else {
        panic!()
    };
    assert_eq!(
        (
            check.explained_holes,
            check.annulments,
            check.erasures.as_slice()
        ),
        (1, 1, [ordered].as_slice())
    );
    let report = world.audit();
    let holes: BTreeSet<_> = report
        .holes
        .iter()
        .map(|hole| (hole.stream.clone(), hole.seq.get()))
        .collect();
    assert_eq!(
        holes,
        BTreeSet::from([(
            bastian(&ids).uuid().simple().to_string(),
            b.event(erased).unwrap().seq
        )])
    );
    assert_eq!(report.notes, Vec::<String>::new());
    let mut tree = record::merkle::Frontier::new();
    (0..check.size).for_each(|position| {
        tree.push(
            world
                .session()
                .entry(LogIndex::new(position))
                .unwrap()
                .unwrap()
                .leaf,
        )
    });
    assert_eq!(
        check.root.as_str(),
        tree.root().to_b64u(),
        "the root of the log at the size that was checked"
    );
    assert!(
        check.size > b.event(ordered).unwrap().index
            && check.size < world.public_log().size().get()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_up_without_a_purpose_is_flagged_and_the_reader_is_not_named() {
    let (world, ids) = (World::with_family().await, family());
    let look_ups = world
        .session_of(tests::world::caseworker())
        .look_ups(clara(&ids), ReadingPoint::default())
        .unwrap();
    let told: Vec<_> = look_ups
        .iter()
        .map(|look| (look.event, look.flagged(), look.review.is_some()))
        .collect();
    assert_eq!(
        told,
        [
            (ids.event("B40"), true, false),
            (ids.event("B40-review"), true, true)
        ],
        "the review comes the day after"
    );
    let answer = world
        .query(&format!(
            r#"{{ case(id: "{}") {{ access {{ lookUps {{ occurred purpose flagged }} }} }} }}"#,
            clara(&ids)
        ))
        .await;
    let first = &answer["case"]["access"]["lookUps"][0];
    assert_eq!(
        *first,
        json!({ "occurred": "2025-11-24T15:00:00Z", "purpose": null, "flagged": true })
    );
    assert!(!answer.to_string().contains("K9"));
    let other = world
        .session_of(tests::world::caseworker())
        .look_ups(bastian(&ids), ReadingPoint::default())
        .unwrap();
    assert_eq!(other, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_annulment_and_one_explained_hole() {
    let (world, ids) = (World::with_family().await, family());
    let view = integrity(&now(&world, bastian(&ids)));
    let changes: Vec<_> = view
        .changes
        .iter()
        .map(|change| (change.target, change.reason))
        .collect();
    assert_eq!(
        changes,
        [(ids.event("B39-wrong"), Some(AnnulmentReason::WrongStream))]
    );
    assert_eq!(
        (view.holes, view.unexplained),
        (vec![ids.event("B41-misfiled")], vec![])
    );
    assert!(view.erasures.len() == 1 && view.erasures[0].executed.is_some());
    let view = integrity(&now(&world, clara(&ids)));
    assert_eq!((view.changes, view.holes), (vec![], vec![]));
    let shared = family()
        .lines()
        .iter()
        .filter(|line| line["input"].get("alsoCases").is_some())
        .count();
    assert_eq!(
        view.links.len(),
        shared + 1,
        "every shared fact, and the notification's match"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_found_but_the_note_that_came_late() {
    let (world, ids) = (World::with_family().await, family());
    let found = |case: StreamId| -> Vec<(FindingCode, EventId)> {
        findings(&now(&world, case), case)
            .into_iter()
            .map(|finding| (finding.code, finding.event))
            .collect()
    };
    assert_eq!(found(bastian(&ids)), []);
    assert_eq!(
        found(clara(&ids)),
        [(FindingCode::RecordedLate, ids.event("B39-right"))]
    );
}
