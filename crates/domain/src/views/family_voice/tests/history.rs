//! A made-up history in which every type and every field that the family is told of stands once.

use events::event::{CATALOGUE, Event};
use events::ids::{EventId, PersonId, StreamId};
use events::meta::{Meta, Role};
use events::person::PersonRef;
use events::raw::RawEvent;
use events::spec::StreamKind;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::reading::{Reading, ReadingPoint};
use crate::reading_tests::{actor, event, stream};
use crate::recorded::Recorded;
use crate::views::family_voice::{FamilyVoice, Language, Reader, family_voice};

pub(super) const LANGUAGES: [Language; 2] = [Language::Danish, Language::English];

fn person(number: u128, role: &str) -> Value {
    json!({ "person": Uuid::from_u128(number), "role": role })
}

pub(super) fn alma() -> Value {
    person(0xa1, "CHILD")
}
pub(super) fn mette() -> Value {
    person(0xa2, "PARENT")
}
pub(super) fn jonas() -> Value {
    person(0xa3, "PARENT")
}
pub(super) fn emil() -> Value {
    person(0xa4, "SIBLING")
}
pub(super) fn karen() -> Value {
    person(0xa5, "RELATIVE")
}
pub(super) fn lise() -> Value {
    person(0xa6, "PROFESSIONAL")
}
pub(super) fn henrik() -> Value {
    person(0xa7, "NOTIFIER")
}

pub(super) fn id_of(person: &Value) -> PersonId {
    serde_json::from_value::<PersonRef>(person.clone())
        .unwrap()
        .person
}

pub(super) fn mother() -> Reader {
    Reader::Parent(id_of(&mette()))
}

pub(super) fn father() -> Reader {
    Reader::Parent(id_of(&jonas()))
}

pub(super) fn readers() -> [Reader; 4] {
    [Reader::Child, mother(), father(), Reader::Family]
}

pub(super) const CASE: u128 = 1;

/// The nth day of 2024, from 0.
pub(super) fn day(number: u64) -> Date {
    "2024-01-01"
        .parse::<Date>()
        .unwrap()
        .checked_add(i64::try_from(number).unwrap().days())
        .unwrap()
}

/// Noon of that day in Denmark.
pub(super) fn noon(number: u64) -> Timestamp {
    events::time::start_of_day(day(number))
        .checked_add(12.hours())
        .unwrap()
}

/// Records, one a day.
#[derive(Clone, Default)]
pub(super) struct History {
    pub(super) records: Vec<(String, Value, Meta)>,
}

impl History {
    pub(super) fn add(&mut self, kind: &str, facts: Value) -> EventId {
        self.add_with(kind, facts, |_| {})
    }

    pub(super) fn add_with(
        &mut self,
        kind: &str,
        facts: Value,
        change: impl FnOnce(&mut Meta),
    ) -> EventId {
        let number = self.records.len();
        let mut meta = Meta::at(events::time::Occurred::At(noon(number as u64)));
        change(&mut meta);
        self.records.push((kind.to_owned(), facts, meta));
        event(number as u128)
    }

    /// The family, by name.
    pub(super) fn family(&mut self) {
        let names = [
            (alma(), "Alma"),
            (mette(), "Mette"),
            (jonas(), "Jonas"),
            (emil(), "Emil"),
            (karen(), "Karen"),
            (lise(), "Lise"),
        ];
        for (person, name) in names {
            self.add(
                "PersonRegistered",
                json!({ "person": person, "name": format!("{name} Prøve") }),
            );
        }
        self.add(
            "PersonRegistered",
            json!({ "person": henrik(), "name": "Henrik Prøve" }),
        );
    }

    pub(super) fn open(&mut self) -> EventId {
        self.add("CaseOpened", json!({ "child": alma(), "ground": ["vi har selv bedt om hjælp."], "kle_number": "27.24.00" }))
    }

    /// A decision that the mother was told of.
    pub(super) fn decide(&mut self, kind: &str) -> EventId {
        let decision = self.add("DecisionMade", decision(kind));
        self.tell(decision, &mette());
        decision
    }

    pub(super) fn tell(&mut self, decision: EventId, whom: &Value) -> EventId {
        let number = self.records.len() as u64;
        self.add("DecisionCommunicated", communicated(decision, whom, number))
    }

    pub(super) fn recorded(&self) -> Vec<Recorded> {
        self.records
            .iter()
            .enumerate()
            .map(|(number, (kind, facts, meta))| record(number, kind, facts, meta))
            .collect()
    }

    pub(super) fn read(&self) -> Reading {
        Reading::new(self.recorded(), ReadingPoint::default()).unwrap()
    }

    /// The text for a reader on the last day of 2024.
    pub(super) fn voice(&self, reader: Reader, language: Language) -> FamilyVoice {
        voice(&self.read(), reader, language)
    }

    pub(super) fn text(&self, reader: Reader) -> String {
        self.voice(reader, Language::Danish).text()
    }
}

pub(super) fn voice(reading: &Reading, reader: Reader, language: Language) -> FamilyVoice {
    family_voice(
        reading,
        stream(CASE),
        reader,
        language,
        "2024-12-31".parse().unwrap(),
    )
}

pub(super) fn record(number: usize, kind: &str, facts: &Value, meta: &Meta) -> Recorded {
    let spec = CATALOGUE.iter().find(|spec| spec.name == kind).unwrap();
    let stream_kind = spec.streams[0];
    let stream: StreamId = match stream_kind {
        StreamKind::Person => {
            let of = facts.get("person").or_else(|| facts.get("from")).unwrap();
            serde_json::from_value::<PersonRef>(of.clone())
                .unwrap()
                .person
                .into()
        }
        StreamKind::Notification => stream(2),
        StreamKind::Case | StreamKind::System | StreamKind::Access => stream(CASE),
    };
    let parsed =
        Event::from_json(kind, facts.clone()).unwrap_or_else(|error| panic!("{kind}: {error}"));
    let mut raw = RawEvent::from_plain(
        &parsed
            .encode(meta, &actor(Role::Caseworker), stream_kind)
            .unwrap(),
    );
    for (place, part) in raw.parts.iter_mut().enumerate() {
        for (name, elements) in &mut part.fields {
            for (item, element) in elements.iter_mut().enumerate() {
                element.digest = format!("{:_<43}", format!("{number}-{place}-{name}-{item}"));
            }
        }
    }
    let index = number as u64;
    Recorded {
        index,
        recorded_at: noon(index),
        stream,
        seq: index + 1,
        event: event(number as u128),
        raw: Some(raw),
    }
}

pub(super) fn decision(kind: &str) -> Value {
    json!({
        "kind": kind, "section": "BL § 32", "outcome": "GRANT", "child": alma(), "measure": Uuid::from_u128(0x31), "purpose": ["ro i familien."],
        "expected_duration_months": 6, "plan_position": "REQUIRED", "plan_reasons": ["alle vil det."], "parties": [mette()],
        "discretion_factors": ["hendes eget ønske."], "key_facts": ["fraværet er stort."], "rests_on": [], "fully_favourable": true,
        "immediate_effect": true, "competence": "CASEWORKER",
    })
}

pub(super) fn communicated(decision: EventId, whom: &Value, number: u64) -> Value {
    json!({
        "decision": decision,
        "recipients": [{ "who": whom, "channel": "DIGITAL_POST", "available_at": noon(number), "oral": false, "guidance": ["APPEAL"] }],
    })
}

pub(super) fn notification(suspicions: &[&str]) -> Value {
    json!({
        "notifier_kind": "PROFESSIONAL_133", "notifier": henrik(), "contactable": true, "notifier_name": "Henrik Hemmelig",
        "notifier_relation": "skoleleder", "notifier_contact": "telefon 00000000", "children": [alma()], "unborn": false,
        "concerns": ["ABSENCE"], "suspicions": suspicions, "text": ["jeg er skolelederen."],
    })
}

pub(super) fn heard(words: &str) -> Value {
    json!({ "child": alma(), "occasion": "CONTINUOUS", "own_words": [words] })
}

pub(super) fn provisional(carried_out: Option<Timestamp>) -> Value {
    json!({
        "by": "CHAIR", "matters": ["PLACEMENT_47"], "sections": ["BL § 143"], "children": [alma()], "urgency": ["faren var stor."],
        "carried_out_at": carried_out, "police_help": true,
    })
}

pub(super) fn committee(decides: &Value, approves: Option<EventId>) -> Value {
    json!({
        "outcomes": [{
            "child": decides, "matter": "PLACEMENT_47", "section": "BL § 47", "outcome": "ADOPTED", "votes_for": 4, "votes_against": 1,
            "valid_to": "2025-03-01", "renew_by": "2025-02-01", "conditions": "der holdes et møde",
        }],
        "members": ["COUNCILLOR", "COUNCILLOR", "JUDGE", "EXPERT", "EXPERT"], "judge_dissent": true, "reasons": ["det er nødvendigt."],
        "statements": [{ "who": mette(), "words": ["jeg vil have hende hjem."] }], "spoke": [mette()], "lawyers_present": [lise()],
        "approves": approves,
    })
}

pub(super) fn measured(respondent: &Value, instrument: &str) -> Value {
    json!({
        "child": alma(), "respondent": respondent, "instrument": instrument, "instrument_version": "v", "occasion": "START",
        "scores": { "first": 52, "second": 48, "third": 61, "fourth": 50, "total": 211 },
    })
}

pub(super) fn follow_up(rhythm: &Value) -> Value {
    json!({
        "measures": [], "first": true, "child": alma(), "child_involved": true, "parents_involved": [mette()],
        "wellbeing_judgement": ["hun er gladere."], "measure_judgement": "KEEP", "new_assessment_needed": true, "plan_revision_needed": true,
        "next_rhythm": rhythm, "rhythm_reasons": ["alle vil have ro."], "rhythm_told_to": [mette()], "delay_reasons": ["der var ferie."],
    })
}

pub(super) fn started(decision: Option<EventId>) -> Value {
    json!({
        "measure": Uuid::from_u128(0x31), "section": "BL § 32", "ladder_step": 2, "ladder_definition": "trappen", "provider": "Familiehuset",
        "decision": decision, "provisional": true,
    })
}
