//! Typed ids. An id of one kind can never be passed where another is meant.
//!
//! Ids are made elsewhere (no randomness here); the nil id is refused so that a forgotten id
//! is an error and not a shared identity.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::shape::Shape;

/// The text or value is not a usable id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an id must be a uuid that is not nil")]
pub struct IdError;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(try_from = "Uuid", into = "Uuid")]
        #[schemars(with = "Uuid")]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a uuid.
            ///
            /// # Errors
            /// [`IdError`] when the uuid is nil.
            pub const fn new(id: Uuid) -> Result<Self, IdError> {
                if id.is_nil() { Err(IdError) } else { Ok(Self(id)) }
            }

            /// The bare uuid, for the borders of the program.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl TryFrom<Uuid> for $name {
            type Error = IdError;
            fn try_from(id: Uuid) -> Result<Self, IdError> {
                Self::new(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Uuid::parse_str(text).map_err(|_| IdError).and_then(Self::new)
            }
        }

        impl Shape for $name {
            const LIST: bool = false;
        }

        #[cfg(feature = "graphql")]
        crate::define::uuid_scalar!($name);
    };
}

id!(
    /// A stream of events: one notification, one person, one case, or one of the log's own.
    /// Random, so that it says nothing about whom it concerns.
    StreamId
);
id!(
    /// One event (`jti` of its entry).
    EventId
);
id!(
    /// One command. The same id with the same input always answers the same receipt.
    CommandId
);
id!(
    /// A natural person; equal to the id of the person's own stream where there is one.
    PersonId
);
id!(
    /// A goal of a plan (*mål*).
    GoalId
);
id!(
    /// A support measure (*indsats*) or a course of early advice (*rådgivningsforløb*).
    MeasureId
);
id!(
    /// What binds the cases of one family together (correlation id).
    FamilyId
);
id!(
    /// One lawful erasure, however many streams it touches.
    ErasureId
);

impl From<PersonId> for StreamId {
    fn from(person: PersonId) -> Self {
        Self(person.0)
    }
}
