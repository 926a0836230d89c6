//! What every code means, does not mean, and asks for next; for readers who are no programmers.

mod danish;
mod english;

use crate::code::Code;

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

type Row = (Code, [&'static str; 3]);

/// Explains a code.
#[must_use]
pub fn explain(code: Code, language: Language) -> Explanation {
    let rows = match language {
        Language::Danish => danish::ROWS,
        Language::English => english::ROWS,
    };
    let [means, not, next] = rows
        .iter()
        .find(|(known, _)| *known == code)
        .map_or([code.explain(), "", ""], |(_, texts)| *texts);
    Explanation { means, not, next }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Language, danish, english, explain};
    use crate::code::Code;

    #[test]
    fn every_code_is_explained_once_in_both_languages() {
        for rows in [danish::ROWS, english::ROWS] {
            let codes: Vec<Code> = rows.iter().map(|(code, _)| *code).collect();
            assert_eq!(codes, Code::ALL, "in the order of the codes");
            let texts: BTreeSet<&str> = rows.iter().map(|(_, texts)| texts[0]).collect();
            assert_eq!(texts.len(), rows.len(), "no two codes mean the same");
            assert!(
                rows.iter()
                    .flat_map(|(_, texts)| texts)
                    .all(|text| text.ends_with('.') && text.len() > 20)
            );
        }
        assert!(
            explain(Code::Fork, Language::Danish).means
                != explain(Code::Fork, Language::English).means
        );
    }
}
