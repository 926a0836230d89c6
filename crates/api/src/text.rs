//! Values that may be gone, as clients see them.

use async_graphql::{Enum, SimpleObject};
use events::personal::Personal;
use events::words::Words;

/// Whether a personal value can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum PersonalState {
    /// It can.
    Known,
    /// It was lawfully erased; nobody can read it again.
    Erased,
    /// It exists, and this reader may not see it.
    Withheld,
}

/// A personal value, or the sign of its gap.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct PersonalText {
    /// Whether it can be read.
    pub state: PersonalState,
    /// The value; none unless it is known.
    pub value: Option<String>,
}

impl<T: std::fmt::Display> From<&Personal<T>> for PersonalText {
    fn from(value: &Personal<T>) -> Self {
        match value {
            Personal::Known(value) => Self {
                state: PersonalState::Known,
                value: Some(value.to_string()),
            },
            Personal::Erased => Self {
                state: PersonalState::Erased,
                value: None,
            },
            Personal::Withheld => Self {
                state: PersonalState::Withheld,
                value: None,
            },
        }
    }
}

/// Free text in paragraphs, each of which may be gone.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct Wording {
    /// The whole text, gaps shown as such.
    pub text: String,
    /// The paragraphs.
    pub paragraphs: Vec<PersonalText>,
}

impl From<&Words> for Wording {
    fn from(words: &Words) -> Self {
        Self {
            text: words.text(),
            paragraphs: words.0.iter().map(PersonalText::from).collect(),
        }
    }
}
