//! Decisions: shared, provisional, told on paper, and all of them in one register.

use std::collections::BTreeSet;

use domain::reading::Reading;
use domain::views::decisions::{Made, decisions};
use events::calendar::days_between;
use events::event::Event;
use events::ids::StreamId;
use events::meta::Channel;
use events::time::Occurred;
use tests::world::{World, family};

use super::{bastian, clara, fact, fact_time, now};

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
        days_between(Occurred::At(carried_out).day(), approved.day()),
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
