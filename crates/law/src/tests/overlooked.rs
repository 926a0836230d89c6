//! What nobody touched is found, and stops being found when somebody did.

use serde_json::{Value, json};

use super::story::{MOTHER, Story, instant, outcome, recipient};
use crate::finding::FindingKind;

fn kinds(story: &Story, as_of: &str) -> Vec<FindingKind> {
    let found = story.at(as_of).findings;
    found.into_iter().map(|finding| finding.kind).collect()
}

fn child_of_2015() -> Story {
    Story::of_child("2015-05-05", "2025-01-10")
}

/// A story with one more event.
fn with(mut story: Story, when: &str, kind: &str, says: Value) -> Story {
    story.add(when, kind, says);
    story
}

#[test]
fn eleven_notifications_in_eleven_months_are_found_although_each_was_assessed() {
    let mut story = child_of_2015();
    let mut first = None;
    for month in 1..=11 {
        let day = format!("2025-{month:02}-15");
        let told = story.notice(&format!("{day} 10:00"), "NotificationReceived", json!({}));
        first.get_or_insert(told);
        story.notice(&format!("{day} 12:00"), "AcuteAssessmentMade", json!({}));
        if month == 1 {
            assert_eq!(kinds(&story, "2025-01-20"), []);
        }
    }
    let repeated = FindingKind::RepeatedWithoutScreening {
        count: 11,
        first: first.unwrap(),
    };
    assert_eq!(kinds(&story, "2025-12-01"), [repeated]);
    let looked = [
        ("ScreeningConcluded", json!({ "outcome": "NO_FURTHER" })),
        ("AssessmentOpened", json!({ "kind": "SHORT_ASSESSMENT" })),
    ];
    for (kind, says) in looked {
        let mut looked = child_of_2015();
        looked.notice("2025-02-15 10:00", "NotificationReceived", json!({}));
        looked.notice("2025-03-15 10:00", "NotificationReceived", json!({}));
        assert_eq!(kinds(&looked, "2025-04-02").len(), 1);
        assert_eq!(
            kinds(&with(looked, "2025-04-01", kind, says), "2025-04-02"),
            []
        );
    }
}

#[test]
fn an_examination_without_a_day_of_knowledge_is_found_with_the_day_that_the_record_suggests() {
    let told = || {
        let mut story = child_of_2015();
        story.notice("2025-02-03 10:00", "NotificationReceived", json!({}));
        with(story, "2025-03-01", "AssessmentOpened", json!({}))
    };
    let missing = |day: &str| FindingKind::KnowledgeNotStated {
        since: day.parse().unwrap(),
    };
    assert_eq!(kinds(&told(), "2025-04-01"), [missing("2025-02-03")]);
    let stated = with(
        told(),
        "2025-03-10",
        "NeedAwarenessEstablished",
        json!({ "aware_at": "2025-02-04" }),
    );
    assert_eq!(kinds(&stated, "2025-04-01"), []);
    // A second examination has a knowledge of its own.
    let reported = with(stated, "2025-04-01", "AssessmentReported", json!({}));
    let again = with(reported, "2025-09-01", "AssessmentOpened", json!({}));
    assert_eq!(kinds(&again, "2025-09-02"), [missing("2025-09-01")]);
}

#[test]
fn a_decision_that_reached_nobody_is_found() {
    let mut story = child_of_2015();
    let decision = story.add("2025-05-04 10:00", "DecisionMade", json!({}));
    let missing = FindingKind::DecisionNotCommunicated;
    assert!(kinds(&story, "2025-05-05").contains(&missing));
    let to = recipient(MOTHER, "2025-05-06 12:00", json!({}));
    let told = json!({ "decision": decision, "recipients": [to] });
    let told = with(story, "2025-05-06 12:00", "DecisionCommunicated", told);
    assert!(!kinds(&told, "2025-05-07").contains(&missing));
}

#[test]
fn a_placement_that_is_decided_and_never_started_is_found() {
    let decided = [
        (
            "CommitteeDecisionMade",
            json!({ "outcomes": [outcome("PLACEMENT_47", json!({}))] }),
        ),
        (
            "ProvisionalDecisionMade",
            json!({ "carried_out_at": instant("2025-05-04 12:00") }),
        ),
    ];
    for (kind, says) in decided {
        let story = with(child_of_2015(), "2025-05-04 10:00", kind, says);
        let missing = FindingKind::PlacementNotStarted;
        assert!(kinds(&story, "2025-05-05").contains(&missing), "{kind}");
        let started = json!({ "section": "BL § 47" });
        let started = with(story, "2025-05-04 12:00", "SupportStarted", started);
        assert!(!kinds(&started, "2025-05-05").contains(&missing), "{kind}");
    }
}
