//! From a struct to the parts that are stored, and back, by the subject of each field.
//!
//! The rule is the same for every event type; nothing here knows a particular one.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::ids::PersonId;
use crate::meta::{Actor, Meta};
use crate::person::{PersonRef, PersonRole};
use crate::raw::{PlainEvent, PlainPart, RawElement, RawEvent, RawPart};
use crate::spec::{EventSpec, Facts, FieldSpec, StreamKind, Subject};

/// Reserved field of part 0 for the circumstances.
pub const META: &str = "meta";
/// Reserved field of part 0 for who recorded it.
pub const ACTOR: &str = "actor";

/// A struct could not be turned into parts.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// The value does not serialise.
    #[error("the event does not serialise")]
    Json(#[from] serde_json::Error),
    /// A field is about a person that the event does not name.
    #[error("field {field} is about a person, but {of} does not name one")]
    NoPerson {
        /// The field.
        field: &'static str,
        /// The field that should name the person.
        of: &'static str,
    },
}

/// Parts could not be turned into a struct.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// A required fact was erased or withheld, so that the event reads as a hole.
    #[error("a fact that the reading needs is gone")]
    Gone,
    /// Not an event type of this program.
    #[error("the event type {kind} is not known")]
    UnknownType {
        /// Its name.
        kind: String,
    },
    /// A version that this program does not read.
    #[error("version {version} of {kind} is not known, the newest known is {known}")]
    UnknownVersion {
        /// Event type.
        kind: String,
        /// The version met.
        version: u64,
        /// The newest version known.
        known: u32,
    },
    /// The content does not fit the type: a bent record, or a version that is not known.
    #[error("the content does not fit the type {kind}")]
    Misfit {
        /// Event type.
        kind: String,
        /// What serde found.
        #[source]
        source: serde_json::Error,
    },
}

/// How a part names a person: `child:uuid`.
#[must_use]
pub fn who(person: PersonRef) -> String {
    format!(
        "{}:{}",
        person.role.stored().to_ascii_lowercase(),
        person.person
    )
}

/// The person that a part names; none for the stream's own part.
#[must_use]
pub fn person_of(who: &str) -> Option<PersonRef> {
    let (role, id) = who.split_once(':')?;
    let role = PersonRole::ALL
        .iter()
        .copied()
        .find(|known| known.stored().eq_ignore_ascii_case(role))?;
    let person: PersonId = id.parse().ok()?;
    Some(PersonRef { person, role })
}

/// Splits an event into parts.
///
/// # Errors
/// [`EncodeError`] when a field is about a person that the event does not name.
pub fn encode<T: Facts>(
    facts: &T,
    meta: &Meta,
    actor: &Actor,
    stream: StreamKind,
) -> Result<PlainEvent, EncodeError> {
    let spec = T::SPEC;
    let Value::Object(mut object) = serde_json::to_value(facts)? else {
        return Err(EncodeError::Json(serde::ser::Error::custom(
            "not an object",
        )));
    };
    let mut own = PlainPart {
        who: stream.who().to_owned(),
        fields: BTreeMap::new(),
    };
    own.fields
        .insert(META.to_owned(), vec![serde_json::to_value(meta)?]);
    own.fields
        .insert(ACTOR.to_owned(), vec![serde_json::to_value(actor)?]);
    let mut people: Vec<PlainPart> = Vec::new();
    let persons = persons_named(&object, &spec)?;
    for field in spec.fields {
        let Some(value) = object.remove(field.name).filter(|value| !value.is_null()) else {
            continue;
        };
        match field.subject {
            Subject::Matter => {
                own.fields
                    .insert(field.name.to_owned(), elements(value, field.list));
            }
            Subject::Person(of) => {
                let part = match persons.get(of) {
                    Some(Some(person)) => part_of(&mut people, &who(*person)),
                    Some(None) => &mut own,
                    None => {
                        return Err(EncodeError::NoPerson {
                            field: field.name,
                            of,
                        });
                    }
                };
                part.fields
                    .insert(field.name.to_owned(), elements(value, field.list));
            }
            Subject::EachPerson => split_each(field, value, &mut own, &mut people)?,
        }
    }
    let mut parts = vec![own];
    parts.append(&mut people);
    Ok(PlainEvent {
        kind: spec.name.to_owned(),
        version: spec.version,
        parts,
    })
}

/// An empty list in the stream's own part says "known to be empty"; items go to their persons.
fn split_each(
    field: &FieldSpec,
    value: Value,
    own: &mut PlainPart,
    people: &mut Vec<PlainPart>,
) -> Result<(), EncodeError> {
    let items: Vec<crate::person::About> = serde_json::from_value(value)?;
    if items.is_empty() {
        own.fields.insert(field.name.to_owned(), Vec::new());
    }
    for item in items {
        let part = part_of(people, &who(item.who));
        let words = elements(serde_json::to_value(&item.words)?, true);
        part.fields
            .entry(field.name.to_owned())
            .or_default()
            .extend(words);
    }
    Ok(())
}

/// The persons that fields of the event point at, by field name.
fn persons_named(
    object: &Map<String, Value>,
    spec: &EventSpec,
) -> Result<BTreeMap<&'static str, Option<PersonRef>>, EncodeError> {
    let mut persons = BTreeMap::new();
    for field in spec.fields {
        let Subject::Person(of) = field.subject else {
            continue;
        };
        if spec.field(of).is_none() {
            return Err(EncodeError::NoPerson {
                field: field.name,
                of,
            });
        }
        let person = match object.get(of) {
            None | Some(Value::Null) => None,
            Some(value) => Some(serde_json::from_value(value.clone())?),
        };
        persons.insert(of, person);
    }
    Ok(persons)
}

fn part_of<'a>(people: &'a mut Vec<PlainPart>, who: &str) -> &'a mut PlainPart {
    let place = people
        .iter()
        .position(|part| part.who == who)
        .unwrap_or_else(|| {
            people.push(PlainPart {
                who: who.to_owned(),
                fields: BTreeMap::new(),
            });
            people.len() - 1
        });
    #[expect(clippy::indexing_slicing, reason = "the place was just found or made")]
    &mut people[place]
}

fn elements(value: Value, list: bool) -> Vec<Value> {
    match value {
        Value::Array(items) if list => items,
        single => vec![single],
    }
}

/// Puts an event together again.
///
/// # Errors
/// [`DecodeError::Gone`] when a fact that is not personal was erased or withheld;
/// [`DecodeError::Misfit`] when the content does not fit the type.
pub fn decode<T: Facts>(raw: &RawEvent) -> Result<T, DecodeError> {
    let spec = T::SPEC;
    let mut object = Map::new();
    let mut gaps = false;
    for field in spec.fields {
        if let Some(value) = gather(raw, field, &mut gaps) {
            object.insert(field.name.to_owned(), value);
        }
    }
    let unknown = raw
        .parts
        .iter()
        .flat_map(|part| part.fields.keys())
        .find(|name| name.as_str() != META && name.as_str() != ACTOR && spec.field(name).is_none());
    if let Some(name) = unknown {
        object.insert(name.clone(), Value::Null);
    }
    serde_json::from_value(Value::Object(object)).map_err(|source| {
        if gaps && unknown.is_none() {
            DecodeError::Gone
        } else {
            DecodeError::Misfit {
                kind: raw.kind.clone(),
                source,
            }
        }
    })
}

fn gather(raw: &RawEvent, field: &FieldSpec, gaps: &mut bool) -> Option<Value> {
    let holders: Vec<(&RawPart, &Vec<RawElement>)> = raw
        .parts
        .iter()
        .filter_map(|part| part.fields.get(field.name).map(|elements| (part, elements)))
        .collect();
    if holders.is_empty() {
        return None;
    }
    let mut read = |elements: &Vec<RawElement>| -> Vec<Value> {
        elements
            .iter()
            .map(|element| match &element.value {
                Ok(value) => value.clone(),
                Err(gap) => {
                    *gaps = true;
                    gap.marker()
                }
            })
            .collect()
    };
    if field.subject == Subject::EachPerson {
        let items = holders.iter().filter_map(|(part, elements)| {
            let who = person_of(&part.who)?;
            Some(serde_json::json!({ "who": who, "words": read(elements) }))
        });
        return Some(Value::Array(items.collect()));
    }
    let mut values: Vec<Value> = holders
        .iter()
        .flat_map(|(_, elements)| read(elements))
        .collect();
    if field.list {
        Some(Value::Array(values))
    } else {
        values.pop()
    }
}

/// The circumstances; none when they were erased or withheld.
#[must_use]
pub fn meta(raw: &RawEvent) -> Option<Meta> {
    reserved(raw, META)
}

/// Who recorded it; none when erased or withheld.
#[must_use]
pub fn actor(raw: &RawEvent) -> Option<Actor> {
    reserved(raw, ACTOR)
}

fn reserved<T: serde::de::DeserializeOwned>(raw: &RawEvent, name: &str) -> Option<T> {
    let element = raw.parts.first()?.fields.get(name)?.first()?;
    T::deserialize(element.value.as_ref().ok()?).ok()
}
