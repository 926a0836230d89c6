//! Lists after corrections, annulments and merges.

use events::meta::Role;
use serde_json::json;
use tests::world::{ids, viewer};

use super::{Orders, case, found, id, person, streams, world};

async fn correct_name(orders: &mut Orders<'_>, number: u64, name: &str) {
    let input = json!({
        "target": { "stream": person(number), "event": id(4, number) }, "field": "name", "value": name, "reason": "Forkert stavet.",
        "subject": { "person": person(number), "role": "CHILD" }, "expectedVersion": orders.version(person(number)),
    });
    orders.must("correctEvent", input).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_correction_only_the_new_name_is_found() {
    let world = world().await;
    let mut orders = Orders::on(&world);
    correct_name(&mut orders, 3, "Halfdan Schmidt").await;
    assert_eq!(found(&world, "name: \"Thor\"").await, Vec::<String>::new());
    assert_eq!(
        found(&world, "name: \"Halfdan Schmidt\"").await,
        streams(&[case(2), case(3)])
    );
    let identified = json!({ "person": { "person": person(3), "role": "CHILD" }, "idNumber": "171318-0007", "source": "CPR" });
    orders
        .must(
            "identifyPerson",
            json!({ "stream": person(3), "facts": identified }),
        )
        .await;
    assert_eq!(
        found(&world, "identityNumber: \"171318-0007\", name: \"Halfdan\"").await,
        streams(&[case(2), case(3)])
    );
    let shown = world
        .query(
            "{ cases(first: 1, filter: { name: \"Halfdan\" }) { nodes { childName { value } } } }",
        )
        .await;
    assert_eq!(
        shown["cases"]["nodes"][0]["childName"]["value"],
        json!("Halfdan Schmidt")
    );
    assert!(world.operator.check_lists().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_annulled_closed_and_opened_again_is_listed_as_it_is_now() {
    let world = world().await;
    let mut orders = Orders::on(&world);
    let note = json!({ "kind": "FACT", "about": { "person": person(1), "role": "SIBLING" }, "text": "Om den forkerte." });
    orders
        .must(
            "takeNote",
            json!({ "stream": case(3), "eventId": id(6, 1), "facts": note }),
        )
        .await;
    assert_eq!(
        found(&world, "name: \"Kristoffer\"").await,
        streams(&[case(1), case(3)])
    );
    let annulled = json!({ "target": { "stream": case(3), "event": id(6, 1) }, "reason": "WRONG_PERSON", "explanation": "Det var en anden." });
    let input =
        json!({ "stream": case(3), "expectedVersion": orders.version(case(3)), "facts": annulled });
    assert_eq!(
        orders
            .give("annulEvent", input, viewer("L1", Role::Leader))
            .await["userErrors"],
        json!([])
    );
    assert_eq!(
        found(&world, "name: \"Kristoffer\"").await,
        streams(&[case(1)]),
        "whom only an annulled fact names is not in the case"
    );
    let closed = json!({ "ground": "NO_NEED", "reasons": "Intet behov.", "openObligations": [], "toldTo": [] });
    orders.must("closeCase", json!({ "stream": case(3), "expectedVersion": orders.version(case(3)), "facts": closed })).await;
    assert_eq!(
        found(&world, "status: CLOSED").await,
        streams(&[ids().case().uuid(), case(3)])
    );
    let again = json!({ "ground": "Ny underretning." });
    orders.must("reopenCase", json!({ "stream": case(3), "expectedVersion": orders.version(case(3)), "facts": again })).await;
    assert_eq!(
        found(&world, "status: OPEN").await,
        streams(&[case(1), case(2), case(3)])
    );
    let shared = json!({
        "participants": [{ "person": person(2), "role": "PARENT" }], "childTookPart": false, "basis": "CONSENT", "agreements": [],
    });
    orders
        .must(
            "holdNetworkMeeting",
            json!({ "stream": case(3), "alsoCases": [case(2)], "facts": shared }),
        )
        .await;
    assert_eq!(
        found(&world, "name: \"Wivi\"").await,
        streams(&[case(1), case(2), case(3)]),
        "a shared fact names people in every case"
    );
    assert!(world.operator.check_lists().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn either_registration_of_a_merged_person_finds_the_cases_of_both() {
    let world = world().await;
    let mut orders = Orders::on(&world);
    orders
        .register(4, "CHILD", "Torben Smed", Some("181318-0008"))
        .await;
    orders.open(4, 4, "2024-11-02").await;
    let both = [case(2), case(3), case(4)];
    let merged = json!({ "person": { "person": person(3), "role": "CHILD" }, "into": { "person": person(4), "role": "CHILD" }, "reasons": "Samme barn." });
    let input = json!({ "stream": person(3), "eventId": id(6, 2), "facts": merged });
    let outcome = orders
        .give("mergePersons", input, viewer("L1", Role::Leader))
        .await;
    assert_eq!(outcome["userErrors"], json!([]));
    for filter in [
        "name: \"Thor Schmidt\"",
        "name: \"Torben\"",
        "identityNumber: \"181318-0008\"",
    ] {
        assert_eq!(found(&world, filter).await, streams(&both), "{filter}");
    }
    assert!(world.operator.check_lists().unwrap());
    let shown = world
        .query("{ cases(filter: { name: \"Thor\" }) { nodes { childName { value } } } }")
        .await;
    assert_eq!(
        shown["cases"]["nodes"][0]["childName"]["value"],
        json!("Torben Smed"),
        "the name of the registration that goes on"
    );
    let annulled = json!({ "target": { "stream": person(3), "event": id(6, 2) }, "reason": "WRONG_PERSON", "explanation": "To børn." });
    let input = json!({ "stream": person(3), "expectedVersion": orders.version(person(3)), "facts": annulled });
    assert_eq!(
        orders
            .give("annulEvent", input, viewer("L1", Role::Leader))
            .await["userErrors"],
        json!([])
    );
    assert_eq!(
        found(&world, "identityNumber: \"181318-0008\"").await,
        streams(&[case(4)])
    );
    assert!(world.operator.check_lists().unwrap());
}
