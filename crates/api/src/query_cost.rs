//! What a document would cost, before the executor looks at it: nested fragment spreads can make
//! a small text mean an enormous query.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

/// The most fields that a document may mean once its fragments are expanded.
pub const EXPANDED_FIELDS_MAX: u64 = 5_000;
/// The longest document, in bytes.
pub const DOCUMENT_BYTES_MAX: usize = 64 * 1024;

/// The document is refused before it is executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentError {
    /// More than [`EXPANDED_FIELDS_MAX`].
    TooLarge,
    /// A fragment contains itself.
    Cycle,
}

impl std::fmt::Display for DocumentError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "the document asks for too many fields",
            Self::Cycle => "a fragment contains itself",
        })
    }
}

struct Counter<'a> {
    document: &'a ExecutableDocument,
    done: BTreeMap<&'a str, u64>,
    open: BTreeSet<&'a str>,
}

impl<'a> Counter<'a> {
    fn set(&mut self, set: &'a SelectionSet) -> Result<u64, DocumentError> {
        let mut count = 0_u64;
        for selection in &set.items {
            let below = match &selection.node {
                Selection::Field(field) => 1 + self.set(&field.node.selection_set.node)?,
                Selection::InlineFragment(fragment) => {
                    self.set(&fragment.node.selection_set.node)?
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(spread.node.fragment_name.node.as_str())?
                }
            };
            count = count.saturating_add(below);
        }
        Ok(count)
    }

    fn fragment(&mut self, name: &'a str) -> Result<u64, DocumentError> {
        if let Some(count) = self.done.get(name) {
            return Ok(*count);
        }
        // An unknown fragment is the validator's to report.
        let Some((_, fragment)) = self
            .document
            .fragments
            .iter()
            .find(|(known, _)| known.as_str() == name)
        else {
            return Ok(0);
        };
        if !self.open.insert(name) {
            return Err(DocumentError::Cycle);
        }
        let count = self.set(&fragment.node.selection_set.node)?;
        self.open.remove(name);
        self.done.insert(name, count);
        Ok(count)
    }
}

/// Refuses a document that means too much.
///
/// # Errors
/// [`DocumentError`].
pub fn check(document: &ExecutableDocument) -> Result<(), DocumentError> {
    let mut counter = Counter {
        document,
        done: BTreeMap::new(),
        open: BTreeSet::new(),
    };
    let mut total = 0_u64;
    for (_, operation) in document.operations.iter() {
        total = total.saturating_add(counter.set(&operation.node.selection_set.node)?);
    }
    for name in document.fragments.keys() {
        counter.fragment(name.as_str())?;
    }
    if total > EXPANDED_FIELDS_MAX {
        Err(DocumentError::TooLarge)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(text: &str) -> Result<(), DocumentError> {
        check(&async_graphql::parser::parse_query(text).unwrap())
    }

    #[test]
    fn a_bomb_of_fragments_is_refused_at_once() {
        use std::fmt::Write;
        let mut text = "query { ...f0 }".to_owned();
        for level in 0..60 {
            write!(
                text,
                " fragment f{level} on Query {{ ...f{0} ...f{0} }}",
                level + 1
            )
            .unwrap();
        }
        text.push_str(" fragment f60 on Query { a }");
        assert_eq!(checked(&text), Err(DocumentError::TooLarge));
        assert_eq!(
            checked("query { ...a } fragment a on Query { ...b } fragment b on Query { ...a }"),
            Err(DocumentError::Cycle)
        );
        assert_eq!(
            checked("query { a { b ...c } } fragment c on B { d }"),
            Ok(())
        );
    }
}
