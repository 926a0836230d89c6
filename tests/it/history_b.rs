//! The history of Bastian and Clara: what the views make of it, on the day and on earlier days.

use std::collections::BTreeSet;

use domain::reading::{Body, Known, Reading, ReadingPoint, instant};
use domain::views::appeal::appeals;
use domain::views::child_voice::child_voice;
use domain::views::decisions::{Made, decisions};
use domain::views::family::overview;
use domain::views::findings::{FindingCode, findings};
use domain::views::goals::goals;
use domain::views::integrity::integrity;
use domain::views::ladder::support_ladder;
use domain::views::listing::CaseStatus;
use domain::views::network::network;
use domain::views::parties::parties;
use domain::views::summary::{days_between, summary};
use domain::views::timeline::{TimelineEntry, timeline};
use events::appeal::{AppealForwarded, AppealOutcome, DossierItemKind};
use events::correction::AnnulmentReason;
use events::event::Event;
use events::ids::{EventId, StreamId};
use events::involvement::HearingOccasion;
use events::meta::Channel;
use events::plan::{FollowUpHeld, GoalChange};
use events::rights::{ConsentEnd, ProtectionKind, RepresentativeKind};
use events::spec::StreamKind;
use events::time::Occurred;
use serde_json::json;
use tests::world::{Ids, World, family};

fn bastian(ids: &Ids) -> StreamId {
    ids.stream("B3-open-b")
}

fn clara(ids: &Ids) -> StreamId {
    ids.stream("B3-open-c")
}

fn now(world: &World, case: StreamId) -> Reading {
    world.read(case, ReadingPoint::default()).unwrap()
}

fn known_at(world: &World, case: StreamId, time: &str) -> Reading {
    world
        .read(
            case,
            ReadingPoint {
                known: Known::At(instant(time).unwrap()),
                ..ReadingPoint::default()
            },
        )
        .unwrap()
}

fn fact(reading: &Reading, event: EventId) -> &Event {
    &reading
        .event(event)
        .and_then(|event| event.fact())
        .unwrap()
        .facts
}

fn entry(reading: &Reading, event: EventId) -> TimelineEntry {
    timeline(reading)
        .into_iter()
        .find(|entry| entry.event == event)
        .unwrap()
}

fn forwarded(reading: &Reading, event: EventId) -> &AppealForwarded {
    let Event::AppealForwarded(facts) = fact(reading, event) else {
        panic!("{event} forwards nothing")
    };
    facts
}

/// On which occasions a child was heard, one after the other, and nobody else in its case.
fn was_heard(reading: &Reading, ids: &Ids, child: &str, occasions: &[HearingOccasion]) {
    let voice = child_voice(reading);
    assert_eq!(
        voice
            .hearings
            .iter()
            .map(|hearing| hearing.occasion)
            .collect::<Vec<_>>(),
        occasions,
        "{child}"
    );
    assert!(
        voice
            .hearings
            .iter()
            .all(|hearing| hearing.child.person == ids.person(child)),
        "{child}"
    );
    assert_eq!(
        voice.channels,
        BTreeSet::from([Channel::InPerson, Channel::HomeVisit])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_child_is_heard_before_every_decision_and_only_in_its_own_case() {
    use HearingOccasion::{BeforeDecision, Examination, Notification137};
    let (world, ids) = (World::with_family().await, family());
    let (b, c) = (now(&world, bastian(&ids)), now(&world, clara(&ids)));
    let of_bastian = [
        Notification137,
        BeforeDecision,
        Examination,
        BeforeDecision,
        BeforeDecision,
    ];
    was_heard(&b, &ids, "bastian", &of_bastian);
    let of_clara = [
        Notification137,
        BeforeDecision,
        Examination,
        BeforeDecision,
        BeforeDecision,
        BeforeDecision,
    ];
    was_heard(&c, &ids, "clara", &of_clara);
    let time = |reading: &Reading, name: &str| fact_time(reading, ids.event(name)).earliest();
    for (heard, decided) in [
        ("B4", "B7-decide"),
        ("B10", "B11"),
        ("B12", "B17-follow-b"),
        ("B12", "B18-plan-b"),
        ("B21", "B22"),
        ("B23", "B24-decide"),
    ] {
        for (reading, child) in [(&b, "bastian"), (&c, "clara")] {
            assert!(
                time(reading, &format!("{heard}-{child}")) < time(&b, decided),
                "{child} was heard in {heard} before {decided}"
            );
        }
    }
    assert!(time(&c, "B37-hear") < time(&c, "B38-decide"));
    let Event::ChildHeard(first) = fact(&c, ids.event("B4-clara")) else {
        panic!()
    };
    assert_eq!(
        (first.without_parents, first.without_parents_consent),
        (Some(true), Some(false)),
        "the suspicion is on the parents' side"
    );
    assert!(first.without_parents_ground.is_some());
}

fn fact_time(reading: &Reading, event: EventId) -> Occurred {
    reading
        .event(event)
        .and_then(|event| event.fact())
        .unwrap()
        .meta
        .occurred
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_decision_stands_once_and_belongs_to_both_cases() {
    let (world, ids) = (World::with_family().await, family());
    let (b, c) = (now(&world, bastian(&ids)), now(&world, clara(&ids)));
    for name in ["B6", "B7-decide", "B11", "B22", "B24-decide"] {
        for reading in [&b, &c] {
            assert_eq!(
                reading.event(ids.event(name)).unwrap().stream,
                bastian(&ids),
                "{name}"
            );
        }
    }
    let told = |reading: &Reading, name: &str| {
        let decision = decisions(reading)
            .into_iter()
            .find(|decision| decision.event == ids.event(name));
        decision.map(|decision| decision.communicated.len())
    };
    for (name, in_b, in_c) in [
        ("B7-decide", Some(3), Some(3)),
        ("B24-decide", Some(3), Some(3)),
        ("B38-decide", None, Some(2)),
    ] {
        assert_eq!((told(&b, name), told(&c, name)), (in_b, in_c), "{name}");
    }
    let Event::CommitteeDecisionMade(decided) = fact(&c, ids.event("B22")) else {
        panic!()
    };
    let outcomes = decided.outcomes.iter().map(|outcome| {
        let child = if outcome.child.person == ids.person("bastian") {
            "bastian"
        } else {
            "clara"
        };
        let until = outcome
            .valid_to
            .map_or_else(String::new, |day| day.to_string());
        (
            child,
            outcome.section.as_str(),
            (outcome.votes_for, outcome.votes_against),
            until,
        )
    });
    let until = "2025-09-13".to_owned();
    assert_eq!(
        outcomes.collect::<Vec<_>>(),
        [
            ("bastian", "BL § 47", (5, 0), String::new()),
            ("clara", "BL § 47", (4, 1), String::new()),
            ("bastian", "BL § 105, stk. 2", (5, 0), until.clone()),
            ("clara", "BL § 105, stk. 2", (5, 0), until),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_provisional_decision_runs_from_when_it_was_carried_out() {
    let (world, ids) = (World::with_family().await, family());
    let reading = now(&world, bastian(&ids));
    let Event::ProvisionalDecisionMade(decided) = fact(&reading, ids.event("B6")) else {
        panic!()
    };
    let carried_out = decided.carried_out_at.unwrap();
    assert_eq!(
        carried_out
            .duration_since(fact_time(&reading, ids.event("B6")).earliest())
            .as_mins(),
        50
    );
    let Event::DecisionCommunicated(told) = fact(&reading, ids.event("B8-p1")) else {
        panic!()
    };
    let written: BTreeSet<_> = told
        .recipients
        .iter()
        .filter(|to| !to.oral)
        .map(|to| to.who.person)
        .collect();
    assert_eq!(
        written,
        BTreeSet::from(["signe", "kasper", "bastian"].map(|party| ids.person(party))),
        "three parties in writing"
    );
    assert!(
        told.recipients
            .iter()
            .all(|to| to.available_at.duration_since(carried_out).as_hours() < 24)
    );
    let approved = fact_time(&reading, ids.event("B11"));
    assert_eq!(
        days_between(Occurred::At(carried_out), approved),
        5,
        "within seven days, the last of which is a Saturday"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_without_digital_post_gets_paper() {
    let (world, ids) = (World::with_family().await, family());
    for case in [bastian(&ids), clara(&ids)] {
        let reading = now(&world, case);
        let recipients: Vec<_> = reading
            .facts()
            .filter_map(|(_, shown)| match &shown.facts {
                Event::DecisionCommunicated(facts) => Some(facts.recipients.clone()),
                _ => None,
            })
            .flatten()
            .collect();
        let channels = |name: &str| {
            recipients
                .iter()
                .filter(|to| to.who.person == ids.person(name))
                .map(|to| to.channel)
                .collect::<BTreeSet<_>>()
        };
        assert_eq!(channels("bastian"), BTreeSet::from([Channel::Letter]));
        assert_eq!(
            channels("clara"),
            BTreeSet::from([Channel::InPerson]),
            "no party, told by word of mouth"
        );
        assert_eq!(
            channels("signe"),
            BTreeSet::from([Channel::Letter, Channel::DigitalPost])
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn goals_ladder_and_network_are_each_childs_own() {
    let (world, ids) = (World::with_family().await, family());
    let (b, c) = (now(&world, bastian(&ids)), now(&world, clara(&ids)));
    let (of_b, of_c) = (goals(&b), goals(&c));
    assert_eq!(
        of_b.iter().map(|goal| goal.status).collect::<Vec<_>>(),
        [Some(GoalChange::Refocused)]
    );
    assert_ne!(of_b[0].wording, of_b[0].first_wording);
    assert_eq!(
        of_c.iter().map(|goal| goal.status).collect::<Vec<_>>(),
        [None]
    );
    assert_eq!(
        (support_ladder(&b).path(), support_ladder(&b).current),
        (vec![Some(5)], Some(5)),
        "Bastian stays placed"
    );
    assert_eq!(
        (support_ladder(&c).path(), support_ladder(&c).current),
        (vec![Some(5), None], None),
        "Clara is home"
    );
    for reading in [&b, &c] {
        let network = network(reading);
        assert_eq!(
            network
                .resource_persons
                .iter()
                .map(|person| person.person)
                .collect::<Vec<_>>(),
            [ids.person("sanne")]
        );
        assert_eq!(network.mappings[0].judgements.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_family_has_two_cases_and_in_the_end_one_of_them_is_open() {
    let (world, ids) = (World::with_family().await, family());
    let status = |time: &str| {
        [bastian(&ids), clara(&ids)].map(|case| summary(&known_at(&world, case, time), case).status)
    };
    assert_eq!(status("2025-12-07"), [CaseStatus::Open, CaseStatus::Open]);
    assert_eq!(status("2025-12-08"), [CaseStatus::Open, CaseStatus::Closed]);
    let [b, c] = [bastian(&ids), clara(&ids)].map(|case| summary(&now(&world, case), case));
    assert!(b.family.is_some() && b.family == c.family);
    assert_eq!(
        [&b, &c].map(|view| view.child_name.as_ref().unwrap().to_string()),
        ["Bastian Prøve", "Clara Prøve"]
    );
    for view in [&b, &c] {
        assert_eq!(
            view.caseworkers
                .iter()
                .map(|id| id.as_str())
                .collect::<Vec<_>>(),
            ["K3", "K4"]
        );
        assert_eq!(
            (
                view.milestones.notification_to_decision,
                view.milestones.notification_to_start
            ),
            (Some(1), Some(1))
        );
    }
    let answer = world
        .query("{ cases { edges { node { stream status } } } }")
        .await;
    let open: Vec<_> = answer["cases"]["edges"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|edge| edge["node"]["status"] == "OPEN")
        .collect();
    assert_eq!(
        open.iter()
            .map(|edge| edge["node"]["stream"].clone())
            .collect::<Vec<_>>(),
        [json!(bastian(&ids))]
    );
}

/// The follow-ups of a case, each with its day and the day that it set for the next one.
fn follow_ups(reading: &Reading) -> Vec<(Occurred, FollowUpHeld)> {
    let all = reading
        .by_occurrence()
        .into_iter()
        .filter_map(|(_, shown)| match &shown.facts {
            Event::FollowUpHeld(facts) => Some((shown.meta.occurred, facts.clone())),
            _ => None,
        });
    all.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rhythm_of_follow_ups_is_kept_until_bastians_last_one() {
    let (world, ids) = (World::with_family().await, family());
    for case in [bastian(&ids), clara(&ids)] {
        let held = follow_ups(&now(&world, case));
        let days: Vec<_> = held
            .iter()
            .map(|(occurred, _)| occurred.day().to_string())
            .collect();
        assert_eq!(
            days,
            [
                "2025-03-06",
                "2025-04-24",
                "2025-06-19",
                "2025-08-14",
                "2025-10-09"
            ]
        );
        for pair in held.windows(2) {
            let rhythm = pair[0].1.next_rhythm.as_ref().unwrap();
            let kept = match (rhythm.on, rhythm.interval_weeks) {
                (Some(day), None) => day == pair[1].0.day(),
                (None, Some(weeks)) => days_between(pair[0].0, pair[1].0) == i32::from(weeks) * 7,
                _ => false,
            };
            assert!(kept, "{rhythm:?}");
        }
        assert_eq!(
            held.iter()
                .map(|(_, facts)| facts.first)
                .collect::<Vec<_>>(),
            [true, false, false, false, false]
        );
    }
    let last = |case| follow_ups(&now(&world, case)).pop().unwrap().1.next_rhythm;
    assert_eq!(
        last(bastian(&ids)).and_then(|rhythm| rhythm.interval_weeks),
        Some(8),
        "due on 2025-12-04, and not held"
    );
    assert_eq!(last(clara(&ids)), None, "the return home ends the measure");
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
    let system = now(&world, world.app.layout().system_stream());
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
        .map(|hole| (hole.stream.clone(), hole.seq))
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
    (0..check.size)
        .for_each(|position| tree.push(world.app.entry(position).unwrap().unwrap().leaf));
    assert_eq!(
        check.root.as_str(),
        tree.root().to_b64u(),
        "the root of the log at the size that was checked"
    );
    assert!(check.size > b.event(ordered).unwrap().index && check.size < world.app.size());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_responsible_municipality_stays_while_placed_and_moves_on_the_return() {
    let (world, ids) = (World::with_family().await, family());
    let changes = |reading: &Reading| -> Vec<(EventId, String, String)> {
        let all = reading
            .facts()
            .filter_map(|(event, shown)| match &shown.facts {
                Event::ResponsibleMunicipalityChanged(facts) => {
                    let from = shown
                        .meta
                        .effective_from
                        .map_or_else(String::new, |day| day.to_string());
                    Some((event.event, facts.to.to_string(), from))
                }
                _ => None,
            });
        all.collect()
    };
    assert_eq!(
        changes(&known_at(&world, clara(&ids), "2025-12-07")),
        [],
        "not when the mother moved"
    );
    let c = now(&world, clara(&ids));
    assert_eq!(
        changes(&c),
        [(
            ids.event("B43-responsible"),
            "9902".to_owned(),
            "2025-12-05".to_owned()
        )]
    );
    let Event::DecisionMade(_) = fact(&c, ids.event("B38-decide")) else {
        panic!()
    };
    let period = &c
        .event(ids.event("B38-decide"))
        .unwrap()
        .fact()
        .unwrap()
        .meta;
    let days = [period.effective_from, period.effective_to].map(|day| day.unwrap().to_string());
    assert_eq!(days, ["2025-11-03", "2025-12-05"]);
    assert_eq!(
        fact_time(&c, ids.event("B42")).day().to_string(),
        "2025-12-05",
        "before the day that the Board set"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_register_holds_every_decision_whoever_made_it() {
    let (world, ids) = (World::with_family().await, family());
    let register = |case: StreamId| {
        let all = decisions(&now(&world, case)).into_iter().map(|decision| {
            let by = match decision.made {
                Made::Administration(_) => "administration",
                Made::Provisional(_) => "chair",
                Made::Committee(_) => "committee",
            };
            (decision.event, by, decision.complaints.len())
        });
        all.collect::<Vec<_>>()
    };
    let expected = |names: &[(&str, &'static str, usize)]| {
        names
            .iter()
            .map(|(name, by, n)| (ids.event(name), *by, *n))
            .collect::<Vec<_>>()
    };
    let (chair, committee, own) = ("chair", "committee", "administration");
    let shared = [
        ("B6", chair, 0),
        ("B7-decide", own, 0),
        ("B11", committee, 0),
        ("B22", committee, 1),
    ];
    assert_eq!(
        register(bastian(&ids)),
        expected(&[shared.as_slice(), &[("B24-decide", own, 1)]].concat())
    );
    assert_eq!(
        register(clara(&ids)),
        expected(
            &[
                shared.as_slice(),
                &[("B24-decide", own, 0), ("B38-decide", own, 0)]
            ]
            .concat()
        )
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_parties_are_mother_father_and_bastian() {
    let (world, ids) = (World::with_family().await, family());
    let all = parties(
        &now(&world, bastian(&ids)),
        bastian(&ids),
        "2025-03-13".parse().unwrap(),
    );
    let row = |name: &str| {
        all.iter()
            .find(|row| row.person.person == ids.person(name))
            .unwrap()
    };
    let standing: BTreeSet<_> = all
        .iter()
        .filter(|row| row.standing.is_party())
        .map(|row| row.person.person)
        .collect();
    assert_eq!(
        standing,
        BTreeSet::from(["signe", "kasper", "bastian"].map(|name| ids.person(name)))
    );
    assert_eq!(
        (row("bastian").age, row("bastian").digital_post),
        (Some(12), Some(false))
    );
    for (of, lawyer) in [
        ("signe", "nanna"),
        ("kasper", "frederik"),
        ("bastian", "ida"),
    ] {
        let stands: Vec<_> = row(of)
            .representations
            .iter()
            .map(|stands| (stands.kind, stands.representative.person))
            .collect();
        assert_eq!(
            stands,
            [(RepresentativeKind::Advokat, ids.person(lawyer))],
            "{of}"
        );
    }
    let ended = |name: &str| {
        row(name)
            .consents
            .iter()
            .map(|consent| consent.ended.map(|(_, _, how)| how))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (ended("signe"), ended("kasper")),
        (
            vec![Some(ConsentEnd::Withdrawn)],
            vec![Some(ConsentEnd::Refused)]
        )
    );
    let of_clara = parties(
        &now(&world, clara(&ids)),
        clara(&ids),
        "2025-12-08".parse().unwrap(),
    );
    let child = of_clara
        .iter()
        .find(|row| row.person.person == ids.person("clara"))
        .unwrap();
    assert!(!child.standing.is_party());
    assert_eq!(
        child.becomes_party.map(|day| day.to_string()).as_deref(),
        Some("2028-08-19")
    );
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

#[tokio::test(flavor = "multi_thread")]
async fn the_family_is_seen_side_by_side() {
    let (world, ids) = (World::with_family().await, family());
    let cases = [bastian(&ids), clara(&ids)].map(|case| (case, now(&world, case)));
    let view = overview(&cases);
    let children: Vec<_> = view
        .children
        .iter()
        .map(|row| {
            (
                row.child.unwrap().person,
                row.status,
                row.responsible.as_ref().map(ToString::to_string),
            )
        })
        .collect();
    let expected = [
        (ids.person("bastian"), CaseStatus::Open, None),
        (
            ids.person("clara"),
            CaseStatus::Closed,
            Some("9902".to_owned()),
        ),
    ];
    assert_eq!(children, expected, "Bastian's municipality never changed");
    assert_eq!(
        view.others
            .iter()
            .map(|member| member.person.person)
            .collect::<Vec<_>>(),
        [ids.person("ufoedt")]
    );
    assert!(view.others[0].due_date.is_some());
    // The same over the API, found by the family that the cases name.
    let answer = world
        .query(&format!(
            r#"{{ case(id: "{}") {{ family }} }}"#,
            bastian(&ids)
        ))
        .await;
    let id = answer["case"]["family"].as_str().unwrap().to_owned();
    let answer = world
        .query(&format!(
            r#"{{ now: family(id: "{id}") {{ children {{ name {{ value }} status responsibleMunicipality }} others {{ dueDate {{ value }} }} }}
                 then: family(id: "{id}", at: {{ knownAt: "2025-02-01" }}) {{ children {{ status }} }} }}"#
        ))
        .await;
    let children = json!([
        { "name": { "value": "Bastian Prøve" }, "status": "OPEN", "responsibleMunicipality": null },
        { "name": { "value": "Clara Prøve" }, "status": "CLOSED", "responsibleMunicipality": "9902" },
    ]);
    assert_eq!(
        (&answer["now"]["children"], &answer["then"]),
        (&children, &json!(null))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_up_without_a_purpose_is_flagged_and_the_reader_is_not_named() {
    let (world, ids) = (World::with_family().await, family());
    let look_ups = world
        .app
        .look_ups(
            clara(&ids),
            ReadingPoint::default(),
            &tests::world::caseworker(),
        )
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
        .app
        .look_ups(
            bastian(&ids),
            ReadingPoint::default(),
            &tests::world::caseworker(),
        )
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
