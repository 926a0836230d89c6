//! Documents that were parsed and admitted before, by their text: frontends ask the same few again and
//! again, with other variables.
//!
//! A document that holds a string is not kept. It may be about a person, and what is erased
//! must not live on here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use api::validated::Validated;
use async_graphql::parser::types::ExecutableDocument;

/// The most bytes of text that are kept; parsed, they take about thirty times as much.
const TEXT_BYTES_MAX: usize = 256 * 1024;

/// A document, and what validating it answered.
#[derive(Clone)]
pub(crate) struct KnownDocument {
    pub(crate) document: Arc<ExecutableDocument>,
    pub(crate) validated: Validated,
}

#[derive(Default)]
struct Kept {
    documents: HashMap<String, KnownDocument>,
    bytes: usize,
}

/// The documents.
#[derive(Default)]
pub(crate) struct ParsedDocuments(Mutex<Kept>);

impl ParsedDocuments {
    /// The document of a text, when it was kept.
    pub(crate) fn get(&self, text: &str) -> Option<KnownDocument> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.documents.get(text).cloned()
    }

    /// Keeps a document that was admitted. When there is no room left, all others go: whoever sends
    /// a new text each time costs the others one more parsing, and nothing else.
    pub(crate) fn keep(&self, text: &str, document: &ExecutableDocument) {
        if text.contains('"') || text.len() > TEXT_BYTES_MAX {
            return;
        }
        let document = KnownDocument {
            document: Arc::new(document.clone()),
            validated: Validated::default(),
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.bytes + text.len() > TEXT_BYTES_MAX {
            *kept = Kept::default();
        }
        if kept.documents.insert(text.to_owned(), document).is_none() {
            kept.bytes += text.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn keep(documents: &ParsedDocuments, text: &str) {
        documents.keep(text, &parse_query(text).unwrap());
    }

    #[test]
    fn a_document_with_a_string_in_it_is_not_kept() {
        let documents = ParsedDocuments::default();
        for (text, kept) in [
            ("{ log { size } }", true),
            ("query($id: UUID!) { case(id: $id) { status } }", true),
            ("{ cases(name: \"Alma\") { edges { cursor } } }", false),
            (
                "{ cases(name: \"\"\"Alma\"\"\") { edges { cursor } } }",
                false,
            ),
        ] {
            keep(&documents, text);
            assert_eq!(documents.get(text).is_some(), kept, "{text}");
        }
    }

    #[test]
    fn a_text_answers_its_own_document_only() {
        let documents = ParsedDocuments::default();
        keep(&documents, "{ log { size } }");
        assert!(documents.get("{ log { size }  }").is_none());
        assert!(documents.get("{ log { root } }").is_none());
    }

    #[test]
    fn new_texts_without_end_take_no_more_than_the_room_there_is() {
        let documents = ParsedDocuments::default();
        for number in 0..TEXT_BYTES_MAX / 8 {
            keep(&documents, &format!("{{ a{number} }}"));
        }
        let kept = documents.0.lock().unwrap();
        let bytes: usize = kept.documents.keys().map(String::len).sum();
        assert_eq!(bytes, kept.bytes);
        assert!((1..=TEXT_BYTES_MAX).contains(&bytes));
    }
}
