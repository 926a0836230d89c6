//! GraphQL over HTTP: what is taken, and how it is answered.

use serde_json::{Value, json};
use tests::http::{graphql, send};
use tests::program::Server;

const JSON: (&str, &str) = ("content-type", "application/json");

#[test]
fn requests_are_answered_by_the_rules_of_graphql_over_http() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Server::start(dir.path());
    let at = server.address;
    let ask = |method: &str, path: &str, headers: &[(&str, &str)], body: &str| {
        send(at, method, path, headers, body).unwrap()
    };
    let query = json!({ "query": "{ log { size origin } }" }).to_string();

    let answer = ask("POST", "/graphql", &[JSON], &query);
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("application/json; charset=utf-8"))
    );
    assert_eq!(
        answer.body, r#"{"data":{"log":{"size":2,"origin":"log.test.invalid/0999/sag"}}}"#,
        "members as selected"
    );
    let new = ask(
        "POST",
        "/graphql",
        &[JSON, ("accept", "application/graphql-response+json")],
        &query,
    );
    assert_eq!(
        new.header("content-type"),
        Some("application/graphql-response+json; charset=utf-8")
    );
    assert_eq!(
        ask("GET", "/graphql?query=%7Blog%7Bsize%7D%7D", &[], "").status,
        200
    );

    let mutation = "/graphql?query=mutation%7BtakeNote%7D";
    let by_get = ask("GET", mutation, &[], "");
    assert_eq!((by_get.status, by_get.header("allow")), (405, Some("POST")));
    assert_eq!(
        ask(
            "POST",
            "/graphql",
            &[("content-type", "text/plain")],
            &query
        )
        .status,
        415
    );
    assert_eq!(
        ask("POST", "/graphql", &[JSON, ("accept", "text/html")], &query).status,
        406
    );
    for body in [
        "{",
        "[]",
        "{}",
        r#"{"query":7}"#,
        r#"{"query":"{log{size}}","variables":[]}"#,
        r#"{"query":"{log{size}}","operationName":1}"#,
    ] {
        assert_eq!(ask("POST", "/graphql", &[JSON], body).status, 400, "{body}");
    }
    for (query, code) in [
        ("{ log {", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
    ] {
        let body = json!({ "query": query }).to_string();
        let old = ask("POST", "/graphql", &[JSON], &body);
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
                "POST",
                "/graphql",
                &[JSON, ("accept", "application/graphql-response+json")],
                &body
            )
            .status,
            400
        );
    }
    assert_eq!(
        ask("POST", "/graphql", &[JSON], &"x".repeat(300_000)).status,
        413
    );
    assert_eq!(
        (
            ask("GET", "/livez", &[], "").status,
            ask("GET", "/readyz", &[], "").status
        ),
        (200, 200)
    );
    assert_eq!(ask("GET", "/nothing", &[], "").status, 404);

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
    assert!(
        server.terminate().success(),
        "it ends in order when asked to"
    );
}
