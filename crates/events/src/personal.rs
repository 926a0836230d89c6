//! A value that may be gone: erased for good, or withheld from this reader.
//!
//! Folding must never branch on what stands inside; it only hands it on.

use std::fmt;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::shape::Shape;

/// The member that marks a gap in the JSON that an event is decoded from. It never reaches
/// the stored bytes: an input value is always [`Personal::Known`].
pub(crate) const GAP: &str = "$gap";

/// A value about a person, or what is left of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Personal<T> {
    /// The value.
    Known(T),
    /// The key that opened it was lawfully destroyed; nobody can read it again.
    Erased,
    /// It exists, and this reader may not see it.
    Withheld,
}

impl<T> Personal<T> {
    /// The value, if it can be read.
    #[must_use]
    pub const fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Erased | Self::Withheld => None,
        }
    }
}

impl<T: fmt::Display> fmt::Display for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(value) => value.fmt(f),
            Self::Erased => f.write_str("[erased]"),
            Self::Withheld => f.write_str("[withheld]"),
        }
    }
}

impl<T> From<T> for Personal<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

/// Why an element cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// Lawfully destroyed.
    Erased,
    /// Not for this reader.
    Withheld,
}

impl Gap {
    pub(crate) fn marker(self) -> Value {
        let text = match self {
            Self::Erased => "ERASED",
            Self::Withheld => "WITHHELD",
        };
        serde_json::json!({ GAP: text })
    }

    /// The gap that stands in the place of a value among the facts of a reading; null for a value.
    #[must_use]
    pub fn from_marker(value: &Value) -> Option<Self> {
        let object = value.as_object()?;
        if object.len() != 1 {
            return None;
        }
        match object.get(GAP)?.as_str()? {
            "ERASED" => Some(Self::Erased),
            "WITHHELD" => Some(Self::Withheld),
            _ => None,
        }
    }
}

impl<T: Serialize> Serialize for Personal<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(value) => value.serialize(serializer),
            Self::Erased => Gap::Erased.marker().serialize(serializer),
            Self::Withheld => Gap::Withheld.marker().serialize(serializer),
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Personal<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        match Gap::from_marker(&value) {
            Some(Gap::Erased) => Ok(Self::Erased),
            Some(Gap::Withheld) => Ok(Self::Withheld),
            None => serde_json::from_value(value)
                .map(Self::Known)
                .map_err(serde::de::Error::custom),
        }
    }
}

impl<T: JsonSchema> JsonSchema for Personal<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        T::json_schema(generator)
    }
    fn inline_schema() -> bool {
        T::inline_schema()
    }
}

#[cfg(feature = "graphql")]
impl<T: async_graphql::InputType> async_graphql::InputType for Personal<T> {
    type RawValueType = T::RawValueType;
    fn type_name() -> std::borrow::Cow<'static, str> {
        T::type_name()
    }
    fn create_type_info(registry: &mut async_graphql::registry::Registry) -> String {
        T::create_type_info(registry)
    }
    /// An input is always a value: nobody can record a gap.
    fn parse(value: Option<async_graphql::Value>) -> async_graphql::InputValueResult<Self> {
        T::parse(value)
            .map(Self::Known)
            .map_err(async_graphql::InputValueError::propagate)
    }
    fn to_value(&self) -> async_graphql::Value {
        self.known().map_or(async_graphql::Value::Null, T::to_value)
    }
    fn as_raw_value(&self) -> Option<&Self::RawValueType> {
        self.known().and_then(T::as_raw_value)
    }
}

impl<T: Shape> Shape for Personal<T> {
    const LIST: bool = T::LIST;
}
