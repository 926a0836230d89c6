//! What is kept from a reader, and that nothing tells that it is.

use events::personal::Gap;
use serde_json::{Value, json};

use super::history::*;
use crate::reading::{Reading, ReadingPoint};
use crate::reading_tests::{event, stream};
use crate::views::child_voice::child_voice;
use crate::views::family_voice::{Language, Reader};

fn family() -> History {
    let mut history = History::default();
    history.family();
    history.open();
    history
}

#[track_caller]
fn read_by(history: &History, words: &str, expected: [bool; 4]) {
    assert_eq!(
        readers().map(|reader| history.text(reader).contains(words)),
        expected,
        "child, mother, father, family: {words}"
    );
}

#[test]
fn nobody_reads_who_was_worried() {
    let mut history = History::default();
    history.family();
    history.add("NotificationReceived", notification(&[]));
    let link = json!({ "stream": stream(2), "event": event(7) });
    history.add(
        "CaseOpened",
        json!({ "child": alma(), "ground": ["skolelederen skrev."], "kle_number": "27.24.00", "linked_notification": link }),
    );
    history.add(
        "CaseReopened",
        json!({ "ground": ["naboen ringede."], "source_event": link }),
    );
    // Even where a notifier takes part as somebody else, the name is not said.
    history.add(
        "NetworkMeetingHeld",
        json!({ "participants": [henrik(), mette()], "child_took_part": false, "basis": "CONSENT", "agreements": [] }),
    );
    read_by(&history, "Nogen var bekymret", [true; 4]);
    for secret in ["Henrik", "Hemmelig", "00000000", "skoleleder", "nabo"] {
        read_by(&history, secret, [false; 4]);
    }
    read_by(&history, "En anden person", [true, false, true, true]);
}

#[test]
fn a_childs_wish_is_kept_from_all_others_and_so_is_that_there_was_one() {
    let mut wished = family();
    let mut facts = heard("jeg vil selv vise min tegning.");
    facts["not_to_be_shared"] = json!(["vis ikke tegningen."]);
    facts["dialogue_feedback"] = json!(["snakken var okay."]);
    wished.add("ChildHeard", facts);
    for words in [
        "vis ikke tegningen",
        "jeg vil selv vise",
        "snakken var okay",
    ] {
        read_by(&wished, words, [true, false, false, false]);
    }
    // It reads as any talk whose words are not for this reader.
    let mut other = family();
    let mut facts = heard("noget andet.");
    facts["without_parents"] = true.into();
    other.add("ChildHeard", facts);
    let without_company = |history: &History| {
        history
            .text(mother())
            .replace("Forældrene var ikke med.\n", "")
    };
    assert_eq!(without_company(&wished), without_company(&other));
}

#[test]
fn an_erased_wish_is_still_a_wish() {
    let mut history = family();
    let mut facts = heard("jeg vil selv vise min tegning.");
    facts["not_to_be_shared"] = json!(["vis ikke tegningen."]);
    history.add("ChildHeard", facts);
    let mut records = history.recorded();
    let raw = records.last_mut().unwrap().raw.as_mut().unwrap();
    raw.parts[1].fields.get_mut("not_to_be_shared").unwrap()[0].value = Err(Gap::Erased);
    let reading = Reading::new(records, ReadingPoint::default()).unwrap();
    assert!(
        !voice(&reading, mother(), Language::Danish)
            .text()
            .contains("jeg vil selv vise")
    );
    assert!(
        voice(&reading, Reader::Child, Language::Danish)
            .text()
            .contains("Du sagde, hvad andre ikke skal vide: (slettet)")
    );
}

#[test]
fn words_from_a_talk_without_the_parents_consent_are_the_childs() {
    let mut history = family();
    let mut facts = heard("jeg er bange for at komme hjem.");
    facts["without_parents"] = true.into();
    facts["without_parents_consent"] = false.into();
    facts["without_parents_ground"] = json!(["der er fare."]);
    history.add("ChildHeard", facts);
    read_by(&history, "jeg er bange", [true, false, false, false]);
    read_by(&history, "der er fare", [false; 4]);
    read_by(
        &history,
        "Det, der blev sagt, står ikke her.",
        [false, true, true, true],
    );
}

#[test]
fn a_dialogue_is_told_by_who_speaks() {
    let mut history = family();
    let turn = |speaker: &str, words: &str| json!({ "speaker": speaker, "words": [words] });
    let dialogue = json!([
        turn("CASEWORKER", "hvordan gik det?"),
        turn("CHILD", "det gik godt."),
        turn("OTHER", "hun smilte."),
    ]);
    let heard = json!({ "child": alma(), "occasion": "CONTINUOUS", "dialogue": dialogue });
    history.add("ChildHeard", heard);
    for (reader, child) in [(Reader::Child, "Du"), (Reader::Family, "Alma")] {
        let text = history.text(reader);
        for told in [
            "Rådgiveren sagde: »hvordan gik det?«".to_owned(),
            format!("{child} sagde: »det gik godt.«"),
            "En anden sagde: »hun smilte.«".to_owned(),
        ] {
            assert!(text.contains(&told), "{told}: {text}");
        }
    }
    let reading = Reading::new(history.recorded(), ReadingPoint::default()).unwrap();
    let view = child_voice(&reading);
    let hearing = view.hearings.last().unwrap();
    assert_eq!(
        hearing.own_words.text(),
        "det gik godt.",
        "and nobody else's"
    );
    assert_eq!(hearing.dialogue.len(), 3);
}

#[test]
fn where_there_was_a_suspicion_the_childs_words_are_the_childs() {
    let mut history = family();
    history.add(
        "NotificationReceived",
        notification(&["ABUSE", "PARENT_SIDE"]),
    );
    history.add("ChildHeard", heard("far slog mig."));
    history.add("FollowUpHeld", follow_up(&Value::Null));
    read_by(&history, "far slog mig", [true, false, false, false]);
    read_by(&history, "hun er gladere", [true, false, false, false]);
    read_by(&history, "Vi skrev: (ikke vist)", [false, true, true, true]);
}

#[test]
fn a_childs_request_and_words_at_a_visit_are_the_childs() {
    let mut history = family();
    history.add(
        "RequestMade",
        json!({ "by": alma(), "kind": "PLACEMENT_48", "text": ["jeg vil bo et andet sted."] }),
    );
    history.add(
        "SupervisionVisitHeld",
        json!({
            "child": alma(), "child_spoken_to": true, "staff_absent": true, "caseworkers": ["K1"], "own_words": ["de er rare."],
            "concerns_about_place": false,
        }),
    );
    read_by(
        &history,
        "bad om et andet sted at bo",
        [true, false, false, false],
    );
    read_by(
        &history,
        "jeg vil bo et andet sted",
        [true, false, false, false],
    );
    read_by(&history, "de er rare", [true, false, false, false]);
    read_by(
        &history,
        "Vi talte med Alma alene.",
        [false, true, true, true],
    );
}

fn placed(marker: Option<Value>) -> History {
    let mut history = family();
    if let Some(kept_from) = marker {
        let facts = json!({ "person": alma(), "kind": "PLACEMENT_SECRET_105", "kept_from": kept_from, "ground": ["fare."] });
        history.add_with("ProtectionMarkerSet", facts, |meta| {
            meta.effective_to = Some("2025-01-31".parse().unwrap())
        });
    }
    let mut facts = heard("hej");
    facts["place"] = "Skovvej 1".into();
    history.add("ChildHeard", facts);
    let decision = history.decide("PLACE_52");
    let mut facts = started(Some(decision));
    facts["provider"] = "Familien på Skovvej".into();
    history.add("SupportStarted", facts);
    history.add(
        "InformationObtained",
        json!({
            "from": "Skovskolen", "kind": "SCHOOL", "about": alma(), "content": ["godt."], "basis": "DUTY", "consents": [],
            "consent_attempted": false,
        }),
    );
    history.add(
        "SupervisionVisitHeld",
        json!({
            "child": alma(), "place": "Skovvej 1", "child_spoken_to": true, "staff_absent": true, "caseworkers": [], "concerns_about_place": false,
        }),
    );
    history
}

#[test]
fn a_secret_place_is_told_to_nobody_from_whom_it_is_kept() {
    read_by(&placed(None), "Skov", [true; 4]);
    read_by(&placed(Some(jonas())), "Skov", [true, true, false, false]);
    read_by(
        &placed(Some(Value::Null)),
        "Skov",
        [true, false, false, false],
    );
}

#[test]
fn a_place_that_was_withheld_from_papers_is_not_told_here() {
    let mut history = placed(None);
    history.add(
        "DisclosureMade",
        json!({
            "kind": "FILE_ACCESS", "recipient": "far", "recipient_person": jonas(), "manifest": [], "refused_in_part": true, "format": "papir",
            "redactions": [{ "class": "PLACEMENT_ADDRESS", "section": "FVL § 15", "reason": "fare" }],
        }),
    );
    read_by(&history, "Skov", [true, true, false, false]);
}

#[test]
fn a_place_is_secret_as_long_as_the_marker_holds() {
    let reading = placed(Some(jonas())).read();
    let after = "2025-02-01".parse().unwrap();
    let text = crate::views::family_voice::family_voice(
        &reading,
        stream(CASE),
        father(),
        Language::Danish,
        after,
    )
    .text();
    assert!(text.contains("Skovvej"));
}

#[test]
fn a_secret_place_does_not_hide_who_helps_at_home() {
    let mut history = family();
    history.add("ProtectionMarkerSet", json!({ "person": alma(), "kind": "ADDRESS_PROTECTED", "kept_from": jonas(), "ground": ["fare."] }));
    let decision = history.decide("SUPPORT_32");
    history.add("SupportStarted", started(Some(decision)));
    read_by(&history, "Familiehuset", [true; 4]);
}

#[test]
fn what_is_barred_reads_as_not_shown() {
    let mut history = family();
    history.add("ProtectionMarkerSet", json!({ "person": alma(), "kind": "BARRED_FOR_PARTY", "kept_from": jonas(), "ground": ["fare."] }));
    let goal = json!({ "goal": uuid::Uuid::from_u128(9), "child": alma(), "wording": ["sove godt."], "words_of": [alma()], "area": "FAMILY" });
    history.add("GoalSet", goal);
    history.add("WellbeingMeasured", measured(&alma(), "CORS"));
    history.add("ChildHeard", heard("jeg vil hjem."));
    read_by(&history, "sove godt", [true, true, false, false]);
    read_by(&history, "21,1 point", [true, true, false, false]);
    read_by(&history, "jeg vil hjem", [true, true, false, false]);
    read_by(
        &history,
        "Målet er: (ikke vist)",
        [false, false, true, true],
    );
}

#[test]
fn nothing_is_told_until_the_child_was_talked_to() {
    let mut history = family();
    let before = readers().map(|reader| history.text(reader));
    history.add("NotificationReceived", notification(&["PARENT_SIDE"]));
    history.add(
        "AcuteAssessmentMade",
        json!({ "danger_to_health_or_development": true, "acute_measure_needed": true, "reasons": ["fare."], "criteria": "v1" }),
    );
    history.add(
        "ScreeningConcluded",
        json!({ "outcome": "EXAMINATION_20", "weight": "HEAVY", "flags": ["ABUSE"], "reasons": ["fare."], "next_help_started": false }),
    );
    assert_eq!(
        readers().map(|reader| history.text(reader)),
        before,
        "nobody sees that anything was recorded"
    );
    history.add("ChildHeard", heard("jeg vil hjem."));
    read_by(&history, "Nogen var bekymret", [true; 4]);
    read_by(&history, "Der skulle ske noget med det samme.", [true; 4]);
}

#[test]
fn it_is_told_when_the_authority_itself_involved_a_parent() {
    let mut history = family();
    history.add("NotificationReceived", notification(&["VIOLENCE"]));
    history.add("NetworkMeetingHeld", json!({ "participants": [mette()], "child_took_part": false, "basis": "CONSENT", "agreements": [] }));
    read_by(&history, "Der var mistanke om vold.", [true; 4]);
}

#[test]
fn a_conflict_about_honour_is_told_to_parents_only_when_their_involvement_is_safe() {
    let mut history = family();
    history.add("NotificationReceived", notification(&["HONOUR_RELATED"]));
    history.add("ChildHeard", heard("jeg vil selv bestemme."));
    read_by(&history, "Nogen var bekymret", [true, false, false, false]);
    history.add(
        "RiskAssessmentMade",
        json!({ "made_before_involvement": true, "result": "DANGER", "reasons": ["fare."] }),
    );
    read_by(&history, "Nogen var bekymret", [true, false, false, false]);
    history.add("RiskAssessmentMade", json!({ "made_before_involvement": true, "result": "WITH_PRECAUTIONS", "reasons": ["mindre."] }));
    read_by(&history, "Nogen var bekymret", [true; 4]);
    read_by(
        &history,
        "jeg vil selv bestemme",
        [true, false, false, false],
    );
}

#[test]
fn an_unborn_child_need_not_be_talked_to() {
    let mut history = family();
    let mut facts = notification(&["VIOLENCE"]);
    facts["unborn"] = true.into();
    history.add("NotificationReceived", facts);
    read_by(
        &history,
        "Det handlede om et barn, der ikke var født endnu.",
        [true; 4],
    );
}

#[test]
fn a_decision_is_told_after_the_family_was_told_of_it() {
    let mut history = family();
    let before = readers().map(|reader| history.text(reader));
    let decision = history.add("DecisionMade", decision("PLACE_52"));
    assert_eq!(readers().map(|reader| history.text(reader)), before);
    history.tell(decision, &mette());
    read_by(
        &history,
        "Der blev truffet en afgørelse om et bestemt sted at bo.",
        [true; 4],
    );
}

#[test]
fn a_letter_that_arrives_later_tells_nothing_today() {
    let mut history = family();
    let decision = history.add("DecisionMade", decision("PLACE_52"));
    history.add(
        "DecisionCommunicated",
        communicated(decision, &mette(), 400),
    );
    read_by(&history, "Der blev truffet en afgørelse", [false; 4]);
}

#[test]
fn what_could_not_wait_is_told_after_it_was_carried_out() {
    let mut history = family();
    history.add("NotificationReceived", notification(&["ABUSE"]));
    history.add("ChildHeard", heard("jeg er bange."));
    history.add("ProvisionalDecisionMade", provisional(None));
    history.add("ChildHeard", heard("jeg er tryg her."));
    read_by(&history, "Nogen var bekymret", [false; 4]);
    read_by(&history, "som ikke kunne vente", [false; 4]);
    let last = history.records.len() - 2;
    history.records[last].1 = provisional(Some(noon(11)));
    read_by(&history, "Nogen var bekymret", [true; 4]);
    read_by(
        &history,
        "Der blev bestemt noget, som ikke kunne vente.",
        [true; 4],
    );
    read_by(&history, "faren var stor", [false, false, false, true]);
}

#[test]
fn that_somebody_expects_a_child_and_moves_is_theirs() {
    let mut history = family();
    let sent = |unborn: bool| {
        json!({
            "to": "9902", "children": [], "expectant_parents": [mette()], "unborn": unborn, "summary": ["hun er gravid."], "document_count": 1,
            "documents": [],
        })
    };
    history.add("IntermunicipalNotificationSent", sent(true));
    read_by(
        &history,
        "Vi fortalte en anden kommune om en flytning.",
        [false, true, false, false],
    );
    read_by(&history, "gravid", [false; 4]);
}

#[test]
fn what_was_asked_about_another_adult_is_theirs() {
    let mut history = family();
    history.add(
        "InformationObtained",
        json!({
            "from": "Politiet", "kind": "POLICE", "about": jonas(), "content": ["en dom."], "basis": "RSL_11C", "consents": [],
            "consent_attempted": true,
        }),
    );
    read_by(
        &history,
        "Vi spurgte politiet om dig.",
        [false, false, true, false],
    );
    read_by(&history, "politiet", [false, false, true, false]);
    read_by(&history, "en dom", [false; 4]);
}

#[test]
fn a_private_person_who_told_something_is_not_named() {
    let mut history = family();
    history.add(
        "InformationObtained",
        json!({
            "from": "moster Sanne", "kind": "OTHER", "about": alma(), "content": ["godt."], "basis": "DUTY", "consents": [],
            "consent_attempted": false,
        }),
    );
    read_by(&history, "Vi spurgte nogen, der ved noget", [true; 4]);
    read_by(&history, "Sanne", [false; 4]);
}

#[test]
fn erased_and_withheld_words_read_as_such() {
    let mut history = family();
    history.add(
        "ChildHeard",
        json!({ "child": alma(), "occasion": "CONTINUOUS", "own_words": ["en.", "to.", "tre."] }),
    );
    history.add("WellbeingMeasured", measured(&alma(), "CORS"));
    let mut records = history.recorded();
    let count = records.len();
    let words = records[count - 2].raw.as_mut().unwrap().parts[1]
        .fields
        .get_mut("own_words")
        .unwrap();
    words[0].value = Err(Gap::Erased);
    words[2].value = Err(Gap::Withheld);
    records[count - 1].raw.as_mut().unwrap().parts[1]
        .fields
        .get_mut("scores")
        .unwrap()[0]
        .value = Err(Gap::Erased);
    let reading = Reading::new(records, ReadingPoint::default()).unwrap();
    let text = voice(&reading, mother(), Language::Danish).text();
    assert!(
        text.contains("Alma sagde:\n(slettet)\n»to.«\n(ikke vist)\n"),
        "{text}"
    );
    assert!(text.contains("Point: (slettet)"), "{text}");
    let text = voice(&reading, mother(), Language::English).text();
    assert!(
        text.contains("Alma said:\n(erased)\n“to.”\n(not shown)\n"),
        "{text}"
    );
}
