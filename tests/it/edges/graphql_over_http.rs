//! GraphQL over HTTP: which requests the server takes, and how it answers them. What the queries
//! mean is tested elsewhere.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tests::http::{Answer, graphql, send};
use tests::program::Server;

const JSON: (&str, &str) = ("content-type", "application/json");

fn ask(at: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    send(at, method, path, headers, body).unwrap()
}

/// A query is answered as its media types say, and over GET too.
fn queries_are_answered(at: SocketAddr, query: &str) {
    let answer = ask(at, "POST", "/graphql", &[JSON], query);
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("application/json; charset=utf-8"))
    );
    assert_eq!(
        answer.body, r#"{"data":{"log":{"size":2,"origin":"log.test.invalid/0999/sag"}}}"#,
        "members as selected"
    );
    let new = ask(
        at,
        "POST",
        "/graphql",
        &[JSON, ("accept", "application/graphql-response+json")],
        query,
    );
    assert_eq!(
        new.header("content-type"),
        Some("application/graphql-response+json; charset=utf-8")
    );
    assert_eq!(
        ask(at, "GET", "/graphql?query=%7Blog%7Bsize%7D%7D", &[], "").status,
        200
    );
}

/// A method, a media type or a body that is not to be taken is refused before it is a query.
fn what_is_no_request_is_refused(at: SocketAddr, query: &str) {
    let mutation = "/graphql?query=mutation%7BtakeNote%7D";
    let by_get = ask(at, "GET", mutation, &[], "");
    assert_eq!((by_get.status, by_get.header("allow")), (405, Some("POST")));
    assert_eq!(
        ask(
            at,
            "POST",
            "/graphql",
            &[("content-type", "text/plain")],
            query
        )
        .status,
        415
    );
    assert_eq!(
        ask(
            at,
            "POST",
            "/graphql",
            &[JSON, ("accept", "text/html")],
            query
        )
        .status,
        406
    );
    for body in [
        "{",
        "[]",
        "{}",
        r#"{"query":7}"#,
        r#"{"query":"{log{size}}","query":"{log{origin}}"}"#,
        r#"{"query":"{log{size}}","variables":{"a":{"b":1,"b":2}}}"#,
        r#"{"query":"{log{size}}","variables":[]}"#,
        r#"{"query":"{log{size}}","operationName":1}"#,
    ] {
        assert_eq!(
            ask(at, "POST", "/graphql", &[JSON], body).status,
            400,
            "{body}"
        );
    }
}

/// A document that cannot be carried out is an error in the answer; only the newer media type
/// makes a status of it.
fn documents_that_do_not_hold_are_refused(at: SocketAddr) {
    for (query, code) in [
        ("{ log {", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
    ] {
        let body = json!({ "query": query }).to_string();
        let old = ask(at, "POST", "/graphql", &[JSON], &body);
        assert_eq!(
            (
                old.status,
                old.json()["errors"][0]["extensions"]["code"].clone()
            ),
            (200, json!(code))
        );
        assert!(old.json().get("data").is_none());
        assert_eq!(
            ask(
                at,
                "POST",
                "/graphql",
                &[JSON, ("accept", "application/graphql-response+json")],
                &body
            )
            .status,
            400
        );
    }
}

/// A document that is asked again is validated once; what changes from one request to the next, its
/// operation and its variables, is looked at each time.
fn documents_are_validated_once_and_variables_each_time(at: SocketAddr) {
    let asked = |query: &str, operation: Value, variables: Value| {
        let body = json!({
            "query": query, "operationName": operation, "variables": variables,
        });
        let answer = ask(at, "POST", "/graphql", &[JSON], &body.to_string());
        serde_json::from_str::<Value>(&answer.body).unwrap()
    };
    let code = |answer: &Value| answer["errors"][0]["extensions"]["code"].clone();
    // The second operation asks for a field that there is not, and the third nests too deep.
    let deep = (0..20).fold("name".to_owned(), |inner, _| {
        format!("ofType {{ {inner} }}")
    });
    let query = format!(
        "query Size {{ log {{ size }} }} query Wrong {{ log {{ weight }} }} \
         query Deep {{ __schema {{ queryType {{ fields {{ type {{ {deep} }} }} }} }} }}"
    );
    for operation in ["Size", "Size", "Wrong", "Deep", "Size", "Wrong"] {
        let answer = asked(&query, json!(operation), json!({}));
        // Where one operation does not hold, the document does not.
        assert_eq!(code(&answer), "GRAPHQL_VALIDATION_FAILED", "{answer}");
    }
    let query = "query One($id: ID!) { case(id: $id) { status } } query Two { log { size } }";
    let none = json!("00000000-0000-4000-8000-00000000dead");
    for _ in 0..3 {
        let found = asked(query, json!("One"), json!({ "id": none }));
        assert_eq!(found, json!({ "data": { "case": null } }));
        for unfit in [
            json!({}),
            json!({ "id": null }),
            json!({ "id": { "a": 1 } }),
        ] {
            let refused = asked(query, json!("One"), unfit);
            assert_eq!(code(&refused), "BAD_USER_INPUT", "{refused}");
        }
        let size = asked(query, json!("Two"), json!({}));
        assert!(size["data"]["log"]["size"].is_u64(), "{size}");
    }
}

/// A small document that unfolds into one without end.
fn bomb_is_refused(at: SocketAddr) {
    let bomb: String = (0..40)
        .map(|level| {
            format!(
                "fragment f{level} on Query {{ ...f{n} ...f{n} }} ",
                n = level + 1
            )
        })
        .collect();
    let bomb = format!("{{ ...f0 }} {bomb} fragment f40 on Query {{ log {{ size }} }}");
    let refused = graphql(at, &bomb, &Value::Null).unwrap();
    assert_eq!(
        refused.json()["errors"][0]["extensions"]["code"],
        json!("DOCUMENT_TOO_LARGE")
    );
}

#[test]
fn requests_are_answered_by_the_rules_of_graphql_over_http() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Server::start(dir.path());
    let at = server.address;
    let query = json!({ "query": "{ log { size origin } }" }).to_string();
    queries_are_answered(at, &query);
    what_is_no_request_is_refused(at, &query);
    documents_that_do_not_hold_are_refused(at);
    assert_eq!(
        ask(at, "POST", "/graphql", &[JSON], &"x".repeat(300_000)).status,
        413
    );
    assert_eq!(
        (
            ask(at, "GET", "/livez", &[], "").status,
            ask(at, "GET", "/readyz", &[], "").status
        ),
        (200, 200)
    );
    assert_eq!(ask(at, "GET", "/nothing", &[], "").status, 404);
    documents_are_validated_once_and_variables_each_time(at);
    bomb_is_refused(at);
    assert!(
        server.terminate().success(),
        "it ends in order when asked to"
    );
}
