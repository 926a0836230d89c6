//! The parameters of a query string. Which names there are, and whether one may stand twice, is for
//! the request to say.

/// The names and values in their order, decoded; `None` when the text is malformed.
///
/// The library decodes what it can and keeps the rest as it stands. Here a broken escape and bytes
/// that are no UTF-8 are refused: otherwise a title would be recorded that nobody wrote.
pub(crate) fn parameters(query: &str) -> Option<Vec<(String, String)>> {
    let escapes_whole = query.split('%').skip(1).all(|rest| {
        let digits = rest.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    });
    // `&` and `=` are never part of a longer character, so the whole is UTF-8 if each piece is.
    let utf8 = || {
        percent_encoding::percent_decode_str(query)
            .decode_utf8()
            .is_ok()
    };
    (escapes_whole && utf8()).then(|| {
        form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(query: &str, expected: &[(&str, &str)]) {
        let read = parameters(query).unwrap();
        let read: Vec<(&str, &str)> = read
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(read, expected, "{query}");
    }

    #[test]
    fn names_and_values_are_decoded_in_their_order() {
        check(
            "a=b+c&d=%C3%B8&e",
            &[("a", "b c"), ("d", "\u{f8}"), ("e", "")],
        );
        check("", &[]);
        check("&&a=1&&a=2&", &[("a", "1"), ("a", "2")]);
        check("a=b=c%3D%26%2b&=x", &[("a", "b=c=&+"), ("", "x")]);
        check(
            "%C3%A6=%c3%a5&\u{f8}=\u{f8}",
            &[("\u{e6}", "\u{e5}"), ("\u{f8}", "\u{f8}")],
        );
    }

    #[test]
    fn what_is_malformed_is_refused_and_not_mended() {
        for malformed in [
            "a=%C3",
            "a=%C3&b=%B8",
            "a=%",
            "a=%2",
            "a=%2&b=1",
            "a=%+1",
            "a=%G0",
            "a=%0G",
            "a=%\u{f8}",
            "%FF=b",
            "b=1&%=",
            "a=%ED%A0%80",
        ] {
            assert_eq!(parameters(malformed), None, "{malformed}");
        }
    }
}
