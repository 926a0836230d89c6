//! The family's own view as clients see it.

use async_graphql::{Enum, SimpleObject};
use domain::views::family_voice::{FamilyVoice, Language};
use events::ids::EventId;

/// The language of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Language")]
pub enum FamilyLanguage {
    /// Danish.
    Danish,
    /// English.
    English,
}

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

/// One line, at most 20 words long.
#[derive(Debug, Clone, SimpleObject)]
pub struct FamilyLineView {
    /// The line.
    pub text: String,
    /// The events that it rests on; none for what everybody may know.
    pub events: Vec<EventId>,
}

/// What belongs together.
#[derive(Debug, Clone, SimpleObject)]
pub struct FamilySectionView {
    /// Heading.
    pub heading: String,
    /// The lines, in the order in which they are read.
    pub lines: Vec<FamilyLineView>,
}

/// The case in short, plain sentences for the family (V15).
#[derive(Debug, Clone, SimpleObject)]
pub struct FamilyTextView {
    /// Title.
    pub title: String,
    /// Sections that say something, in the order in which they are read.
    pub sections: Vec<FamilySectionView>,
    /// The whole as plain text.
    pub text: String,
}

impl From<FamilyVoice> for FamilyTextView {
    fn from(voice: FamilyVoice) -> Self {
        let text = voice.text();
        let sections = voice.sections.into_iter().map(|section| FamilySectionView {
            heading: section.heading,
            lines: section
                .sentences
                .into_iter()
                .map(|sentence| FamilyLineView {
                    text: sentence.text,
                    events: sentence.events,
                })
                .collect(),
        });
        Self {
            title: voice.title,
            sections: sections.collect(),
            text,
        }
    }
}
