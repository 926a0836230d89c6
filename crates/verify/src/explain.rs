//! What every code means, does not mean, and asks for next; for readers who are no programmers.

mod bundles;
mod contents;
mod entries;
mod log;
mod row;

use crate::code::Code;

use row::Row;

/// The language of an explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Danish.
    Danish,
    /// English.
    English,
}

/// An explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explanation {
    /// What is the matter.
    pub means: &'static str,
    /// What must not be read into it.
    pub not: &'static str,
    /// What to do.
    pub next: &'static str,
}

const TABLES: [&[Row]; 4] = [log::ROWS, entries::ROWS, bundles::ROWS, contents::ROWS];

/// Explains a code.
#[must_use]
pub fn explain(code: Code, language: Language) -> Explanation {
    let row = TABLES.into_iter().flatten().find(|row| row.code == code);
    let [means, not, next] = match (row, language) {
        (Some(row), Language::Danish) => row.danish,
        (Some(row), Language::English) => row.english,
        (None, _) => [code.explain(), "", ""],
    };
    Explanation { means, not, next }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::row::Row;
    use super::{Language, TABLES, explain};
    use crate::code::Code;

    #[test]
    fn every_code_is_explained_once_in_both_languages() {
        let rows: Vec<&Row> = TABLES.into_iter().flatten().collect();
        let codes: Vec<Code> = rows.iter().map(|row| row.code).collect();
        assert_eq!(codes, Code::ALL, "in the order of the codes");
        for texts in [
            rows.iter().map(|row| row.danish).collect::<Vec<_>>(),
            rows.iter().map(|row| row.english).collect(),
        ] {
            let means: BTreeSet<&str> = texts.iter().map(|texts| texts[0]).collect();
            assert_eq!(means.len(), rows.len(), "no two codes mean the same");
            assert!(
                texts
                    .iter()
                    .flatten()
                    .all(|text| text.ends_with('.') && text.len() > 20)
            );
        }
        assert!(
            explain(Code::Fork, Language::Danish).means
                != explain(Code::Fork, Language::English).means
        );
    }
}
