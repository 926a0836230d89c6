//! What fields and values are called, in Danish and English, and of what kind a stored value is.
//!
//! Whoever shows an event asks here, so that a code is translated because its field is a vocabulary,
//! and never because of how a text looks. Danish names stand in two lists beside this file; English
//! ones are made from the language itself.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;

use crate::event::field_schemas;
use crate::meta::{Actor, Meta};
use crate::personal::Gap;
use crate::time::{Occurred, denmark};

/// A language that texts are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
pub enum Language {
    /// Danish.
    Danish,
    /// English.
    English,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::Danish, Self::English];

    /// Its code (ISO 639-1).
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Danish => "da",
            Self::English => "en",
        }
    }

    /// A text in this language.
    #[must_use]
    pub const fn pick<'a>(self, danish: &'a str, english: &'a str) -> &'a str {
        match self {
            Self::Danish => danish,
            Self::English => english,
        }
    }
}

/// Danish names of fields: stored name, a space, the name.
const FIELDS: &str = include_str!("labels/fields.da.txt");
/// Danish names of values: vocabulary, a space, stored value, a space, the name.
const VALUES: &str = include_str!("labels/values.da.txt");

/// Of what kind a stored value is. A list has the kind of its items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A text in somebody's words, or a name or number that is shown as it is.
    Text,
    /// A value of the vocabulary of that name.
    Word(String),
    /// A calendar day.
    Day,
    /// A moment, known to the instant or more coarsely.
    Moment,
    /// A person in a role.
    Person,
    /// An event: its id, or its id and stream.
    Event,
    /// An object, member by member.
    Object(BTreeMap<String, Kind>),
}

impl Kind {
    /// The kind of a member of an object; a text where nothing more is known of it.
    #[must_use]
    pub fn member(&self, name: &str) -> &Self {
        match self {
            Self::Object(kinds) => kinds.get(name).unwrap_or(&Self::Text),
            _ => &Self::Text,
        }
    }
}

struct Names {
    /// Fields of each event type.
    kinds: BTreeMap<&'static str, BTreeMap<String, Kind>>,
    /// Values of each vocabulary with what they mean, as the language says it in English.
    english: BTreeMap<String, BTreeMap<String, String>>,
    danish: BTreeMap<&'static str, BTreeMap<&'static str, &'static str>>,
    danish_fields: BTreeMap<&'static str, &'static str>,
}

static NAMES: LazyLock<Names> = LazyLock::new(Names::new);

impl Names {
    fn new() -> Self {
        let mut names = Self {
            kinds: BTreeMap::new(),
            english: BTreeMap::new(),
            danish: BTreeMap::new(),
            danish_fields: FIELDS
                .lines()
                .filter_map(|line| line.split_once(' '))
                .collect(),
        };
        for (vocabulary, stored, name) in VALUES.lines().filter_map(value_line) {
            names
                .danish
                .entry(vocabulary)
                .or_default()
                .insert(stored, name);
        }
        for (spec, schema) in field_schemas() {
            let kinds = names.members(&schema.to_value());
            names.kinds.insert(spec.name, kinds);
        }
        names.members(&schemars::schema_for!(Meta).to_value());
        names.members(&schemars::schema_for!(Actor).to_value());
        names
    }

    /// The kinds of the members of an object; its vocabularies are taken in on the way.
    fn members(&mut self, schema: &Value) -> BTreeMap<String, Kind> {
        let nothing = Value::Null;
        let definitions = schema.get("$defs").unwrap_or(&nothing);
        for (name, definition) in definitions.as_object().into_iter().flatten() {
            let values = vocabulary(definition);
            if !values.is_empty() {
                self.english.insert(name.clone(), values);
            }
        }
        members(schema, definitions)
    }
}

fn value_line(line: &'static str) -> Option<(&'static str, &'static str, &'static str)> {
    let (vocabulary, rest) = line.split_once(' ')?;
    let (stored, name) = rest.split_once(' ')?;
    Some((vocabulary, stored, name))
}

/// The values of a vocabulary, each with what it means; empty where the definition is none.
fn vocabulary(definition: &Value) -> BTreeMap<String, String> {
    let values = definition.get("oneOf").and_then(Value::as_array);
    let values = values.into_iter().flatten();
    let named = values.map(|value| {
        let stored = value.get("const")?.as_str()?;
        let meaning = value.get("description")?.as_str()?;
        Some((stored.to_owned(), plain(meaning)))
    });
    named.collect::<Option<_>>().unwrap_or_default()
}

/// The first sentence of a doc comment, without its marks.
fn plain(doc: &str) -> String {
    let line = doc
        .lines()
        .next()
        .unwrap_or_default()
        .replace(['*', '`'], "");
    line.trim_end_matches('.').to_owned()
}

fn members(schema: &Value, definitions: &Value) -> BTreeMap<String, Kind> {
    let properties = schema.get("properties").and_then(Value::as_object);
    let properties = properties.into_iter().flatten();
    properties
        .map(|(name, property)| (name.clone(), kind(property, definitions)))
        .collect()
}

fn kind(schema: &Value, definitions: &Value) -> Kind {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let name = reference.rsplit('/').next().unwrap_or_default();
        return match name {
            "PersonRef" => Kind::Person,
            "EventRef" | "EventId" => Kind::Event,
            "Occurred" => Kind::Moment,
            name => match definitions.get(name) {
                Some(definition) if !vocabulary(definition).is_empty() => {
                    Kind::Word(name.to_owned())
                }
                Some(definition) => kind(definition, definitions),
                None => Kind::Text,
            },
        };
    }
    // What may be missing is of the kind that it is of when it is there.
    let choices = schema.get("anyOf").and_then(Value::as_array);
    let there = choices
        .into_iter()
        .flatten()
        .find(|choice| choice.get("type").and_then(Value::as_str) != Some("null"));
    if let Some(there) = there {
        return kind(there, definitions);
    }
    if let Some(items) = schema.get("items") {
        return kind(items, definitions);
    }
    if schema.get("properties").is_some() {
        return Kind::Object(members(schema, definitions));
    }
    match schema.get("format").and_then(Value::as_str) {
        Some("date") => Kind::Day,
        Some("date-time") => Kind::Moment,
        _ => Kind::Text,
    }
}

/// The kind of a field of an event type; a text where nothing more is known of it.
#[must_use]
pub fn kind_of(event_type: &str, field: &str) -> &'static Kind {
    let kinds = NAMES.kinds.get(event_type);
    kinds
        .and_then(|kinds| kinds.get(field))
        .unwrap_or(&Kind::Text)
}

/// The name of a field, from its stored name.
#[must_use]
pub fn field(language: Language, stored: &str) -> String {
    let danish = NAMES
        .danish_fields
        .get(stored)
        .filter(|_| language == Language::Danish);
    danish.map_or_else(|| stored.replace('_', " "), |name| (*name).to_owned())
}

/// The name of a value of a vocabulary, from its stored form. A value that the vocabulary does not hold
/// is shown as it is stored.
#[must_use]
pub fn value(language: Language, vocabulary: &str, stored: &str) -> String {
    let english = || {
        NAMES
            .english
            .get(vocabulary)?
            .get(stored)
            .map(String::as_str)
    };
    let danish = || NAMES.danish.get(vocabulary)?.get(stored).copied();
    let named = match language {
        Language::Danish => danish().or_else(english),
        Language::English => english(),
    };
    named.unwrap_or(stored).to_owned()
}

/// What a value is in words, where its kind has words of its own: yes or no, a value of a vocabulary, a day
/// or a moment. Null for everything else, and for what is none although its field says so.
#[must_use]
pub fn in_words(language: Language, kind: &Kind, value: &Value) -> Option<String> {
    match (value, kind) {
        (Value::Bool(true), _) => Some(language.pick("ja", "yes").to_owned()),
        (Value::Bool(false), _) => Some(language.pick("nej", "no").to_owned()),
        (Value::String(stored), Kind::Word(vocabulary)) => {
            Some(self::value(language, vocabulary, stored))
        }
        (Value::String(stored), Kind::Day) => Some(day(language, stored.parse().ok()?)),
        (Value::String(stored), Kind::Moment) => Some(moment(language, stored.parse().ok()?)),
        _ => None,
    }
}

/// The texts of a value, in this language, as one line. Persons and events, which others name, are told
/// by what they are.
#[must_use]
pub fn text(language: Language, kind: &Kind, value: &Value) -> String {
    let several = |values: &[Value]| {
        let texts = values.iter().map(|value| text(language, kind, value));
        texts.collect::<Vec<_>>().join(", ")
    };
    if let Some(gap) = Gap::from_marker(value) {
        return gap_text(language, gap).to_owned();
    }
    if let Some(words) = in_words(language, kind, value) {
        return words;
    }
    match (value, kind) {
        (Value::String(stored), _) => stored.clone(),
        (Value::Array(values), _) => several(values),
        (Value::Object(members), Kind::Person) => {
            let role = members.get("role").and_then(Value::as_str);
            self::value(language, "PersonRole", role.unwrap_or_default())
        }
        (Value::Object(members), Kind::Event) => {
            let event = members.get("event").and_then(Value::as_str);
            event.unwrap_or_default().to_owned()
        }
        (Value::Object(members), kind) => {
            let stated = members.iter().filter(|(_, value)| !value.is_null());
            let texts = stated.map(|(name, value)| {
                format!(
                    "{}: {}",
                    field(language, name),
                    text(language, kind.member(name), value)
                )
            });
            texts.collect::<Vec<_>>().join("; ")
        }
        (Value::Null, _) => String::new(),
        (Value::Bool(_) | Value::Number(_), _) => value.to_string(),
    }
}

/// What stands in the place of a value that cannot be read.
#[must_use]
pub const fn gap_text(language: Language, gap: Gap) -> &'static str {
    match gap {
        Gap::Erased => language.pick("slettet", "erased"),
        Gap::Withheld => language.pick("undtaget", "withheld"),
    }
}

/// A moment in words, by the clock of Denmark.
#[must_use]
pub fn moment(language: Language, occurred: Occurred) -> String {
    match occurred {
        Occurred::At(at) => {
            let at = at.to_zoned(denmark());
            let clock = at.strftime(language.pick("kl. %H.%M", "at %H:%M"));
            format!("{} {clock}", day(language, at.date()))
        }
        Occurred::On(date) => day(language, date),
        Occurred::About(date) => format!("ca. {}", day(language, date)),
    }
}

/// The months, in Danish and in English.
const MONTHS: [(&str, &str); 12] = [
    ("januar", "January"),
    ("februar", "February"),
    ("marts", "March"),
    ("april", "April"),
    ("maj", "May"),
    ("juni", "June"),
    ("juli", "July"),
    ("august", "August"),
    ("september", "September"),
    ("oktober", "October"),
    ("november", "November"),
    ("december", "December"),
];

/// A calendar day in words: 15. februar 2025, 15 February 2025.
#[must_use]
pub fn day(language: Language, day: jiff::civil::Date) -> String {
    let place = usize::from(day.month().unsigned_abs()).saturating_sub(1);
    let (danish, english) = MONTHS.get(place).copied().unwrap_or_default();
    match language {
        Language::Danish => format!("{}. {danish} {}", day.day(), day.year()),
        Language::English => format!("{} {english} {}", day.day(), day.year()),
    }
}

#[cfg(test)]
mod tests;
