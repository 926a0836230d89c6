//! Pages are stable while cases are added, and what a list cannot answer is refused by name.

use std::collections::BTreeSet;

use events::meta::Role;
use serde_json::json;
use tests::world::{caseworker, ids, viewer};
use uuid::Uuid;

use super::{Orders, ask, case, list, streams, world};

/// Page by page, while three cases are added on the way; the streams in the order they are seen in.
async fn walked(orders: &mut Orders<'_>, newest_first: bool) -> Vec<String> {
    let world = orders.world;
    let order = if newest_first {
        "NEWEST_FIRST"
    } else {
        "OLDEST_FIRST"
    };
    let (mut seen, mut after, mut added) = (Vec::new(), String::new(), 0);
    loop {
        let page = world.query(&format!(
            "{{ cases(first: 2, order: {order}{after}) {{ pageInfo {{ hasNextPage hasPreviousPage endCursor }} edges {{ cursor node {{ stream }} }} }} }}"
        )).await;
        let (info, edges) = (
            &page["cases"]["pageInfo"],
            page["cases"]["edges"].as_array().unwrap(),
        );
        assert_eq!(info["hasPreviousPage"], json!(!after.is_empty()));
        seen.extend(
            edges
                .iter()
                .map(|edge| edge["node"]["stream"].as_str().unwrap().to_owned()),
        );
        if info["hasNextPage"] == json!(false) {
            break;
        }
        after = format!(", after: {}", info["endCursor"]);
        if added < 3 {
            added += 1;
            let at = orders
                .open(100 + added + u64::from(newest_first) * 10, 1, "2024-11-05")
                .await;
            world
                .query(&format!(
                    "{{ cases(first: 1, atLeast: {at}) {{ position }} }}"
                ))
                .await;
        }
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_stable_while_cases_are_added() {
    let world = world().await;
    let all = list(&world, "first: 100").await;
    let mut orders = Orders::on(&world);
    for newest_first in [false, true] {
        let mut expected = list(&world, "first: 100").await;
        let before = expected.len();
        if newest_first {
            expected.reverse();
        }
        let seen = walked(&mut orders, newest_first).await;
        // Oldest first, the added ones come behind; newest first, they come in front of the first
        // page.
        assert_eq!(seen[..before], expected);
        assert_eq!(seen.len(), if newest_first { before } else { before + 3 });
        assert_eq!(
            seen.iter().collect::<BTreeSet<_>>().len(),
            seen.len(),
            "no case comes twice"
        );
    }
    let last = list(&world, "last: 2").await;
    assert_eq!(last, list(&world, "first: 100").await[all.len() + 4..]);
    let first = world
        .query("{ cases(last: 2) { pageInfo { startCursor hasPreviousPage hasNextPage } } }")
        .await;
    assert_eq!(
        (
            &first["cases"]["pageInfo"]["hasPreviousPage"],
            &first["cases"]["pageInfo"]["hasNextPage"]
        ),
        (&json!(true), &json!(false))
    );
    let front = list(
        &world,
        &format!(
            "first: 100, before: {}",
            first["cases"]["pageInfo"]["startCursor"]
        ),
    )
    .await;
    assert_eq!(front.len(), all.len() + 4);
}

/// Arguments that no list can answer, and what the refusal of each says.
fn unanswerable(cursor: &str, size: u64) -> Vec<(String, &'static str)> {
    vec![
        (
            format!("after: \"{cursor}\""),
            "the cursor belongs to another list",
        ),
        (
            format!("after: \"{cursor}\", filter: {{ status: CLOSED }}"),
            "the cursor belongs to another list",
        ),
        (
            format!("before: \"{cursor}\", order: NEWEST_FIRST, filter: {{ status: OPEN }}"),
            "the cursor belongs to another list",
        ),
        (
            "after: \"nothing\"".to_owned(),
            "the cursor belongs to another list",
        ),
        (
            format!("after: \"{}\"", record::b64u::encode(b"0101:oldest:AAAA:1")),
            "the cursor belongs to another list",
        ),
        (
            "filter: { name: \" - \" }".to_owned(),
            "the name holds no word",
        ),
        (
            "filter: { identityNumber: \"14131\" }".to_owned(),
            "ten digits",
        ),
        (
            "filter: { status: OPEN }, at: { knownAt: \"2024-11-01\" }".to_owned(),
            "it reads the present",
        ),
        (
            format!("atLeast: {size}"),
            "the log does not hold that position yet",
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_list_cannot_answer_is_refused_by_name() {
    let world = world().await;
    let page = world
        .query("{ cases(first: 1, filter: { status: OPEN }) { edges { cursor } } }")
        .await;
    let cursor = page["cases"]["edges"][0]["cursor"].as_str().unwrap();
    assert_eq!(
        list(
            &world,
            &format!("after: \"{cursor}\", filter: {{ status: OPEN }}")
        )
        .await,
        streams(&[case(2), case(3)])
    );
    for (arguments, message) in unanswerable(cursor, world.public_log().size().get()) {
        let response = ask(
            &world,
            &format!("{{ cases({arguments}) {{ position }} }}"),
            caseworker(),
        )
        .await;
        let error = &response
            .errors
            .first()
            .unwrap_or_else(|| panic!("{arguments} was answered"));
        assert!(
            error.message.contains(message),
            "{arguments}: {}",
            error.message
        );
        let code = format!(
            "{:?}",
            error
                .extensions
                .as_ref()
                .and_then(|extensions| extensions.get("code"))
        );
        assert!(
            code.contains("BAD_USER_INPUT") || arguments.contains("14131"),
            "{arguments}: {code}"
        );
    }
    let refused = ask(
        &world,
        "{ cases(first: 1) { position } }",
        viewer("R1", Role::Auditor),
    )
    .await;
    assert_eq!(
        refused.errors.first().map(|error| error.message.as_str()),
        Some("not permitted")
    );
    let nobody = world
        .session_of(viewer("R1", Role::Auditor))
        .family(Uuid::from_u128(5).try_into().unwrap());
    assert!(nobody.is_err());
    // At an earlier moment the list is what it was, without what did not exist.
    let then = world
        .query("{ cases(first: 100, at: { knownAt: \"2024-03-25\" }) { nodes { stream status } } }")
        .await;
    let ids = ids();
    assert_eq!(
        then["cases"]["nodes"],
        json!([{ "stream": ids.stream("A1"), "status": "ADVICE" }, { "stream": ids.case(), "status": "OPEN" }])
    );
}
