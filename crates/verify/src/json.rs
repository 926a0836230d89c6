//! JSON in the one form that entries and disclosures may have: no floats, no member twice, members
//! in order, nothing to spare.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::de::SliceRead;

use crate::code::Code;

/// A JSON value without floats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Json {
    Null,
    Truth(bool),
    Text(String),
    Number(u64),
    Negative(i64),
    List(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

struct Visitor;

const DUPLICATE: &str = "duplicate member";

impl<'de> serde::de::Visitor<'de> for Visitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value without floats")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Json, E> {
        Ok(Json::Truth(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(u64::try_from(number).map_or(Json::Negative(number), Json::Number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = BTreeMap::new();
        while let Some((name, value)) = members.next_entry::<String, Json>()? {
            if object.insert(name, value).is_some() {
                return Err(serde::de::Error::custom(DUPLICATE));
            }
        }
        Ok(Json::Object(object))
    }
}

impl<'de> serde::Deserialize<'de> for Json {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Visitor)
    }
}

/// Reads bytes in any form, but without a member that stands twice.
pub(crate) fn read(bytes: &[u8]) -> Result<Json, Code> {
    let mut reader = serde_json::Deserializer::new(SliceRead::new(bytes));
    let value = <Json as serde::Deserialize>::deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value))
        .map_err(|error| {
            if error.to_string().contains(DUPLICATE) {
                Code::JsonDuplicateKey
            } else {
                Code::JsonNoncanonical
            }
        })?;
    Ok(value)
}

/// Reads bytes that must be in the one form.
pub(crate) fn parse(bytes: &[u8]) -> Result<Json, Code> {
    let value = read(bytes)?;
    let mut written = String::with_capacity(bytes.len());
    value.write(&mut written);
    if written.as_bytes() == bytes {
        Ok(value)
    } else {
        Err(Code::JsonNoncanonical)
    }
}

impl Json {
    /// Member names of entries are ASCII, so byte order is the canonical order.
    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Truth(truth) => out.push_str(if *truth { "true" } else { "false" }),
            Self::Number(number) => out.push_str(&number.to_string()),
            Self::Negative(number) => out.push_str(&number.to_string()),
            Self::Text(text) => write_text(text, out),
            Self::List(items) => {
                out.push('[');
                for (place, item) in items.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (place, (name, value)) in members.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    write_text(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self {
            Some(text)
        } else {
            None
        }
    }

    pub(crate) fn number(&self) -> Option<u64> {
        // Beyond 2^53-1 other readers would see another number.
        if let Self::Number(number) = self {
            (*number < 1 << 53).then_some(*number)
        } else {
            None
        }
    }

    pub(crate) fn list(&self) -> Option<&[Self]> {
        if let Self::List(items) = self {
            Some(items)
        } else {
            None
        }
    }

    pub(crate) fn object(&self) -> Option<&BTreeMap<String, Self>> {
        if let Self::Object(members) = self {
            Some(members)
        } else {
            None
        }
    }

    /// Whether every number in it means the same to every reader.
    pub(crate) fn exact(&self) -> bool {
        match self {
            Self::Null | Self::Truth(_) | Self::Text(_) => true,
            Self::Number(number) => *number < 1 << 53,
            Self::Negative(number) => *number > -(1 << 53),
            Self::List(items) => items.iter().all(Self::exact),
            Self::Object(members) => members.values().all(Self::exact),
        }
    }

    /// The members named, in that order; none unless the object has exactly the required ones
    /// and no others than the optional ones.
    pub(crate) fn exactly(
        &self,
        required: &[&str],
        optional: &[&str],
    ) -> Option<&BTreeMap<String, Self>> {
        let Self::Object(members) = self else {
            return None;
        };
        let known = members
            .keys()
            .all(|name| required.contains(&name.as_str()) || optional.contains(&name.as_str()));
        (known && required.iter().all(|name| members.contains_key(*name))).then_some(members)
    }
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            c if u32::from(c) < 0x20 => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}
