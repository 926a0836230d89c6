//! One encrypted part: a compact JWE (RFC 7516) with direct encryption under AES-256-GCM, bound
//! to its event and part by the header.

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use uuid::Uuid;

use crate::b64u;
use crate::keys::PartKey;

/// A ciphertext does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenBlobError {
    /// Not a compact JWE of the expected event and number.
    #[error("blob is not the one of this event and number")]
    Format,
    /// The key does not fit, or a byte was changed.
    #[error("BLOB_DECRYPT: blob does not decrypt")]
    Decrypt,
}

/// The protected header, canonical as it stands: ASCII members in order.
fn header(event: Uuid, part: u16) -> String {
    let event = event.hyphenated();
    b64u::encode(
        format!(r#"{{"alg":"dir","enc":"A256GCM","ev":"{event}","pt":{part}}}"#).as_bytes(),
    )
}

/// Length of a tag of AES-GCM.
const TAG: usize = 16;

/// Encrypts. The key must never have been used before.
pub(crate) fn seal(
    plaintext: &[u8],
    key: &PartKey,
    iv: &[u8; 12],
    event: Uuid,
    part: u16,
) -> Option<Vec<u8>> {
    let header = header(event, part);
    let cipher = Aes256Gcm::new(key.expose().into());
    // In place, because a chunk of a document is long.
    let mut message = Vec::with_capacity(plaintext.len() + TAG);
    message.extend_from_slice(plaintext);
    cipher
        .encrypt_in_place(&Nonce::from(*iv), header.as_bytes(), &mut message)
        .ok()?;
    let (ciphertext, tag) = message.split_at_checked(plaintext.len())?;
    let mut blob = String::with_capacity(header.len() + (message.len() + iv.len()) * 4 / 3 + 16);
    blob.push_str(&header);
    blob.push_str("..");
    b64u::encode_onto(&mut blob, iv);
    blob.push('.');
    b64u::encode_onto(&mut blob, ciphertext);
    blob.push('.');
    b64u::encode_onto(&mut blob, tag);
    Some(blob.into_bytes())
}

/// Decrypts.
pub(crate) fn open(
    blob: &[u8],
    key: &PartKey,
    event: Uuid,
    part: u16,
) -> Result<Vec<u8>, OpenBlobError> {
    let fields: Vec<&[u8]> = blob.split(|byte| *byte == b'.').collect();
    let [head, [], iv, ciphertext, tag] = fields.as_slice() else {
        return Err(OpenBlobError::Format);
    };
    if header(event, part).as_bytes() != *head {
        return Err(OpenBlobError::Format);
    }
    let decode = |field: &[u8]| b64u::decode(field).map_err(|_| OpenBlobError::Format);
    let iv: [u8; 12] = decode(iv)?.try_into().map_err(|_| OpenBlobError::Format)?;
    let mut message = decode(ciphertext)?;
    let tag = decode(tag)?;
    if tag.len() != TAG {
        return Err(OpenBlobError::Format);
    }
    message.reserve_exact(TAG);
    message.extend_from_slice(&tag);
    let cipher = Aes256Gcm::new(key.expose().into());
    cipher
        .decrypt_in_place(&Nonce::from(iv), head, &mut message)
        .map_err(|_| OpenBlobError::Decrypt)?;
    Ok(message)
}
