//! An event as it comes out of the record: parts, fields and elements, some of them gone.
//!
//! The form between bytes and structs: corrections and upcasts work on it, because they must
//! reach single elements and old versions. It holds no keys and no hashing; a digest is here
//! an opaque name of an element.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::personal::Gap;

/// One element of a field.
#[derive(Debug, Clone, PartialEq)]
pub struct RawElement {
    /// Digest of its disclosure (base64url), by which corrections and erasures name it.
    pub digest: String,
    /// Its value, or why it cannot be read.
    pub value: Result<Value, Gap>,
}

/// The fields about one subject.
#[derive(Debug, Clone, PartialEq)]
pub struct RawPart {
    /// `case`, `notification`, `person`, `system`, or `role:uuid` of a person.
    pub who: String,
    /// Elements by field name.
    pub fields: BTreeMap<String, Vec<RawElement>>,
}

/// The content of one event, as far as it can be read.
#[derive(Debug, Clone, PartialEq)]
pub struct RawEvent {
    /// Event type.
    pub kind: String,
    /// Version of the fields.
    pub version: u64,
    /// The parts in their stored order; part 0 is the stream's own.
    pub parts: Vec<RawPart>,
}

/// What is to be stored: the same form before digests exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainPart {
    /// As [`RawPart::who`].
    pub who: String,
    /// Values by field name.
    pub fields: BTreeMap<String, Vec<Value>>,
}

/// The content of one event to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainEvent {
    /// Event type.
    pub kind: String,
    /// Version of the fields.
    pub version: u32,
    /// The parts; part 0 is the stream's own.
    pub parts: Vec<PlainPart>,
}

impl RawEvent {
    /// Reads back what was just made, with the place of each element as its name: for tests
    /// and for checking a new event exactly as it will be read.
    #[must_use]
    pub fn from_plain(plain: &PlainEvent) -> Self {
        let parts = plain
            .parts
            .iter()
            .enumerate()
            .map(|(number, part)| RawPart {
                who: part.who.clone(),
                fields: part
                    .fields
                    .iter()
                    .map(|(name, values)| {
                        let elements = values.iter().enumerate().map(|(place, value)| RawElement {
                            digest: format!("{number}/{name}/{place}"),
                            value: Ok(value.clone()),
                        });
                        (name.clone(), elements.collect())
                    })
                    .collect(),
            });
        Self {
            kind: plain.kind.clone(),
            version: u64::from(plain.version),
            parts: parts.collect(),
        }
    }
}
