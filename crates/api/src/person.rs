//! A person in a role, by id.

use async_graphql::SimpleObject;
use events::ids::PersonId;
use events::person::{PersonRef, PersonRole};

/// A person in a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, SimpleObject)]
pub struct PersonInRole {
    /// Who.
    pub person: PersonId,
    /// In which role.
    pub role: PersonRole,
}

impl From<PersonRef> for PersonInRole {
    fn from(PersonRef { person, role }: PersonRef) -> Self {
        Self { person, role }
    }
}

pub(crate) fn people(persons: &[PersonRef]) -> Vec<PersonInRole> {
    persons.iter().copied().map(Into::into).collect()
}
