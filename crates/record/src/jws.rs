//! The outer form of an entry: a compact JWS (RFC 7515) with one algorithm and exact members. What
//! the payload means is [`crate::entry`].

use serde_json::{Value, json};

use crate::b64u;
use crate::canonical::{self, CanonicalError};
use crate::hash::Hash;
use crate::merkle::leaf_hash;
use crate::signing::{EventKey, PublicKey, SigningError};

/// The longest entry, in bytes: tile bundles count them in 16 bits.
pub const ENTRY_BYTES_MAX: usize = 65_535;
/// A signature of 64 bytes in base64url.
const SIGNATURE_CHARS: usize = 86;

/// An entry as it is hashed and stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedEntry {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Their leaf hash.
    pub leaf: Hash,
}

/// The outer form is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// Longer than [`ENTRY_BYTES_MAX`].
    #[error("entry has {0} bytes, at most {ENTRY_BYTES_MAX} are possible")]
    TooLong(usize),
    /// Not three canonical base64url fields.
    #[error("entry is not a compact JWS")]
    Format,
    /// Not exactly the three members of the header.
    #[error("header of the entry is not the expected one")]
    Header,
    /// Header or payload is not canonical JSON.
    #[error("entry is not canonical")]
    Canonical(#[from] CanonicalError),
}

/// An entry taken apart; its signature is not checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jws {
    /// Id of the key that claims to have signed.
    pub kid: String,
    /// Media type.
    pub typ: String,
    /// The payload.
    pub payload: Value,
    signed: Vec<u8>,
    signature: [u8; 64],
}

/// Signs a payload. The length is checked before anything is signed.
///
/// # Errors
/// [`JwsError::TooLong`], [`JwsError::Canonical`].
pub(crate) fn sign(typ: &str, payload: &Value, key: &EventKey) -> Result<SignedEntry, JwsError> {
    let header = json!({ "alg": "Ed25519", "kid": key.public().kid(), "typ": typ });
    let mut text = b64u::encode(&canonical::to_vec(&header)?);
    text.push('.');
    text.push_str(&b64u::encode(&canonical::to_vec(payload)?));
    let length = text.len() + 1 + SIGNATURE_CHARS;
    if length > ENTRY_BYTES_MAX {
        return Err(JwsError::TooLong(length));
    }
    let signature = key.sign(text.as_bytes());
    text.push('.');
    text.push_str(&b64u::encode(&signature));
    let bytes = text.into_bytes();
    let leaf = leaf_hash(&bytes);
    Ok(SignedEntry { bytes, leaf })
}

impl Jws {
    /// Takes an entry apart.
    ///
    /// # Errors
    /// [`JwsError::TooLong`] above [`ENTRY_BYTES_MAX`]; [`JwsError::Format`] unless there are three
    /// canonical base64url fields; [`JwsError::Header`] unless the header has exactly its three
    /// members; [`JwsError::Canonical`] when header or payload is not canonical JSON.
    pub fn parse(bytes: &[u8]) -> Result<Self, JwsError> {
        if bytes.len() > ENTRY_BYTES_MAX {
            return Err(JwsError::TooLong(bytes.len()));
        }
        let fields: Vec<&[u8]> = bytes.split(|byte| *byte == b'.').collect();
        let [header, payload, signature] = fields.as_slice() else {
            return Err(JwsError::Format);
        };
        let decode = |field: &[u8]| b64u::decode(field).map_err(|_| JwsError::Format);
        let signature = decode(signature)?
            .try_into()
            .map_err(|_| JwsError::Format)?;
        let signed = bytes
            .get(..header.len() + 1 + payload.len())
            .ok_or(JwsError::Format)?
            .to_vec();
        let header = canonical::parse_strict(&decode(header)?)?;
        let payload = canonical::parse_strict(&decode(payload)?)?;
        let text = |name: &str| header.get(name).and_then(Value::as_str);
        let (Some("Ed25519"), Some(kid), Some(typ), Some(3)) = (
            text("alg"),
            text("kid"),
            text("typ"),
            header.as_object().map(serde_json::Map::len),
        ) else {
            return Err(JwsError::Header);
        };
        Ok(Self {
            kid: kid.to_owned(),
            typ: typ.to_owned(),
            payload,
            signed,
            signature,
        })
    }

    /// Checks the signature.
    ///
    /// # Errors
    /// [`SigningError::KeyId`] when the header names another key; [`SigningError::Signature`].
    pub fn verify(&self, key: &PublicKey) -> Result<(), SigningError> {
        if self.kid != key.kid() {
            return Err(SigningError::KeyId);
        }
        key.verify(&self.signed, &self.signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S11: the limit is that of a bundle of entries, whose lengths have two bytes.
    #[test]
    fn an_entry_that_is_too_long_is_never_signed() {
        let key = EventKey::from_seed(&[7; 32]);
        let of = |length: usize| {
            sign(
                "sag-event+sd-jwt",
                &json!({ "text": "x".repeat(length) }),
                &key,
            )
        };
        let longest = (48_000..50_000)
            .take_while(|length| of(*length).is_ok())
            .last()
            .unwrap();
        let bytes = of(longest).unwrap().bytes;
        assert!(bytes.len() <= ENTRY_BYTES_MAX && Jws::parse(&bytes).is_ok());
        match of(longest + 1) {
            Err(JwsError::TooLong(length)) => assert!(length > ENTRY_BYTES_MAX),
            other => panic!("{other:?}"),
        }
        assert!(matches!(
            Jws::parse(&vec![b'A'; ENTRY_BYTES_MAX + 1]),
            Err(JwsError::TooLong(65_536))
        ));
    }
}
