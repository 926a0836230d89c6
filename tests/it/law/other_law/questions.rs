//! Questions under other law, over the API and by the program.

use app::rows::lists::ListError;
use app::rules::basis::WhatIf;
use async_graphql::Request;
use serde_json::{Value, json};
use tests::program::{run, text};
use tests::world::{ALMA, World, ids};

use super::{later, year};
use crate::law::duties::known_at;

#[tokio::test(flavor = "multi_thread")]
async fn questions_under_other_law_are_answered_in_graphql() {
    let world = World::with_alma().await;
    let (id, hash) = (ids().case(), world.public_log().newest_catalogue().hash());
    let answer = world
        .query(&format!(
            "{{ case(id: \"{id}\") {{ \
             old: obligations(whatIf: {{ rulesOf: \"2023-12-31\" }}) {{ hypothetical rule {{ id ruleSet }} basis {{ hypothesis }} }} \
             same: obligations(whatIf: {{ catalogue: \"{hash}\" }}) {{ hypothetical }} \
             held: obligations {{ hypothetical }} \
             obligationBasis(whatIf: {{ overlay: WITH }}) {{ hypothetical hypothesis hash since }} \
             dormantObligations(whatIf: {{ rulesOf: \"2023-12-31\" }}) {{ hypothetical rule {{ id }} }} \
             obligationFindings(whatIf: {{ rulesOf: \"2023-12-31\" }}) {{ hypothetical code ruleId }} }} \
             keyFigures(from: \"2024-01-01\", to: \"2024-12-31\", whatIf: {{ overlay: WITHOUT }}) {{ basis {{ hypothetical hypothesis }} }} }}"
        ))
        .await;
    let case = &answer["case"];
    let old = case["old"].as_array().unwrap();
    assert!(
        old.iter()
            .all(|duty| duty["hypothetical"] == json!(true)
                && duty["rule"]["ruleSet"] != json!("BL"))
    );
    assert_eq!(
        old[0]["basis"]["hypothesis"],
        "the rules of 2023-12-31 had held all along"
    );
    assert!(
        case["same"]
            .as_array()
            .unwrap()
            .iter()
            .all(|duty| duty["hypothetical"] == json!(true))
    );
    assert!(
        case["held"]
            .as_array()
            .unwrap()
            .iter()
            .all(|duty| duty["hypothetical"] == json!(false))
    );
    let basis = json!({
        "hypothetical": true, "hypothesis": "the municipality had been in the free-municipality trial", "hash": hash, "since": null,
    });
    assert_eq!(case["obligationBasis"], basis);
    assert_eq!(
        case["dormantObligations"],
        json!([{ "hypothetical": true, "rule": { "id": "SEL-50-7-4M" } }])
    );
    let findings = case["obligationFindings"].as_array().unwrap();
    assert!(
        !findings.is_empty()
            && findings
                .iter()
                .all(|finding| finding["hypothetical"] == json!(true)),
        "a plan was owed before the decision"
    );
    assert_eq!(
        answer["keyFigures"]["basis"],
        json!({ "hypothetical": true, "hypothesis": "there had been no free-municipality trial" })
    );
    let wrong = format!(
        "{{ case(id: \"{id}\") {{ obligations(whatIf: {{ catalogue: \"00\" }}) {{ status }} }} }}"
    );
    let response =
        api::schema::execute(&world.schema, Request::new(wrong).data(world.session())).await;
    assert_eq!(
        response.errors[0].message,
        "whatIf.catalogue: the program holds no catalogue with this hash"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_that_would_read_too_many_cases_are_refused() {
    let world = World::with_family().await;
    assert!(
        year(
            &world,
            Some(known_at("2025-06-01")),
            WhatIf::default(),
            Some(2)
        )
        .is_ok()
    );
    let refused = year(
        &world,
        Some(known_at("2025-06-01")),
        WhatIf::default(),
        Some(1),
    );
    assert!(
        matches!(refused, Err(ListError::TooMany { cases: 2, most: 1 })),
        "{refused:?}"
    );
    assert!(
        year(&world, None, WhatIf::default(), Some(1)).is_ok(),
        "rows answer without reading a case"
    );
}

#[test]
fn the_program_answers_under_other_law() {
    let dir = tempfile::tempdir().unwrap();
    let (file, rules) = (dir.path().join("alma.jsonl"), dir.path().join("rules.json"));
    std::fs::write(&file, ALMA).unwrap();
    std::fs::write(&rules, later()).unwrap();
    assert_eq!(
        run(dir.path(), &["import", file.to_str().unwrap()])
            .status
            .code(),
        Some(0)
    );
    let case = ids().case().to_string();
    let obligations = |more: &[&str]| {
        run(
            dir.path(),
            &[&["obligations", case.as_str()], more].concat(),
        )
    };
    let held = text(&obligations(&[]).stdout);
    assert!(
        held.starts_with("by rules ")
            && held.contains("the program's own; none had been put into force"),
        "{held}"
    );
    let old = text(&obligations(&["--rules-of", "2023-12-31", "--overlay", "without"]).stdout);
    let first = "HYPOTHETICAL: as if the rules of 2023-12-31 had held all along, and there had been no free-municipality trial\n";
    assert!(
        old.starts_with(first) && old.contains("SEL-140-1-PLAN") && !old.contains("BL-91-1-PLAN"),
        "{old}"
    );
    let own = obligations(&["--rules", rules.to_str().unwrap(), "--json"]);
    let own: Value = serde_json::from_slice(&own.stdout).unwrap();
    assert_eq!(
        (
            &own["obligationBasis"]["version"],
            &own["obligationBasis"]["hypothetical"]
        ),
        (&json!("2026-1"), &json!(true))
    );
    let plan = own["obligations"]
        .as_array()
        .unwrap()
        .iter()
        .find(|duty| duty["rule"]["id"] == "BL-91-1-PLAN")
        .unwrap();
    assert_eq!(
        (&plan["due"]["day"], &plan["hypothetical"]),
        (&json!("2024-06-19"), &json!(true))
    );
    let range = [
        "figures",
        "--from",
        "2024-01-01",
        "--to",
        "2024-12-31",
        "--rules",
        rules.to_str().unwrap(),
    ];
    let figures = text(&run(dir.path(), &range).stdout);
    assert!(
        figures.starts_with("HYPOTHETICAL: as if the rules 2026-1 were in force\nby rules 2026-1 "),
        "{figures}"
    );
    // A catalogue that does not fit is refused by rule and reason, as at the start of the program.
    std::fs::write(&rules, later().replacen("\"BL-91-1-PLAN\"", "\"BL-0\"", 1)).unwrap();
    let bent = obligations(&["--rules", rules.to_str().unwrap()]);
    assert_eq!(bent.status.code(), Some(1));
    let said = text(&bent.stderr);
    assert!(
        said.contains("cannot be used as a catalogue of rules") && said.contains("rule "),
        "{said}"
    );
}
