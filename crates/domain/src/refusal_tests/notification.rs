//! Notifications of concern.

use serde_json::json;

use crate::examples::{BROTHERS_CASE, CASE, NOTIFICATION, stream};
use crate::given::{case, fact};
use crate::refusal::RefusalCode::*;

#[test]
fn an_acute_assessment_follows_the_notification() {
    let order = case().when(fact("AcuteAssessmentMade"));
    order.clone().on_day(1).then_refused(DatesContradict);
    order.on_day(3).then_recorded();
}

#[test]
fn a_match_refers_each_case_to_the_notification() {
    let matched = |cases| case().when(fact("NotificationMatched").with("cases", cases));
    matched(json!([stream(CASE)])).then_recorded_as(2);
    matched(json!([stream(CASE), stream(BROTHERS_CASE)])).then_recorded_as(3);
    matched(json!([stream(NOTIFICATION)])).then_refused(CaseUnknown);
    matched(json!([])).then_refused(ListEmpty);
}

#[test]
fn the_uninvolved_participant_takes_part() {
    let again = |participant| {
        case().when(fact("NotificationReassessed").with("uninvolved_participant", participant))
    };
    again("K7").then_recorded();
    again("K9").then_refused(FieldRequired);
}

#[test]
fn the_uninvolved_participant_has_no_earlier_part_in_the_case() {
    case()
        .when(fact("NotificationReassessed").with("uninvolved_participant", "K1"))
        .then_refused(ParticipantInvolved);
    // Nor in a case that the notification was matched to.
    let reassessed = || case().when(fact("NotificationReassessed"));
    let worked_on = case().given([fact("CaseworkerAssigned").with("caseworkers", json!(["K7"]))]);
    reassessed().related_to(case()).then_recorded();
    reassessed()
        .related_to(worked_on)
        .then_refused(ParticipantInvolved);
}

#[test]
fn a_day_and_an_instant_of_that_day_do_not_contradict() {
    let assessed = |received: &str, made: &str| {
        let told = fact("NotificationReceived");
        case()
            .before_the_first("NotificationReceived")
            .given_at(&told, received)
            .when(fact("AcuteAssessmentMade"))
            .at(made)
    };
    for (received, made) in [
        ("2024-03-05T10:00:00+01:00", "2024-03-05"),
        ("2024-03-05T10:00:00+01:00", "2024-03-05~"),
        ("2024-03-05", "2024-03-05T00:00:00+01:00"),
        ("2024-03-05~", "2024-03-05"),
        ("2024-03-05~", "2024-03-04T20:00:00+01:00"),
    ] {
        assessed(received, made).then_recorded();
    }
    for (received, made) in [
        ("2024-03-05T10:00:00+01:00", "2024-03-05T09:00:00+01:00"),
        ("2024-03-05T10:00:00+01:00", "2024-03-04"),
        ("2024-03-06~", "2024-03-04T20:00:00+01:00"),
    ] {
        assessed(received, made).then_refused(DatesContradict);
    }
}
