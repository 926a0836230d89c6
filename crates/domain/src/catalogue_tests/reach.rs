//! Which refusals each event type can meet, found by trying: every example with one thing changed,
//! on every ground. The list stands in `reached.txt`, so that a reason that got lost is a line that
//! is missing there.
//!
//! It does not say which values are refused; the rows of [`super::refused`] do.

use std::collections::{BTreeMap, BTreeSet};

use events::event::{CATALOGUE, Event, field_schemas};
use events::meta::{Meta, Role};
use events::spec::EventSpec;
use events::time::Occurred;
use serde_json::{Value, json};
use uuid::Uuid;

use super::refused::refused;
use super::{command, ground, refusal_ground};
use crate::decide::{Command, State, Undecided, decide};
use crate::examples::{
    self, BROTHERS_CASE, CASE, LOOK_UPS, NOTIFICATION, SYSTEM, World, actor, day, event, example,
    stream,
};
use crate::given::{Fact, PROVISIONAL_DECISION, case, fact, refusal_of};
use crate::reading::{Reading, ReadingPoint};
use crate::recorded::Recorded;
use crate::refusal::Refusal;
use crate::state::StreamState;

/// What stands in the record before the commands are tried.
fn grounds(spec: &EventSpec) -> Vec<Reading> {
    let complaint = fact("ComplaintReceived").with("decision", json!(event(PROVISIONAL_DECISION)));
    let added: [&[Fact]; 7] = [
        &[fact("CaseClosed")],
        &[fact("CaseClosed"), fact("ArchiveVersionApproved")],
        &[fact("RetentionHoldChanged")],
        &[fact("EventAnnulled")],
        &[complaint],
        &[fact("DocumentFiled")],
        &[fact("PersonsMerged")],
    ];
    let mut erased = refusal_ground(spec.name);
    for record in &mut erased {
        // The opening, a note, and what the complaint was about.
        if [5, 10, 16].map(event).contains(&record.event) {
            record.raw = None;
        }
    }
    let mut records: Vec<Vec<Recorded>> = vec![
        Vec::new(),
        ground(spec.name),
        refusal_ground(spec.name),
        erased,
    ];
    records.extend(added.map(|facts| case().given(facts.to_vec()).records()));
    records
        .into_iter()
        .map(|records| Reading::new(records, ReadingPoint::default()).unwrap())
        .collect()
}

/// Other circumstances of the same fact.
fn circumstances() -> Vec<fn(&mut Command)> {
    vec![
        |_| {},
        |command| command.actor = actor(Role::Auditor),
        |command| command.actor = actor(Role::Board),
        |command| command.actor = actor(Role::Provider),
        |command| command.actor = actor(Role::Caseworker),
        |command| command.actor = actor(Role::CommitteeChair),
        |command| command.actor.id = "L1".into(),
        |command| command.version_given = false,
        |command| command.meta = Meta::at(Occurred::At(day(201))),
        |command| command.meta = Meta::at("2023-01-01".parse().unwrap()),
        |command| {
            command.meta.effective_from = Some("2024-02-02".parse().unwrap());
            command.meta.effective_to = Some("2024-02-01".parse().unwrap());
        },
        |command| {
            let source = json!({ "system": "s", "id": "1", "recorded_at": day(201) });
            command.meta.source = serde_json::from_value(source).unwrap();
        },
        |command| {
            let journal = json!({ "title": "t", "direction": "OUT", "doc_date": "2030-01-01" });
            command.meta.journal = serde_json::from_value(journal).unwrap();
        },
        |command| command.also = vec![stream(BROTHERS_CASE)],
        |command| command.also = vec![stream(CASE)],
        |command| command.also = vec![stream(NOTIFICATION)],
        |command| command.stream = stream(NOTIFICATION),
        |command| command.stream = stream(CASE),
        |command| command.stream = stream(0xc2),
        |command| command.stream = stream(SYSTEM),
        |command| command.stream = stream(LOOK_UPS),
        |command| command.stream = stream(999),
    ]
}

/// Values that are put into each field that takes them.
fn values() -> Vec<Value> {
    let foreign = json!({ "person": Uuid::from_u128(0xff), "role": "CHILD" });
    let at = |of: u128, number: u128| json!({ "stream": stream(of), "event": event(number) });
    let mut single = vec![
        json!(""),
        json!(0),
        json!(1),
        json!(3),
        json!(true),
        json!(false),
        json!("2023-01-01"),
        json!("2030-01-01"),
        json!("2023-01-01T00:00:00Z"),
        json!("2030-01-01T00:00:00Z"),
        json!("K1"),
        json!("mood"),
        json!("9901"),
        examples::child(),
        examples::mother(),
        foreign,
        at(CASE, 777),
        at(CASE, 16),
        at(CASE, 17),
        at(999, 777),
        at(NOTIFICATION, 4),
        json!(stream(CASE)),
        json!(stream(999)),
        json!({ "interval_weeks": 8, "on": "2024-09-01" }),
        json!({ "interval_weeks": 8 }),
    ];
    // An unknown event, a complaint, decisions of several kinds, a note, measures and goals.
    single.extend([777, 10, 13, 14, 16, 70].map(|number| json!(event(number))));
    single.extend([0xa1, 0xa9, 0xad, 0xb1, 0xb3, 0xdead].map(|id| json!(Uuid::from_u128(id))));
    let lists: Vec<Value> = single.iter().map(|value| json!([value])).collect();
    [vec![Value::Null, json!([])], single, lists].concat()
}

/// Every word of a vocabulary that a schema names.
fn words(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            for (name, member) in members {
                match (name.as_str(), member) {
                    ("const", Value::String(word)) => drop(found.insert(word.clone())),
                    ("enum", Value::Array(items)) => found.extend(
                        items
                            .iter()
                            .filter_map(|item| item.as_str().map(str::to_owned)),
                    ),
                    _ => words(member, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| words(item, found)),
        _ => {}
    }
}

/// Changes inside a field, and of two fields at once, that no single value makes.
fn nested(kind: &str) -> Vec<Value> {
    let outcome = |name: &str, value: Value| {
        let mut outcomes = examples::facts::committee(5, 0, "ADOPTED")["outcomes"].clone();
        outcomes[0][name] = value;
        json!({ "outcomes": outcomes })
    };
    match kind {
        "CommitteeDecisionMade" => vec![
            outcome(
                "child",
                json!({ "person": Uuid::from_u128(0xff), "role": "CHILD" }),
            ),
            outcome("valid_to", json!("2023-01-01")),
            outcome("renew_by", json!("2023-01-01")),
        ],
        // The document behind the ground.
        "EventCorrected" => {
            let target = json!({ "stream": stream(CASE), "event": event(70) });
            vec![json!({ "target": target, "field": "content" })]
        }
        "DecisionMade" => vec![json!({ "kind": "PLACEMENT_47", "competence": "COMMITTEE" })],
        _ => Vec::new(),
    }
}

/// The example, and what becomes of it when one field is changed.
fn variations(spec: &EventSpec) -> Vec<Value> {
    let plain = example(spec.name);
    let mut found = vec![plain.clone()];
    let schema = field_schemas()
        .into_iter()
        .find(|(other, _)| other.name == spec.name)
        .unwrap()
        .1;
    let mut vocabulary = BTreeSet::new();
    words(schema.as_value(), &mut vocabulary);
    let mut values = values();
    values.extend(vocabulary.iter().map(|word| json!(word)));
    for field in spec.fields {
        for value in &values {
            let mut facts = plain.clone();
            facts[field.name] = value.clone();
            found.push(facts);
        }
    }
    let rows = refused().into_iter().filter(|row| row.0 == spec.name);
    let rows = rows.map(|(_, change, _)| change);
    for change in rows.chain(nested(spec.name)) {
        let mut facts = plain.clone();
        for (name, value) in change.as_object().unwrap() {
            facts[name] = value.clone();
        }
        found.push(facts);
    }
    found.retain(|facts| Event::from_json(spec.name, facts.clone()).is_ok());
    found
}

fn outcome(reading: &Reading, command: &Command) -> Result<usize, Refusal> {
    let own = StreamState::fold(reading, command.stream);
    let whole = State {
        own: &own,
        reading: Some(reading),
        streams: &World,
        related: &[],
        now: day(200),
    };
    let whole = decide(command, &whole);
    let alone = State {
        own: &own,
        reading: None,
        streams: &World,
        related: &[],
        now: day(200),
    };
    // A command that can be decided without the history is decided alike.
    let alone = decide(command, &alone);
    assert!(
        alone == whole || alone == Err(Undecided::ReadingNeeded),
        "{command:?}"
    );
    whole.map(|facts| facts.len()).map_err(refusal_of)
}

pub(super) fn reached(spec: &EventSpec) -> BTreeSet<Refusal> {
    let mut found = BTreeSet::new();
    let circumstances = circumstances();
    let variations = variations(spec);
    for reading in grounds(spec) {
        let plain = command(spec, example(spec.name));
        for change in &circumstances {
            let mut command = plain.clone();
            change(&mut command);
            found.extend(outcome(&reading, &command).err());
        }
        for facts in &variations {
            found.extend(outcome(&reading, &command(spec, facts.clone())).err());
        }
    }
    found
}

#[test]
fn golden_list_of_every_refusal_that_each_type_can_meet() {
    let mut page = String::new();
    let mut types: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for spec in CATALOGUE {
        page.push_str(&format!("{}\n", spec.name));
        for refusal in reached(spec) {
            let field = refusal.field.unwrap_or_default();
            let line = format!(
                "  {} {} {field}",
                refusal.code.number(),
                refusal.code.as_str()
            );
            page.push_str(line.trim_end());
            page.push('\n');
            types
                .entry(refusal.code.as_str())
                .or_default()
                .insert(spec.name);
        }
    }
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/catalogue_tests/reached.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        golden, page,
        "crates/domain/src/catalogue_tests/reached.txt differs"
    );
    for (kind, _, code) in refused() {
        let reached = types.get(code.as_str());
        assert!(
            reached.is_some_and(|types| types.contains(kind)),
            "{kind} is refused as {} by a row, and was not met here",
            code.as_str()
        );
    }
}
