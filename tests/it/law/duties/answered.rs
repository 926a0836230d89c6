//! Duties over the API, and rules that are put into force on the record.

use app::rules::basis::AS_IT_IS;
use events::ids::{CommandId, EventId};
use events::meta::Role;
use serde_json::{Value, json};
use tests::world::{World, caseworker, family, ids, viewer};

use super::known_at;

#[tokio::test(flavor = "multi_thread")]
async fn the_api_answers_duties_points_of_review_and_rules() {
    let world = World::with_alma().await;
    let ids = ids();
    let at = |day: &str| format!(r#"case(id: "{}", at: {{ knownAt: "{day}" }})"#, ids.case());
    let answer = world
        .query(&format!(
            r#"{{
                late: {} {{ obligations(status: [OVERDUE, OPEN]) {{
                    rule {{ id ruleSet section severity uncertain source }} arisesFrom {{ event eventType danish }} arose status metAt metBy
                    due {{ kind day }} overdueAfter ageDays remarks {{ code }}
                }} }}
                end: {} {{
                    obligations(status: [MET]) {{ rule {{ id }} lateByDays metAt metBy remarks {{ code text }} }}
                    dormantObligations {{ rule {{ id }} wouldBeDue countedFrom {{ eventType }} }}
                    obligationFindings {{ code }}
                    measurementPoints {{ point answer events }}
                }}
                ruleCatalogue {{ hash version rules {{ id section source }} activations {{ version }} }}
            }}"#,
            at("2024-08-25"),
            at("2024-11-06")
        ))
        .await;
    tells_what_was_late(&answer["late"]["obligations"]);
    tells_what_stands_in_the_end(&answer["end"], ids.event("A29-follow"));
    tells_the_points_of_review(&answer["end"]["measurementPoints"]);
    tells_the_rules(&answer["ruleCatalogue"]);
}

fn tells_what_was_late(late: &Value) {
    let late = late.as_array().unwrap();
    let own: Vec<_> = late
        .iter()
        .filter(|duty| duty["status"] == "OVERDUE")
        .collect();
    assert_eq!(own.len(), 1);
    assert_eq!(
        (&own[0]["rule"]["id"], &own[0]["due"]),
        (
            &json!("BL-95-OWN"),
            &json!({ "kind": "DAY", "day": "2024-08-21" })
        )
    );
    assert_eq!(own[0]["arisesFrom"]["eventType"], "FollowUpHeld");
    assert_eq!(
        (&own[0]["metAt"], &own[0]["metBy"]),
        (&json!(null), &json!([]))
    );
}

fn tells_what_stands_in_the_end(end: &Value, followed_up: EventId) {
    let met = end["obligations"].as_array().unwrap();
    let own = met.iter().find(|duty| duty["lateByDays"] == 7).unwrap();
    assert_eq!(
        (&own["rule"]["id"], &own["metBy"]),
        (&json!("BL-95-OWN"), &json!([followed_up]))
    );
    assert_eq!(own["remarks"][0]["code"], "DELAY_REASONS");
    assert_eq!(end["dormantObligations"][0]["wouldBeDue"], "2024-07-21");
    assert_eq!(end["obligationFindings"], json!([]));
}

fn tells_the_points_of_review(points: &Value) {
    let points = points.as_array().unwrap();
    let yes: Vec<&str> = points
        .iter()
        .filter(|point| point["answer"] == "YES")
        .map(|point| point["point"].as_str().unwrap())
        .collect();
    assert_eq!(
        yes,
        [
            "MP-01", "MP-03", "MP-04", "MP-05", "MP-10", "MP-11", "MP-12", "MP-13", "MP-14"
        ]
    );
    let late: Vec<&str> = points
        .iter()
        .filter(|point| point["answer"] == "NO")
        .map(|point| point["point"].as_str().unwrap())
        .collect();
    assert_eq!(late, ["MP-15"], "the second follow-up came seven days late");
}

fn tells_the_rules(catalogue: &Value) {
    assert_eq!(
        (
            catalogue["rules"].as_array().unwrap().len(),
            catalogue["hash"].as_str().unwrap().len()
        ),
        (103, 64)
    );
    assert_eq!(
        catalogue["activations"],
        json!([]),
        "opening a log puts nothing into force"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_to_the_statistics_office_are_not_called_overdue_in_a_single_case() {
    let world = World::with_family().await;
    for case in ["B3-open-b", "B3-open-c"] {
        let duties = world
            .session()
            .duties(family().stream(case), known_at("2025-12-08"), &AS_IT_IS)
            .unwrap()
            .unwrap();
        assert!(
            duties
                .obligations
                .iter()
                .all(|duty| !duty.rule.id.starts_with("ADM-DIB"))
        );
    }
    assert!(
        world
            .public_log()
            .newest_catalogue()
            .rule("ADM-DIB-QUARTER")
            .is_some(),
        "the rule itself stands in the catalogue"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn putting_rules_into_force_is_a_fact_of_the_log_itself() {
    let world = World::with_alma().await;
    let facts = json!({ "catalogue": "A".repeat(43), "version": "1", "rules": 3 });
    let input = json!({ "commandId": uuid::Uuid::from_u128(7), "occurred": "2024-11-05T16:00:00Z", "facts": facts });
    assert_eq!(
        world.refusal("activateRuleSet", input, caseworker()).await,
        "ROLE_NOT_ALLOWED"
    );
    let system = viewer("rules", Role::System);
    let command = CommandId::new(uuid::Uuid::from_u128(8)).unwrap();
    let from = "2024-11-01".parse().unwrap();
    let first = world
        .session_of(system.clone())
        .activate_rules(command, from, None)
        .unwrap();
    assert!(
        !first.repeated
            && world
                .session_of(system.clone())
                .activate_rules(command, from, None)
                .unwrap()
                .repeated
    );
    let answer =
        world.query("{ ruleCatalogue { version activations { version rules from builtIn held } basis { since activation hypothetical } held { version rules } } log { integrityChecks { size } } }").await;
    let version = &answer["ruleCatalogue"]["version"];
    assert_eq!(
        answer["ruleCatalogue"]["activations"],
        json!([{ "version": version, "rules": 103, "from": "2024-11-01", "builtIn": true, "held": true }])
    );
    let event = first.receipts[0].event;
    assert_eq!(
        answer["ruleCatalogue"]["basis"],
        json!({ "since": "2024-11-01", "activation": event, "hypothetical": false })
    );
    assert_eq!(
        answer["ruleCatalogue"]["held"],
        json!([{ "version": "2025-11-2", "rules": 103 }, { "version": version, "rules": 103 }])
    );
    assert_eq!(answer["log"]["integrityChecks"], json!([]));
    assert_eq!(world.audit().holes, []);
}
