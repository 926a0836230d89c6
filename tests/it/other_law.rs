//! Duties under other law than that in force, and under that which was in force when they were
//! known.

use std::collections::BTreeSet;
use std::sync::Arc;

use app::board::ask::{BoardFilter, BoardQuery};
use app::error::ReadError;
use app::figures::{Figures, FiguresQuery};
use app::listing::ListError;
use app::rulebook::Rulebook;
use app::what_if::{AS_IT_IS, Overlay, WhatIf};
use async_graphql::Request;
use domain::reading::{Known, ReadingPoint};
use events::ids::{CommandId, StreamId};
use events::meta::Role;
use jiff::civil::date;
use law::catalogue::CATALOGUE_JSON;
use law::key_figures::summary::Length;
use law::library::built_in;
use serde_json::{Value, json};
use tests::program::{run, text};
use tests::world::{ALMA, World, caseworker, family, ids, viewer};
use uuid::Uuid;

use crate::duties::{Names, OF_THE_RECORD, known_at, line};
use crate::golden::{root, same};

/// Rules of a day, perhaps with another overlay.
fn rules_of(day: &str, overlay: Overlay) -> WhatIf {
    WhatIf {
        rules_of: Some(day.parse().unwrap()),
        overlay,
        catalogue: None,
    }
}

/// The duties of a case at a point, each as a line.
fn duties(
    world: &World,
    case: StreamId,
    point: ReadingPoint,
    what_if: &WhatIf,
    names: &Names,
) -> Vec<String> {
    let duties = world
        .app
        .duties(case, point, what_if, &caseworker())
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
    world.app.checkpoint().unwrap();
    let (names, before) = (Names::of(&ids), world.app.size());
    let mut page = String::from(
        "# What other law takes from (-) and adds to (+) the duties of the light history, as known 2024-11-06\n",
    );
    for (law, what_if) in laws() {
        page.push_str(&format!(
            "\n{law}\n{}",
            difference(&world, ids.case(), known_at("2024-11-06"), &what_if, &names)
        ));
    }
    same(&root().join("tests/golden/other-law-alma.txt"), &page);
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
    assert_eq!(world.app.size(), before, "a question records nothing");
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
    same(
        &root().join("tests/golden/other-law-bastian-clara.txt"),
        &page,
    );
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

/// The built-in catalogue with another period for the plan, as a later release.
fn later() -> String {
    let mut file: Value = serde_json::from_str(CATALOGUE_JSON).unwrap();
    file["version"] = json!("2026-1");
    let rules = file["rules"].as_array_mut().unwrap();
    rules
        .iter_mut()
        .find(|rule| rule["id"] == "BL-91-1-PLAN")
        .unwrap()["due"] = json!({ "months": 2 });
    file.to_string()
}

fn library(catalogues: &[&str]) -> &'static Rulebook {
    Box::leak(Box::new(Rulebook::of(catalogues).unwrap()))
}

fn activate(world: &World, number: u128, from: &str) -> u64 {
    let command = CommandId::new(Uuid::from_u128(number)).unwrap();
    let recording = world
        .app
        .activate_rules(
            command,
            from.parse().unwrap(),
            None,
            &viewer("rules", Role::System),
        )
        .unwrap();
    recording.receipts[0].position
}

/// When the plan is due at a point, and by which version of the rules.
fn plan(world: &World, point: ReadingPoint) -> (String, String) {
    let duties = world
        .app
        .duties(ids().case(), point, &AS_IT_IS, &caseworker())
        .unwrap()
        .unwrap();
    let plan = duties
        .obligations
        .iter()
        .find(|duty| duty.rule.id == "BL-91-1-PLAN")
        .unwrap();
    assert_eq!(duties.basis.hash, duties.catalogue.hash());
    (
        law::calendar::day_of(plan.overdue_after.unwrap()).to_string(),
        duties.basis.version,
    )
}

fn plan_on_the_board(world: &World) -> (String, String) {
    let filter = BoardFilter {
        rule: Some("BL-91-1-PLAN".into()),
        ..BoardFilter::default()
    };
    world.app.lists_ready(&mut |_, _| {}).unwrap();
    let page = world
        .app
        .board(
            &BoardQuery {
                filter,
                after: None,
                count: 5,
                at_least: Some(world.app.size()),
            },
            &caseworker(),
        )
        .unwrap();
    (
        page.edges[0].duty.due.unwrap().to_string(),
        page.basis.version,
    )
}

fn year(
    world: &World,
    point: Option<ReadingPoint>,
    what_if: WhatIf,
    read_max: Option<u64>,
) -> Result<Figures, ListError> {
    let (from, to) = (date(2024, 1, 1), date(2024, 12, 31));
    let query = FiguresQuery {
        from,
        to,
        length: Length::Year,
        by: Vec::new(),
        point,
        what_if,
        read_max,
        cases_max: 0,
        at_least: Some(world.app.size()),
    };
    world.app.key_figures(&query, &caseworker(), &mut |_, _| {})
}

fn is(day: &str, version: &str) -> (String, String) {
    (day.to_owned(), version.to_owned())
}

/// Alma's history until 1 May 2024 in a world whose program has a law.
async fn until_may(rules: &'static Rulebook) -> World {
    let world = World::under(rules);
    activate(&world, 0xac1, "2024-02-06");
    for line in ids().lines() {
        let recorded = line["input"]["source"]["recordedAt"].as_str().unwrap();
        if recorded < "2024-05-01" {
            world.line(line.clone()).await;
        }
    }
    world.clock.set("2024-05-01T10:00:00Z".parse().unwrap());
    world
}

/// The plan is due as expected in the case and on the board.
#[track_caller]
fn plan_is(world: &World, expected: &(String, String)) {
    assert_eq!(
        (
            plan(world, ReadingPoint::default()),
            plan_on_the_board(world)
        ),
        (expected.clone(), expected.clone())
    );
}

/// What is asked of a point before the activation is judged by the rules of then.
fn judged_at_points(world: &World, activated: u64, old: &(String, String), new: &(String, String)) {
    assert_eq!(plan(world, known_at("2024-05-01")), *old);
    assert_eq!(plan(world, known_at("2024-05-02")), *new);
    let before = |position| ReadingPoint {
        known: Known::Position(position),
        ..ReadingPoint::default()
    };
    assert_eq!(
        plan(world, before(activated)),
        *old,
        "in front of the activation"
    );
    assert_eq!(plan(world, before(activated + 1)), *new);
    // What had happened by an earlier day, with all that is known now: the law is known too.
    let by = ReadingPoint {
        occurred_by: domain::reading::instant("2024-05-01").ok(),
        ..ReadingPoint::default()
    };
    assert_eq!(plan(world, by), *new);
}

fn key_figures_name_the_rules_of_then(world: &World, old_version: &str) {
    let now = year(world, None, WhatIf::default(), None).unwrap().basis;
    let then = year(world, Some(known_at("2024-05-01")), WhatIf::default(), None)
        .unwrap()
        .basis;
    assert_eq!(
        (now.version, then.version),
        ("2026-1".to_owned(), old_version.to_owned())
    );
}

/// The rules of before as a question: the answer says that it is one.
fn rules_of_before_are_a_hypothesis(world: &World, old_version: &str) {
    let what_if = WhatIf {
        catalogue: Some(Arc::new(built_in().unwrap())),
        ..WhatIf::default()
    };
    let supposed = world
        .app
        .duties(
            ids().case(),
            ReadingPoint::default(),
            &what_if,
            &caseworker(),
        )
        .unwrap()
        .unwrap();
    assert_eq!(
        supposed.basis.hypothesis(),
        Some(format!("the rules {old_version} were in force"))
    );
    assert_eq!(supposed.basis.activation, None);
}

/// The answer over the API names the law, and what put it into force.
async fn the_api_names_the_law(world: &World, old_version: &str) {
    let id = ids().case();
    let answer = world
        .query(&format!(
            "{{ ruleCatalogue {{ version hash held {{ version hash }} activations {{ version held builtIn }} }} \
             case(id: \"{id}\") {{ obligations(status: [OPEN]) {{ basis {{ version hash since hypothetical }} }} }} \
             obligationBoard {{ basis {{ version }} }} }}"
        ))
        .await;
    let rules = &answer["ruleCatalogue"];
    assert_eq!(
        rules["activations"],
        json!([
            { "version": old_version, "held": true, "builtIn": false }, { "version": "2026-1", "held": true, "builtIn": true },
        ])
    );
    assert_eq!(
        (&rules["version"], rules["held"].as_array().unwrap().len()),
        (&json!("2026-1"), 2)
    );
    let basis = json!({ "version": "2026-1", "hash": rules["hash"], "since": "2024-05-02", "hypothetical": false });
    assert_eq!(answer["case"]["obligations"][0]["basis"], basis);
    assert_eq!(answer["obligationBoard"]["basis"]["version"], "2026-1");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_known_is_judged_by_the_rules_of_then() {
    let (newer, old_version) = (later(), built_in().unwrap().version().to_owned());
    let (old_only, both) = (
        library(&[CATALOGUE_JSON]),
        library(&[CATALOGUE_JSON, &newer]),
    );
    let (old, new) = (is("2024-07-19", &old_version), is("2024-06-19", "2026-1"));
    let world = until_may(old_only).await;
    plan_is(&world, &old);
    // A newer program alone changes no answer.
    let world = world.reopen_under(both);
    plan_is(&world, &old);
    world.clock.set("2024-05-02T10:00:00Z".parse().unwrap());
    let activated = activate(&world, 0xac2, "2024-05-02");
    plan_is(&world, &new);
    judged_at_points(&world, activated, &old, &new);
    assert!(world.app.check_lists().unwrap());
    key_figures_name_the_rules_of_then(&world, &old_version);
    rules_of_before_are_a_hypothesis(&world, &old_version);
    the_api_names_the_law(&world, &old_version).await;
}

fn nothing_is_judged_without_the_rules_in_force(world: &World) {
    let duties = world.app.duties(
        ids().case(),
        ReadingPoint::default(),
        &AS_IT_IS,
        &caseworker(),
    );
    assert!(
        matches!(duties, Err(ReadError::CatalogueNotHeld { ref version, .. }) if version == "2026-1"),
        "{duties:?}"
    );
    let board = world.app.board(
        &BoardQuery {
            count: 5,
            ..BoardQuery::default()
        },
        &caseworker(),
    );
    assert!(
        matches!(
            board,
            Err(ListError::Read(ReadError::CatalogueNotHeld { .. }))
        ),
        "{board:?}"
    );
    assert!(matches!(
        year(world, None, WhatIf::default(), None),
        Err(ListError::Read(ReadError::CatalogueNotHeld { .. }))
    ));
}

async fn the_api_says_which_rules_are_not_held(world: &World) {
    let id = ids().case();
    for query in [
        format!("{{ case(id: \"{id}\") {{ obligations {{ status }} }} }}"),
        "{ obligationBoard { position } }".to_owned(),
    ] {
        let response =
            api::schema::execute(&world.schema, Request::new(query).data(caseworker())).await;
        let error = &response.errors[0];
        assert_eq!(
            error.extensions.as_ref().unwrap().get("code"),
            Some(&async_graphql::Value::from("CATALOGUE_NOT_HELD"))
        );
        assert!(
            error.message.contains("under the rules 2026-1 (SHA-256 ")
                && error.message.ends_with("use a newer program"),
            "{}",
            error.message
        );
    }
}

/// The record itself goes on, and the lists of cases with it.
async fn the_lists_of_cases_go_on(world: &World) {
    world.app.lists_ready(&mut |_, _| {}).unwrap();
    assert_eq!(
        world.query("{ cases { nodes { status } } }").await["cases"]["nodes"],
        json!([{ "status": "ADVICE" }, { "status": "OPEN" }])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_that_the_program_does_not_hold_are_replaced_by_no_others() {
    let newer = later();
    let (old_only, both, new_only) = (
        library(&[CATALOGUE_JSON]),
        library(&[CATALOGUE_JSON, &newer]),
        library(&[&newer]),
    );
    let world = until_may(both).await;
    // The newest catalogue of the program was put into force from the beginning.
    assert_eq!(
        plan(&world, ReadingPoint::default()),
        is("2024-06-19", "2026-1")
    );
    let world = world.reopen_under(old_only);
    nothing_is_judged_without_the_rules_in_force(&world);
    the_api_says_which_rules_are_not_held(&world).await;
    the_lists_of_cases_go_on(&world).await;
    let position = activate(&world, 0xac3, "2024-05-01");
    assert_eq!(
        plan(&world, ReadingPoint::default()).0,
        "2024-07-19",
        "an older catalogue was put into force again"
    );
    let world = world.reopen_under(new_only);
    let point = ReadingPoint {
        known: Known::Position(position),
        ..ReadingPoint::default()
    };
    assert_eq!(
        plan(&world, point).0,
        "2024-06-19",
        "what was known before is judged by what this program holds"
    );
    let now = world.app.rules_in_force(&ReadingPoint::default());
    assert!(
        matches!(now, Err(ReadError::CatalogueNotHeld { .. })),
        "{now:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_the_program_holds_is_put_into_force_and_not_ahead() {
    let world = World::new();
    let held = world.app.newest_catalogue();
    let hash = record::b64u::encode(held.digest());
    let system = || viewer("rules", Role::System);
    let order = |number: u128, catalogue: &str, version: &str, rules: usize, from: &str| {
        json!({
            "commandId": Uuid::from_u128(number), "occurred": "2024-02-06T07:00:00Z", "effectiveFrom": from,
            "facts": { "catalogue": catalogue, "version": version, "rules": rules },
        })
    };
    let (unknown, count) = ("A".repeat(43), held.rules().len());
    for (number, input, code, field) in [
        (
            1,
            order(1, &unknown, held.version(), count, "2024-02-06"),
            "CATALOGUE_NOT_HELD",
            "catalogue",
        ),
        (
            2,
            order(2, &hash, "other", count, "2024-02-06"),
            "CATALOGUE_NOT_HELD",
            "version",
        ),
        (
            3,
            order(3, &hash, held.version(), 7, "2024-02-06"),
            "CATALOGUE_NOT_HELD",
            "rules",
        ),
        (
            4,
            order(4, &hash, held.version(), count, "2024-02-07"),
            "DATES_CONTRADICT",
            "effectiveFrom",
        ),
    ] {
        let outcome = world
            .order("activateRuleSet", input, system())
            .await
            .unwrap();
        let error = &outcome["userErrors"][0];
        assert_eq!(
            (&error["code"], error["path"].as_array().unwrap().last()),
            (&json!(code), Some(&json!(field))),
            "{number}"
        );
    }
    let outcome = world
        .order(
            "activateRuleSet",
            order(5, &hash, held.version(), count, "2024-02-06"),
            system(),
        )
        .await
        .unwrap();
    assert_eq!(outcome["userErrors"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_under_other_law_are_answered_in_graphql() {
    let world = World::with_alma().await;
    let (id, hash) = (ids().case(), world.app.newest_catalogue().hash());
    let answer = world
        .query(&format!(
            "{{ case(id: \"{id}\") {{ \
             old: obligations(whatIf: {{ rulesOf: \"2023-12-31\" }}) {{ hypothetical rule {{ id set }} basis {{ hypothesis }} }} \
             same: obligations(whatIf: {{ catalogue: \"{hash}\" }}) {{ hypothetical }} \
             held: obligations {{ hypothetical }} \
             obligationBasis(whatIf: {{ overlay: WITH }}) {{ hypothetical hypothesis hash since }} \
             dormantObligations(whatIf: {{ rulesOf: \"2023-12-31\" }}) {{ hypothetical rule {{ id }} }} \
             obligationFindings(whatIf: {{ rulesOf: \"2023-12-31\" }}) {{ hypothetical code rule }} }} \
             keyFigures(from: \"2024-01-01\", to: \"2024-12-31\", whatIf: {{ overlay: WITHOUT }}) {{ basis {{ hypothetical hypothesis }} }} }}"
        ))
        .await;
    let case = &answer["case"];
    let old = case["old"].as_array().unwrap();
    assert!(
        old.iter()
            .all(|duty| duty["hypothetical"] == json!(true) && duty["rule"]["set"] != json!("BL"))
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
        api::schema::execute(&world.schema, Request::new(wrong).data(caseworker())).await;
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
