//! The history of Alma: every expected view, today and on earlier days.

use domain::reading::{Known, ReadingPoint, instant};
use domain::views::child_voice::{Hearing, child_voice};
use domain::views::decisions::decisions;
use domain::views::goals::goals;
use domain::views::ladder::{Movement, support_ladder};
use domain::views::listing::CaseStatus;
use domain::views::network::network;
use domain::views::summary::summary;
use domain::views::timeline::timeline;
use domain::views::wellbeing::wellbeing;
use events::plan::GoalChange;
use events::support::Instrument;
use record::positions::LogIndex;
use serde_json::json;
use tests::dirs::Dirs;
use tests::world::{World, ids};

fn known_at(day: &str) -> ReadingPoint {
    ReadingPoint {
        known: Known::At(instant(day).unwrap()),
        ..ReadingPoint::default()
    }
}

fn a_chat_is_a_dialogue(chat: &Hearing) {
    assert_eq!(chat.dialogue.len(), 12, "twelve turns of a chat");
    assert_eq!(
        chat.own_words.0.len(),
        6,
        "and only her own turns are her words"
    );
    assert!(!chat.own_words.text().contains("Hej Alma"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_views_of_the_closed_case_are_as_expected() {
    let world = World::with_alma().await;
    let case = ids().case();
    let reading = world.read(case, ReadingPoint::default()).unwrap();

    let voice = child_voice(&reading);
    assert_eq!((voice.hearings.len(), voice.channels.len()), (7, 3));
    assert_eq!(
        voice.hearings[0].own_words.0.len(),
        2,
        "own words are kept, paragraph by paragraph"
    );
    a_chat_is_a_dialogue(&voice.hearings[1]);

    let goals = goals(&reading);
    assert_eq!(
        (goals[0].status, goals[0].days_to_met),
        (Some(GoalChange::Met), Some(28))
    );
    assert_eq!(
        (goals[1].status, goals[1].days_to_met),
        (Some(GoalChange::Refocused), None)
    );
    assert_ne!(goals[1].wording, goals[1].first_wording);

    let series = wellbeing(&reading);
    let child: Vec<_> = series
        .iter()
        .filter(|series| series.instrument == Instrument::Cors)
        .collect();
    let totals: Vec<_> = child[0]
        .points
        .iter()
        .map(|point| point.total().unwrap())
        .collect();
    assert_eq!(
        (totals, child[0].change()),
        (vec![211, 269, 330], Some(119))
    );
    assert_eq!(
        series
            .iter()
            .map(|series| series.points[0].total().unwrap())
            .collect::<Vec<_>>(),
        [211, 340, 224]
    );

    let ladder = support_ladder(&reading);
    let started: Vec<_> = ladder
        .steps
        .iter()
        .filter(|step| step.movement == Movement::Started)
        .map(|step| step.level)
        .collect();
    assert_eq!((started, ladder.current), (vec![Some(1), Some(2)], None));

    assert_eq!(network(&reading).resource_persons.len(), 1);
    let decisions = decisions(&reading);
    assert_eq!(
        decisions
            .iter()
            .map(|decision| decision.communicated.len())
            .collect::<Vec<_>>(),
        [3, 3]
    );

    let summary = summary(&reading, case);
    assert_eq!(summary.status, CaseStatus::Closed);
    let milestones = summary.milestones;
    assert_eq!(milestones.advice_to_notification, Some(44));
    assert_eq!(milestones.notification_to_decision, Some(29));
    assert_eq!(milestones.notification_to_start, Some(33));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_acute_assessment_reads_as_it_was_known() {
    let world = World::with_alma().await;
    let ids = ids();
    for (day, expected, corrections) in [
        ("2024-11-01", "2024-03-22T08:05:00Z", 0),
        ("2024-11-06", "2024-03-22T07:40:00Z", 1),
    ] {
        let reading = world.read(ids.case(), known_at(day)).unwrap();
        let entry = timeline(&reading)
            .into_iter()
            .find(|entry| entry.event == ids.event("A6"))
            .unwrap();
        assert_eq!(entry.told.unwrap().occurred.to_string(), expected, "{day}");
        assert_eq!(entry.corrections.len(), corrections);
        let original = entry.original.map(|told| told.occurred.to_string());
        assert_eq!(
            original,
            (corrections > 0).then(|| "2024-03-22T08:05:00Z".to_owned()),
            "the original stays readable"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_day_shows_only_what_was_known_then() {
    let world = World::with_alma().await;
    let case = ids().case();
    assert!(
        world.read(case, known_at("2024-03-21")).is_none(),
        "the case did not exist yet"
    );
    let spring = world.read(case, known_at("2024-04-19")).unwrap();
    assert_eq!(
        (
            child_voice(&spring).hearings.len(),
            decisions(&spring).len(),
            goals(&spring).len()
        ),
        (3, 1, 0)
    );
    assert_eq!(summary(&spring, case).status, CaseStatus::Open);
    // Recorded later, but by then it had not happened.
    let by = ReadingPoint {
        occurred_by: Some(instant("2024-04-09").unwrap()),
        ..ReadingPoint::default()
    };
    assert_eq!(
        child_voice(&world.read(case, by).unwrap()).hearings.len(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_answers_the_same_views() {
    let world = World::with_alma().await;
    let case = ids().case();
    let answer = world
        .query(&format!(
            r#"{{
                now: case(id: "{case}") {{
                    status milestones {{ notificationToStart }} childVoice {{ count channels }} wellbeing {{ instrument points {{ total }} }}
                    decisions {{ asKnownWhenDecided {{ childVoice {{ count }} decisions {{ event }} }} }}
                }}
                then: case(id: "{case}", at: {{ knownAt: "2024-04-10T18:00:00+02:00" }}) {{ status childVoice {{ count }} }}
                never: case(id: "{case}", at: {{ knownAt: "2023-01-01" }}) {{ status }}
                notifications {{ edges {{ node {{ assessedAfterMinutes noReceipt feedback {{ outcome }} cases }} }} }}
                cases(first: 1) {{ pageInfo {{ hasNextPage }} edges {{ node {{ status }} }} }}
            }}"#
        ))
        .await;
    let now = &answer["now"];
    assert_eq!(
        (&now["status"], &now["milestones"]["notificationToStart"]),
        (&json!("CLOSED"), &json!(33))
    );
    assert_eq!(
        now["childVoice"]["channels"],
        json!(["IN_PERSON", "HOME_VISIT", "CHAT"])
    );
    let known: Vec<_> = now["decisions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| d["asKnownWhenDecided"]["childVoice"]["count"].clone())
        .collect();
    assert_eq!(known, [json!(3), json!(7)]);
    assert_eq!(
        now["decisions"][0]["asKnownWhenDecided"]["decisions"],
        json!([]),
        "just before it was recorded"
    );
    assert_eq!(
        answer["then"],
        json!({ "status": "OPEN", "childVoice": { "count": 2 } })
    );
    assert_eq!(answer["never"], json!(null));
    let inbox = answer["notifications"]["edges"].as_array().unwrap();
    assert_eq!(
        inbox[0]["node"]["assessedAfterMinutes"],
        json!(18 * 60 + 30),
        "08:40, after the correction"
    );
    assert_eq!(
        (
            &inbox[0]["node"]["feedback"].as_array().unwrap().len(),
            &inbox[1]["node"]["noReceipt"]
        ),
        (&2, &json!("ANONYMOUS"))
    );
    assert_eq!(answer["cases"]["pageInfo"]["hasNextPage"], json!(true));
    assert_eq!(
        answer["cases"]["edges"][0]["node"]["status"],
        json!("ADVICE")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_is_proven_by_the_log() {
    let world = World::with_alma().await;
    let checkpoint = world.operator.checkpoint().unwrap();
    for position in [0, 17, 41, checkpoint.size.get() - 1] {
        let proof = world
            .session()
            .inclusion_proof(LogIndex::new(position))
            .unwrap()
            .unwrap();
        record::proof::verify_inclusion(
            &proof.leaf,
            LogIndex::new(position),
            proof.size,
            &proof.path,
            &checkpoint.root,
        )
        .unwrap();
    }
    let id = world
        .query(&format!(r#"{{ case(id: "{}") {{ id }} }}"#, ids().case()))
        .await["case"]["id"]
        .clone();
    let node = world
        .query(&format!(
            r#"{{ node(id: {id}) {{ id ... on Case {{ status }} }} }}"#
        ))
        .await;
    assert_eq!(node["node"], json!({ "id": id, "status": "CLOSED" }));
    assert_eq!(
        world.query(r#"{ node(id: "bm90aGluZw") { id } }"#).await["node"],
        json!(null)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_changes_nothing() {
    let world = World::with_alma().await;
    let case = ids().case();
    let before = world.read(case, ReadingPoint::default());
    let root = world.operator.checkpoint().unwrap().root;
    let world = world.reopen();
    assert_eq!(world.read(case, ReadingPoint::default()), before);
    assert_eq!(
        world.operator.checkpoint().unwrap().root,
        root,
        "a restart writes nothing"
    );
    let (dir, trust) = world.stop();
    std::fs::remove_dir_all(tests::world::layout(dir.path()).log_dir().join("index")).unwrap();
    assert_eq!(
        tests::world::audit(dir.path(), &trust).unwrap().holes,
        [],
        "an audit needs no index"
    );
    let clock = std::sync::Arc::new(app::clock::SetClock::new(
        "2025-01-01T00:00:00Z".parse().unwrap(),
    ));
    let operator = app::operations::operator::Operator::open(
        tests::world::layout(dir.path()),
        clock,
        &mut |_, _| {},
    )
    .unwrap();
    assert!(
        operator.report().rebuilt,
        "without its index the log is read anew"
    );
    assert_eq!(
        operator
            .session(tests::world::caseworker())
            .read(case, ReadingPoint::default())
            .unwrap()
            .as_deref(),
        before.as_ref()
    );
}
