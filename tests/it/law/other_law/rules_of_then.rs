//! What was known is evaluated by the rules of then, and by no others.

use std::sync::Arc;

use app::error::ReadError;
use app::queries::board::{BoardFilter, BoardQuery};
use app::rows::lists::ListError;
use app::rules::basis::{AS_IT_IS, WhatIf};
use app::rules::rulebook::Rulebook;
use async_graphql::Request;
use domain::reading::{Known, ReadingPoint};
use events::ids::CommandId;
use events::meta::Role;
use law::catalogue::CATALOGUE_JSON;
use law::library::built_in;
use serde_json::json;
use tests::world::{World, ids, viewer};
use uuid::Uuid;

use super::{later, year};
use crate::law::duties::known_at;

fn library(catalogues: &[&str]) -> &'static Rulebook {
    Box::leak(Box::new(Rulebook::of(catalogues).unwrap()))
}

fn activate(world: &World, number: u128, from: &str) -> u64 {
    let command = CommandId::new(Uuid::from_u128(number)).unwrap();
    let recording = world
        .session_of(viewer("rules", Role::System))
        .activate_rules(command, from.parse().unwrap(), None)
        .unwrap();
    recording.receipts[0].index.get()
}

/// When the plan is due at a point, and by which version of the rules.
fn plan(world: &World, point: ReadingPoint) -> (String, String) {
    let duties = world
        .session()
        .duties(ids().case(), point, &AS_IT_IS)
        .unwrap()
        .unwrap();
    let plan = duties
        .obligations
        .iter()
        .find(|duty| duty.rule.id == "BL-91-1-PLAN")
        .unwrap();
    assert_eq!(duties.basis.hash, duties.catalogue.hash());
    (
        events::time::day_of(plan.overdue_after.unwrap()).to_string(),
        duties.basis.version,
    )
}

fn plan_on_the_board(world: &World) -> (String, String) {
    let filter = BoardFilter {
        rule: Some("BL-91-1-PLAN".into()),
        ..BoardFilter::default()
    };
    world.operator.lists_ready(&mut |_, _| {}).unwrap();
    let page = world
        .session()
        .board(&BoardQuery {
            filter,
            after: None,
            count: 5,
            at_least: Some(world.public_log().size()),
        })
        .unwrap();
    (
        page.edges[0].duty.due.unwrap().to_string(),
        page.basis.version,
    )
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
        .session()
        .duties(ids().case(), ReadingPoint::default(), &what_if)
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
    assert!(world.operator.check_lists().unwrap());
    key_figures_name_the_rules_of_then(&world, &old_version);
    rules_of_before_are_a_hypothesis(&world, &old_version);
    the_api_names_the_law(&world, &old_version).await;
}

fn nothing_is_judged_without_the_rules_in_force(world: &World) {
    let duties = world
        .session()
        .duties(ids().case(), ReadingPoint::default(), &AS_IT_IS);
    assert!(
        matches!(duties, Err(ReadError::CatalogueNotHeld { ref version, .. }) if version == "2026-1"),
        "{duties:?}"
    );
    let board = world.session().board(&BoardQuery {
        count: 5,
        ..BoardQuery::default()
    });
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
            api::schema::execute(&world.schema, Request::new(query).data(world.session())).await;
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
    world.operator.lists_ready(&mut |_, _| {}).unwrap();
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
    let now = world.public_log().rules_in_force(&ReadingPoint::default());
    assert!(
        matches!(now, Err(ReadError::CatalogueNotHeld { .. })),
        "{now:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_the_program_holds_is_put_into_force_and_not_ahead() {
    let world = World::new();
    let held = world.public_log().newest_catalogue();
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
