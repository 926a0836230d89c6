//! Both worked histories under other law: what it takes away, and what it adds.

use std::collections::BTreeSet;

use app::rules::basis::{AS_IT_IS, Overlay, WhatIf};
use domain::reading::ReadingPoint;
use events::ids::StreamId;
use tests::golden::same;
use tests::world::{World, family, ids};

use super::rules_of;
use crate::law::duties::{Names, OF_THE_RECORD, known_at, line};

/// The duties of a case at a point, each as a line.
fn duties(
    world: &World,
    case: StreamId,
    point: ReadingPoint,
    what_if: &WhatIf,
    names: &Names,
) -> Vec<String> {
    let duties = world
        .session()
        .duties(case, point, what_if)
        .unwrap()
        .unwrap();
    assert_eq!(
        duties.basis.asked.is_some(),
        what_if.asks(),
        "an answer says whether it is hypothetical"
    );
    let all = duties
        .obligations
        .iter()
        .filter(|duty| !OF_THE_RECORD.contains(&duty.rule.id.as_str()));
    all.map(|duty| line(duty, names)).collect()
}

/// What other law takes away and adds, and nothing that stays.
fn difference(
    world: &World,
    case: StreamId,
    point: ReadingPoint,
    what_if: &WhatIf,
    names: &Names,
) -> String {
    let held = duties(world, case, point, &AS_IT_IS, names);
    let supposed = duties(world, case, point, what_if, names);
    let (held_set, supposed_set): (BTreeSet<&String>, BTreeSet<&String>) =
        (held.iter().collect(), supposed.iter().collect());
    let gone = held
        .iter()
        .filter(|line| !supposed_set.contains(line))
        .map(|line| format!("- {line}\n"));
    let new = supposed
        .iter()
        .filter(|line| !held_set.contains(line))
        .map(|line| format!("+ {line}\n"));
    gone.chain(new).collect()
}

/// The laws that both histories are weighed under.
fn laws() -> [(&'static str, WhatIf); 4] {
    [
        (
            "the rules of 2023-12-31",
            rules_of("2023-12-31", Overlay::AsItWas),
        ),
        (
            "the rules of 2020-06-01 in the trial",
            rules_of("2020-06-01", Overlay::With),
        ),
        (
            "the rules of 2012-01-01",
            rules_of("2012-01-01", Overlay::AsItWas),
        ),
        (
            "no trial",
            WhatIf {
                overlay: Overlay::Without,
                ..WhatIf::default()
            },
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn golden_duties_of_the_light_history_under_other_law() {
    let (world, ids) = (World::with_alma().await, ids());
    // Nothing is waiting for its checkpoint, which would be an entry of its own.
    world.operator.checkpoint().unwrap();
    let (names, before) = (Names::of(&ids), world.public_log().size());
    let mut page = String::from(
        "# What other law takes from (-) and adds to (+) the duties of the light history, as known 2024-11-06\n",
    );
    for (law, what_if) in laws() {
        page.push_str(&format!(
            "\n{law}\n{}",
            difference(&world, ids.case(), known_at("2024-11-06"), &what_if, &names)
        ));
    }
    same("tests/golden/other-law-alma.txt", &page);
    let old = duties(
        &world,
        ids.case(),
        known_at("2024-11-06"),
        &rules_of("2023-12-31", Overlay::AsItWas),
        &names,
    );
    assert!(
        old.iter().all(|line| !line.contains(" BL-"))
            && old.iter().any(|line| line.contains(" SEL-140-1-PLAN ")),
        "{old:#?}"
    );
    let trial = duties(
        &world,
        ids.case(),
        known_at("2024-11-06"),
        &rules_of("2020-06-01", Overlay::With),
        &names,
    );
    assert!(
        trial
            .iter()
            .any(|line| line.ends_with("SUPPRESSED FRI-SUPPRESS")),
        "{trial:#?}"
    );
    assert_eq!(
        difference(
            &world,
            ids.case(),
            known_at("2024-11-06"),
            &rules_of("2024-06-01", Overlay::AsItWas),
            &names
        ),
        ""
    );
    assert_eq!(
        world.public_log().size(),
        before,
        "a question records nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn golden_duties_of_the_heavy_history_under_other_law() {
    let (world, ids) = (World::with_family().await, family());
    let names = Names::of(&ids);
    let mut page = String::from(
        "# What other law takes from (-) and adds to (+) the duties of the heavy history, as known 2025-12-08\n",
    );
    for (child, case) in [("Bastian", "B3-open-b"), ("Clara", "B3-open-c")] {
        for (law, what_if) in laws() {
            page.push_str(&format!(
                "\n{child}, {law}\n{}",
                difference(
                    &world,
                    ids.stream(case),
                    known_at("2025-12-08"),
                    &what_if,
                    &names
                )
            ));
        }
    }
    same("tests/golden/other-law-bastian-clara.txt", &page);
    // Abuse excludes the case from the trial: being in it changes nothing.
    for day in ["2020-06-01", "2018-06-01"] {
        let (with, without) = (
            rules_of(day, Overlay::With),
            rules_of(day, Overlay::Without),
        );
        let of = |what_if: &WhatIf| {
            duties(
                &world,
                ids.stream("B3-open-b"),
                known_at("2025-12-08"),
                what_if,
                &names,
            )
        };
        assert_eq!(of(&with), of(&without), "{day}");
    }
}
