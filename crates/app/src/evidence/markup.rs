//! The last step of every page and picture that people read. Markup characters are escaped by
//! `maud` where a text is put in; this takes out what no escape can state.

use maud::Markup;

/// The markup as a file. Control characters become U+FFFD: HTML and XML know no escape for NUL, and
/// a single one would make a picture unreadable as a whole.
#[must_use]
pub fn printable(markup: Markup) -> String {
    let unprintable = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    let text = markup.into_string();
    if text.contains(unprintable) {
        text.replace(unprintable, "\u{FFFD}")
    } else {
        text
    }
}
