//! The two histories as the program imports them, evaluated without the program: the dossiers are
//! read as they stand, names turned into the stored ones.

use events::event::{CATALOGUE as TYPES, Event};
use events::ids::{EventId, StreamId};
use events::meta::{Actor, Meta};
use events::spec::EventSpec;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::story::{CATALOGUE, instant, of, word};
use crate::engine::evaluate;
use crate::fact::{Circumstances, Fact};
use crate::obligation::{DueAt, Evaluation};

struct Row {
    stream: StreamId,
    also: Vec<StreamId>,
    event: EventId,
    recorded_at: Timestamp,
    meta: Meta,
    actor: Actor,
    facts: Event,
}

fn stored_name(name: &str) -> String {
    name.chars()
        .flat_map(|c| {
            if c.is_ascii_uppercase() {
                vec!['_', c.to_ascii_lowercase()]
            } else {
                vec![c]
            }
        })
        .collect()
}

/// Turns the names of the API into the stored ones.
fn renamed(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| {
                let value = renamed(value);
                let words = name == "words" && value.is_string();
                (
                    stored_name(name),
                    if words { json!([value]) } else { value },
                )
            });
            Value::Object(members.collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(renamed).collect()),
        other => other.clone(),
    }
}

/// A text stands as one string in the API and as its paragraphs in the record.
fn facts(spec: &EventSpec, says: &Value) -> Option<Event> {
    let mut says = renamed(says);
    for (name, value) in says.as_object_mut()? {
        if value.is_string() && spec.field(name).is_some_and(|field| field.list) {
            *value = json!([value]);
        }
    }
    Event::from_json(spec.name, says).ok()
}

fn meta(input: &Map<String, Value>) -> Meta {
    let mut meta = json!({ "occurred": input["occurred"] });
    let named = [
        "channel",
        "legal_basis",
        "effective_from",
        "effective_to",
        "journal",
        "source",
    ];
    let input = renamed(&Value::Object(input.clone()));
    for name in named.into_iter().filter(|name| !input[*name].is_null()) {
        meta[name] = input[name].clone();
    }
    serde_json::from_value(meta).unwrap()
}

/// The rows of a dossier that are facts; what only the running log can do is left out.
fn rows(dossier: &str) -> Vec<Row> {
    let rows = dossier.lines().filter_map(|line| {
        let line: Value = serde_json::from_str(line).unwrap();
        let input = line["input"].as_object().unwrap();
        let spec = TYPES
            .iter()
            .find(|spec| spec.order == line["mutation"].as_str())?;
        let stream: StreamId = serde_json::from_value(input.get("stream")?.clone()).unwrap();
        let meta = meta(input);
        let mut actor = line["actor"].clone();
        actor["municipality"] = json!("9901");
        Some(Row {
            stream,
            also: input
                .get("alsoCases")
                .map(|also| serde_json::from_value(also.clone()).unwrap())
                .unwrap_or_default(),
            event: serde_json::from_value(input["eventId"].clone()).unwrap(),
            recorded_at: meta.source.as_ref().unwrap().recorded_at,
            meta,
            actor: serde_json::from_value(actor).unwrap(),
            facts: facts(spec, &input["facts"])?,
        })
    });
    rows.collect()
}

/// The reading of one case: its stream, what was written for it too, and the streams of persons,
/// notifications and advice. What was annulled is left out.
fn evaluated(rows: &[Row], case: &str, as_of: &str) -> Evaluation<'static> {
    let case: StreamId = case.parse().unwrap();
    let annulled: Vec<EventId> = rows
        .iter()
        .filter_map(|row| match &row.facts {
            Event::EventAnnulled(annulment) => Some(annulment.target.event),
            _ => None,
        })
        .collect();
    let cases: Vec<StreamId> = rows
        .iter()
        .filter(|row| matches!(row.facts, Event::CaseOpened(_)))
        .map(|row| row.stream)
        .collect();
    let own =
        |row: &&Row| row.stream == case || row.also.contains(&case) || !cases.contains(&row.stream);
    let facts: Vec<Fact<'_>> = rows
        .iter()
        .enumerate()
        .filter(|(_, row)| own(row) && !annulled.contains(&row.event))
        .map(|(index, row)| Fact {
            stream: row.stream,
            event: row.event,
            index: index as u64,
            recorded_at: row.recorded_at,
            meta: &row.meta,
            actor: Some(&row.actor),
            facts: &row.facts,
        })
        .collect();
    evaluate(
        &CATALOGUE,
        &facts,
        &Circumstances::plain("9901", instant(as_of), Some(case)),
    )
}

fn lines(evaluation: &Evaluation<'static>, rule: &str) -> Vec<String> {
    let duties = of(evaluation, rule)
        .into_iter()
        .map(|duty| match &duty.due {
            DueAt::Day(day) => format!("{day} {}", word(duty)),
            _ => word(duty),
        });
    duties.collect()
}

/// Every duty of a rule stands so.
#[track_caller]
fn all(evaluation: &Evaluation<'static>, rule: &str, count: usize, status: &str) {
    assert_eq!(
        lines(evaluation, rule),
        vec![status.to_owned(); count],
        "{rule}"
    );
}

#[test]
fn the_dossier_of_alma_is_evaluated_like_her_history() {
    let rows = rows(include_str!("../../../sagsspor/dossiers/alma.jsonl"));
    let evaluation = evaluated(&rows, "dc7f2622-9fc8-5d18-9790-32c61c715ece", "2024-11-06");
    let of_the_record = ["ADM-OFL13-NOTE", "ADM-OFL15-JOURNAL", "LOC-NOTE-LAG-3A"];
    let found: Vec<String> = evaluation
        .obligations
        .iter()
        .filter(|duty| !of_the_record.contains(&duty.rule.id.as_str()))
        .map(super::history_a::line)
        .collect();
    let expected: Vec<&str> = super::history_a::EXPECTED
        .iter()
        .copied()
        .filter(|line| !line.contains("LOC-NOTE-LAG-3A"))
        .collect();
    assert_eq!(found, expected);
    assert_eq!(evaluation.findings, []);
    for rule in of_the_record {
        assert!(
            lines(&evaluation, rule)
                .iter()
                .all(|line| line.ends_with("MET")),
            "{rule}"
        );
    }
}

const BASTIAN: &str = "8c52d773-2578-57d8-91bd-70ab02a89a12";
const CLARA: &str = "4385a6e5-0422-54f0-98a1-c72fe929dabc";

#[test]
fn the_dossier_of_bastian_and_clara_is_evaluated_like_their_history() {
    let rows = rows(include_str!(
        "../../../sagsspor/dossiers/bastian-clara.jsonl"
    ));
    for (case, parties) in [(BASTIAN, 3), (CLARA, 2)] {
        let evaluation = evaluated(&rows, case, "2025-12-08");
        for rule in [
            "BL-136-2-24H",
            "BL-137-3-ABUSETALK",
            "BL-138-2-FEEDBACK",
            "BL-20-1-DECIDE",
            "BL-125-CHILDHOUSE",
            "BL-21-1-SIBLING",
        ] {
            all(&evaluation, rule, 1, "MET");
        }
        for rule in [
            "BL-8-3-NETWORK",
            "BL-21-5-TWO",
            "BL-77-PARENTPLAN",
            "BL-91-2-PLAN47",
            "BL-51-CONTENTS",
            "ADM-RSB11-6-FORWARD",
        ] {
            all(&evaluation, rule, 1, "MET");
        }
        all(&evaluation, "BL-143-3-24H", parties, "MET");
        all(&evaluation, "BL-140-LAWYER", 2 * parties, "MET");
        all(&evaluation, "BL-138-1-ACK", 1, "2025-02-24 MET");
        all(&evaluation, "BL-143-4-7D", 1, "2025-02-22 MET");
        all(&evaluation, "BL-143-5-1M", 1, "2025-03-20 MET");
        all(&evaluation, "BL-20-3-4M", 1, "2025-06-14 MET");
        all(&evaluation, "BL-95-2-FIRST", 1, "2025-03-06 MET");
        all(&evaluation, "ADM-FVL16-7A", 1, "2025-03-07 MET");
        all(&evaluation, "ADM-RSL73-8W", 1, "2025-06-18 MET");
        all(&evaluation, "BL-105-EXPIRY", 1, "2025-09-13 MET");
        all(&evaluation, "BL-156-5-VISITS", 1, "2026-02-15 MET");
        assert!(
            lines(&evaluation, "BL-5-3-VIEWS")
                .iter()
                .all(|line| line == "MET")
        );
        assert!(
            lines(&evaluation, "ADM-FVL25-GUIDE")
                .iter()
                .all(|line| line == "MET")
        );
        all(&evaluation, "ADM-BL147-COURT", parties, "2025-07-10 LAPSED");
    }
}

#[test]
fn the_dossier_of_bastian_and_clara_keeps_what_each_child_is_owed_apart() {
    let rows = rows(include_str!(
        "../../../sagsspor/dossiers/bastian-clara.jsonl"
    ));
    let (bastian, clara) = (
        evaluated(&rows, BASTIAN, "2025-12-08"),
        evaluated(&rows, CLARA, "2025-12-08"),
    );
    all(&bastian, "BL-50-RENEW", 1, "2026-06-11 OPEN");
    all(&clara, "BL-50-RENEW", 1, "2025-12-11 MET");
    all(&bastian, "ADM-BOARD-ORDER", 0, "");
    all(&clara, "ADM-BOARD-ORDER", 1, "2025-12-11 MET");
    all(&bastian, "ADM-RSB11-4W", 1, "2025-04-30 MET");
    all(&clara, "ADM-RSB11-4W", 0, "");
    all(&bastian, "BL-132-MOVE", 1, "MET");
    all(&clara, "BL-132-MOVE", 2, "MET");
    assert_eq!(
        lines(&bastian, "BL-95-OWN").last().map(String::as_str),
        Some("2025-12-04 OVERDUE")
    );
    // What the dossier does not record is shown and hidden from nobody: nobody was heard on the
    // place that stayed the same, nor on the return home.
    let unheard = |evaluation: &Evaluation<'static>| {
        lines(evaluation, "ADM-FVL19-HEAR")
            .iter()
            .filter(|line| *line == "OVERDUE")
            .count()
    };
    assert_eq!((unheard(&bastian), unheard(&clara)), (2, 4));
}
