//! How an event points at a person: by a random id and the role played in it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::define::vocabulary;
use crate::ids::PersonId;
use crate::shape::Shape;

vocabulary! {
    /// The role that a person plays in an event.
    PersonRole {
        /// The child that the case is about.
        Child,
        /// A mother, a father, or another holder of custody.
        Parent,
        /// A brother or sister.
        Sibling,
        /// Who sent a notification (*underretter*).
        Notifier,
        /// A relative or another person of the private network.
        Relative,
        /// A professional outside the authority, for example a teacher.
        Professional,
        /// Any other person.
        Other,
    }
}

/// A person in a role. The id is random and says nothing by itself.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
#[cfg_attr(
    feature = "graphql",
    derive(async_graphql::InputObject, async_graphql::SimpleObject),
    graphql(name = "PersonInRole", input_name = "PersonRefInput")
)]
pub struct PersonRef {
    /// Who.
    pub person: PersonId,
    /// In which role.
    pub role: PersonRole,
}

impl Shape for PersonRef {
    const LIST: bool = false;
}

/// Something said about each of several persons; each one's share lies under that person's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[cfg_attr(
    feature = "graphql",
    derive(async_graphql::InputObject, async_graphql::SimpleObject),
    graphql(name = "AboutPerson", input_name = "AboutPersonInput")
)]
pub struct About {
    /// Whom it is about.
    pub who: PersonRef,
    /// What is said.
    pub words: crate::words::Words,
}

impl Shape for About {
    const LIST: bool = false;
}
