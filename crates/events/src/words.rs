//! Free text, one element a paragraph, so that each paragraph can be erased or withheld alone.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::personal::Personal;
use crate::shape::Shape;

/// The longest text that one field takes, in bytes: a fact is short; a long document is filed
/// as a document.
pub const TEXT_BYTES_MAX: usize = 16 * 1024;

/// Text in paragraphs. A blank line ends a paragraph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Words(pub Vec<Personal<String>>);

/// The text cannot be recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WordsError {
    /// Nothing but white space.
    #[error("the text is empty")]
    Empty,
    /// Longer than [`TEXT_BYTES_MAX`].
    #[error(
        "the text is {actual} bytes, at most {TEXT_BYTES_MAX} are taken; file a longer one as a document"
    )]
    TooLong {
        /// Length of what was given, in bytes.
        actual: usize,
    },
    /// A control character other than line breaks and tabs.
    #[error("the text holds a control character")]
    Control,
}

impl Words {
    /// Splits a text at blank lines; white space around a paragraph is dropped.
    ///
    /// # Errors
    /// [`WordsError`] when the text is empty, too long, or holds control characters.
    pub fn parse(text: &str) -> Result<Self, WordsError> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(WordsError::TooLong { actual: text.len() });
        }
        let text = text.replace("\r\n", "\n");
        if text
            .chars()
            .any(|c| c.is_control() && c != '\n' && c != '\t')
        {
            return Err(WordsError::Control);
        }
        let mut paragraphs: Vec<String> = vec![String::new()];
        for line in text.split('\n') {
            if line.trim().is_empty() {
                paragraphs.push(String::new());
            } else if let Some(last) = paragraphs.last_mut() {
                if !last.is_empty() {
                    last.push('\n');
                }
                last.push_str(line.trim_end());
            }
        }
        let paragraphs: Vec<_> = paragraphs
            .iter()
            .map(|p| p.trim())
            .filter(|p| !p.is_empty())
            .map(|p| Personal::Known(p.to_owned()))
            .collect();
        if paragraphs.is_empty() {
            Err(WordsError::Empty)
        } else {
            Ok(Self(paragraphs))
        }
    }

    /// The whole text, gaps shown as such.
    #[must_use]
    pub fn text(&self) -> String {
        self.0
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n\n")
    }

    /// Length in bytes of what can be read.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.0
            .iter()
            .filter_map(Personal::known)
            .map(String::len)
            .sum()
    }
}

impl Shape for Words {
    const LIST: bool = true;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_line_ends_a_paragraph() {
        let words = Words::parse("one\ntwo\r\n\r\nthree\n \n\n").unwrap();
        assert_eq!(
            words.0,
            vec![
                Personal::Known("one\ntwo".to_owned()),
                Personal::Known("three".to_owned())
            ]
        );
        assert_eq!(words.text(), "one\ntwo\n\nthree");
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert_eq!(Words::parse(" \n "), Err(WordsError::Empty));
        assert_eq!(Words::parse("a\u{0}b"), Err(WordsError::Control));
        assert_eq!(
            Words::parse(&"a".repeat(1_000_000)),
            Err(WordsError::TooLong { actual: 1_000_000 })
        );
    }
}
