//! What must hold for every event type, checked on the catalogue itself.

use std::collections::BTreeSet;

use serde_json::json;

use crate::event::{CATALOGUE, Event, field_schemas};
use crate::ids::PersonId;
use crate::meta::{Actor, Channel, Meta, Role};
use crate::parts::{self, DecodeError, who};
use crate::person::{PersonRef, PersonRole};
use crate::personal::Gap;
use crate::raw::RawEvent;
use crate::spec::{StreamKind, Subject};
use crate::time::Occurred;

fn person(number: u128) -> PersonRef {
    PersonRef {
        person: PersonId::new(uuid::Uuid::from_u128(number)).unwrap(),
        role: PersonRole::Child,
    }
}

fn actor() -> Actor {
    Actor {
        id: "K1".into(),
        role: Role::Caseworker,
        unit: None,
        municipality: "0999".into(),
    }
}

fn heard() -> Event {
    let facts = json!({
        "child": person(1), "occasion": "CONTINUOUS", "own_words": ["one", "two"], "present": [person(2)],
        "dialogue_feedback": ["fine"],
    });
    Event::from_json("ChildHeard", facts).unwrap()
}

fn raw() -> RawEvent {
    let meta = Meta {
        channel: Some(Channel::Chat),
        ..Meta::at("2024-04-10".parse::<Occurred>().unwrap())
    };
    RawEvent::from_plain(&heard().encode(&meta, &actor(), StreamKind::Case).unwrap())
}

#[test]
fn names_are_snake_case_and_subjects_point_at_persons() {
    for (spec, schema) in field_schemas() {
        let schema = schema.to_value();
        let properties = schema["properties"].as_object().unwrap();
        assert_eq!(properties.len(), spec.fields.len(), "{}", spec.name);
        for field in spec.fields {
            assert!(
                field
                    .name
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit()),
                "{}",
                field.name
            );
            if let Subject::Person(of) = field.subject {
                assert!(spec.field(of).is_some(), "{}.{}", spec.name, field.name);
                assert!(
                    properties[of].to_string().contains("PersonRef"),
                    "{}.{of} names no person",
                    spec.name
                );
            }
        }
    }
}

#[test]
fn every_type_is_fully_described() {
    let mut orders = BTreeSet::new();
    for spec in CATALOGUE {
        assert!(
            !spec.danish.is_empty()
                && !spec.doc.is_empty()
                && !spec.streams.is_empty()
                && !spec.roles.is_empty(),
            "{}",
            spec.name
        );
        assert!(!spec.views.is_empty(), "{} is shown nowhere", spec.name);
        assert!(
            spec.order.is_none_or(|order| orders.insert(order)),
            "{} shares its order",
            spec.name
        );
    }
}

#[test]
fn an_event_is_split_by_person_and_put_together_again() {
    let raw = raw();
    let holders: Vec<&str> = raw.parts.iter().map(|part| part.who.as_str()).collect();
    assert_eq!(holders, ["case".to_owned(), who(person(1))]);
    assert!(
        raw.parts[0].fields.contains_key("child") && !raw.parts[0].fields.contains_key("own_words")
    );
    assert_eq!(Event::decode(&raw).unwrap(), heard());
    assert_eq!(parts::meta(&raw).unwrap().channel, Some(Channel::Chat));
    assert_eq!(parts::actor(&raw).unwrap(), actor());
    assert_eq!(parts::person_of(&raw.parts[1].who), Some(person(1)));
}

#[test]
fn erasing_any_single_element_never_fails_the_reading() {
    let whole = raw();
    for part in 0..whole.parts.len() {
        for name in whole.parts[part].fields.keys() {
            for place in 0..whole.parts[part].fields[name].len() {
                let mut raw = whole.clone();
                raw.parts[part].fields.get_mut(name).unwrap()[place].value = Err(Gap::Erased);
                match Event::decode(&raw) {
                    Ok(event) => {
                        assert!(part > 0 || name == "meta" || name == "actor" || event != heard())
                    }
                    Err(error) => assert!(matches!(error, DecodeError::Gone), "{name}: {error}"),
                }
            }
        }
    }
}

#[test]
fn what_is_not_known_is_refused_by_name() {
    let mut unknown = raw();
    unknown.kind = "ChildForgotten".into();
    assert!(matches!(
        Event::decode(&unknown),
        Err(DecodeError::UnknownType { .. })
    ));
    let mut newer = raw();
    newer.version = 3;
    assert!(matches!(
        Event::decode(&newer),
        Err(DecodeError::UnknownVersion {
            version: 3,
            known: 2,
            ..
        })
    ));
    let mut bent = raw();
    bent.parts[0].fields.insert("extra".into(), Vec::new());
    assert!(matches!(
        Event::decode(&bent),
        Err(DecodeError::Misfit { .. })
    ));
    let unknown_value = json!({ "child": person(1), "occasion": "WHENEVER", "own_words": ["x"] });
    assert!(
        Event::from_json("ChildHeard", unknown_value)
            .unwrap_err()
            .to_string()
            .contains("WHENEVER")
    );
    let unknown_field =
        json!({ "child": person(1), "occasion": "CONTINUOUS", "own_words": ["x"], "mood": 1 });
    assert!(
        Event::from_json("ChildHeard", unknown_field)
            .unwrap_err()
            .to_string()
            .contains("mood")
    );
}
