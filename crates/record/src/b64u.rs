//! Base64url without padding (RFC 4648 section 5), canonical: one text for each byte string.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The text is not canonical base64url.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not canonical base64url")]
pub struct DecodeError;

/// Encodes.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Encodes behind what a text holds already.
pub fn encode_onto(text: &mut String, bytes: &[u8]) {
    URL_SAFE_NO_PAD.encode_string(bytes, text);
}

/// Decodes; padding and non-zero trailing bits are refused.
///
/// # Errors
/// [`DecodeError`] for another character, padding, or trailing bits that are not zero.
pub fn decode(text: &[u8]) -> Result<Vec<u8>, DecodeError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| DecodeError)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_text_for_each_byte_string() {
        assert_eq!(decode(b"AA").unwrap(), [0]);
        for text in ["AB", "AA==", "A", "A+", "A/", "AA "] {
            assert_eq!(decode(text.as_bytes()), Err(DecodeError), "{text}");
        }
    }
}
