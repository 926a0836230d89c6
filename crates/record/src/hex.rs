//! Hexadecimal digits: two for each byte, written in lower case. Everything of this crate that is
//! spelled in them goes through here.

/// Writes bytes.
///
/// ```
/// assert_eq!(record::hex::encode(&[0, 10, 255]), "000aff");
/// ```
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
    }
    text
}

/// Reads digits of either case; null when one is no digit, or when half a byte is left.
///
/// ```
/// assert_eq!(record::hex::decode("000aFF"), Some(vec![0, 10, 255]));
/// assert_eq!(record::hex::decode("0"), None);
/// ```
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .chars()
        .map(|digit| {
            digit
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        })
        .collect::<Option<_>>()?;
    let (pairs, []) = digits.as_chunks::<2>() else {
        return None;
    };
    Some(pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_not_pairs_of_digits_is_refused() {
        for text in ["a", "abc", "0g", " 00", "+1", "\u{661}1"] {
            assert_eq!(decode(text), None, "{text}");
        }
        assert_eq!(decode(""), Some(Vec::new()));
    }

    proptest! {
        #[test]
        fn bytes_read_as_they_were_written(bytes: Vec<u8>) {
            let text = encode(&bytes);
            prop_assert_eq!(decode(&text), Some(bytes.clone()));
            prop_assert_eq!(decode(&text.to_uppercase()), Some(bytes));
        }
    }
}
