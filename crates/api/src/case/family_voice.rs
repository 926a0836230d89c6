//! The family's own view, with the whole as plain text; its sections are answered by `domain`'s
//! own structs.

use async_graphql::{Enum, SimpleObject};
use domain::views::family_voice::{FamilyVoice, Section};

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
