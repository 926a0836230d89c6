//! The query string of a request: names and values, decoded. Malformed text is refused.
//!
//! Read here by hand on purpose. `form_urlencoded`, and with it the `Query` of axum, accepts everything:
//! bytes that are not UTF-8 become U+FFFD, and a broken `%G0` stays as it stands. A title is recorded
//! for good, so a client must hear of it instead. It does not know which names there are.

/// The parameters, in their order; null when the text is malformed.
pub(crate) fn parameters(query: &str) -> Option<Vec<(String, String)>> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((percent_decoded(name)?, percent_decoded(value)?))
        })
        .collect()
}

/// Decodes a name or value of a query string; null when it is malformed.
pub(crate) fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (
                    char::from(rest.next()?).to_digit(16)?,
                    char::from(rest.next()?).to_digit(16)?,
                );
                u8::try_from(high * 16 + low).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameters_of_a_query_string_are_decoded() {
        let read = parameters("a=b+c&d=%C3%B8&e").unwrap();
        let read: Vec<(&str, &str)> = read
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(read, [("a", "b c"), ("d", "\u{f8}"), ("e", "")]);
        for malformed in ["a=%C3", "a=%", "%FF=b", "a=%G0", "a=%+1"] {
            assert_eq!(parameters(malformed), None, "{malformed}");
        }
    }
}
