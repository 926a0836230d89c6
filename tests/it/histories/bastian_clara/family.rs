//! One family with two cases: its parties, and the municipalities that are responsible for it.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::reading::Reading;
use domain::views::family::overview;
use domain::views::listing::CaseStatus;
use domain::views::parties::parties;
use domain::views::summary::summary;
use events::event::Event;
use events::ids::EventId;
use events::rights::{ConsentEnd, RepresentativeKind};
use serde_json::json;
use tests::world::{World, family};

use super::{bastian, clara, fact, fact_time, known_at, now};

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
            .map(|consent| consent.ended)
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
async fn the_family_is_seen_side_by_side() {
    let (world, ids) = (World::with_family().await, family());
    let cases = [bastian(&ids), clara(&ids)].map(|case| (case, Arc::new(now(&world, case))));
    let view = overview(&cases);
    let children: Vec<_> = view
        .children
        .iter()
        .map(|row| {
            (
                row.child.unwrap().person,
                row.status,
                row.responsible_municipality
                    .as_ref()
                    .map(ToString::to_string),
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
