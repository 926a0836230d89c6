//! Orders for evidence that are refused: what does not fit is named, and nothing is recorded.

use std::net::SocketAddr;

use events::meta::Role;
use serde_json::{Value, json};
use tests::dirs::Dirs;
use tests::http::{BytesAnswer, send_bytes};
use tests::loopback_servers::Town;
use tests::world::{ids, viewer};
use uuid::Uuid;

use super::{JSON, dossiers, get, look, order, post, world};

/// A path that is refused, and which of its parameters the refusals name.
type UnfitPath = (String, u16, &'static str, Vec<&'static str>);

fn unfit_paths() -> Vec<UnfitPath> {
    let (nobody, case) = (Uuid::from_u128(5), ids().case());
    let long = format!("/bundles/{case}?wait=31&documents=yes&pinned=0&mood=x");
    vec![
        (
            format!("/bundles/{nobody}"),
            404,
            "STREAM_UNKNOWN",
            vec!["stream"],
        ),
        (
            format!("/bundles/{nobody}?accesses=true"),
            404,
            "STREAM_UNKNOWN",
            vec!["stream"],
        ),
        (
            format!("/bundles/{case}?accesses=true"),
            404,
            "NOBODY_LOOKED",
            vec!["stream"],
        ),
        (
            "/bundles/x?wait=-1".to_owned(),
            400,
            "BAD_USER_INPUT",
            vec!["stream", "wait"],
        ),
        (
            long,
            400,
            "BAD_USER_INPUT",
            vec!["wait", "documents", "pinned", "mood"],
        ),
        (
            format!("/bundles/{case}?documents=true&documents=true"),
            400,
            "BAD_USER_INPUT",
            vec!["documents"],
        ),
        (
            format!("/bundles/{case}?documents=%F"),
            400,
            "BAD_USER_INPUT",
            vec!["query"],
        ),
        (
            format!("/bundles/{case}?pinned=99999"),
            400,
            "BAD_USER_INPUT",
            vec!["pinned"],
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_parameter_that_does_not_fit_is_named_and_nothing_is_recorded() {
    let (world, town) = (world().await, Town::new());
    let at = town.show(&world.operator);
    world.operator.checkpoint().unwrap();
    let size = world.public_log().size();
    for (path, status, code, named) in unfit_paths() {
        let answer = get(at, &path);
        let errors = answer.json()["userErrors"].clone();
        let paths: Vec<&str> = errors
            .as_array()
            .unwrap()
            .iter()
            .map(|error| error["path"][0].as_str().unwrap())
            .collect();
        assert_eq!(
            (answer.status, &errors[0]["code"], paths),
            (status, &json!(code), named),
            "{path}"
        );
        assert!(
            errors
                .as_array()
                .unwrap()
                .iter()
                .all(|error| !error["message"].as_str().unwrap().is_empty())
        );
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    assert_eq!(
        world.public_log().size(),
        size,
        "nothing was recorded, and no checkpoint was needed"
    );
    assert!(
        !tests::world::layout(world.dir.path())
            .accesses()
            .log_dir()
            .exists(),
        "asking who looked begins no log"
    );
}

/// A body that is refused, and which of its members the refusals name.
struct UnfitBody {
    path: String,
    body: String,
    status: u16,
    code: &'static str,
    named: Vec<&'static str>,
}

impl UnfitBody {
    fn is_refused(&self, at: SocketAddr) {
        let body = &self.body;
        let answer = send_bytes(at, "POST", &self.path, &[JSON], body.as_bytes()).unwrap();
        let told = answer.json();
        assert!(told["userErrors"].is_array(), "{body}: {told}");
        let steps = |error: &Value| {
            error["path"]
                .as_array()
                .unwrap()
                .iter()
                .map(|step| step.as_str().unwrap())
                .collect::<Vec<_>>()
                .join(".")
        };
        let paths: Vec<String> = told["userErrors"]
            .as_array()
            .unwrap()
            .iter()
            .map(steps)
            .collect();
        assert_eq!(
            (answer.status, &told["userErrors"][0]["code"], paths),
            (
                self.status,
                &json!(self.code),
                self.named.iter().map(|name| (*name).to_owned()).collect()
            ),
            "{body}"
        );
        assert_eq!(told["receipt"], Value::Null);
    }
}

/// The order, with something else in it.
fn changed(change: impl FnOnce(&mut Value)) -> String {
    let mut body = order(4);
    change(&mut body);
    body.to_string()
}

/// Bodies that are no order at all, or hold members that no order has.
fn malformed_bodies() -> Vec<UnfitBody> {
    let many = changed(|body| {
        for (name, value) in [
            ("kind", json!("STATISTICS")),
            ("wait", json!(99)),
            ("documents", json!("yes")),
            ("mood", json!(1)),
        ] {
            body[name] = value;
        }
        body["recipient"] = Value::Null;
        body["withhold"][0]["class"] = json!("SECRET");
        body["withhold"][0]["weather"] = json!("rain");
    });
    let all = changed(|body| body["withhold"] = json!(["all"]));
    let (lacking, each_wrong) = (
        vec!["commandId", "kind", "recipient"],
        vec![
            "mood",
            "recipient",
            "documents",
            "kind",
            "wait",
            "withhold.0.weather",
            "withhold.0.class",
        ],
    );
    let malformed = |(body, named)| UnfitBody {
        path: dossiers(),
        body,
        status: 400,
        code: "BAD_USER_INPUT",
        named,
    };
    [
        ("{".to_owned(), vec!["body"]),
        ("[]".to_owned(), vec!["body"]),
        ("{}".to_owned(), lacking),
        (many, each_wrong),
        (all, vec!["withhold.0"]),
    ]
    .map(malformed)
    .into()
}

/// Orders that name what the case does not hold.
fn bodies_that_miss(other: &Value) -> Vec<UnfitBody> {
    let unknown_event = changed(|body| body["withhold"][0]["event"] = json!(ids().event("A5")));
    let other_stream = changed(|body| {
        body["withhold"][0] = json!({
            "stream": other["stream"], "event": other["event"], "class": "OTHER_PERSON", "section": "FVL § 15 b no 5", "reason": "not here",
        });
    });
    let request = changed(|body| body["request"] = json!(Uuid::from_u128(5)));
    let missing = |(body, code, named)| UnfitBody {
        path: dossiers(),
        body,
        status: 422,
        code,
        named: vec![named],
    };
    [
        (unknown_event, "TARGET_UNKNOWN", "withhold.0.event"),
        (other_stream, "TARGET_UNKNOWN", "withhold.0.stream"),
        (request, "EVENT_UNKNOWN", "request"),
    ]
    .map(missing)
    .into()
}

/// A whole order, for what is no case.
fn paths_that_are_no_case() -> Vec<UnfitBody> {
    let nobody = Uuid::from_u128(5).to_string();
    let person = ids().child().person.to_string();
    let elsewhere = |(case, status, code)| UnfitBody {
        path: format!("/dossiers/{case}"),
        body: order(4).to_string(),
        status,
        code,
        named: vec!["case"],
    };
    [
        (nobody, 404, "STREAM_UNKNOWN"),
        (person, 422, "STREAM_KIND_WRONG"),
        ("x".to_owned(), 400, "BAD_USER_INPUT"),
    ]
    .map(elsewhere)
    .into()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_member_that_does_not_fit_is_named_and_nothing_is_recorded() {
    let (world, town) = (world().await, Town::new());
    let at = town.show(&world.operator);
    let emil = json!({ "person": ids().person("emil"), "role": "CHILD" });
    let opened = json!({
        "commandId": Uuid::from_u128(70), "occurred": "2024-11-11", "facts": { "child": emil, "ground": "Prøve.", "kleNumber": "27.24.00" },
    });
    let other = world
        .order("openCase", opened, viewer("I2", Role::Intake))
        .await
        .unwrap()["receipt"]
        .clone();
    assert!(other["event"].is_string(), "another child's case");
    world.operator.checkpoint().unwrap();
    let size = world.public_log().size();
    let bodies = [
        malformed_bodies(),
        bodies_that_miss(&other),
        paths_that_are_no_case(),
    ];
    for unfit in bodies.iter().flatten() {
        unfit.is_refused(at);
    }
    assert_eq!(world.public_log().size(), size);
    assert_eq!(
        post(at, &dossiers(), &order(4)).status,
        200,
        "the command was never used"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_in_another_form_are_turned_away() {
    let (world, town) = (world().await, Town::new());
    let at = town.show(&world.operator);
    let (case, dossiers, version) = (
        ids().case(),
        dossiers(),
        world.session().version(ids().case()).unwrap(),
    );
    let body = order(4).to_string();
    let fault = |answer: BytesAnswer| {
        (
            answer.status,
            answer.json()["errors"][0]["extensions"]["code"].clone(),
        )
    };
    let send = |headers: &[(&str, &str)], body: &str| {
        fault(send_bytes(at, "POST", &dossiers, headers, body.as_bytes()).unwrap())
    };
    assert_eq!(
        send(&[("content-type", "text/plain")], &body),
        (415, json!("UNSUPPORTED_MEDIA_TYPE"))
    );
    assert_eq!(send(&[], &body), (415, json!("UNSUPPORTED_MEDIA_TYPE")));
    assert_eq!(
        send(&[JSON], &format!("{body}{}", " ".repeat(1 << 20))),
        (413, json!("BODY_TOO_LARGE"))
    );
    let foreign = ("sec-fetch-site", "cross-site");
    assert_eq!(
        send(&[JSON, foreign], &body),
        (403, json!("ORIGIN_NOT_ALLOWED"))
    );
    assert_eq!(
        fault(send_bytes(at, "GET", &format!("/bundles/{case}"), &[foreign], &[]).unwrap()),
        (403, json!("ORIGIN_NOT_ALLOWED"))
    );
    assert_eq!(
        (
            get(at, &dossiers).status,
            send_bytes(at, "POST", &format!("/bundles/{case}"), &[], &[])
                .unwrap()
                .status
        ),
        (405, 405)
    );
    assert_eq!(world.session().version(case).unwrap(), version);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_gets_nothing_and_nothing_is_recorded() {
    let (world, town) = (world().await, Town::new());
    look(&world).await;
    let accesses = world.operator.access_log().unwrap();
    world.operator.checkpoint().unwrap();
    accesses.checkpoint().unwrap();
    let sizes = || (world.public_log().size(), accesses.public_log().size());
    let before = sizes();
    let case = ids().case();
    let auditor = town.show_to(&world.operator, viewer("R1", Role::Auditor));
    for path in [
        format!("/bundles/{case}"),
        format!("/bundles/{case}?accesses=true"),
        format!("/bundles/{}", Uuid::from_u128(5)),
    ] {
        let answer = get(auditor, &path);
        assert_eq!(
            (
                answer.status,
                &answer.json()["errors"][0]["extensions"]["code"]
            ),
            (403, &json!("FORBIDDEN")),
            "{path}"
        );
    }
    let answer = post(auditor, &dossiers(), &order(5));
    assert_eq!(
        (
            answer.status,
            &answer.json()["errors"][0]["extensions"]["code"]
        ),
        (403, &json!("FORBIDDEN"))
    );
    // A role that reads and does not give out.
    let intake = town.show_to(&world.operator, viewer("I1", Role::Intake));
    let answer = post(intake, &dossiers(), &order(5));
    assert_eq!(
        (answer.status, &answer.json()["userErrors"][0]["code"]),
        (403, &json!("ROLE_NOT_ALLOWED"))
    );
    assert_eq!(sizes(), before);
}
