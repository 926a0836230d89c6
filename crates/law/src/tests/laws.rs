//! What holds for any facts: an answer always, the same in any order, and nothing from the future.

use events::ids::EventId;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::story::{
    CASE, CHILD, FATHER, MOTHER, NOTICE, SIBLING, Story, id, instant, outcome, recipient, who,
};
use crate::fact::Fact;
use crate::finding::FindingKind;
use crate::obligation::Status;

/// A step: its stream, its kind and what it says.
type Step = (u128, &'static str, Value);

/// Steps that a case can take, with an earlier event to refer to.
fn steps(earlier: Option<EventId>) -> Vec<Step> {
    let refers = json!(earlier.map_or_else(|| id(0xdead), |event| json!(event)));
    [
        notification_steps(),
        examination_steps(),
        decision_steps(&refers),
        support_steps(),
        complaint_steps(&refers),
        end_steps(),
    ]
    .concat()
}

fn notification_steps() -> Vec<Step> {
    vec![
        (
            NOTICE,
            "NotificationReceived",
            json!({ "suspicions": ["ABUSE", "PARENT_SIDE"] }),
        ),
        (NOTICE, "AcuteAssessmentMade", json!({})),
        (
            NOTICE,
            "NotificationMatched",
            json!({ "running_measure": "SUPPORT_32", "flagged_siblings": [who(SIBLING)] }),
        ),
        (NOTICE, "NotificationReassessed", json!({})),
        (
            NOTICE,
            "NotifierFeedbackGiven",
            json!({ "outcome": "WITHHELD" }),
        ),
    ]
}

fn examination_steps() -> Vec<Step> {
    vec![
        (CASE, "CaseOpened", json!({})),
        (
            CASE,
            "NeedAwarenessEstablished",
            json!({ "aware_at": "2023-11-20" }),
        ),
        (
            CASE,
            "ScreeningConcluded",
            json!({ "weight": "HEAVY", "flags": ["HONOUR_RELATED", "VIOLENCE"] }),
        ),
        (CASE, "AssessmentOpened", json!({})),
        (CASE, "AssessmentReported", json!({})),
        (CASE, "ChildHeard", json!({ "occasion": "EXAMINATION" })),
        (CASE, "NetworkMeetingHeld", json!({})),
        (CASE, "NoteTaken", json!({})),
    ]
}

fn decision_steps(refers: &Value) -> Vec<Step> {
    vec![
        (
            CASE,
            "DecisionMade",
            json!({ "fully_favourable": false, "parties": [who(MOTHER), who(CHILD)] }),
        ),
        (
            CASE,
            "DecisionMade",
            json!({ "kind": "RETURN_HOME_100", "section": "BL § 100" }),
        ),
        (
            CASE,
            "DecisionCommunicated",
            json!({ "decision": refers, "recipients": [recipient(FATHER, "2024-02-01", json!({}))] }),
        ),
        (
            CASE,
            "ProvisionalDecisionMade",
            json!({ "carried_out_at": instant("2024-02-01 10:00") }),
        ),
        (CASE, "CommitteeSubmissionMade", json!({})),
        (
            CASE,
            "CommitteeDecisionMade",
            json!({ "outcomes": [outcome("APPROVAL_143", json!({}))], "approves": refers }),
        ),
        (CASE, "CommitteeDecisionMade", json!({})),
    ]
}

fn support_steps() -> Vec<Step> {
    vec![
        (CASE, "SupportStarted", json!({ "section": "BL § 47" })),
        (
            CASE,
            "FollowUpHeld",
            json!({ "first": true, "next_rhythm": { "interval_weeks": 8 } }),
        ),
        (CASE, "SupervisionVisitHeld", json!({})),
        (CASE, "SupportEnded", json!({})),
    ]
}

fn complaint_steps(refers: &Value) -> Vec<Step> {
    vec![
        (CASE, "ComplaintReceived", json!({ "decision": refers })),
        (CASE, "ComplaintReassessed", json!({ "complaint": refers })),
        (CASE, "AppealForwarded", json!({ "complaint": refers })),
        (
            CASE,
            "AppealOutcomeReceived",
            json!({ "complaint": refers }),
        ),
    ]
}

fn end_steps() -> Vec<Step> {
    vec![
        (CASE, "FileAccessRequested", json!({})),
        (CASE, "CaseClosed", json!({})),
        (CASE, "CaseReopened", json!({})),
    ]
}

pub(crate) fn story(draws: &[(usize, u16, bool)]) -> Story {
    let mut story = Story::new();
    story.family("2008-03-31");
    story.sibling();
    let mut last = None;
    for (draw, day, exact) in draws {
        let steps = steps(last);
        let (stream, kind, says) = steps[draw % steps.len()].clone();
        let date = events::calendar::add_days("2023-06-01".parse().unwrap(), day % 700);
        let when = if *exact {
            format!("{date} 1{}:00", day % 10)
        } else {
            date.to_string()
        };
        last = Some(story.on(stream, &when, kind, says));
    }
    story
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn there_is_always_an_answer_and_it_does_not_depend_on_the_order(
        draws in prop::collection::vec((0_usize..100, any::<u16>(), any::<bool>()), 0..60),
        order in any::<u64>(),
    ) {
        let story = story(&draws);
        let mut facts = story.facts();
        let evaluation = story.evaluated(&facts, "2025-03-01");
        let turn = usize::try_from(order).unwrap_or(0) % facts.len().max(1);
        facts.rotate_left(turn);
        prop_assert_eq!(&story.evaluated(&facts, "2025-03-01"), &evaluation);
        let mut sorted = evaluation.obligations.clone();
        sorted.sort_by_key(|duty| duty.trigger);
        let triggers = |duties: &[crate::obligation::Obligation<'_>]| duties.iter().map(|duty| duty.trigger).collect::<Vec<_>>();
        prop_assert_eq!(triggers(&sorted), triggers(&evaluation.obligations));
    }

    #[test]
    fn an_earlier_moment_knows_nothing_of_later_facts(
        draws in prop::collection::vec((0_usize..100, any::<u16>(), any::<bool>()), 1..40),
        day in 0_u16..700,
    ) {
        let story = story(&draws);
        let moment = format!("{} 12:30", events::calendar::add_days("2023-06-01".parse().unwrap(), day));
        let facts = story.facts();
        let past: Vec<Fact<'_>> = facts.iter().filter(|fact| fact.meta.occurred.earliest() <= instant(&moment)).copied().collect();
        let all = story.evaluated(&facts, &moment);
        prop_assert_eq!(&all.obligations, &story.evaluated(&past, &moment).obligations);
        let left_out = all.findings.iter().filter(|finding| finding.kind == FindingKind::InTheFuture).count();
        prop_assert_eq!(left_out, facts.len() - past.len());
    }

    #[test]
    fn nothing_without_a_number_is_ever_overdue_and_warnings_come_first(
        draws in prop::collection::vec((0_usize..100, any::<u16>(), any::<bool>()), 0..60),
    ) {
        for duty in story(&draws).at("2025-03-01").obligations {
            if duty.due == crate::obligation::DueAt::NoNumber {
                prop_assert!(!matches!(duty.status, Status::Overdue | Status::Lapsed));
            }
            if let (Some(warn), Some(last)) = (duty.warn_at, duty.overdue_after) {
                prop_assert!(warn <= last);
            }
            prop_assert!(duty.rule.in_force(duty.trigger.day) || !duty.remarks.is_empty(), "{} arose out of its time", duty.rule.id);
        }
    }
}

/// A case ten times longer than long ones takes a fraction of a second, even unoptimised and on a
/// busy machine; a scan of all facts for each duty and fact would take minutes.
#[test]
fn a_very_long_case_is_evaluated_at_once() {
    let draws: Vec<(usize, u16, bool)> = (0..3_000_u16)
        .map(|n| (usize::from(n) * 7, n.wrapping_mul(37), n % 3 == 0))
        .collect();
    let story = story(&draws);
    let facts = story.facts();
    let start = std::time::Instant::now();
    let duties = story.evaluated(&facts, "2025-03-01").obligations.len();
    assert!(
        duties > 3_000 && start.elapsed().as_secs() < 10,
        "{duties} duties took {:?}",
        start.elapsed()
    );
}
