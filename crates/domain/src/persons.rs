//! The persons of a reading, and what they are called where a text speaks of them.
//!
//! Who is who is folded by [`events::identity`]; nothing is decided here.

use events::identity::Persons;
use events::person::{PersonRef, PersonRole};

use crate::reading::Reading;

/// Folds the persons of a reading.
#[must_use]
pub fn persons_of(reading: &Reading) -> Persons {
    let mut persons = Persons::default();
    for (event, shown) in reading.facts() {
        persons.evolve(event.event, &shown.facts);
    }
    persons
}

/// The person's name, or the role in words where no name is registered.
#[must_use]
pub fn label(persons: &Persons, person: PersonRef) -> String {
    match persons
        .get(person.person)
        .and_then(|known| known.name.as_ref())
    {
        Some(name) => name.to_string(),
        None => role(person.role).to_owned(),
    }
}

/// A role in words.
#[must_use]
pub const fn role(role: PersonRole) -> &'static str {
    match role {
        PersonRole::Child => "the child",
        PersonRole::Parent => "a parent",
        PersonRole::Sibling => "a brother or sister",
        PersonRole::Notifier => "the notifier",
        PersonRole::Relative => "a relative",
        PersonRole::Professional => "a professional",
        PersonRole::Other => "another person",
    }
}
