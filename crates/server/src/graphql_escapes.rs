//! Escapes in the strings of a GraphQL document that the parser does not know: `\u{1F600}`, and a pair of
//! surrogates, `\ud83d\ude00` (GraphQL, September 2025, section 2.9.4). They are written in a form that it
//! knows; whatever is none of them stays as it is, and is the parser's to refuse.

use std::borrow::Cow;

/// Where a reader of a document is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Nothing,
    Comment,
    Text,
    BlockText,
}

/// The same document with escapes that the parser knows.
pub(crate) fn translated(document: &str) -> Cow<'_, str> {
    if !document.contains("\\u") {
        return Cow::Borrowed(document);
    }
    let mut written = String::with_capacity(document.len());
    let (mut rest, mut within) = (document, Within::Nothing);
    while let Some(sign) = rest.chars().next() {
        if within == Within::Text
            && let Some((escaped, len)) = escape(rest)
        {
            written.push_str(&escaped);
            rest = rest.get(len..).unwrap_or_default();
            continue;
        }
        let (token, next) = token(rest, sign, within);
        written.push_str(token);
        rest = rest.get(token.len()..).unwrap_or_default();
        within = next;
    }
    Cow::Owned(written)
}

/// The next piece that stays as it is, and where it leads.
fn token(rest: &str, sign: char, within: Within) -> (&str, Within) {
    let len = |bytes: usize| rest.get(..bytes).unwrap_or(rest);
    let one = len(sign.len_utf8());
    match within {
        Within::Nothing if rest.starts_with("\"\"\"") => (len(3), Within::BlockText),
        Within::Nothing if sign == '"' => (one, Within::Text),
        Within::Nothing if sign == '#' => (one, Within::Comment),
        Within::BlockText if rest.starts_with("\\\"\"\"") => (len(4), within),
        Within::BlockText if rest.starts_with("\"\"\"") => (len(3), Within::Nothing),
        Within::Comment | Within::Text if matches!(sign, '\n' | '\r') => (one, Within::Nothing),
        Within::Text if sign == '"' => (one, Within::Nothing),
        // What is escaped ends no string.
        Within::Text if sign == '\\' => {
            let escaped = rest.chars().nth(1).map_or(0, char::len_utf8);
            (len(1 + escaped), within)
        }
        _ => (one, within),
    }
}

/// An escape of either form at the beginning of a text, as the parser knows it, and how long it was.
fn escape(text: &str) -> Option<(String, usize)> {
    let code = text.strip_prefix("\\u")?;
    if let Some(braced) = code.strip_prefix('{') {
        let (digits, _) = braced.split_once('}')?;
        let hexadecimal = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let sign = hexadecimal.then(|| u32::from_str_radix(digits, 16).ok())??;
        return Some((known(char::from_u32(sign)?), digits.len() + 4));
    }
    let unit = |text: &str| {
        let digits = text
            .get(..4)
            .filter(|four| four.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        u16::from_str_radix(digits, 16).ok()
    };
    let first = unit(code)?;
    let second = unit(code.get(4..)?.strip_prefix("\\u")?)?;
    let is_pair = (0xd800..0xdc00).contains(&first) && (0xdc00..0xe000).contains(&second);
    let mut signs = char::decode_utf16([first, second]);
    let sign = signs.next()?.ok().filter(|_| is_pair)?;
    Some((known(sign), 12))
}

/// A sign as the parser knows it: four digits where they are enough, so that no quote ends the string.
fn known(sign: char) -> String {
    let code = u32::from(sign);
    if code > 0xffff {
        sign.to_string()
    } else {
        format!("\\u{code:04x}")
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::Value;
    use async_graphql::parser::parse_query;
    use async_graphql::parser::types::Selection;

    use super::*;

    /// What the parser reads of a string.
    fn read(literal: &str) -> Option<String> {
        let document = format!("{{ a(b: {literal}) }} # \\ud83d\\ude00");
        let document = parse_query(translated(&document)).ok()?;
        let (_, operation) = document.operations.iter().next()?;
        let selection = operation.node.selection_set.node.items.first()?;
        let Selection::Field(field) = &selection.node else {
            return None;
        };
        match field
            .node
            .get_argument("b")
            .map(|value| value.node.clone().into_const())
        {
            Some(Some(Value::String(text))) => Some(text),
            _ => None,
        }
    }

    #[test]
    fn both_forms_are_characters() {
        for (literal, text) in [
            (r#""hej \ud83d\ude00""#, "hej \u{1f600}"),
            (r#""hej \u{1F600}!""#, "hej \u{1f600}!"),
            (r#""\u{e6}\u00e6\u{22}\u{5c}""#, "ææ\"\\"),
            (r#""\u{0}\u{10FFFF}""#, "\0\u{10ffff}"),
            // A backslash that is escaped begins no escape.
            (
                r#""\\u{1F600} \\ud83d\\ude00 \"\ud83d\ude00""#,
                "\\u{1F600} \\ud83d\\ude00 \"\u{1f600}",
            ),
            (r#""""\u{1F600} ""d"" """"#, "\\u{1F600} \"\"d\"\" "),
        ] {
            assert_eq!(read(literal).as_deref(), Some(text), "{literal}");
        }
    }

    #[test]
    fn half_a_pair_and_what_is_no_character_are_refused() {
        for literal in [
            r#""a\ud800b""#,
            r#""\ude00\ud83d""#,
            r#""\ud83d\u0041""#,
            r#""\u{110000}""#,
            r#""\u{D800}""#,
            r#""\u{}""#,
            r#""\u{1F600""#,
            r#""\u{+41}""#,
        ] {
            assert_eq!(read(literal), None, "{literal}");
        }
    }

    #[test]
    fn what_is_no_string_stays_as_it_is() {
        for document in [
            "{ a }",
            "{ a } # \\ud83d\\ude00",
            "{ a(b: \"\"\"\\u{1F600}\"\"\") }",
        ] {
            assert_eq!(translated(document), document);
        }
    }
}
