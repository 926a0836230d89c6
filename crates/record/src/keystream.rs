//! Encryption that can be read and written anywhere: AES-256 in counter mode (NIST SP 800-38A), for
//! scratch files. It hides and proves nothing; what is recorded is sealed otherwise
//! (`sealed_part`).

use aes::Aes256;
use ctr::Ctr128BE;
use ctr::cipher::{KeyIvInit, StreamCipher, StreamCipherSeek};

/// The bytes that a text is turned with, by place.
pub struct Keystream(Ctr128BE<Aes256>);

impl std::fmt::Debug for Keystream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keystream")
    }
}

/// The place lies beyond what one key may turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a text is too long for one key")]
pub struct TooLong;

impl Keystream {
    /// The stream of a key; one key is for one text.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self(Ctr128BE::new(key.into(), &[0; 16].into()))
    }

    /// Encrypts or decrypts the bytes that stand at that place of the text.
    ///
    /// # Errors
    /// [`TooLong`] when the place lies beyond what one key may turn.
    pub fn turn(&mut self, place: u64, bytes: &mut [u8]) -> Result<(), TooLong> {
        self.0.try_seek(place).map_err(|_| TooLong)?;
        self.0.try_apply_keystream(bytes).map_err(|_| TooLong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_turned_the_same_in_one_piece_and_in_many() {
        let text: Vec<u8> = (0..1_000_u32).map(|n| n.to_be_bytes()[3]).collect();
        let mut stream = Keystream::new(&[7; 32]);
        let mut whole = text.clone();
        stream.turn(5, &mut whole).unwrap();
        assert_ne!(whole, text);
        let mut pieces = text.clone();
        for (number, piece) in pieces.chunks_mut(33).enumerate().rev() {
            stream.turn(5 + 33 * number as u64, piece).unwrap();
        }
        assert_eq!(pieces, whole);
        stream.turn(5, &mut pieces).unwrap();
        assert_eq!(pieces, text);
    }

    /// NIST SP 800-38A has no vector with a counter from zero, but the first block of the stream is
    /// AES-256 of the zero block: FIPS 197 and its known answer for the zero key.
    #[test]
    fn the_stream_begins_with_the_known_answer_of_the_zero_key() {
        let mut bytes = [0; 16];
        Keystream::new(&[0; 32]).turn(0, &mut bytes).unwrap();
        let known = [
            0xdc, 0x95, 0xc0, 0x78, 0xa2, 0x40, 0x89, 0x89, 0xad, 0x48, 0xa2, 0x14, 0x92, 0x84,
            0x20, 0x87,
        ];
        assert_eq!(bytes, known);
    }
}
