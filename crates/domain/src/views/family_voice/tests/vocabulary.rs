//! Every value of every vocabulary is said in words, each in its own.

use std::collections::{BTreeMap, BTreeSet};

use events::event::field_schemas;
use events::ids::EventId;
use events::spec::View;
use serde_json::Value;

use super::history::*;
use super::limits::check_line;
use super::whole::{TOLD, whole};
use crate::reading::{Reading, ReadingPoint};
use crate::reading_tests::event;
use crate::views::family_voice::Sentence;

/// Where values are said alike, or not at all, on purpose: type, field, and the values.
const ALIKE: &[(&str, &str, &[&str])] = &[
    // Who was worried is never said.
    (
        "NotificationReceived",
        "/notifier_kind",
        &[
            "PROFESSIONAL_133",
            "OTHER_PROFESSION_UPB",
            "CITIZEN_135",
            "MUNICIPALITY_132",
            "CHILD",
            "ANONYMOUS",
        ],
    ),
    // How the authority goes about a suspicion is not said.
    (
        "NotificationReceived",
        "/suspicions/0",
        &["PARENT_SIDE", "HONOUR_RELATED"],
    ),
    (
        "ScreeningConcluded",
        "/flags/0",
        &[
            "COERCION_CONSIDERED",
            "PLACEMENT_CONSIDERED",
            "HONOUR_RELATED",
        ],
    ),
    // The law before and after 2024 has the same help.
    ("EarlyAdviceStarted", "/kind", &["ADVICE_29", "SEL_11_2"]),
    (
        "EarlyAdviceStarted",
        "/kind",
        &["EARLY_MEASURE_30", "SEL_11_3"],
    ),
    // Forms with the same purpose, for different ages.
    ("WellbeingMeasured", "/instrument", &["ORS", "CORS"]),
    ("WellbeingMeasured", "/instrument", &["SRS", "CSRS"]),
    // That a child wished it is not told.
    (
        "DisclosureMade",
        "/redactions/0/class",
        &["CHILD_WISH", "OTHER_PERSON"],
    ),
    // What a dossier holds is seen in the file.
    (
        "AppealForwarded",
        "/manifest/0/kind",
        &[
            "DECISION",
            "COMPLAINT",
            "REASSESSMENT",
            "JOURNAL_NOTES",
            "PARTY_HEARING",
            "CORRESPONDENCE",
            "BOARD_FORM",
            "DELIVERY_LOG",
            "OTHER",
        ],
    ),
];

/// The fields of a vocabulary in a schema, with their values: roles of persons are no such field.
fn vocabularies(schema: &Value) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    walk(schema, schema, "", &mut found);
    found
}

fn walk(root: &Value, schema: &Value, pointer: &str, found: &mut BTreeMap<String, Vec<String>>) {
    if let Some(reference) = schema["$ref"].as_str() {
        if !reference.ends_with("/PersonRef") {
            walk(
                root,
                root.pointer(reference.trim_start_matches('#')).unwrap(),
                pointer,
                found,
            );
        }
        return;
    }
    let constants = |list: &Value| {
        list.as_array()
            .into_iter()
            .flatten()
            .map(|one| one["const"].as_str().map(str::to_owned))
            .collect()
    };
    let values: Option<Vec<String>> = constants(&schema["oneOf"]);
    if let Some(values) = values.filter(|values| !values.is_empty()) {
        found.insert(pointer.to_owned(), values);
        return;
    }
    if let Some(values) = schema["enum"].as_array() {
        found.insert(
            pointer.to_owned(),
            values
                .iter()
                .filter_map(|value| value.as_str().map(str::to_owned))
                .collect(),
        );
        return;
    }
    schema["anyOf"]
        .as_array()
        .into_iter()
        .flatten()
        .for_each(|one| walk(root, one, pointer, found));
    if schema["items"].is_object() {
        walk(root, &schema["items"], &format!("{pointer}/0"), found);
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        walk(root, property, &format!("{pointer}/{name}"), found);
    }
}

/// What all readers together are told about one event, in Danish and in English.
fn told(reading: &Reading, id: EventId) -> [Vec<Sentence>; 2] {
    LANGUAGES.map(|language| {
        let sentences = readers()
            .into_iter()
            .flat_map(|reader| voice(reading, reader, language).sections)
            .flat_map(|section| section.sentences);
        sentences
            .filter(|sentence| sentence.events.contains(&id))
            .collect()
    })
}

#[test]
fn every_type_is_told_to_somebody_in_both_languages() {
    let history = whole();
    let reading = history.read();
    for kind in TOLD {
        let number = history
            .records
            .iter()
            .position(|(name, _, _)| name == kind)
            .unwrap_or_else(|| panic!("{kind} is missing"));
        assert!(
            told(&reading, event(number as u128))
                .iter()
                .all(|lines| !lines.is_empty()),
            "{kind} is told to nobody"
        );
    }
}

#[test]
fn the_types_that_are_looked_at_are_those_that_say_to_be_told() {
    let say: BTreeSet<&str> = events::event::CATALOGUE
        .iter()
        .filter(|spec| spec.views.contains(&View::FamilyVoice))
        .map(|spec| spec.name)
        .collect();
    // A correction is told with what it corrects.
    let told: BTreeSet<&str> = TOLD.iter().copied().chain(["EventCorrected"]).collect();
    assert_eq!(told, say);
}

#[test]
fn every_value_has_words_of_its_own() {
    let schemas: BTreeMap<&str, Value> = field_schemas()
        .into_iter()
        .map(|(spec, schema)| (spec.name, schema.to_value()))
        .collect();
    let base = whole();
    let records = base.recorded();
    let mut count = 0;
    for (number, (kind, facts, meta)) in base.records.iter().enumerate() {
        let first = base.records.iter().position(|(name, _, _)| name == kind) == Some(number);
        if !first || !TOLD.contains(&kind.as_str()) {
            continue;
        }
        for (pointer, values) in vocabularies(&schemas[kind.as_str()]) {
            assert!(
                facts
                    .pointer(&pointer)
                    .is_some_and(|value| !value.is_null()),
                "{kind}{pointer} is not in the history"
            );
            let mut said: Vec<([Vec<Sentence>; 2], &str)> = Vec::new();
            for value in &values {
                let mut facts = facts.clone();
                *facts.pointer_mut(&pointer).unwrap() = value.as_str().into();
                let mut records = records.clone();
                records[number] = record(number, kind, &facts, meta);
                let lines = told(
                    &Reading::new(records, ReadingPoint::default()).unwrap(),
                    event(number as u128),
                );
                lines.iter().flatten().for_each(check_line);
                assert!(
                    lines.iter().all(|lines| !lines.is_empty()),
                    "{kind}{pointer} {value} is told to nobody"
                );
                let alike = |other: &str| {
                    ALIKE.iter().any(|(name, field, values)| {
                        name == kind
                            && *field == pointer
                            && values.contains(&other)
                            && values.contains(&value.as_str())
                    })
                };
                for (other_lines, other) in &said {
                    let same = lines
                        .iter()
                        .zip(other_lines)
                        .any(|(one, other)| one == other);
                    assert!(
                        !same || alike(other),
                        "{kind}{pointer}: {other} and {value} are said alike"
                    );
                }
                said.push((lines, value));
                count += 1;
            }
        }
    }
    assert!(count > 250, "{count} values were tried");
}
