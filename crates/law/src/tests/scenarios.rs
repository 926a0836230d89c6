//! The sixteen scenarios that the rules were written against.

use serde_json::json;

use super::story::{
    CATALOGUE, CHILD, MEASURE, MOTHER, NOTICE, Story, id, instant, of, one, person_id, recipient,
    stream, who, word,
};
use crate::duty::Remark;
use crate::finding::FindingKind;
use crate::obligation::DueAt;
use events::time::day_of;

fn day(text: &str) -> DueAt {
    DueAt::Day(text.parse().unwrap())
}

#[test]
fn t01_an_open_examination_goes_over_with_its_original_day() {
    let mut story = Story::of_child("2015-05-05", "2023-11-20 12:00");
    story.add(
        "2023-11-20 12:00",
        "NeedAwarenessEstablished",
        json!({ "aware_at": "2023-11-20" }),
    );
    story.add("2023-12-04 12:00", "AssessmentOpened", json!({}));
    let before = story.at("2023-12-31");
    assert_eq!(
        (
            word(one(&before, "SEL-50-7-4M")),
            of(&before, "BL-20-3-4M").len()
        ),
        ("OPEN".into(), 0)
    );
    let after = story.at("2024-01-01 00:00");
    assert_eq!(word(one(&after, "SEL-50-7-4M")), "SUCCEEDED BL-20-3-4M");
    let new = one(&after, "BL-20-3-4M");
    assert_eq!((word(new), &new.due), ("OPEN".into(), &day("2024-03-20")));
    assert!(new.remarks.contains(&Remark::CarriedFrom {
        rule: "SEL-50-7-4M".into()
    }));
    assert!(new.uncertain.iter().any(|note| note.contains("BL § 213")));
    assert_eq!(word(one(&story.at("2024-03-21"), "BL-20-3-4M")), "OVERDUE");
    assert_eq!(
        word(one(&story.at("2024-03-21"), "BL-20-3-PRELIM")),
        "OVERDUE",
        "the preliminary report was due too"
    );
}

#[test]
fn t02_a_follow_up_rhythm_goes_over_as_the_cases_own_day() {
    let mut story = Story::of_child("2015-05-05", "2023-03-01");
    story.add(
        "2023-03-10 12:00",
        "SupportStarted",
        json!({ "section": "SEL § 52, stk. 3, nr. 3" }),
    );
    story.add("2023-06-01 12:00", "FollowUpHeld", json!({ "first": true }));
    story.add("2023-10-10 12:00", "FollowUpHeld", json!({}));
    let evaluation = story.at("2024-02-01");
    let old = of(&evaluation, "SEL-70-1-6M");
    assert_eq!(
        old.iter().map(|duty| word(duty)).collect::<Vec<_>>(),
        ["MET", "SUCCEEDED BL-95-3-RHYTHM+BL-95-OWN"]
    );
    assert_eq!(old[1].due, day("2024-04-10"));
    for rule in ["BL-95-3-RHYTHM", "BL-95-OWN"] {
        assert_eq!(
            (word(one(&evaluation, rule)), &one(&evaluation, rule).due),
            ("OPEN".into(), &day("2024-04-10")),
            "{rule}"
        );
    }
    let rhythm = json!({ "next_rhythm": { "interval_weeks": 8 }, "rhythm_reasons": ["x"], "rhythm_told_to": [who(CHILD), who(MOTHER)] });
    story.add("2024-04-08 12:00", "FollowUpHeld", rhythm);
    let after = story.at("2024-04-09");
    assert_eq!(word(one(&after, "BL-95-3-RHYTHM")), "MET");
    let own: Vec<_> = of(&after, "BL-95-OWN")
        .iter()
        .map(|duty| (word(duty), duty.due.clone()))
        .collect();
    assert_eq!(
        own,
        [
            ("MET".into(), day("2024-04-10")),
            ("OPEN".into(), day("2024-06-03"))
        ]
    );
}

#[test]
fn t03_an_old_plan_is_not_asked_for_anew_by_the_change_of_law() {
    let mut story = Story::of_child("2015-05-05", "2022-01-10");
    let decided = json!({ "section": "SEL § 52, stk. 3, nr. 3" });
    story.add(
        "2022-02-01 12:00",
        "PlanAdopted",
        json!({ "kind": "ACTION_PLAN" }),
    );
    story.add("2022-02-02 12:00", "DecisionMade", decided);
    story.add(
        "2022-02-05 12:00",
        "SupportStarted",
        json!({ "section": "SEL § 52, stk. 3, nr. 3" }),
    );
    let evaluation = story.at("2024-06-01");
    assert_eq!(word(one(&evaluation, "SEL-140-1-PLAN")), "MET");
    for rule in ["BL-91-1-PLAN", "BL-91-1-POSITION", "BL-91-2-PLAN"] {
        assert!(of(&evaluation, rule).is_empty(), "{rule}");
    }
}

/// A light course of 2019: notification, examination, measure, two follow-ups.
pub(super) fn course_of_2019(municipality: &str) -> Story {
    let mut story = Story::of_child("2010-05-05", "2019-03-05 12:00");
    story.circumstances.municipality = municipality.into();
    story.circumstances.approvals = CATALOGUE.approvals().to_vec();
    story.notice("2019-03-04 10:00", "NotificationReceived", json!({}));
    story.notice("2019-03-04 15:00", "AcuteAssessmentMade", json!({}));
    story.add(
        "2019-03-05 12:00",
        "NeedAwarenessEstablished",
        json!({ "aware_at": "2019-03-04" }),
    );
    story.add("2019-03-06 12:00", "AssessmentOpened", json!({}));
    story.add(
        "2019-04-01 12:00",
        "DecisionMade",
        json!({ "section": "SEL § 52, stk. 3, nr. 3" }),
    );
    story.add(
        "2019-04-03 12:00",
        "SupportStarted",
        json!({ "section": "SEL § 52, stk. 3, nr. 3" }),
    );
    story.add("2019-06-20 12:00", "FollowUpHeld", json!({ "first": true }));
    story
}

#[test]
fn t04_the_trial_lifts_its_duties_and_keeps_the_others() {
    let story = course_of_2019("0756");
    let evaluation = story.at("2019-09-01");
    for rule in [
        "SEL-50-7-4M",
        "SEL-50-3-TALK",
        "SEL-48-TALK",
        "SEL-140-1-PLAN",
        "SEL-155B-2-FEEDBACK",
    ] {
        assert_eq!(
            word(one(&evaluation, rule)),
            "SUPPRESSED FRI-SUPPRESS",
            "{rule}"
        );
    }
    assert_eq!(word(one(&evaluation, "SEL-155-2-24H")), "MET");
    assert_eq!(
        word(one(&evaluation, "SEL-155B-1-ACK")),
        "OVERDUE",
        "receipts were never lifted"
    );
    assert_eq!(
        word(one(&evaluation, "SEL-70-1-3M")),
        "SUPPRESSED FRI-10-8-3M"
    );
    assert_eq!(
        (
            word(one(&evaluation, "FRI-10-8-3M")),
            &one(&evaluation, "FRI-10-8-3M").due
        ),
        ("MET".into(), &day("2019-07-03"))
    );
    assert_eq!(
        (
            word(one(&evaluation, "FRI-10-8-6M")),
            &one(&evaluation, "FRI-10-8-6M").due
        ),
        ("OPEN".into(), &day("2019-12-20"))
    );
    assert_eq!(word(one(&evaluation, "FRI-10-7-DESCRIPTION")), "OPEN");
}

#[test]
fn t05_a_flag_takes_the_duties_up_again() {
    let mut story = course_of_2019("0756");
    let flag = story.add(
        "2019-03-20 12:00",
        "ScreeningConcluded",
        json!({ "flags": ["VIOLENCE"] }),
    );
    let evaluation = story.at("2019-09-01");
    let examination = one(&evaluation, "SEL-50-7-4M");
    assert_eq!(
        (word(examination), &examination.due),
        ("OVERDUE".into(), &day("2019-07-04"))
    );
    assert_eq!(
        examination.remarks,
        [Remark::AroseLate {
            event: flag,
            since: "2019-03-20".parse().unwrap()
        }]
    );
    assert!(
        examination
            .uncertain
            .iter()
            .any(|note| note.contains("taken up again"))
    );
    assert_eq!(
        word(one(&evaluation, "SEL-48-TALK")),
        "OVERDUE",
        "the decision came after the flag: the Act as it is"
    );
    assert_eq!(word(one(&evaluation, "SEL-70-1-3M")), "MET");
    assert!(
        of(&evaluation, "FRI-10-8-3M").is_empty()
            && of(&evaluation, "FRI-10-7-DESCRIPTION").is_empty()
    );
    let before = story.at("2019-03-19");
    assert_eq!(
        word(one(&before, "SEL-50-7-4M")),
        "SUPPRESSED FRI-SUPPRESS",
        "as it stood before the flag"
    );
}

#[test]
fn t06_a_municipality_outside_the_trial_owes_everything() {
    let evaluation = course_of_2019("0657").at("2019-09-01");
    assert!(
        !evaluation
            .obligations
            .iter()
            .any(|duty| word(duty).starts_with("SUPPRESSED") || duty.rule.id.starts_with("FRI"))
    );
    assert_eq!(word(one(&evaluation, "SEL-50-7-4M")), "OVERDUE");
}

#[test]
fn t07_the_fresh_look_was_narrowed_in_2025() {
    for (received, wide, narrow) in [("2024-11-15", 1, 0), ("2025-02-15", 0, 0)] {
        let mut story = Story::of_child("2015-05-05", "2024-01-10");
        story.notice(
            &format!("{received} 10:00"),
            "NotificationReceived",
            json!({}),
        );
        story.notice(
            &format!("{received} 11:00"),
            "NotificationMatched",
            json!({ "running_measure": "EARLY_30" }),
        );
        let evaluation = story.at("2025-03-01");
        assert_eq!(
            of(&evaluation, "BL-137-1-REASSESS-24").len(),
            wide,
            "{received}"
        );
        assert_eq!(
            of(&evaluation, "BL-137-1-REASSESS-25").len(),
            narrow,
            "{received}"
        );
        if wide == 1 {
            assert!(
                one(&evaluation, "BL-137-1-REASSESS-24")
                    .uncertain
                    .iter()
                    .any(|note| note.contains("BL § 30"))
            );
        }
    }
}

#[test]
fn t08_notifications_before_october_2013_have_no_clock() {
    for (received, count) in [("2013-09-30 10:00", 0), ("2013-10-01 10:00", 1)] {
        let mut story = Story::new();
        story.notice(received, "NotificationReceived", json!({}));
        let evaluation = story.at("2013-12-01");
        for rule in ["SEL-155-2-24H", "SEL-155B-2-FEEDBACK"] {
            assert_eq!(of(&evaluation, rule).len(), count, "{received} {rule}");
        }
    }
}

#[test]
fn t09_receipts_leave_store_bededag_out_until_2023() {
    let cases = [
        (
            "2023-04-27 09:00",
            "SEL-155B-1-ACK",
            "2023-05-08",
            "2023-05-04",
        ),
        (
            "2024-04-25 09:00",
            "BL-138-1-ACK",
            "2024-05-03",
            "2024-05-02",
        ),
    ];
    for (received, rule, due, warn) in cases {
        let mut story = Story::new();
        story.notice(received, "NotificationReceived", json!({}));
        let evaluation = story.at(&received[..10]);
        let receipt = one(&evaluation, rule);
        assert_eq!(receipt.due, day(due));
        assert_eq!(
            (receipt.warn_at, receipt.overdue_after),
            (Some(instant(warn)), Some(instant(due)))
        );
    }
}

#[test]
fn t10_a_citizens_period_rolls_and_the_authoritys_does_not() {
    let mut story = Story::of_child("2015-05-05", "2025-01-10");
    let decision = story.add(
        "2025-03-20 10:00",
        "DecisionMade",
        json!({ "fully_favourable": false, "parties": [who(MOTHER)] }),
    );
    let told = json!({ "decision": decision, "recipients": [recipient(MOTHER, "2025-03-20 12:00", json!({}))] });
    story.add("2025-03-20 12:00", "DecisionCommunicated", told);
    story.add(
        "2025-03-20 14:00",
        "ComplaintReceived",
        json!({ "decision": decision }),
    );
    let evaluation = story.at("2025-03-21");
    assert_eq!(
        one(&evaluation, "ADM-RSL67-COMPLAIN").due,
        day("2025-04-22")
    );
    assert_eq!(one(&evaluation, "ADM-RSB11-4W").due, day("2025-04-17"));
}

#[test]
fn t11_the_examination_before_birth_ends_with_the_shorter_month() {
    let mut story = Story::new();
    story.on(
        CHILD,
        "2025-05-31",
        "PersonRegistered",
        json!({ "person": who(CHILD), "name": "Ufødt Prøve", "due_date": "2025-11-20" }),
    );
    story.notice(
        "2025-05-31 09:00",
        "NotificationReceived",
        json!({ "unborn": true }),
    );
    story.add("2025-06-02 09:00", "CaseOpened", json!({}));
    story.add(
        "2025-06-02 09:30",
        "NeedAwarenessEstablished",
        json!({ "aware_at": "2025-05-31" }),
    );
    let evaluation = story.at("2025-06-10");
    assert_eq!(one(&evaluation, "BL-26-3-4M").due, day("2025-09-30"));
    assert!(of(&evaluation, "BL-20-3-4M").is_empty());
}

#[test]
fn t12_twenty_four_hours_pass_over_the_shift_of_clocks() {
    let mut story = Story::new();
    story.notice("2025-03-29 20:00", "NotificationReceived", json!({}));
    let evaluation = story.at("2025-03-30 20:30");
    let acute = one(&evaluation, "BL-136-2-24H");
    assert_eq!(
        (word(acute), &acute.due),
        ("OPEN".into(), &DueAt::Instant(instant("2025-03-30 21:00")))
    );
    assert_eq!(
        word(one(&story.at("2025-03-30 21:01"), "BL-136-2-24H")),
        "OVERDUE"
    );
}

#[test]
fn t13_a_child_who_becomes_a_party_is_pointed_at() {
    let mut story = Story::of_child("2015-05-05", "2025-01-10");
    let decision = story.add("2025-05-04 10:00", "DecisionMade", json!({}));
    let told = json!({ "decision": decision, "recipients": [recipient(MOTHER, "2025-05-06 12:00", json!({}))] });
    let told = story.add("2025-05-06 12:00", "DecisionCommunicated", told);
    let evaluation = story.at("2025-05-07");
    let found = evaluation
        .findings
        .iter()
        .find(|finding| finding.event == told)
        .unwrap();
    assert_eq!(
        found.kind,
        FindingKind::PartyListChanged {
            birthday: "2025-05-05".parse().unwrap()
        }
    );
    let hearing = |day| {
        of(&story.at(day), "ADM-FVL19-HEAR")
            .iter()
            .map(|duty| duty.subject)
            .collect::<Vec<_>>()
    };
    assert!(
        !hearing("2025-05-07").contains(&Some(person_id(CHILD))),
        "not a party when it was decided"
    );
}

#[test]
fn t14_a_correction_turns_late_into_in_time() {
    let mut original = Story::new();
    original.notice("2024-03-21 14:10", "NotificationReceived", json!({}));
    original.notice("2024-03-22 16:10", "AcuteAssessmentMade", json!({}));
    let mut corrected = Story::new();
    corrected.notice("2024-03-21 14:10", "NotificationReceived", json!({}));
    corrected.notice("2024-03-22 13:10", "AcuteAssessmentMade", json!({}));
    assert_eq!(
        word(one(&original.at("2024-03-22 15:00"), "BL-136-2-24H")),
        "OVERDUE"
    );
    assert_eq!(
        word(one(&original.at("2024-04-01"), "BL-136-2-24H")),
        "MET late 120 min"
    );
    assert_eq!(
        word(one(&corrected.at("2024-04-01"), "BL-136-2-24H")),
        "MET"
    );
}

#[test]
fn t15_what_was_matched_to_the_wrong_child_vanishes_with_the_annulment() {
    let mut story = Story::of_child("2015-05-05", "2024-01-10");
    let received = story.notice("2024-03-21 14:10", "NotificationReceived", json!({}));
    let matched = story.notice(
        "2024-03-22 09:00",
        "NotificationMatched",
        json!({ "running_measure": "SUPPORT_32" }),
    );
    assert_eq!(of(&story.at("2024-04-01"), "BL-137-1-REASSESS-24").len(), 1);
    let after = story.evaluated(&story.without(&[matched]), "2024-04-01");
    assert!(of(&after, "BL-137-1-REASSESS-24").is_empty());
    let wrong_child_no_more = story.evaluated(&story.without(&[matched, received]), "2024-04-01");
    assert!(
        !wrong_child_no_more
            .obligations
            .iter()
            .any(|duty| duty.event == received)
    );
    // The right child's reading takes the notification in: its clock starts at the receipt.
    let right = story.evaluated(&story.without(&[matched]), "2024-04-01");
    assert_eq!(
        one(&right, "BL-136-2-24H").due,
        DueAt::Instant(instant("2024-03-22 14:10"))
    );
}

#[test]
fn t16_two_notifications_have_two_receipts_and_may_share_an_assessment() {
    let mut story = Story::new();
    let first = story.notice("2024-03-21 09:00", "NotificationReceived", json!({}));
    let second = story.on(
        NOTICE + 1,
        "2024-03-21 11:00",
        "NotificationReceived",
        json!({}),
    );
    story.notice("2024-03-21 15:00", "AcuteAssessmentMade", json!({}));
    story.meta(|meta| {
        meta.causation = Some(events::meta::EventRef {
            stream: stream(NOTICE + 1),
            event: second,
        })
    });
    let evaluation = story.at("2024-03-21");
    for (rule, status) in [
        ("BL-136-2-24H", "MET"),
        ("BL-138-1-ACK", "OPEN"),
        ("BL-138-2-FEEDBACK", "OPEN"),
    ] {
        let duties: Vec<_> = of(&evaluation, rule)
            .iter()
            .map(|duty| (duty.event, word(duty)))
            .collect();
        assert_eq!(
            duties,
            [(first, status.to_owned()), (second, status.to_owned())],
            "{rule}"
        );
    }
}

#[test]
fn whatever_the_facts_are_there_is_an_answer() {
    let mut story = Story::new();
    let ghost = json!({ "decision": id(0xdead), "recipients": [] });
    let told = story.add("2024-03-21 09:00", "DecisionCommunicated", ghost);
    let future = story.add("2030-01-01 09:00", "ChildHeard", json!({}));
    story.notice("2024-03-21 09:00", "NotificationReceived", json!({}));
    let early = story.notice(
        "2024-03-20 09:00",
        "AcuteAssessmentMade",
        json!({ "acute_measure_needed": true }),
    );
    story.add(
        "2024-03-22 09:00",
        "SupportEnded",
        json!({ "measure": id(MEASURE + 1) }),
    );
    let evaluation = story.at("2024-04-01");
    let kinds: Vec<_> = evaluation
        .findings
        .iter()
        .map(|finding| (finding.event, &finding.kind))
        .collect();
    assert!(kinds.iter().any(
        |(event, kind)| *event == told && matches!(kind, FindingKind::UnknownReference { .. })
    ));
    assert!(kinds.contains(&(future, &FindingKind::InTheFuture)));
    assert!(
        kinds
            .iter()
            .any(|(event, kind)| *event == early && matches!(kind, FindingKind::OutOfOrder { .. }))
    );
    assert!(
        kinds
            .iter()
            .any(|(event, kind)| *event == early && matches!(kind, FindingKind::Contradiction(_)))
    );
    assert_eq!(day_of(instant("2024-04-01")), "2024-04-01".parse().unwrap());
    assert!(story.at("2000-01-01").obligations.is_empty());
}
