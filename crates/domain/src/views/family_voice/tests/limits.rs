//! Lines are short, without codes, and no gap makes the text fail.

use events::personal::Gap;
use proptest::prelude::*;

use super::history::*;
use super::whole::whole;
use crate::reading::{Reading, ReadingPoint};
use crate::views::family_voice::{FamilyVoice, Language, Reader, Sentence};

/// `SCREAMING_SNAKE_CASE`, a section sign, or an id.
fn code(word: &str) -> bool {
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '_' && c != '§');
    let shouted = bare.chars().count() > 1
        && bare
            .chars()
            .all(|c| c.is_uppercase() || c.is_ascii_digit() || c == '_')
        && bare.chars().any(char::is_uppercase);
    let id =
        bare.matches('-').count() == 4 && bare.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    shouted || id || bare.contains(['§', '_'])
}

/// A line has at most twenty words and no code, begins like a sentence and ends like one. A line of
/// ours that was too long, and so was cut, begins small or ends nowhere.
#[track_caller]
pub(super) fn check_line(sentence: &Sentence) {
    let line = &sentence.text;
    let words: Vec<&str> = line.split_whitespace().collect();
    assert!(words.len() <= 20, "{} words: {line}", words.len());
    assert!(!words.iter().any(|word| code(word)), "a code: {line}");
    assert!(
        line.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit() || "»“(".contains(c)),
        "begins small: {line}"
    );
    assert!(
        line.ends_with(['.', ':', ')', '«', '”', '?', '!']),
        "ends nowhere: {line}"
    );
}

#[track_caller]
pub(super) fn check_lines(voice: &FamilyVoice) {
    voice
        .sections
        .iter()
        .flat_map(|section| &section.sentences)
        .for_each(check_line);
    for heading in voice
        .sections
        .iter()
        .map(|section| &section.heading)
        .chain([&voice.title])
    {
        assert!(
            heading.split_whitespace().count() <= 8 && heading.starts_with(char::is_uppercase),
            "{heading}"
        );
    }
}

#[test]
fn the_whole_history_is_said_in_short_lines_without_codes() {
    let history = whole();
    for reader in readers() {
        for language in LANGUAGES {
            check_lines(&history.voice(reader, language));
        }
    }
}

#[test]
fn no_employee_and_no_municipality_is_said_by_code() {
    let history = whole();
    for text in readers().map(|reader| history.text(reader)) {
        assert!(
            !text.contains("K1")
                && !text.contains("K7")
                && !text.contains("9901")
                && !text.contains("9902"),
            "{text}"
        );
    }
}

#[test]
fn long_words_of_others_are_cut_into_lines_and_lost_nowhere() {
    let long = "jeg vil gerne hjem til min egen seng og min egen hund og mine venner i gården, men kun hvis de holder op med at \
                råbe og skændes om aftenen, for så kan jeg slet ikke sove og så er jeg træt i skolen dagen efter";
    let mut history = History::default();
    history.family();
    history.open();
    let heard = history.add("ChildHeard", heard(long));
    let voice = history.voice(Reader::Child, Language::Danish);
    check_lines(&voice);
    let lines = voice
        .sections
        .iter()
        .flat_map(|section| &section.sentences)
        .filter(|line| line.events == [heard] && line.text.starts_with('»'));
    let said: Vec<String> = lines
        .map(|line| line.text.trim_matches(['»', '«']).to_owned())
        .collect();
    assert!(said.len() > 2);
    assert_eq!(said.join(" "), long);
}

#[test]
fn a_long_name_of_a_provider_is_cut_too() {
    let mut history = History::default();
    history.open();
    let mut facts = started(None);
    facts["provider"] = "et meget langt navn ".repeat(10).trim().into();
    history.add("SupportStarted", facts);
    check_lines(&history.voice(mother(), Language::English));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn erasing_any_subset_never_fails_the_text(seed in prop::collection::vec(0_u8..6, 600)) {
        let mut records = whole().recorded();
        let mut draw = seed.into_iter().cycle();
        for record in &mut records {
            if draw.next() == Some(0) {
                record.raw = None;
                continue;
            }
            let parts = record.raw.as_mut().into_iter().flat_map(|raw| &mut raw.parts);
            for element in parts.flat_map(|part| part.fields.values_mut()).flatten() {
                match draw.next() {
                    Some(1) => element.value = Err(Gap::Erased),
                    Some(2) => element.value = Err(Gap::Withheld),
                    _ => {}
                }
            }
        }
        let reading = Reading::new(records, ReadingPoint::default()).unwrap();
        for reader in readers() {
            for language in LANGUAGES {
                check_lines(&voice(&reading, reader, language));
            }
        }
    }
}
