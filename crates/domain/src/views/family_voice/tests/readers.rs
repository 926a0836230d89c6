//! For whom the text is written: each reader is spoken to, and reads what is theirs.

use serde_json::json;

use super::history::*;
use crate::views::family_voice::{Language, Reader};

fn family() -> History {
    let mut history = History::default();
    history.family();
    history.open();
    history
}

/// Who of the child, the mother, the father and the family reads these words.
#[track_caller]
fn read_by(history: &History, words: &str, expected: [bool; 4]) {
    assert_eq!(
        readers().map(|reader| history.text(reader).contains(words)),
        expected,
        "child, mother, father, family: {words}"
    );
}

#[test]
fn the_child_is_spoken_to_and_others_read_a_name() {
    let mut history = family();
    history.add("ChildHeard", heard("hej"));
    read_by(&history, "Vi talte med dig.", [true, false, false, false]);
    read_by(&history, "Vi talte med Alma.", [false, true, true, true]);
    assert_eq!(
        history.voice(Reader::Child, Language::English).title,
        "Your case"
    );
    assert_eq!(
        history.voice(mother(), Language::English).title,
        "The case about Alma"
    );
}

#[test]
fn a_person_without_a_readable_name_is_called_by_role() {
    let mut history = History::default();
    history.open();
    history.add(
        "GoalSet",
        json!({ "goal": uuid::Uuid::from_u128(9), "child": alma(), "wording": ["ro."], "words_of": [jonas()], "area": "FAMILY" }),
    );
    read_by(
        &history,
        "En af dine forældre satte et mål.",
        [true, false, false, false],
    );
    read_by(
        &history,
        "Den anden forælder satte et mål.",
        [false, true, false, false],
    );
    read_by(&history, "Du satte et mål.", [false, false, true, false]);
    read_by(
        &history,
        "En af forældrene satte et mål.",
        [false, false, false, true],
    );
    assert!(history.text(mother()).starts_with("Sagen om dit barn\n"));
}

#[test]
fn a_person_is_the_same_after_registrations_were_merged() {
    let mut history = family();
    let other = json!({ "person": uuid::Uuid::from_u128(0xb2), "role": "PARENT" });
    history.add(
        "PersonsMerged",
        json!({ "person": other, "into": mette(), "reasons": ["samme dag."] }),
    );
    history.add(
        "RequestMade",
        json!({ "by": other, "kind": "SUPPORT", "text": ["hjælp mig."] }),
    );
    read_by(&history, "Du bad om hjælp.", [false, true, false, false]);
    read_by(&history, "Mette bad om hjælp.", [true, false, true, true]);
    read_by(&history, "hjælp mig", [false, true, false, false]);
}

#[test]
fn consent_is_told_to_all_and_its_words_to_the_giver() {
    let mut history = family();
    history.add(
        "ConsentGiven",
        json!({
            "giver": mette(), "capacity": "CUSTODY_HOLDER", "purpose": "MEASURE", "scope": ["mit eget ja."], "form": "ORAL",
            "informed_of": ["at jeg kan sige nej."],
        }),
    );
    history.add("ConsentWithdrawn", json!({ "by": jonas(), "kind": "REFUSED", "purpose": "MEASURE", "reasons": ["mit eget nej."] }));
    read_by(
        &history,
        "Mette sagde ja til hjælpen.",
        [true, false, true, true],
    );
    read_by(&history, "mit eget ja", [false, true, false, false]);
    read_by(&history, "at jeg kan sige nej", [false, true, false, false]);
    read_by(
        &history,
        "Jonas sagde nej til hjælpen.",
        [true, true, false, true],
    );
    read_by(&history, "mit eget nej", [false, false, true, false]);
    read_by(
        &history,
        "Du kan tage dit ja tilbage.",
        [false, true, false, false],
    );
}

#[test]
fn a_consent_that_was_taken_back_can_not_be_taken_back_again() {
    let mut history = family();
    let given = json!({
        "giver": mette(), "capacity": "CUSTODY_HOLDER", "purpose": "MEASURE", "scope": ["alt."], "form": "ORAL", "informed_of": ["alt."],
    });
    let consent = history.add("ConsentGiven", given);
    history.add(
        "ConsentWithdrawn",
        json!({ "by": mette(), "kind": "WITHDRAWN", "consent": consent, "purpose": "MEASURE" }),
    );
    read_by(
        &history,
        "Du tog et ja tilbage.",
        [false, true, false, false],
    );
    read_by(&history, "Du kan tage dit ja tilbage.", [false; 4]);
}

#[test]
fn reasons_are_told_to_whom_the_decision_was_for_and_not_to_a_child() {
    let mut history = family();
    history.decide("SUPPORT_32");
    read_by(&history, "ro i familien", [true; 4]);
    read_by(&history, "fraværet er stort", [false, true, false, true]);
    read_by(
        &history,
        "Din rådgiver kan fortælle dig hvorfor.",
        [true, false, false, false],
    );
}

#[test]
fn reasons_are_told_to_a_parent_whose_lawyer_was_told() {
    let mut history = family();
    history.add("RepresentativeAppointed", json!({ "of": jonas(), "kind": "ADVOKAT", "representative": lise(), "status": "APPOINTED" }));
    let decision = history.add("DecisionMade", decision("SUPPORT_32"));
    history.tell(decision, &lise());
    read_by(&history, "fraværet er stort", [false, true, true, true]);
}

#[test]
fn what_somebody_answered_is_theirs_and_the_childs_well_being_is_shared() {
    let mut history = family();
    history.add("WellbeingMeasured", measured(&alma(), "CORS"));
    read_by(&history, "21,1 point", [true; 4]);
    let mut history = family();
    history.add("WellbeingMeasured", measured(&mette(), "ORS"));
    read_by(&history, "21,1 point", [false, true, false, false]);
    let mut history = family();
    history.add("WellbeingMeasured", measured(&alma(), "CSRS"));
    read_by(&history, "21,1 point", [true, false, false, false]);
}

#[test]
fn a_hearing_of_a_party_is_told_in_short_to_others() {
    let mut history = family();
    history.add(
        "PartyHearingHeld",
        json!({ "party": jonas(), "material": "et udkast", "deadline": "2025-01-05", "answer": ["det er forkert."] }),
    );
    read_by(
        &history,
        "Jonas kunne læse noget og svare",
        [true, true, false, true],
    );
    read_by(&history, "et udkast", [false, false, true, false]);
    read_by(&history, "det er forkert", [false, false, true, false]);
}

#[test]
fn what_a_parent_thinks_of_an_assessment_is_that_parents() {
    let mut history = family();
    history.add(
        "AssessmentReported",
        json!({
            "kind": "EXAMINATION_20", "stage": "FINAL", "recommendation": "NONE", "conclusion": ["alt er godt."], "child": alma(),
            "child_attitude": ["barnets mening."], "length_words": 10,
            "custody_holder_attitudes": [{ "who": mette(), "words": ["mors mening."] }, { "who": jonas(), "words": ["fars mening."] }],
        }),
    );
    read_by(&history, "barnets mening", [true, false, false, false]);
    read_by(&history, "mors mening", [false, true, false, false]);
    read_by(&history, "fars mening", [false, false, true, false]);
    read_by(&history, "alt er godt", [false, true, true, true]);
}

#[test]
fn a_representative_is_named_to_the_one_who_has_them() {
    let mut history = family();
    history.add(
        "RepresentativeAppointed",
        json!({ "of": jonas(), "kind": "ADVOKAT", "representative": lise(), "name": "Lise Advokat Prøve", "status": "APPOINTED" }),
    );
    read_by(&history, "Jonas fik en advokat.", [true, true, false, true]);
    read_by(&history, "Lise Advokat Prøve", [false, false, true, false]);
}

#[test]
fn a_complaint_is_told_to_all_and_what_it_wants_to_the_one_who_complains() {
    let mut history = family();
    let decision = history.decide("PLACE_52");
    history.add(
        "ComplaintReceived",
        json!({
            "decision": decision, "complainant": alma(), "capacity": "CHILD_10", "via": "MUNICIPALITY", "oral": true, "in_time": true,
            "wants": ["bo hos min moster."],
        }),
    );
    read_by(
        &history,
        "Alma klagede over en afgørelse.",
        [false, true, true, true],
    );
    read_by(
        &history,
        "Du klagede over en afgørelse.",
        [true, false, false, false],
    );
    read_by(&history, "bo hos min moster", [true, false, false, false]);
}

#[test]
fn the_plan_for_the_parents_is_theirs() {
    let mut history = family();
    history.add(
        "PlanAdopted",
        json!({
            "kind": "PARENT_PLAN", "version": 1, "children": [], "made_with": [jonas()], "goals": [], "family_support": ["behandling for far."],
            "given_to": [jonas()],
        }),
    );
    read_by(&history, "Det er en plan for forældrene.", [true; 4]);
    read_by(&history, "behandling for far", [false, false, true, false]);
}

#[test]
fn access_to_the_file_is_told_to_whom_it_was_given() {
    let mut history = family();
    let request = history
        .add("FileAccessRequested", json!({ "requester": lise(), "on_behalf_of": jonas(), "basis": "FVL_9", "scope": ["alt om mig."] }));
    read_by(
        &history,
        "Lise bad om at se sagen for dig.",
        [false, false, true, false],
    );
    read_by(
        &history,
        "Vi skal svare på, om du kan se sagen.",
        [false, false, true, false],
    );
    history.add(
        "DisclosureMade",
        json!({
            "kind": "FILE_ACCESS", "request": request, "recipient": "fars advokat", "manifest": [], "refused_in_part": true, "format": "papir",
            "redactions": [{ "class": "CHILD_WISH", "section": "FVL § 15", "reason": "ønske" }],
        }),
    );
    read_by(
        &history,
        "Du fik papirer fra sagen at se.",
        [false, false, true, false],
    );
    read_by(
        &history,
        "noget privat om en anden",
        [false, false, true, false],
    );
    read_by(
        &history,
        "Vi skal svare på, om du kan se sagen.",
        [false; 4],
    );
}

#[test]
fn what_the_committee_decided_for_a_brother_or_sister_stands_in_their_text() {
    let mut history = family();
    history.add("CommitteeDecisionMade", committee(&emil(), None));
    read_by(
        &history,
        "Børne- og ungeudvalget bestemte noget.",
        [false; 4],
    );
    let mut history = family();
    history.add("CommitteeDecisionMade", committee(&alma(), None));
    read_by(
        &history,
        "Børne- og ungeudvalget bestemte noget.",
        [false, true, false, false],
    );
    read_by(
        &history,
        "jeg vil have hende hjem",
        [false, true, false, false],
    );
}
