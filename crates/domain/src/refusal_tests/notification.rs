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
