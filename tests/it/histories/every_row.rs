//! Both worked histories, row by row: each row is in the dossier, and event types of its own record
//! it. What the views make of the rows is tested in the other files of this folder.

use std::collections::BTreeMap;

use domain::reading::{Body, ReadingPoint};
use events::event::CATALOGUE;
use events::ids::{EventId, StreamId};
use tests::world::{Ids, World, family, ids};

/// The rows of history A, and what each is recorded by. Row 0 is who is who.
const ROWS_A: [(&str, &str); 34] = [
    ("A0", "6 PersonRegistered, 3 RelationRecorded"),
    ("A1", "EarlyAdviceStarted"),
    ("A2", "2 ConsentGiven"),
    ("A3", "NetworkMeetingHeld"),
    ("A4", "NoteTaken"),
    ("A5", "NotificationReceived, PersonRegistered"),
    ("A6", "AcuteAssessmentMade"),
    (
        "A7",
        "CaseOpened, CaseworkerAssigned, NeedAwarenessEstablished, NotificationMatched, SupportEnded",
    ),
    ("A8", "NotificationReceiptConfirmed"),
    ("A9", "AssessmentOpened, ScreeningConcluded"),
    ("A10", "ChildHeard"),
    ("A11", "NetworkMapped"),
    ("A12", "NotifierFeedbackGiven"),
    ("A13", "InformationObtained"),
    ("A14", "ChildHeard"),
    ("A15", "SiblingNeedAssessed"),
    ("A16", "AssessmentReported"),
    ("A17", "2 ConsentGiven"),
    ("A18", "ChildHeard"),
    ("A19", "DecisionCommunicated, DecisionMade"),
    ("A20", "SupportStarted, 3 WellbeingMeasured"),
    ("A21", "NotifierFeedbackGiven"),
    ("A22", "ChildHeard, 2 GoalSet, PlanAdopted"),
    ("A23", "WellbeingMeasured"),
    ("A24", "2 GoalChanged"),
    ("A25", "ChildHeard, FollowUpHeld"),
    ("A26", "NotificationReceived"),
    (
        "A27",
        "AcuteAssessmentMade, NotificationMatched, NotificationReceiptConfirmed",
    ),
    ("A28", "NotificationReassessed"),
    ("A29", "ChildHeard, FollowUpHeld, SupportAdjusted"),
    ("A30", "ChildHeard, FollowUpHeld, WellbeingMeasured"),
    ("A31", "DecisionCommunicated, DecisionMade, SupportEnded"),
    ("A32", "CaseClosed"),
    ("A33", "EventCorrected"),
];

/// The rows of history B. The erasure of row 41 is carried out by the system, which adds
/// `ErasureExecuted`.
const ROWS_B: [(&str, &str); 44] = [
    ("B0", "12 PersonRegistered, 15 RelationRecorded"),
    ("B1", "NotificationReceived"),
    ("B2", "AcuteAssessmentMade"),
    (
        "B3",
        "2 CaseOpened, 2 CaseworkerAssigned, 2 NeedAwarenessEstablished, NotificationMatched",
    ),
    ("B4", "2 ChildHeard"),
    ("B5", "ScreeningConcluded"),
    ("B6", "ProvisionalDecisionMade"),
    ("B7", "DecisionMade, 2 PartyHearingHeld, 2 SupportStarted"),
    ("B8", "2 DecisionCommunicated"),
    (
        "B9",
        "2 AssessmentOpened, NotificationReceiptConfirmed, 3 RepresentativeAppointed",
    ),
    ("B10", "2 ChildHeard, NotifierFeedbackGiven"),
    ("B11", "CommitteeDecisionMade"),
    ("B12", "2 ChildHeard"),
    ("B13", "FileAccessRequested"),
    ("B14", "2 InformationObtained, NetworkMapped"),
    ("B15", "2 PartyHearingHeld"),
    ("B16", "DisclosureMade"),
    (
        "B17",
        "2 AssessmentReported, 2 FollowUpHeld, 2 SiblingNeedAssessed",
    ),
    ("B18", "2 GoalSet, 3 PlanAdopted"),
    ("B19", "CommitteeSubmissionMade"),
    ("B20", "ConsentGiven, 2 ConsentWithdrawn"),
    ("B21", "2 ChildHeard"),
    ("B22", "CommitteeDecisionMade"),
    ("B23", "2 ChildHeard, DecisionCommunicated"),
    ("B24", "DecisionCommunicated, DecisionMade"),
    ("B25", "ComplaintReceived"),
    ("B26", "ComplaintReceived"),
    ("B27", "AppealForwarded"),
    (
        "B28",
        "AppealForwarded, ComplaintReassessed, 2 FollowUpHeld, NoteTaken",
    ),
    ("B29", "2 SupervisionVisitHeld"),
    ("B30", "AppealOutcomeReceived, DecisionCommunicated"),
    ("B31", "AppealOutcomeReceived"),
    ("B32", "6 FollowUpHeld, PlanAdopted, 5 WellbeingMeasured"),
    ("B33", "IntermunicipalNotificationSent"),
    ("B34", "2 NoteTaken, RelationRecorded"),
    ("B35", "GoalChanged, 2 NoteTaken"),
    ("B36", "InformationObtained, 2 SupervisionVisitHeld"),
    ("B37", "ChildHeard, PlanAdopted"),
    ("B38", "DecisionCommunicated, DecisionMade, 2 NoteTaken"),
    ("B39", "EventAnnulled, 2 NoteTaken"),
    ("B40", "2 RecordAccessed"),
    (
        "B41",
        "ErasureOrdered, InformationObtained, IntegrityChecked",
    ),
    ("B42", "SupportEnded"),
    (
        "B43",
        "CaseClosed, CaseTransferred, IntermunicipalNotificationSent, ResponsibleMunicipalityChanged",
    ),
];

/// The event type that a mutation records.
fn recorded_by(mutation: &str) -> &'static str {
    match mutation {
        "correctEvent" => "EventCorrected",
        "orderErasure" => "ErasureOrdered",
        order => {
            CATALOGUE
                .iter()
                .find(|spec| spec.order == Some(order))
                .unwrap_or_else(|| panic!("no event type has {order}"))
                .name
        }
    }
}

#[track_caller]
fn rows_are(ids: &Ids, expected: &[(&str, &str)]) {
    let mut rows: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for line in ids.lines() {
        let row = rows.entry(line["row"].as_str().unwrap()).or_default();
        *row.entry(recorded_by(line["mutation"].as_str().unwrap()))
            .or_default() += 1;
    }
    for (row, types) in expected {
        let types_of = |found: BTreeMap<&str, usize>| {
            let words = found.into_iter().map(|(kind, count)| {
                if count > 1 {
                    format!("{count} {kind}")
                } else {
                    kind.to_owned()
                }
            });
            words.collect::<Vec<_>>().join(", ")
        };
        assert_eq!(
            rows.remove(row).map(types_of).as_deref(),
            Some(*types),
            "{row}"
        );
    }
    assert_eq!(rows, BTreeMap::new(), "rows that the history does not have");
}

#[test]
fn every_row_of_history_a_has_its_own_event_types() {
    rows_are(&ids(), &ROWS_A);
}

#[test]
fn every_row_of_history_b_has_its_own_event_types() {
    rows_are(&family(), &ROWS_B);
}

/// Every line of a dossier stands in its stream as the type that its mutation records; those that
/// were erased stand there as holes. Look-ups stand in a log of their own.
fn lines_stand_in(world: &World, ids: &Ids, holes: &[&str]) {
    let mut readings = BTreeMap::new();
    for line in ids.lines() {
        let (input, kind) = (
            &line["input"],
            recorded_by(line["mutation"].as_str().unwrap()),
        );
        let Some(event) = input["eventId"]
            .as_str()
            .filter(|_| kind != "RecordAccessed")
        else {
            continue;
        };
        let event: EventId = event.parse().unwrap();
        let stated = input
            .get("stream")
            .or_else(|| input.pointer("/target/stream"));
        let stream: StreamId = stated.map_or_else(
            || world.operator.layout().system_stream(),
            |stream| stream.as_str().unwrap().parse().unwrap(),
        );
        let reading = readings
            .entry(stream)
            .or_insert_with(|| world.read(stream, ReadingPoint::default()).unwrap());
        let name = input["source"]["id"].as_str().unwrap();
        let read = reading
            .event(event)
            .unwrap_or_else(|| panic!("{name} is not recorded"));
        assert_eq!(read.stream, stream, "{name}");
        match &read.body {
            Body::Fact(shown) => assert_eq!(shown.facts.spec().name, kind, "{name}"),
            Body::Hole => assert!(holes.contains(&name), "{name} is gone"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_of_a_dossier_is_recorded_as_what_it_says() {
    lines_stand_in(&World::with_alma().await, &ids(), &[]);
    lines_stand_in(&World::with_family().await, &family(), &["B41-misfiled"]);
}
