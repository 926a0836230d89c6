//! Short histories as they read from beginning to end, and changes of the record.

use events::ids::EventId;
use events::time::Occurred;
use serde_json::json;

use super::history::*;
use crate::reading::{Reading, ReadingPoint};
use crate::reading_tests::stream;
use crate::views::family_voice::{FamilyVoice, Language, Reader};

fn beginning() -> History {
    let mut history = History::default();
    history.family();
    history.add("NotificationReceived", notification(&[]));
    history.open();
    history.add(
        "CaseworkerAssigned",
        json!({ "caseworkers": ["K1"], "reason": ["hun har tid."] }),
    );
    history.add(
        "ChildHeard",
        heard("Jeg får ondt i maven. Kan I hjælpe os?"),
    );
    history
}

#[test]
fn a_child_reads_this() {
    let expected = "\
Din sag

Hvad handler din sag om?
Sådan ser det ud den 31. december 2024.
Lige nu er sagen åben.
8. januar 2024: Nogen var bekymret for dig og fortalte det til kommunen.
Det handlede om at være meget væk fra skole eller børnehave.
9. januar 2024: Vi åbnede en sag om dig.
En sag er det, vi skriver ned om dig og om hjælpen.

Hvad sker der nu?
Der er ikke aftalt en ny dag.
Spørg din rådgiver.

Hvem arbejder sammen med dig?
10. januar 2024: Du fik en rådgiver.
Spørg din rådgiver, hvis der er noget, du ikke forstår.

Hvad har du sagt?
11. januar 2024: Vi talte med dig.
Du sagde:
»Jeg får ondt i maven.«
»Kan I hjælpe os?«

Dine rettigheder
Du må sige, hvad du mener.
Vi skal lytte.
Du må have en med, som du er tryg ved.
Det hedder en bisidder.
Sig det, hvis der er noget, andre ikke skal vide.
Nogle gange må vi sige noget videre for at passe på dig.
Du kan spørge, om du må se det, der står om dig.
Du må sige nej til at svare.
Er du i tvivl, så spørg din rådgiver.
";
    assert_eq!(
        beginning().voice(Reader::Child, Language::Danish).text(),
        expected
    );
}

#[test]
fn a_family_reads_this_in_english() {
    let expected = "\
The case about Alma

What is the case about?
This is how things stand on 31 December 2024.
Right now the case is open.
8 January 2024: Somebody was worried about Alma and told the municipality.
It was about being away a lot from school or kindergarten.
9 January 2024: We opened a case about Alma.
A case is what we write down about Alma and about the help.
We did it because: “vi har selv bedt om hjælp.”

What happens now?
No new day is agreed.
Ask your caseworker.

Who works with you?
10 January 2024: You got a caseworker.
Ask your caseworker if there is something you do not understand.

What has Alma said?
11 January 2024: We talked with Alma.
Alma said:
“Jeg får ondt i maven.”
“Kan I hjælpe os?”

Your rights
You may bring somebody to meetings who helps you.
Alma may bring somebody too.
That is called a companion.
You may always say what you think.
You can ask to see the whole file.
Something in the file can be kept back for the sake of others.
A yes is voluntary.
You may say no.
Ask what it means to say no.
If you are in doubt, ask your caseworker.
";
    assert_eq!(
        beginning().voice(Reader::Family, Language::English).text(),
        expected
    );
}

/// The lines that rest on an event.
fn lines(voice: &FamilyVoice, event: EventId) -> Vec<&str> {
    let sentences = voice.sections.iter().flat_map(|section| &section.sentences);
    sentences
        .filter(|sentence| sentence.events.contains(&event))
        .map(|sentence| sentence.text.as_str())
        .collect()
}

#[test]
fn a_goal_is_told_with_what_became_of_it() {
    let mut history = beginning();
    let goal = uuid::Uuid::from_u128(9);
    let other = uuid::Uuid::from_u128(10);
    let set = |goal, wording: &str| json!({ "goal": goal, "child": alma(), "wording": [wording], "words_of": [alma()], "area": "SCHOOL" });
    history.add("GoalSet", set(goal, "komme i skole."));
    history.add("GoalSet", set(other, "sove godt."));
    history.add(
        "GoalChanged",
        json!({ "goal": goal, "change": "MET", "child": alma(), "reason": ["hver dag."], "agreed_with": [alma(), mette()] }),
    );
    let text = history.text(Reader::Child);
    let expected = "Du satte et mål.\nMålet er: »komme i skole.«\nMålet handler om skolen.\n14. januar 2024: Målet er nået.\n\
                    Det er, fordi: »hver dag.«\nDu og Mette var med til at aftale det.\n13. januar 2024: Du satte et mål.\n";
    assert!(text.contains(expected), "{text}");
}

#[test]
fn the_same_caseworker_and_a_new_one_are_told_apart() {
    let mut history = beginning();
    for caseworkers in [
        json!(["K1"]),
        json!(["K1", "K2"]),
        json!(["K1", "K3"]),
        json!(["K4"]),
        json!([]),
    ] {
        history.add(
            "CaseworkerAssigned",
            json!({ "caseworkers": caseworkers, "reason": ["skift."] }),
        );
    }
    let text = history.text(Reader::Family);
    for line in [
        "I fik en rådgiver.",
        "I beholdt den samme rådgiver.",
        "I fik en rådgiver mere.",
        "Der skete et skifte.",
        "I fik en ny rådgiver.",
        "Der var ingen fast rådgiver.",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
}

#[test]
fn about_a_day_is_told_as_about_that_day() {
    let mut history = beginning();
    history.add_with("ChildHeard", heard("hej"), |meta| {
        meta.occurred = Occurred::About("2024-02-05".parse().unwrap())
    });
    assert!(
        history
            .text(Reader::Child)
            .contains("Omkring 5. februar 2024: Vi talte med dig.")
    );
    assert!(
        history
            .voice(Reader::Child, Language::English)
            .text()
            .contains("Around 5 February 2024: We talked with you.")
    );
}

#[test]
fn a_correction_is_told_and_the_corrected_reading_stands() {
    let mut history = beginning();
    let heard = history.add("ChildHeard", heard("forkert."));
    let number = history.records.len() - 1;
    let digest = format!("{:_<43}", format!("{number}-1-own_words-0"));
    let corrected = history.add(
        "EventCorrected",
        json!({
            "target": { "stream": stream(CASE), "event": heard }, "part": 1, "subject": alma(), "field": "own_words", "replaces": [digest],
            "values": ["rigtigt."], "reason": ["skrivefejl."],
        }),
    );
    let voice = history.voice(mother(), Language::Danish);
    assert_eq!(
        lines(&voice, heard),
        [
            "12. januar 2024: Vi talte med Alma.",
            "Alma sagde: »rigtigt.«"
        ]
    );
    assert_eq!(
        lines(&voice, corrected),
        [
            "13. januar 2024: Vi rettede noget, der var skrevet forkert.",
            "Det var skrevet om noget, der skete den 12. januar 2024."
        ]
    );
}

#[test]
fn what_was_annulled_is_told_no_more_and_that_it_was_is_told() {
    let mut history = beginning();
    let wrong = history.add("ChildHeard", heard("forkert."));
    let target = json!({ "stream": stream(CASE), "event": wrong });
    let annulled = history.add(
        "EventAnnulled",
        json!({ "target": target, "reason": "WRONG_PERSON", "explanation": ["om en anden."] }),
    );
    let voice = history.voice(mother(), Language::Danish);
    assert!(lines(&voice, wrong).is_empty());
    assert_eq!(
        lines(&voice, annulled),
        [
            "13. januar 2024: Noget, der var skrevet, gælder ikke mere.",
            "Det handlede om en anden."
        ]
    );
}

#[test]
fn changes_in_the_stream_of_another_person_are_not_told() {
    let mut history = beginning();
    let wrong = |person: &serde_json::Value, event: EventId| {
        let id: EventId = event;
        json!({ "target": { "stream": id_of(person), "event": id }, "reason": "DUPLICATE", "explanation": ["to gange."] })
    };
    let relation = history.add(
        "RelationRecorded",
        json!({ "from": jonas(), "to": alma(), "kind": "CUSTODY_JOINT", "source": "CPR" }),
    );
    let mut records = history.recorded();
    // The annulment stands where its target stands: in the father's stream.
    history.add("EventAnnulled", wrong(&jonas(), relation));
    let mut annulment = history.recorded().pop().unwrap();
    annulment.stream = id_of(&jonas()).into();
    let raw = annulment.raw.as_mut().unwrap();
    raw.parts[0].who = "person".to_owned();
    records.push(annulment);
    let reading = Reading::new(records, ReadingPoint::default()).unwrap();
    let told = readers().map(|reader| {
        voice(&reading, reader, Language::Danish)
            .text()
            .contains("gælder ikke mere")
    });
    assert_eq!(told, [false, false, true, false]);
}

#[test]
fn what_is_gone_whole_is_told_by_its_day() {
    let mut history = beginning();
    let gone = history.add("ChildHeard", heard("hej"));
    let mut records = history.recorded();
    records.last_mut().unwrap().raw = None;
    let reading = Reading::new(records, ReadingPoint::default()).unwrap();
    let voice = voice(&reading, mother(), Language::Danish);
    assert_eq!(
        lines(&voice, gone),
        ["Noget, der blev skrevet den 12. januar 2024, kan ikke læses mere."]
    );
}

#[test]
fn the_child_is_known_although_the_opening_is_gone() {
    let mut history = beginning();
    let mut records = history.recorded();
    records[8].raw = None;
    let reading = Reading::new(records, ReadingPoint::default()).unwrap();
    assert_eq!(
        voice(&reading, mother(), Language::Danish).title,
        "Sagen om Alma"
    );
    history.records.clear();
    assert_eq!(
        history.voice(Reader::Family, Language::English).title,
        "The case about the child"
    );
}

#[test]
fn different_answers_on_appeal_are_told_apart() {
    let mut history = beginning();
    let outcome =
        |outcome: &str| json!({ "child": alma(), "section": "BL § 47", "outcome": outcome });
    let answered = history.add(
        "AppealOutcomeReceived",
        json!({
            "instance": "LANDSRET", "court_guidance": false, "summary": ["kort."],
            "outcomes": [outcome("STADFAESTET"), outcome("STADFAESTET"), outcome("HJEMVIST")],
        }),
    );
    let voice = history.voice(Reader::Child, Language::Danish);
    let expected = [
        "12. januar 2024: Landsretten svarede.",
        "Det er en højere domstol.",
        "De så selv på sagen.",
        "Ingen havde klaget.",
        "De var enige i afgørelsen.",
        "Den gælder stadig.",
        "Om noget andet var svaret:",
        "Kommunen skal se på det igen.",
    ];
    assert_eq!(lines(&voice, answered), expected);
}

#[test]
fn a_worry_about_a_brother_or_sister_is_not_said_to_be_about_the_child() {
    let mut history = beginning();
    let mut facts = notification(&[]);
    facts["children"] = json!([emil()]);
    let worry = history.add("NotificationReceived", facts);
    let voice = history.voice(Reader::Child, Language::Danish);
    assert_eq!(
        lines(&voice, worry)[0],
        "12. januar 2024: Nogen var bekymret for et barn i familien og fortalte det til kommunen."
    );
}

#[test]
fn guidance_is_told_once_with_the_letter_that_gave_it() {
    let mut history = beginning();
    let decision = history.add("DecisionMade", decision("SUPPORT_32"));
    let to = |who, channel, guidance| json!({ "who": who, "channel": channel, "available_at": noon(11), "oral": false, "guidance": [guidance] });
    let told = history.add(
        "DecisionCommunicated",
        json!({
            "decision": decision,
            "recipients": [to(mette(), "LETTER", "APPEAL"), to(jonas(), "LETTER", "FILE_ACCESS"), to(mette(), "DIGITAL_POST", "LAWYER")],
        }),
    );
    let voice = history.voice(mother(), Language::Danish);
    let expected = [
        "12. januar 2024: Du og Jonas fik besked om en afgørelse.",
        "Den kom i et brev.",
        "Du fik at vide, hvordan du kan klage.",
        "12. januar 2024: Du fik besked om en afgørelse.",
        "Den kom i Digital Post.",
        "Du fik at vide, at du kan få en advokat.",
    ];
    assert_eq!(lines(&voice, told), expected);
}
