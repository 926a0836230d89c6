//! Reads the exact members of an entry's payload. Which members an entry has is [`crate::entry`].

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::hash::Hash;
use crate::jws::JwsError;
use crate::positions::Seq;

/// An entry cannot be made or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// The outer form.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// A media type that this format does not have.
    #[error("entry has the unknown type {0}")]
    Type(String),
    /// A member is missing or has the wrong form.
    #[error("member {0} of the entry is missing or wrong")]
    Member(&'static str),
    /// An event that is to erase itself or one behind it.
    #[error("the event of sequence {own} may erase earlier ones only, not sequence {seq}")]
    ErasesLater {
        /// What it was to erase.
        seq: Seq,
        /// Its own sequence.
        own: Seq,
    },
    /// A member that this format does not have.
    #[error("entry has the unknown member {0}")]
    Unknown(String),
}

/// Takes members out of an object. A member that is left over at the end is an error: a reader must
/// not pass over what was signed.
pub(crate) struct Members(Map<String, Value>);

impl Members {
    pub(crate) fn of(value: Value, name: &'static str) -> Result<Self, EntryError> {
        match value {
            Value::Object(members) => Ok(Self(members)),
            _ => Err(EntryError::Member(name)),
        }
    }

    pub(crate) fn optional(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name)
    }

    pub(crate) fn value(&mut self, name: &'static str) -> Result<Value, EntryError> {
        self.0.remove(name).ok_or(EntryError::Member(name))
    }

    pub(crate) fn integer(&mut self, name: &'static str) -> Result<u64, EntryError> {
        integer(&self.value(name)?, name)
    }

    pub(crate) fn text(&mut self, name: &'static str) -> Result<String, EntryError> {
        text(&self.value(name)?, name).map(str::to_owned)
    }

    pub(crate) fn uuid(&mut self, name: &'static str) -> Result<Uuid, EntryError> {
        let value = self.value(name)?;
        let text = text(&value, name)?;
        let id = Uuid::parse_str(text).map_err(|_| EntryError::Member(name))?;
        // One text for each id: hyphenated, lower case.
        if id.hyphenated().to_string() == text {
            Ok(id)
        } else {
            Err(EntryError::Member(name))
        }
    }

    pub(crate) fn hash(&mut self, name: &'static str) -> Result<Hash, EntryError> {
        hash(&self.value(name)?, name)
    }

    pub(crate) fn array(&mut self, name: &'static str) -> Result<Vec<Value>, EntryError> {
        array(self.value(name)?, name)
    }

    pub(crate) fn end(self) -> Result<(), EntryError> {
        self.0
            .into_iter()
            .next()
            .map_or(Ok(()), |(name, _)| Err(EntryError::Unknown(name)))
    }
}

pub(crate) fn array(value: Value, name: &'static str) -> Result<Vec<Value>, EntryError> {
    match value {
        Value::Array(items) => Ok(items),
        _ => Err(EntryError::Member(name)),
    }
}

pub(crate) fn integer(value: &Value, name: &'static str) -> Result<u64, EntryError> {
    value.as_u64().ok_or(EntryError::Member(name))
}

/// A place in a stream; no event stands at 0.
pub(crate) fn seq(value: &Value, name: &'static str) -> Result<Seq, EntryError> {
    Seq::new(integer(value, name)?).ok_or(EntryError::Member(name))
}

pub(crate) fn text<'a>(value: &'a Value, name: &'static str) -> Result<&'a str, EntryError> {
    value.as_str().ok_or(EntryError::Member(name))
}

pub(crate) fn hash(value: &Value, name: &'static str) -> Result<Hash, EntryError> {
    Hash::parse_b64u(text(value, name)?).map_err(|_| EntryError::Member(name))
}

/// The rows of a member that may be missing; an empty list is refused, because it would be a second
/// text for the same meaning.
pub(crate) fn rows(value: Option<Value>, name: &'static str) -> Result<Vec<Value>, EntryError> {
    let Some(value) = value else {
        return Ok(Vec::new());
    };
    let rows = array(value, name)?;
    if rows.is_empty() {
        Err(EntryError::Member(name))
    } else {
        Ok(rows)
    }
}
