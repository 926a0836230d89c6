use std::collections::BTreeSet;

use super::*;

fn lines_are_ordered_and_there_once(list: &str, words: usize) {
    let keys: Vec<Vec<&str>> = list
        .lines()
        .map(|line| line.split(' ').take(words).collect())
        .collect();
    let set: BTreeSet<&Vec<&str>> = keys.iter().collect();
    assert_eq!(set.len(), keys.len(), "each once");
    for line in list.lines() {
        let name = line.splitn(words + 1, ' ').nth(words).unwrap_or_default();
        assert!(!name.trim().is_empty(), "{line}");
        assert_eq!(name, name.trim(), "{line}");
    }
}

#[test]
fn every_value_of_every_vocabulary_has_a_danish_name_and_no_other_does() {
    lines_are_ordered_and_there_once(VALUES, 2);
    let language: BTreeSet<(&str, &str)> = NAMES
        .english
        .iter()
        .flat_map(|(name, values)| values.keys().map(|value| (name.as_str(), value.as_str())))
        .collect();
    let named: BTreeSet<(&str, &str)> = NAMES
        .danish
        .iter()
        .flat_map(|(name, values)| values.keys().map(|value| (*name, *value)))
        .collect();
    let missing: Vec<_> = language.difference(&named).collect();
    assert_eq!(missing, Vec::<&(&str, &str)>::new(), "without a name");
    let stale: Vec<_> = named.difference(&language).collect();
    assert_eq!(stale, Vec::<&(&str, &str)>::new(), "names of nothing");
    assert!(language.len() > 350, "{}", language.len());
}

/// Names that are the same in both languages, each read.
const SAME: &[&str] = &["Chat", "Digital Post", "chat", "sms"];

#[test]
fn no_danish_name_is_the_english_one_or_a_code() {
    let named = NAMES.danish.iter();
    let named = named.flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
    for (vocabulary, (stored, danish)) in named {
        let english = value(Language::English, vocabulary, stored);
        let same = danish.eq_ignore_ascii_case(&english);
        assert!(
            !same || SAME.contains(danish),
            "{vocabulary} {stored}: {danish}"
        );
        assert!(!danish.contains('_'), "{vocabulary} {stored}: {danish}");
        // Sections are cited as in Danish law.
        let cited = danish.contains("§ ") && danish.contains(")(");
        assert!(!cited, "{vocabulary} {stored}: {danish}");
    }
}

#[test]
fn every_field_of_every_event_has_a_danish_name_and_no_other_does() {
    lines_are_ordered_and_there_once(FIELDS, 1);
    fn collect(kind: &Kind, found: &mut BTreeSet<String>) {
        if let Kind::Object(members) = kind {
            for (name, kind) in members {
                found.insert(name.clone());
                collect(kind, found);
            }
        }
    }
    let mut fields = BTreeSet::new();
    for kinds in NAMES.kinds.values() {
        collect(&Kind::Object(kinds.clone()), &mut fields);
    }
    let missing: Vec<_> = fields
        .iter()
        .filter(|field| !NAMES.danish_fields.contains_key(field.as_str()))
        .collect();
    assert_eq!(missing, Vec::<&String>::new(), "without a name");
    // Members of persons and references have names too, and stand in no list of fields.
    let known = ["person", "role", "stream", "event"];
    let stale: Vec<_> = NAMES
        .danish_fields
        .keys()
        .filter(|field| !fields.contains(**field) && !known.contains(*field))
        .collect();
    assert_eq!(stale, Vec::<&&str>::new(), "names of nothing");
}

#[test]
fn a_value_is_translated_by_its_field_and_not_by_how_it_looks() {
    assert_eq!(
        kind_of("NoteTaken", "kind"),
        &Kind::Word("NoteKind".to_owned())
    );
    assert_eq!(kind_of("NoteTaken", "text"), &Kind::Text);
    assert_eq!(kind_of("GoalSet", "child"), &Kind::Person);
    assert_eq!(kind_of("PlanAdopted", "of_the_sun"), &Kind::Text);
    for (language, name) in [
        (Language::Danish, "væsentligt sagsskridt"),
        (Language::English, "An essential step of the case"),
    ] {
        assert_eq!(value(language, "NoteKind", "ESSENTIAL_STEP"), name);
    }
    assert_eq!(value(Language::Danish, "NoteKind", "NEJ"), "NEJ");
    assert_eq!(field(Language::Danish, "birth_date"), "fødselsdag");
    assert_eq!(field(Language::English, "birth_date"), "birth date");
}

#[test]
fn a_day_is_told_as_it_is_said() {
    let date = jiff::civil::date(2025, 2, 15);
    assert_eq!(day(Language::Danish, date), "15. februar 2025");
    assert_eq!(day(Language::English, date), "15 February 2025");
}
