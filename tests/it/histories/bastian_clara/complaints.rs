//! Two complaints, their dossiers, and what the Appeals Board answered.

use std::collections::BTreeSet;

use domain::reading::{Known, Reading, ReadingPoint, instant};
use domain::views::appeal::appeals;
use events::appeal::{AppealForwarded, AppealOutcome, DossierItemKind};
use events::event::Event;
use events::ids::EventId;
use events::rights::ProtectionKind;
use events::spec::StreamKind;
use tests::world::{Ids, World, family};

use super::{bastian, clara, fact, now};

fn forwarded(reading: &Reading, event: EventId) -> &AppealForwarded {
    let Event::AppealForwarded(facts) = fact(reading, event) else {
        panic!("{event} forwards nothing")
    };
    facts
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dossier_of_the_first_complaint_is_what_was_known_then() {
    let (world, ids) = (World::with_family().await, family());
    let b = now(&world, bastian(&ids));
    let sent = forwarded(&b, ids.event("B27"));
    let position = b.event(ids.event("B27")).unwrap().index;
    let known = |point: ReadingPoint| -> BTreeSet<EventId> {
        let readings = [bastian(&ids), clara(&ids)].map(|case| world.read(case, point).unwrap());
        let casework = readings
            .iter()
            .flat_map(|reading| &reading.events)
            .filter(|event| {
                let shown = event.fact().unwrap();
                matches!(shown.kind, StreamKind::Case | StreamKind::Notification)
                    && !matches!(shown.facts, Event::FactReferenced(_))
            });
        casework.map(|event| event.event).collect()
    };
    let items: BTreeSet<EventId> = sent
        .manifest
        .iter()
        .map(|item| item.event.unwrap())
        .collect();
    assert_eq!((sent.manifest.len(), items.len()), (64, 64));
    assert_eq!(
        items,
        known(ReadingPoint {
            known: Known::Position(position),
            ..ReadingPoint::default()
        })
    );
    let at = |time: &str| {
        known(ReadingPoint {
            known: Known::At(instant(time).unwrap()),
            ..ReadingPoint::default()
        })
    };
    let mut that_day = items.clone();
    that_day.insert(ids.event("B27"));
    assert_eq!(at("2025-04-23"), that_day);
    assert!(
        !that_day.contains(&ids.event("B28-reassess"))
            && at("2025-04-24").contains(&ids.event("B28-reassess"))
    );
    let names = ["Bastian", "Clara", "Signe", "Kasper", "Sanne", "Prøve"];
    assert!(
        sent.manifest
            .iter()
            .all(|item| names.iter().all(|name| !item.title.as_str().contains(name))),
        "titles hold no names"
    );
}

/// What came back from the Appeals Board, by child and section.
fn the_board_answers_each_complaint(b: &Reading, ids: &Ids) {
    use AppealOutcome::{Aendret, Stadfaestet};
    let outcomes = |name: &str| {
        let Event::AppealOutcomeReceived(facts) = fact(b, ids.event(name)) else {
            panic!()
        };
        facts.outcomes.clone()
    };
    let of_k2 = outcomes("B30");
    let lines: Vec<_> = of_k2
        .iter()
        .map(|line| {
            (
                line.child.person == ids.person("clara"),
                line.section.as_str(),
                line.outcome,
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            (false, "BL § 47", Stadfaestet),
            (true, "BL § 47", Aendret),
            (false, "BL § 105, stk. 2", Stadfaestet)
        ]
    );
    assert_eq!(
        of_k2[1].deadline.map(|day| day.to_string()).as_deref(),
        Some("2025-12-11")
    );
    let substantive = of_k2
        .iter()
        .filter(|line| line.outcome.substantive())
        .count();
    assert_eq!(
        (
            of_k2.iter().filter(|line| line.outcome.reversed()).count(),
            substantive
        ),
        (1, 3)
    );
    assert_eq!(
        outcomes("B31")
            .iter()
            .map(|line| line.outcome)
            .collect::<Vec<_>>(),
        [Stadfaestet]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_two_complaints_go_different_ways() {
    let (world, ids) = (World::with_family().await, family());
    let b = now(&world, bastian(&ids));
    let kinds = |name: &str| {
        forwarded(&b, ids.event(name))
            .manifest
            .iter()
            .map(|item| item.kind)
            .collect::<BTreeSet<DossierItemKind>>()
    };
    for own in [DossierItemKind::Reassessment, DossierItemKind::BoardForm] {
        assert!(
            !kinds("B27").contains(&own),
            "the committee's decision is not judged again"
        );
        assert!(kinds("B28-forward").contains(&own));
    }
    assert!(
        kinds("B28-forward").contains(&DossierItemKind::JournalNotes),
        "an oral complaint goes with its notes"
    );
    let Event::ComplaintReceived(k1) = fact(&b, ids.event("B25")) else {
        panic!()
    };
    assert_eq!(
        (k1.complainant.person, k1.oral, k1.decision),
        (ids.person("bastian"), true, ids.event("B24-decide"))
    );
    let c = now(&world, clara(&ids));
    let complaints = |reading: &Reading| {
        reading
            .facts()
            .filter(|(_, shown)| matches!(shown.facts, Event::ComplaintReceived(_)))
            .count()
    };
    assert_eq!((complaints(&b), complaints(&c)), (2, 1));
    the_board_answers_each_complaint(&b, &ids);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_withheld_rests_on_its_own_section() {
    let (world, ids) = (World::with_family().await, family());
    let b = now(&world, bastian(&ids));
    let Event::DisclosureMade(given) = fact(&b, ids.event("B16")) else {
        panic!()
    };
    assert_eq!(given.request, Some(ids.event("B13")));
    let sections: Vec<_> = given
        .redactions
        .iter()
        .map(|redaction| redaction.section.as_str())
        .collect();
    assert_eq!(sections, ["FVL § 15 b, nr. 5"; 3]);
    // The committee did not keep the place secret, so the address is not withheld by a marker.
    let marked = |shown: &Event| matches!(shown, Event::ProtectionMarkerSet(facts) if facts.kind == ProtectionKind::PlacementSecret105);
    assert!(!b.facts().any(|(_, shown)| marked(&shown.facts)));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_complaint_has_its_own_dossier() {
    let (world, ids) = (World::with_family().await, family());
    let view = appeals(&now(&world, bastian(&ids)));
    let told = view.appeals.iter().map(|appeal| {
        let sent: Vec<_> = appeal
            .forwarded
            .iter()
            .map(|sent| sent.facts.manifest.len())
            .collect();
        (
            appeal.complaint,
            appeal.committee,
            appeal.reassessment,
            sent,
            appeal.results.len(),
        )
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            (
                ids.event("B25"),
                false,
                Some(ids.event("B28-reassess")),
                vec![12],
                1
            ),
            (ids.event("B26"), true, None, vec![64], 1),
        ]
    );
    assert!(
        view.appeals
            .iter()
            .all(|appeal| appeal.forwarded[0].recorded_later.is_empty())
    );
    assert!(view.appeals[0].forwarded[0].elsewhere.is_empty());
    let c = now(&world, clara(&ids));
    let elsewhere = &view.appeals[1].forwarded[0].elsewhere;
    assert!(
        !elsewhere.is_empty(),
        "the other child's own facts stand in the other child's case"
    );
    assert!(
        elsewhere
            .iter()
            .all(|item| c.event(item.event.unwrap()).unwrap().stream == clara(&ids))
    );
}
