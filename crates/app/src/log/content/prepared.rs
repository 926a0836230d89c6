//! An event before it has a place: encrypted part by part, and committed to.

use std::collections::BTreeMap;

use events::ids::{EventId, StreamId};
use events::parts::person_of;
use events::raw::{PlainEvent, RawElement, RawEvent, RawPart};
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
    /// The content as reading the event back shows it.
    pub raw: RawEvent,
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
    plain: PlainEvent,
    stream: StreamId,
    event: EventId,
    keyring: &Keyring,
    attachments: &[Attachment],
) -> Result<Prepared, BoxError> {
    let parts = plain.parts.into_iter().map(|part| Part {
        who: part.who,
        fields: part.fields,
    });
    let payload = Payload {
        kind: plain.kind,
        version: u64::from(plain.version),
        parts: parts.collect(),
    };
    let committed = record::payload::commit(&payload, event.uuid(), &mut OsEntropy)?;
    let mut prepared = Prepared {
        payload: committed.digest,
        blobs: Vec::new(),
        blob_hashes: Vec::new(),
        keys: Vec::new(),
        raw: read_back(payload, &committed.elements),
    };
    for (number, (encrypted, part)) in committed
        .parts
        .into_iter()
        .zip(&prepared.raw.parts)
        .enumerate()
    {
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

/// The content with the digests that name its elements, as opening all parts answers it.
fn read_back(payload: Payload, digests: &[BTreeMap<String, Vec<Hash>>]) -> RawEvent {
    let parts = payload.parts.into_iter().zip(digests);
    let parts = parts.map(|(part, digests)| RawPart {
        who: part.who,
        fields: part
            .fields
            .into_iter()
            .map(|(name, values)| {
                let digests = digests.get(&name).into_iter().flatten();
                let elements = values.into_iter().zip(digests);
                let elements = elements.map(|(value, digest)| RawElement {
                    digest: digest.to_b64u(),
                    value: Ok(value),
                });
                let elements = elements.collect();
                (name, elements)
            })
            .collect(),
    });
    RawEvent {
        kind: payload.kind,
        version: payload.version,
        parts: parts.collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use events::event::Event;
    use events::meta::{Actor, Meta, Role};
    use events::spec::StreamKind;
    use record::opening::{self, PartSource};
    use serde_json::{Value, json};
    use store::key_store::{InitialSecrets, KeyStore};
    use store::memory_keys::MemoryKeyStore;
    use zeroize::Zeroizing;

    use super::*;
    use crate::log::content::raw;

    const CHILD: &str = "00000000-0000-4000-8000-0000000000c1";

    /// What opening all parts of an event answers, by the keys that were stored for it.
    fn opened(prepared: &Prepared, event: EventId, keyring: &Keyring) -> RawEvent {
        let keys: Vec<PartKey> = (0_u16..)
            .zip(&prepared.raw.parts)
            .map(|(part, _)| keyring.part(event.uuid(), part).unwrap().unwrap())
            .collect();
        let blobs = prepared.blobs.iter().map(|blob| match blob {
            NewBlob::Bytes(bytes) => bytes.as_slice(),
            NewBlob::Staged(_) => panic!("a part lies with its event"),
        });
        let sources: Vec<Option<PartSource<'_>>> = blobs
            .zip(&keys)
            .map(|(blob, key)| Some(PartSource { blob, key }))
            .collect();
        let opened = opening::open(&prepared.payload, event.uuid(), &sources);
        raw(opened.unwrap().unwrap())
    }

    /// Prepares a fact; answers what is handed over and what opening it shows.
    fn both(kind: &str, facts: Value) -> (RawEvent, RawEvent) {
        let store = Arc::new(MemoryKeyStore::new(InitialSecrets {
            root: Zeroizing::new([1; 32]),
            event_seed: Zeroizing::new([2; 32]),
            log_seed: Zeroizing::new([3; 32]),
        }));
        let keyring = Keyring::new(store.clone());
        let (stream, event) = (crate::entropy::fresh(), crate::entropy::fresh());
        let actor = Actor {
            id: "K1".into(),
            role: Role::Caseworker,
            unit: Some("Børn & Unge ÆØÅ".into()),
            municipality: "0999".into(),
        };
        let facts = Event::from_json(kind, facts).unwrap();
        let meta = Meta::at("2024-01-08".parse().unwrap());
        let plain = facts.encode(&meta, &actor, StreamKind::Case).unwrap();
        let prepared = prepare(plain, stream, event, &keyring, &[]).unwrap();
        store.put(&prepared.keys).unwrap();
        let opened = opened(&prepared, event, &keyring);
        (prepared.raw, opened)
    }

    #[test]
    fn what_is_handed_over_is_what_opening_the_event_shows() {
        for (kind, facts) in [
            (
                "NoteTaken",
                json!({ "kind": "CONTACT", "text": ["“Hej”\n\u{0}\u{1f600} a/b", "two"] }),
            ),
            (
                "CaseOpened",
                json!({
                    "child": { "person": CHILD, "role": "CHILD" },
                    "ground": ["absence"],
                    "kle_number": "27.24.00",
                }),
            ),
        ] {
            let (handed, opened) = both(kind, facts);
            assert_eq!(handed, opened, "{kind}");
            let elements = handed.parts.iter().flat_map(|part| part.fields.values());
            assert!(elements.flatten().all(|element| element.digest.len() == 43));
        }
    }
}
