//! Stored values in plain English words, for lines and rows that people read.

use events::text::Section;
use events::words::Words;

/// Characters of free text that a line shows.
const EXCERPT: usize = 90;

/// The beginning of a text in one line.
pub(crate) fn excerpt(words: &Words) -> String {
    let text = words.text().replace('\n', " ");
    if text.chars().count() <= EXCERPT {
        text
    } else {
        text.chars().take(EXCERPT).chain("…".chars()).collect()
    }
}

/// A score in points.
pub(crate) fn tenths(total: u16) -> String {
    format!("{}.{}", total / 10, total % 10)
}

pub(crate) const fn yes(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

/// A stored name as words: `NOT_NEEDED` becomes `not needed`.
pub(crate) fn plain(name: impl std::fmt::Display) -> String {
    name.to_string().to_lowercase().replace('_', " ")
}

/// Several values in one line; a dash where there is none.
pub(crate) fn list<T>(values: impl IntoIterator<Item = T>, word: impl Fn(T) -> String) -> String {
    let words: Vec<String> = values.into_iter().map(word).collect();
    if words.is_empty() {
        "-".to_owned()
    } else {
        words.join(", ")
    }
}

/// Sections in one line.
pub(crate) fn sections(sections: &[Section]) -> String {
    list(sections, |section| section.as_str().to_owned())
}
