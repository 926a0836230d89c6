//! Evidence handed out by the running service: it verifies, it is recorded once, what is withheld
//! is in no file of it, and a request that is refused leaves nothing.

use std::io::{Cursor, Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Output;
use std::time::{Duration, Instant};

use app::bundle::Withheld;
use app::document::DocumentOrder;
use domain::reading::ReadingPoint;
use events::event::Event;
use events::ids::{CommandId, StreamId};
use events::meta::{Meta, Role};
use events::text::{Line, Short};
use serde_json::{Value, json};
use tests::http::{BytesAnswer, begin, graphql, send_bytes};
use tests::program::{run, text};
use tests::world::{World, caseworker, family, ids, viewer};
use uuid::Uuid;
use verify::bundle::{NoAuthority, Trust, Verdict};
use verify::code::Code;
use verify::dossier::DossierVerdict;
use verify::files::Failure;
use verify::policy::Policy;
use verify::position::LogIndex;
use verify::zip::Zip;

use crate::anchors::look_as;
use crate::evidence::{bundle, check, codes, saying, trust, unpacked};
use crate::town::Town;

const JSON: (&str, &str) = ("content-type", "application/json");
const SENTENCE: &str = "Jeg får ondt i maven, når de råber.";

fn get(at: SocketAddr, path: &str) -> BytesAnswer {
    send_bytes(at, "GET", path, &[], &[]).unwrap()
}

fn post(at: SocketAddr, path: &str, body: &Value) -> BytesAnswer {
    send_bytes(at, "POST", path, &[JSON], body.to_string().as_bytes()).unwrap()
}

/// The order to give Alma's case to the Appeals Board, without what she said on the chat.
fn order(command: u128) -> Value {
    let event = ids().reference("A10");
    json!({
        "commandId": Uuid::from_u128(command), "kind": "BOARD_DOSSIER", "recipient": "Ankestyrelsen", "documents": true, "wait": 0,
        "withhold": [{
            "stream": event.stream, "event": event.event, "subject": ids().child(), "class": "CHILD_WISH",
            "section": "FVL § 15 b no 5", "reason": "the child asked for it",
        }],
    })
}

fn dossiers() -> String {
    format!("/dossiers/{}", ids().case())
}

fn file(world: &World, size: usize) {
    let order = DocumentOrder {
        command: CommandId::new(Uuid::from_u128(77)).unwrap(),
        event: None,
        stream: ids().case(),
        meta: Meta::at("2024-11-05".parse().unwrap()),
        title: Line::new("Udtalelse").unwrap(),
        about: None,
        file_name: Some(Short::new("udtalelse.pdf").unwrap()),
        stated: Some("application/pdf".to_owned()),
        bytes_max: 100_000_000,
    };
    let bytes: Vec<u8> = b"%PDF-1.7\n"
        .iter()
        .copied()
        .chain((0_u32..).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]))
        .take(size)
        .collect();
    world
        .app
        .file_document(&order, &mut bytes.as_slice(), &caseworker())
        .unwrap();
}

/// What an independent verifier says of a dossier.
fn whole(bytes: &[u8], trust: &Trust) -> DossierVerdict {
    let mut archive = Zip::open(Cursor::new(bytes)).unwrap_or_else(|_| panic!("no ZIP"));
    verify::dossier::check(&mut archive, trust, &NoAuthority, &mut |_, _| {}).unwrap_or_else(
        |failure| match failure {
            Failure::Finding(finding) => panic!("{finding}"),
            Failure::Read(error) => panic!("{error}"),
        },
    )
}

/// Records that two people looked at Alma's case.
async fn look(world: &World) {
    look_as(world, 1, "K1", Some("sagsbehandling")).await;
    look_as(world, 2, "K900417", None).await;
}

async fn world() -> World {
    let world = World::with_alma().await;
    world.clock.set("2024-11-12T12:00:00Z".parse().unwrap());
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_hands_out_the_bundle_that_the_program_makes() {
    let (world, town) = (world().await, Town::new());
    file(&world, 300_000);
    let at = town.show(&world.app);
    let got = get(
        at,
        &format!(
            "/bundles/{}?documents=true&pinned=1&pinned=7&wait=0",
            ids().case()
        ),
    );
    let size = world.app.snapshot(Duration::ZERO).unwrap().size();
    assert_eq!(got.status, 200, "{}", got.headers);
    for (name, value) in [
        ("content-type", "application/zip".to_owned()),
        ("content-length", got.body.len().to_string()),
        (
            "content-disposition",
            format!(
                "attachment; filename=\"bundle-{size}.zip\"; filename*=UTF-8''bundle-{size}.zip"
            ),
        ),
        ("x-content-type-options", "nosniff".to_owned()),
        ("cache-control", "no-store".to_owned()),
        ("sagsspor-size", size.to_string()),
        ("sagsspor-witnessed", "false".to_owned()),
    ] {
        assert_eq!(got.header(name), Some(value.as_str()));
    }
    let verdict = check(&got.body, &trust(&world)).unwrap();
    assert_eq!(
        verdict.events.len() as u64,
        world.app.version(ids().case()).unwrap().unwrap()
    );
    assert!(
        verdict.documents.iter().all(|document| document.present) && verdict.documents.len() == 1
    );
    assert!(
        got.body == bundle(&world, ids().case(), &Withheld::default(), &[1, 7]),
        "the same evidence makes the same file"
    );

    let global = world
        .query(&format!("{{ case(id: \"{}\") {{ id }} }}", ids().case()))
        .await["case"]["id"]
        .clone();
    for stream in [
        ids().child().person.to_string(),
        ids().stream("A5").to_string(),
        global.as_str().unwrap().to_owned(),
    ] {
        let got = get(at, &format!("/bundles/{stream}"));
        let verdict = check(&got.body, &trust(&world)).unwrap();
        assert!(
            verdict.documents.iter().all(|document| !document.present),
            "documents go along only when they are asked for"
        );
    }
    assert_eq!(
        world.app.snapshot(Duration::ZERO).unwrap().size(),
        size,
        "looking at evidence records nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_given_out_over_http_verifies_and_is_recorded_once() {
    let (world, town) = (world().await, Town::new());
    file(&world, 300_000);
    look(&world).await;
    let at = town.show(&world.app);
    let version = world.app.version(ids().case()).unwrap().unwrap();
    let made = post(at, &dossiers(), &order(1));
    assert_eq!(
        (made.status, made.header("content-type")),
        (200, Some("application/zip")),
        "{}",
        made.headers
    );
    withholds_what_it_must(&world, &made.body);
    stands_in_the_record(&world, &made);
    assert_eq!(world.app.version(ids().case()).unwrap(), Some(version + 1));
    is_told_and_not_made_again(at, &made);
    assert_eq!(
        world.app.version(ids().case()).unwrap(),
        Some(version + 1),
        "one command, one disclosure"
    );
    world.app.checkpoint().unwrap();
    assert_eq!(world.audit().tail, 0);
}

/// The case without what is withheld, and without who looked at it.
fn withholds_what_it_must(world: &World, made: &[u8]) {
    let verdict = whole(made, &trust(world));
    assert_eq!(
        (verdict.case, verdict.documents),
        (ids().case().to_string(), 1)
    );
    assert!(
        verdict
            .bundles
            .iter()
            .all(|(_, bundle)| bundle.target.is_none()),
        "who looked is not given out with the case"
    );
    let files = unpacked(made);
    assert!(ids().input("A10").to_string().contains(SENTENCE));
    assert_eq!(saying(&files, SENTENCE), [] as [String; 0]);
    assert_ne!(
        saying(&files, "FVL § 15 b no 5"),
        [] as [String; 0],
        "and each page says why"
    );
}

/// One disclosure, of that file, at the place that the answer names.
fn stands_in_the_record(world: &World, made: &BytesAnswer) {
    let (sha256, event, position) = (
        made.header("sagsspor-sha256").unwrap(),
        made.header("sagsspor-event").unwrap(),
        made.header("sagsspor-position").unwrap(),
    );
    assert_eq!(sha256, record::hash::sha256(&made.body).to_hex());
    let name = format!("dossier-{position}.zip");
    assert_eq!(
        made.header("content-disposition").unwrap(),
        format!("attachment; filename=\"{name}\"; filename*=UTF-8''{name}")
    );

    let reading = world.read(ids().case(), ReadingPoint::default()).unwrap();
    let recorded = reading.event(event.parse().unwrap()).unwrap();
    let Some(Event::DisclosureMade(facts)) = recorded.fact().map(|shown| shown.facts.clone())
    else {
        panic!("no disclosure")
    };
    assert_eq!(
        (
            recorded.index.to_string().as_str(),
            facts.recipient.as_str()
        ),
        (position, "Ankestyrelsen")
    );
    assert_eq!(
        facts.sha256.unwrap().as_str(),
        record::hash::sha256(&made.body).to_b64u()
    );
}

/// The same command again says what it did; how long is waited does not make it another one.
fn is_told_and_not_made_again(at: SocketAddr, made: &BytesAnswer) {
    let header = |name: &str| made.header(name).unwrap();
    let mut patient = order(1);
    patient["wait"] = json!(1);
    let again = post(at, &dossiers(), &patient);
    let told = again.json();
    assert_eq!(
        (again.status, &told["userErrors"][0]["code"]),
        (409, &json!("COMMAND_ALREADY_CARRIED_OUT")),
        "{told}"
    );
    assert_eq!(
        (
            &told["receipt"]["event"],
            &told["receipt"]["position"].to_string()
        ),
        (
            &json!(header("sagsspor-event")),
            &header("sagsspor-position").to_owned()
        )
    );
    assert_eq!(
        (&told["sha256"], &told["repeated"]),
        (&json!(header("sagsspor-sha256")), &json!(true))
    );
    let mut other = order(1);
    other["recipient"] = json!("Retten");
    let reused = post(at, &dossiers(), &other);
    assert_eq!(
        (reused.status, &reused.json()["userErrors"][0]["code"]),
        (422, &json!("COMMAND_ID_REUSED"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dossier_for_the_board_is_pinned_to_where_decision_and_complaint_stand() {
    let (world, town, case) = (
        World::with_family().await,
        Town::new(),
        family().stream("B3-open-b"),
    );
    let at = town.show(&world.app);
    let mut wished = order(7);
    wished["withhold"] = json!([]);
    let made = post(at, &format!("/dossiers/{case}"), &wished);
    assert_eq!(made.status, 200, "{}", text(&made.body));
    let verdict = whole(&made.body, &trust(&world));
    let appeals =
        domain::views::appeal::appeals(&world.read(case, ReadingPoint::default()).unwrap());
    let newest = appeals.appeals.last().unwrap();
    let reading = world.read(case, ReadingPoint::default()).unwrap();
    let place = |event| LogIndex::new(reading.event(event).unwrap().index);
    assert_eq!(
        verdict.occasions,
        [
            ("decision".to_owned(), place(newest.decision)),
            ("complaint".to_owned(), place(newest.complaint))
        ]
    );
    assert_eq!(
        made.header("sagsspor-missing").is_some(),
        !newest.missing.is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_comes_many_times_at_once_gives_out_once() {
    let (world, town) = (world().await, Town::new());
    let at = town.show(&world.app);
    let version = world.app.version(ids().case()).unwrap().unwrap();
    let answers: Vec<BytesAnswer> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| post(at, &dossiers(), &order(2))))
            .collect();
        asking
            .into_iter()
            .map(|asking| asking.join().unwrap())
            .collect()
    });
    let given: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status == 200)
        .collect();
    assert_eq!(
        (
            given.len(),
            answers.iter().filter(|answer| answer.status == 409).count()
        ),
        (1, 3)
    );
    let sha256 = given[0].header("sagsspor-sha256").unwrap();
    assert!(
        answers
            .iter()
            .filter(|answer| answer.status == 409)
            .all(|answer| answer.json()["sha256"] == json!(sha256))
    );
    assert_eq!(world.app.version(ids().case()).unwrap(), Some(version + 1));
}

/// What a client reads over GraphQL becomes an order when a person has added section and reason.
#[tokio::test(flavor = "multi_thread")]
async fn suggestions_become_an_order_by_section_and_reason() {
    let (world, town) = (world().await, Town::new());
    let at = town.show(&world.app);
    let query = format!(
        "{{ case(id: \"{}\") {{ withholdingSuggestions {{ stream event name subject {{ person role }} field class }} }} }}",
        ids().case()
    );
    let answer = graphql(at, &query, &Value::Null).unwrap().json();
    let mut wishes = answer["data"]["case"]["withholdingSuggestions"].clone();
    let known = world
        .app
        .suggest_withholding(ids().case(), &caseworker())
        .unwrap();
    assert_eq!(wishes.as_array().unwrap().len(), known.len());
    assert!(
        wishes
            .as_array()
            .unwrap()
            .iter()
            .any(|wish| wish["class"] == json!("NOTIFIER_CONTACT") && !wish["subject"].is_null())
    );
    let mut wished = order(3);
    wished["withhold"] = wishes.clone();
    let undecided = post(at, &dossiers(), &wished);
    let paths: Vec<Value> = undecided.json()["userErrors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["path"].clone())
        .collect();
    assert_eq!((undecided.status, paths.len()), (400, known.len() * 2));
    assert!(
        paths.contains(&json!(["withhold", "0", "section"]))
            && paths.contains(&json!(["withhold", "0", "reason"]))
    );
    for wish in wishes.as_array_mut().unwrap() {
        wish["section"] = json!("FVL § 15 b no 5");
        wish["reason"] = json!("decided one by one");
    }
    wished["withhold"] = wishes;
    let made = post(at, &dossiers(), &wished);
    assert_eq!(made.status, 200, "{}", text(&made.body));
}

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
    let at = town.show(&world.app);
    world.app.checkpoint().unwrap();
    let size = world.app.size();
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
        world.app.size(),
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
    let at = town.show(&world.app);
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
    world.app.checkpoint().unwrap();
    let size = world.app.size();
    let bodies = [
        malformed_bodies(),
        bodies_that_miss(&other),
        paths_that_are_no_case(),
    ];
    for unfit in bodies.iter().flatten() {
        unfit.is_refused(at);
    }
    assert_eq!(world.app.size(), size);
    assert_eq!(
        post(at, &dossiers(), &order(4)).status,
        200,
        "the command was never used"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_in_another_form_are_turned_away() {
    let (world, town) = (world().await, Town::new());
    let at = town.show(&world.app);
    let (case, dossiers, version) = (
        ids().case(),
        dossiers(),
        world.app.version(ids().case()).unwrap(),
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
    assert_eq!(world.app.version(case).unwrap(), version);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_gets_nothing_and_nothing_is_recorded() {
    let (world, town) = (world().await, Town::new());
    look(&world).await;
    let accesses = world.app.access_log().unwrap();
    world.app.checkpoint().unwrap();
    accesses.checkpoint().unwrap();
    let sizes = || (world.app.size(), accesses.size());
    let before = sizes();
    let case = ids().case();
    let auditor = town.show_to(&world.app, viewer("R1", Role::Auditor));
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
    let intake = town.show_to(&world.app, viewer("I1", Role::Intake));
    let answer = post(intake, &dossiers(), &order(5));
    assert_eq!(
        (answer.status, &answer.json()["userErrors"][0]["code"]),
        (403, &json!("ROLE_NOT_ALLOWED"))
    );
    assert_eq!(sizes(), before);
}

/// Asks and reads only the first bytes of the answer.
fn half(at: SocketAddr, path: &str) -> std::net::TcpStream {
    let mut stream = begin(at, "GET", path, &[], 0).unwrap();
    let mut first = [0; 16];
    stream.read_exact(&mut first).unwrap();
    assert!(first.starts_with(b"HTTP/1.1 200"), "{}", text(&first));
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn few_files_are_made_at_once_and_who_goes_away_leaves_nothing() {
    let (world, town) = (world().await, Town::new());
    file(&world, 20_000_000);
    let at = town.show(&world.app);
    let path = format!("/bundles/{}?documents=true", ids().case());
    let begun = Instant::now();
    let slow: Vec<_> = (0..4).map(|_| half(at, &path)).collect();
    let making = begun.elapsed();
    let refused = get(at, &path);
    assert_eq!(
        (
            refused.status,
            &refused.json()["errors"][0]["extensions"]["code"]
        ),
        (503, &json!("BUSY"))
    );
    assert_eq!(refused.header("retry-after"), Some("10"));
    drop(slow);
    let begun = Instant::now();
    let mut answer = get(at, &path);
    while answer.status == 503 {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "who goes away makes room"
        );
        std::thread::sleep(Duration::from_millis(20));
        answer = get(at, &path);
    }
    assert_eq!(
        check(&answer.body, &trust(&world)).unwrap().documents.len(),
        1
    );

    // A dossier takes longer than one bundle; four of those took so long.
    let version = world.app.version(ids().case()).unwrap();
    let body = order(6).to_string();
    let mut stream = begin(at, "POST", &dossiers(), &[JSON], body.len()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    drop(stream);
    std::thread::sleep(making + Duration::from_secs(1));
    assert_eq!(
        world.app.version(ids().case()).unwrap(),
        version,
        "nobody waits for it, so nothing was given out"
    );
    assert_eq!(
        post(at, &dossiers(), &order(6)).status,
        200,
        "the same command, waited for"
    );
}

fn accesses_trust(key: &str) -> Trust {
    let policy = Policy::parse(format!("log {key}\nquorum none\n").as_bytes()).unwrap();
    Trust {
        policy,
        pin: None,
        receipts: Vec::new(),
        verifying: None,
    }
}

/// What an extract of the access log must prove.
fn proves_who_looked(bytes: &[u8], trust: &Trust) {
    let verdict = check(bytes, trust).unwrap();
    assert_eq!(
        (verdict.origin.as_str(), verdict.target.as_deref()),
        (
            "log.test.invalid/0999/adgang",
            Some(ids().case().to_string().as_str())
        )
    );
    let kinds: Vec<_> = verdict
        .events
        .iter()
        .map(|event| event.kind.as_deref().unwrap())
        .collect();
    assert_eq!(kinds, ["RecordAccessed", "RecordAccessed"]);
    assert!(
        !codes(&verdict).contains("CASE_BINDING_MISSING"),
        "the case that was looked at binds it"
    );
    let files = unpacked(bytes);
    let entry = &files
        .iter()
        .find(|(path, _)| path == "data/events/000002.sd-jwt")
        .unwrap()
        .1;
    let header = record::b64u::decode(entry.split(|byte| *byte == b'.').next().unwrap()).unwrap();
    assert!(
        text(&header).contains("\"typ\":\"sag-access+sd-jwt\""),
        "{}",
        text(&header)
    );
    assert_ne!(
        saying(&files, "K900417"),
        [] as [String; 0],
        "it tells who looked"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extract_of_the_access_log_tells_who_looked_and_verifies_by_itself() {
    let (world, town) = (world().await, Town::new());
    look(&world).await;
    let at = town.show(&world.app);
    let accesses = world.app.access_log().unwrap();
    let key = accesses.verifier_key();
    let got = get(at, &format!("/bundles/{}?accesses=true", ids().case()));
    assert_eq!(got.status, 200, "{}", text(&got.body));
    proves_who_looked(&got.body, &accesses_trust(&key));
    assert_eq!(
        check(&got.body, &trust(&world)).err(),
        Some(Code::CheckpointOrigin),
        "the case log does not vouch for it"
    );
    let unseen: StreamId = ids().stream("A5");
    let nobody = get(at, &format!("/bundles/{unseen}?accesses=true"));
    assert_eq!(
        (nobody.status, &nobody.json()["userErrors"][0]["code"]),
        (404, &json!("NOBODY_LOOKED"))
    );
    drop((accesses, town));
    let whole = check(&got.body, &accesses_trust(&key)).unwrap();
    let (dir, _) = world.stop();
    the_program_makes_the_same(dir.path(), unseen, &key);
    the_program_withholds_what_it_is_told_to(dir.path(), &whole, &key);
}

/// The program writes an extract of the access log: what it says, and the file, if there is one.
fn extract(dir: &Path, case: StreamId, name: &str, more: &[&str]) -> (Output, Option<Vec<u8>>) {
    let out = dir.join(name);
    let case = case.to_string();
    let arguments = [
        &[
            "bundle",
            "--accesses",
            "--case",
            &case,
            "--out",
            out.to_str().unwrap(),
        ],
        more,
    ]
    .concat();
    (run(dir, &arguments), std::fs::read(&out).ok())
}

/// It says when there is nothing.
fn the_program_makes_the_same(dir: &Path, unseen: StreamId, key: &str) {
    let (none, file) = extract(dir, unseen, "none.zip", &[]);
    assert!(
        !none.status.success() && text(&none.stderr).contains("nobody's look at the case"),
        "{}",
        text(&none.stderr)
    );
    assert_eq!(file, None);
    let (made, file) = extract(dir, ids().case(), "whole.zip", &[]);
    assert!(
        made.status.success() && text(&made.stdout).contains("2 events"),
        "{}",
        text(&made.stderr)
    );
    proves_who_looked(&file.unwrap(), &accesses_trust(key));
}

fn the_program_withholds_what_it_is_told_to(dir: &Path, whole: &Verdict, key: &str) {
    let wishes = json!([{
        "stream": whole.stream, "event": whole.events[1].id, "field": "reader", "class": "OTHER_PERSON", "section": "FVL § 15 b no 5",
        "reason": "an employee under protection",
    }]);
    let list = dir.join("withheld.json");
    std::fs::write(&list, wishes.to_string()).unwrap();
    let (made, file) = extract(
        dir,
        ids().case(),
        "part.zip",
        &["--redact", list.to_str().unwrap()],
    );
    let file = file.unwrap_or_else(|| panic!("{}", text(&made.stderr)));
    assert_eq!(
        check(&file, &accesses_trust(key))
            .unwrap()
            .events
            .iter()
            .map(|event| event.withheld)
            .collect::<Vec<_>>(),
        [0, 1]
    );
    assert_eq!(saying(&unpacked(&file), "K900417"), [] as [String; 0]);
}
