//! The family's own view, with the whole as plain text; its sections are answered by `domain`'s
//! own structs.

use async_graphql::{Enum, Result, SimpleObject};
use domain::views::family_voice::{FamilyVoice, Reader, Section};
use events::ids::PersonId;

use crate::error::bad_input;

/// For whom the text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum FamilyReader {
    /// The child of the case.
    Child,
    /// One parent, whom `person` names.
    Parent,
    /// The family together: only what everybody in it may read.
    Family,
}

impl FamilyReader {
    /// The reader, with the parent that it must name.
    ///
    /// # Errors
    /// Bad input when a parent is not named, or a person is named where none belongs.
    pub(crate) fn with(self, person: Option<PersonId>) -> Result<Reader> {
        match (self, person) {
            (Self::Parent, Some(person)) => Ok(Reader::Parent(person)),
            (Self::Parent, None) => Err(bad_input("person: is needed for a parent")),
            (Self::Child, None) => Ok(Reader::Child),
            (Self::Family, None) => Ok(Reader::Family),
            (Self::Child | Self::Family, Some(_)) => {
                Err(bad_input("person: belongs to a parent only"))
            }
        }
    }
}

/// The case in short, plain sentences for the family (V15).
#[derive(Debug, Clone, SimpleObject)]
pub struct FamilyText {
    /// Title.
    pub title: String,
    /// Sections that say something, in the order in which they are read.
    pub sections: Vec<Section>,
    /// The whole as plain text.
    pub text: String,
}

impl From<FamilyVoice> for FamilyText {
    fn from(voice: FamilyVoice) -> Self {
        let text = voice.text();
        Self {
            title: voice.title,
            sections: voice.sections,
            text,
        }
    }
}
