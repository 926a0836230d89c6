//! What each child was asked, what was planned for it, and how it was followed up.

use std::collections::BTreeSet;

use domain::reading::Reading;
use domain::views::child_voice::child_voice;
use domain::views::goals::goals;
use domain::views::ladder::support_ladder;
use domain::views::network::network;
use events::calendar::days_between;
use events::event::Event;
use events::involvement::HearingOccasion;
use events::meta::Channel;
use events::plan::{FollowUpHeld, GoalChange};
use events::time::Occurred;
use tests::world::{Ids, World, family};

use super::{bastian, clara, fact, fact_time, now};

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
                (None, Some(weeks)) => {
                    days_between(pair[0].0.day(), pair[1].0.day()) == i32::from(weeks) * 7
                }
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
