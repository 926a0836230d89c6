//! One encrypted part: a compact JWE (RFC 7516) with direct encryption under AES-256-GCM, bound
//! to its event and part by the header.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use uuid::Uuid;

use crate::b64u;
use crate::keys::PartKey;

/// A ciphertext does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenBlobError {
    /// Not a compact JWE of the expected event and part.
    #[error("blob is not the encrypted part of this event")]
    Format,
    /// The key does not fit, or a byte was changed.
    #[error("blob does not decrypt")]
    Decrypt,
}

/// The protected header, canonical as it stands: ASCII members in order.
fn header(event: Uuid, part: u16) -> String {
    let event = event.hyphenated();
    b64u::encode(format!(r#"{{"alg":"dir","enc":"A256GCM","ev":"{event}","pt":{part}}}"#).as_bytes())
}

/// Encrypts. The key must never have been used before.
pub(crate) fn seal(plaintext: &[u8], key: &PartKey, iv: &[u8; 12], event: Uuid, part: u16) -> Option<Vec<u8>> {
    let header = header(event, part);
    let cipher = Aes256Gcm::new(key.expose().into());
    let payload = Payload { msg: plaintext, aad: header.as_bytes() };
    let mut ciphertext = cipher.encrypt(&Nonce::from(*iv), payload).ok()?;
    let tag = ciphertext.split_off(ciphertext.len().checked_sub(16)?);
    Some(format!("{header}..{}.{}.{}", b64u::encode(iv), b64u::encode(&ciphertext), b64u::encode(&tag)).into_bytes())
}

/// Decrypts.
pub(crate) fn open(blob: &[u8], key: &PartKey, event: Uuid, part: u16) -> Result<Vec<u8>, OpenBlobError> {
    let fields: Vec<&[u8]> = blob.split(|byte| *byte == b'.').collect();
    let [head, [], iv, ciphertext, tag] = fields.as_slice() else { return Err(OpenBlobError::Format) };
    if header(event, part).as_bytes() != *head {
        return Err(OpenBlobError::Format);
    }
    let decode = |field: &[u8]| b64u::decode(field).map_err(|_| OpenBlobError::Format);
    let iv: [u8; 12] = decode(iv)?.try_into().map_err(|_| OpenBlobError::Format)?;
    let mut message = decode(ciphertext)?;
    let tag = decode(tag)?;
    if tag.len() != 16 {
        return Err(OpenBlobError::Format);
    }
    message.extend_from_slice(&tag);
    let cipher = Aes256Gcm::new(key.expose().into());
    cipher.decrypt(&Nonce::from(iv), Payload { msg: &message, aad: head }).map_err(|_| OpenBlobError::Decrypt)
}
