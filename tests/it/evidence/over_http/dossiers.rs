//! Dossiers for the Appeals Board: each is recorded once, and holds nothing that is withheld.

use std::net::SocketAddr;

use domain::reading::ReadingPoint;
use events::event::Event;
use record::positions::StreamVersion;
use serde_json::{Value, json};
use tests::evidence::{saying, trust, unpacked};
use tests::http::{BytesAnswer, graphql};
use tests::loopback_servers::Town;
use tests::program::text;
use tests::world::{World, family, ids};
use verify::position::LogIndex;

use super::{SENTENCE, dossiers, file, look, order, post, whole, world};

#[tokio::test(flavor = "multi_thread")]
async fn a_case_given_out_over_http_verifies_and_is_recorded_once() {
    let (world, town) = (world().await, Town::new());
    file(&world, 300_000);
    look(&world).await;
    let at = town.show(&world.operator);
    let version = world.session().version(ids().case()).unwrap().unwrap();
    let made = post(at, &dossiers(), &order(1));
    assert_eq!(
        (made.status, made.header("content-type")),
        (200, Some("application/zip")),
        "{:?}",
        made.headers
    );
    withholds_what_it_must(&world, &made.body);
    stands_in_the_record(&world, &made);
    assert_eq!(
        world.session().version(ids().case()).unwrap(),
        Some(StreamVersion::new(version.get() + 1))
    );
    is_told_and_not_made_again(at, &made);
    assert_eq!(
        world.session().version(ids().case()).unwrap(),
        Some(StreamVersion::new(version.get() + 1)),
        "one command, one disclosure"
    );
    world.operator.checkpoint().unwrap();
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
    let at = town.show(&world.operator);
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
    let at = town.show(&world.operator);
    let version = world.session().version(ids().case()).unwrap().unwrap();
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
    assert_eq!(
        world.session().version(ids().case()).unwrap(),
        Some(StreamVersion::new(version.get() + 1))
    );
}

/// What a client reads over GraphQL becomes an order when a person has added section and reason.
#[tokio::test(flavor = "multi_thread")]
async fn suggestions_become_an_order_by_section_and_reason() {
    let (world, town) = (world().await, Town::new());
    let at = town.show(&world.operator);
    let query = format!(
        "{{ case(id: \"{}\") {{ withholdingSuggestions {{ stream event name subject {{ person role }} field class }} }} }}",
        ids().case()
    );
    let answer = graphql(at, &query, &Value::Null).unwrap().json();
    let mut wishes = answer["data"]["case"]["withholdingSuggestions"].clone();
    let known = world.session().suggest_withholding(ids().case()).unwrap();
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
