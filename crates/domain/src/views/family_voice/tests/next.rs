//! What comes next, and what the whole text looks like.

use events::ids::EventId;
use serde_json::{Value, json};

use super::history::*;
use crate::reading_tests::stream;
use crate::views::family_voice::{Language, family_voice};

fn family() -> History {
    let mut history = History::default();
    history.family();
    history.open();
    history
}

/// The lines under "what happens now" on a day.
fn next_on(history: &History, today: &str) -> Vec<String> {
    let voice = family_voice(
        &history.read(),
        stream(CASE),
        mother(),
        Language::Danish,
        today.parse().unwrap(),
    );
    let section = voice
        .sections
        .into_iter()
        .find(|section| section.heading == "Hvad sker der nu?")
        .unwrap();
    section
        .sentences
        .into_iter()
        .map(|sentence| sentence.text)
        .collect()
}

const END: &str = "2024-12-31";

#[test]
fn an_open_case_without_a_day_says_so() {
    assert_eq!(
        next_on(&family(), END),
        ["Der er ikke aftalt en ny dag.", "Spørg din rådgiver."]
    );
}

#[test]
fn the_next_follow_up_comes_from_the_newest_rhythm() {
    let mut history = family();
    history.add("FollowUpHeld", follow_up(&json!({ "interval_weeks": 30 })));
    history.add("FollowUpHeld", follow_up(&json!({ "interval_weeks": 2 })));
    // The second was held on the tenth day of the year.
    assert_eq!(
        next_on(&history, "2024-01-24"),
        [
            "Vi ser på, hvordan det går, senest den 24. januar 2024.",
            "Dagen er valgt, fordi: »alle vil have ro.«"
        ]
    );
    assert_eq!(
        next_on(&history, "2024-01-25"),
        [
            "Vi skulle se på, hvordan det går, senest den 24. januar 2024.",
            "Det er ikke skrevet ned, at det er sket."
        ]
    );
}

#[test]
fn a_follow_up_can_name_a_day_or_none() {
    let mut history = family();
    history.add("FollowUpHeld", follow_up(&json!({ "on": "2025-04-24" })));
    assert!(next_on(&history, END)[0].contains("24. april 2025"));
    history.add("FollowUpHeld", follow_up(&json!({})));
    assert_eq!(
        next_on(&history, END),
        ["Vi ser på det igen.", "Dagen er ikke aftalt."]
    );
    history.add("FollowUpHeld", follow_up(&Value::Null));
    assert_eq!(
        next_on(&history, END),
        ["Der er ikke aftalt en ny dag til at se, hvordan det går."]
    );
}

#[test]
fn a_closed_case_has_nothing_next_but_a_complaint_that_is_on_its_way() {
    let mut history = family();
    history.add("FollowUpHeld", follow_up(&json!({ "interval_weeks": 60 })));
    let decision = history.decide("SUPPORT_32");
    history.add("CaseClosed", json!({ "ground": "PURPOSE_MET", "reasons": ["godt."], "open_obligations": [], "told_to": [] }));
    assert_eq!(next_on(&history, END), ["Der er ikke mere, vi skal nu."]);
    complain(&mut history, decision);
    assert_eq!(next_on(&history, END), ["Kommunen ser på en klage."]);
}

fn complain(history: &mut History, decision: EventId) -> EventId {
    history.add(
        "ComplaintReceived",
        json!({
            "decision": decision, "complainant": mette(), "capacity": "CUSTODY_HOLDER", "via": "MUNICIPALITY", "oral": false, "in_time": true,
            "wants": ["noget andet."],
        }),
    )
}

#[test]
fn a_complaint_is_followed_until_it_is_answered() {
    let mut history = family();
    let decision = history.decide("SUPPORT_32");
    history.add(
        "PlanAdopted",
        json!({ "kind": "CHILD_PLAN", "version": 1, "children": [alma()], "made_with": [], "goals": [], "given_to": [] }),
    );
    let complaint = complain(&mut history, decision);
    assert_eq!(next_on(&history, END), ["Kommunen ser på en klage."]);
    history.add(
        "ComplaintReassessed",
        json!({ "complaint": complaint, "outcome": "MAINTAINED", "reasons": ["rigtigt."] }),
    );
    assert_eq!(
        next_on(&history, END),
        ["En klage skal sendes til Ankestyrelsen."]
    );
    history.add("AppealForwarded", json!({ "complaint": complaint, "manifest": [], "complainant_informed": true, "urgent": false }));
    assert_eq!(
        next_on(&history, END),
        [
            "En klage ligger hos Ankestyrelsen.",
            "Den har ikke svaret endnu."
        ]
    );
    history.add(
        "AppealOutcomeReceived",
        json!({
            "complaint": complaint, "instance": "ANKESTYRELSEN", "court_guidance": false, "summary": ["rigtigt."],
            "outcomes": [{ "child": alma(), "section": "BL § 32", "outcome": "STADFAESTET" }],
        }),
    );
    assert_eq!(
        next_on(&history, END),
        ["Der er ikke aftalt en ny dag.", "Spørg din rådgiver."]
    );
}

#[test]
fn a_complaint_about_the_committee_is_not_judged_again_here() {
    let mut history = family();
    let decision = history.add("ProvisionalDecisionMade", provisional(Some(noon(9))));
    complain(&mut history, decision);
    let next = next_on(&history, END);
    assert!(
        next.contains(&"En klage skal sendes til Ankestyrelsen.".to_owned())
            && !next.contains(&"Kommunen ser på en klage.".to_owned())
    );
}

#[test]
fn the_committee_is_waited_for_until_it_has_decided() {
    let mut history = family();
    let quick = history.add("ProvisionalDecisionMade", provisional(Some(noon(9))));
    assert_eq!(
        next_on(&history, END),
        ["Udvalget skal sige ja eller nej til det, der ikke kunne vente."]
    );
    history.add("CommitteeSubmissionMade", json!({ "matters": ["PLACEMENT_47"], "children": [alma()], "contents": [], "documents": [] }));
    history.add("CommitteeDecisionMade", committee(&alma(), Some(quick)));
    assert_eq!(
        next_on(&history, END),
        ["Børne- og ungeudvalget skal bestemme."]
    );
    history.add("CommitteeDecisionMade", committee(&alma(), None));
    assert_eq!(
        next_on(&history, END),
        ["Der er ikke aftalt en ny dag.", "Spørg din rådgiver."]
    );
}

#[test]
fn what_is_begun_or_promised_is_next() {
    let mut history = family();
    history.add(
        "AssessmentOpened",
        json!({
            "kind": "EXAMINATION_20", "scope": ["trivsel."], "children": [alma()], "is_decision": false, "parallel_to_support": false,
            "childrens_house_used": false,
        }),
    );
    history.decide("SUPPORT_32");
    let meeting = json!({
        "participants": [mette()], "child_took_part": false, "basis": "CONSENT", "agreements": [],
        "next_meeting": { "from": "2024-12-30", "to": "2025-01-10" },
    });
    history.add("NetworkMeetingHeld", meeting);
    history.add(
        "PartyHearingHeld",
        json!({ "party": mette(), "material": "et udkast", "deadline": END }),
    );
    let expected = [
        "Vi er i gang med en børnefaglig undersøgelse.",
        "Der skal laves en plan.",
        "Næste møde er fra den 30. december 2024 til den 10. januar 2025.",
        "Du kan svare til og med den 31. december 2024.",
    ];
    assert_eq!(next_on(&history, END), expected);
}

#[test]
fn a_plan_that_the_child_has_need_not_be_made() {
    let mut history = family();
    history.decide("SUPPORT_32");
    assert_eq!(next_on(&history, END), ["Der skal laves en plan."]);
    let plan = |children: Value| json!({ "kind": "PARENT_PLAN", "version": 1, "children": children, "made_with": [], "goals": [], "given_to": [] });
    history.add("PlanAdopted", plan(json!([])));
    assert_eq!(next_on(&history, END), ["Der skal laves en plan."]);
    history.add("PlanAdopted", plan(json!([alma()])));
    history.decide("PLACE_52");
    assert_eq!(
        next_on(&history, END),
        ["Der er ikke aftalt en ny dag.", "Spørg din rådgiver."]
    );
}
