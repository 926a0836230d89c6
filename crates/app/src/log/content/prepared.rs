//! An event before it has a place: encrypted part by part, and committed to.

use events::ids::{EventId, StreamId};
use events::parts::person_of;
use events::raw::PlainEvent;
use record::hash::Hash;
use record::keys::PartKey;
use record::payload::{Part, Payload};
use store::key_store::KeyRow;
use store::log_store::NewBlob;
use uuid::Uuid;

use crate::entropy::OsEntropy;
use crate::error::BoxError;
use crate::log::keyring::Keyring;

/// An event whose content is encrypted and committed to, and which has no place yet.
#[derive(Debug)]
pub struct Prepared {
    /// Digest of the payload disclosure.
    pub payload: Hash,
    /// Ciphertexts: by part, then attachments.
    pub blobs: Vec<NewBlob>,
    /// Hash of each ciphertext.
    pub blob_hashes: Vec<Hash>,
    /// Keys that must be durable before the event.
    pub keys: Vec<KeyRow>,
}

/// A chunk that is encrypted for an event already.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// The ciphertext.
    pub blob: NewBlob,
    /// Its hash.
    pub hash: Hash,
    /// Its key.
    pub key: PartKey,
    /// The stream or the person whose key wraps that.
    pub subject: Uuid,
}

/// Encrypts the parts of an event and commits to its fields. Attachments, which are encrypted
/// already, get the numbers behind the parts.
///
/// # Errors
/// When a key cannot be read or a value is not one the record takes.
pub fn prepare(
    plain: &PlainEvent,
    stream: StreamId,
    event: EventId,
    keyring: &Keyring,
    attachments: &[Attachment],
) -> Result<Prepared, BoxError> {
    let parts = plain
        .parts
        .iter()
        .map(|part| Part {
            who: part.who.clone(),
            fields: part.fields.clone(),
        })
        .collect();
    let payload = Payload {
        kind: plain.kind.clone(),
        version: u64::from(plain.version),
        parts,
    };
    let committed = record::payload::commit(&payload, event.uuid(), &mut OsEntropy)?;
    let mut prepared = Prepared {
        payload: committed.digest,
        blobs: Vec::new(),
        blob_hashes: Vec::new(),
        keys: Vec::new(),
    };
    for (number, (encrypted, part)) in committed.parts.into_iter().zip(&plain.parts).enumerate() {
        let number = u16::try_from(number)?;
        let subject =
            person_of(&part.who).map_or_else(|| stream.uuid(), |person| person.person.uuid());
        prepared
            .keys
            .extend(keyring.rows_for(event.uuid(), number, subject, &encrypted.key)?);
        prepared.blob_hashes.push(encrypted.blob_hash);
        prepared.blobs.push(encrypted.blob.into());
    }
    for attachment in attachments {
        let number = u16::try_from(prepared.blobs.len())?;
        prepared.keys.extend(keyring.rows_for(
            event.uuid(),
            number,
            attachment.subject,
            &attachment.key,
        )?);
        prepared.blob_hashes.push(attachment.hash);
        prepared.blobs.push(attachment.blob.clone());
    }
    Ok(prepared)
}
