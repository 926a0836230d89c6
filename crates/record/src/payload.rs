//! What an event says: committed to value by value (RFC 9901), encrypted part by part. Opening it
//! again is [`crate::opening`].
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use record::entropy::Entropy;
//! use record::opening::{PartSource, open};
//! use record::payload::{Part, Payload, commit};
//! use serde_json::json;
//! use uuid::Uuid;
//!
//! /// For this example only: salts and keys must come from the operating system.
//! struct Counting(u8);
//!
//! impl Entropy for Counting {
//!     fn fill(&mut self, bytes: &mut [u8]) {
//!         self.0 += 1;
//!         bytes.fill(self.0);
//!     }
//! }
//!
//! let text = vec![json!("A talk at school")];
//! let payload = Payload {
//!     kind: "NoteTaken".to_owned(),
//!     version: 1,
//!     parts: vec![Part {
//!         who: "case".to_owned(),
//!         fields: BTreeMap::from([("text".to_owned(), text)]),
//!     }],
//! };
//! let event = Uuid::from_u128(5);
//! let committed = commit(&payload, event, &mut Counting(0))?;
//!
//! // The entry holds the digest. Ciphertext and key of a part open it.
//! let part = &committed.parts[0];
//! let source = PartSource { blob: &part.blob, key: &part.key };
//! let opened = open(&committed.digest, event, &[Some(source)])?.ok_or("part 0 is there")?;
//! assert_eq!(opened.parts[0].fields["text"][0].value, Some(json!("A talk at school")));
//!
//! // After an erasure of part 0 not even the names of the fields are known.
//! assert_eq!(open(&committed.digest, event, &[None])?, None);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::b64u;
use crate::canonical::{self, CanonicalError};
use crate::entropy::Entropy;
use crate::entry::BLOB_COUNT_MAX;
use crate::hash::{Hash, sha256};
use crate::keys::PartKey;
use crate::opening::{OpenError, PartSource, disclosures, plaintext};
use crate::sealed_part;

/// The fields about one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Whom they are about.
    pub who: String,
    /// Elements by field name: strings, integers, booleans or objects.
    pub fields: BTreeMap<String, Vec<Value>>,
}

/// The content of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// Event type.
    pub kind: String,
    /// Version of the type.
    pub version: u64,
    /// The parts; part 0 is the stream's own.
    pub parts: Vec<Part>,
}

/// A part as it is stored, with the key that opens it.
#[derive(Debug, Clone)]
pub struct EncryptedPart {
    /// The ciphertext.
    pub blob: Vec<u8>,
    /// Its hash.
    pub blob_hash: Hash,
    /// Its key.
    pub key: PartKey,
}

/// A payload that is committed to and encrypted.
#[derive(Debug, Clone)]
pub struct CommittedPayload {
    /// Digest of the payload disclosure: all that the entry says about the content.
    pub digest: Hash,
    /// The parts in order.
    pub parts: Vec<EncryptedPart>,
    /// What names the elements of each part, by field and in order: the digests of their disclosures.
    pub elements: Vec<BTreeMap<String, Vec<Hash>>>,
}

/// A payload cannot be recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// An event has 1 to 64 parts.
    #[error("an event has 1 to {BLOB_COUNT_MAX} parts, not {0}")]
    Parts(usize),
    /// Elements are strings, integers, booleans or objects.
    #[error("an element of the field {0} is neither text, integer, boolean nor object")]
    Element(String),
    /// A number or a nesting that has no canonical form.
    #[error("a value has no canonical form")]
    Canonical(#[from] CanonicalError),
    /// The cipher refused the length.
    #[error("a part is too long to encrypt")]
    TooLong,
    /// A value to be taken out is not in the part.
    #[error("value {0} is not in the part")]
    NotThere(Hash),
    /// The part to be changed does not open.
    #[error("the part does not open")]
    Open(#[from] OpenError),
}

struct Disclosure {
    text: String,
    digest: Hash,
}

fn disclose(items: &[&Value]) -> Result<Disclosure, CanonicalError> {
    let text = b64u::encode(&canonical::array_to_vec(items)?);
    let digest = sha256(text.as_bytes());
    Ok(Disclosure { text, digest })
}

fn salt(entropy: &mut dyn Entropy) -> Value {
    let mut salt = [0; 32];
    entropy.fill(&mut salt);
    Value::String(b64u::encode(&salt))
}

/// An object of these members, which are moved into it.
fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let members = members.map(|(name, value)| (name.to_owned(), value));
    Value::Object(members.into_iter().collect())
}

/// Commits to every element and encrypts every part.
///
/// Entropy is drawn in this order: a salt of 32 bytes for each element, parts in order and
/// fields by name; a salt for the payload; then for each part a key of 32 and a nonce of 12
/// bytes.
///
/// # Errors
/// [`PayloadError::Parts`] unless there are 1 to [`BLOB_COUNT_MAX`] parts;
/// [`PayloadError::Element`] for an element that is null or an array; [`PayloadError::Canonical`]
/// for a number or a nesting that has no canonical form; [`PayloadError::TooLong`] when the cipher
/// refuses the length.
pub fn commit(
    payload: &Payload,
    event: Uuid,
    entropy: &mut dyn Entropy,
) -> Result<CommittedPayload, PayloadError> {
    if payload.parts.is_empty() || payload.parts.len() > BLOB_COUNT_MAX {
        return Err(PayloadError::Parts(payload.parts.len()));
    }
    let mut texts: Vec<Vec<String>> = Vec::with_capacity(payload.parts.len());
    let mut commitments = Vec::with_capacity(payload.parts.len());
    let mut elements = Vec::with_capacity(payload.parts.len());
    for part in &payload.parts {
        let mut disclosures = Vec::new();
        let mut fields = Map::new();
        let mut named = BTreeMap::new();
        for (name, values) in &part.fields {
            let mut hashes = Vec::with_capacity(values.len());
            for value in values {
                if value.is_null() || value.is_array() {
                    return Err(PayloadError::Element(name.clone()));
                }
                let disclosure = disclose(&[&salt(entropy), value])?;
                hashes.push(disclosure.digest);
                disclosures.push(disclosure.text);
            }
            let digests = hashes.iter().map(|hash| Value::String(hash.to_b64u()));
            let digests = digests.map(|digest| object([("...", digest)]));
            fields.insert(name.clone(), digests.collect());
            named.insert(name.clone(), hashes);
        }
        let who = Value::String(part.who.clone());
        commitments.push(object([("f", Value::Object(fields)), ("who", who)]));
        texts.push(disclosures);
        elements.push(named);
    }
    let content = object([
        ("parts", Value::Array(commitments)),
        ("type", Value::String(payload.kind.clone())),
        ("ver", Value::from(payload.version)),
    ]);
    let whole = disclose(&[&salt(entropy), &Value::from("p"), &content])?;
    if let Some(own) = texts.first_mut() {
        own.insert(0, whole.text);
    }
    let mut parts = Vec::with_capacity(texts.len());
    for (part, disclosures) in (0_u16..).zip(texts) {
        parts.push(encrypt(&disclosures, event, part, entropy)?);
    }
    Ok(CommittedPayload {
        digest: whole.digest,
        parts,
        elements,
    })
}

fn encrypt(
    disclosures: &[String],
    event: Uuid,
    part: u16,
    entropy: &mut dyn Entropy,
) -> Result<EncryptedPart, PayloadError> {
    let key = PartKey::generate(entropy);
    let mut iv = [0; 12];
    entropy.fill(&mut iv);
    let mut plaintext = Zeroizing::new(disclosures.join("~"));
    pad(&mut plaintext);
    let blob = sealed_part::seal(plaintext.as_bytes(), &key, &iv, event, part)
        .ok_or(PayloadError::TooLong)?;
    Ok(EncryptedPart {
        blob_hash: sha256(&blob),
        blob,
        key,
    })
}

/// Lengths of parts are multiples of this at least.
const PADDED_TO: usize = 128;

/// The length that a part of this length is padded to: a multiple of a power of two that grows with
/// it, so that what is added stays small beside the text itself, and at least of [`PADDED_TO`].
pub(crate) fn padded(len: usize) -> usize {
    let len = len.max(1);
    // Keep as many leading bits of the length as it takes to write its number of bits; round up the
    // rest.
    let bits = len.ilog2();
    let kept = bits.checked_ilog2().map_or(0, |bits| bits + 1);
    len.next_multiple_of(PADDED_TO.max(1 << bits.saturating_sub(kept)))
}

/// Pads a part with `~`, which readers skip, so that the length of its ciphertext says less about
/// it.
fn pad(plaintext: &mut Zeroizing<String>) {
    let len = padded(plaintext.len());
    // Allocate once: a string that grows is moved, and its old copy would stay in memory.
    let mut whole = Zeroizing::new(String::with_capacity(len));
    whole.push_str(plaintext);
    whole.extend(std::iter::repeat_n(
        '~',
        len.saturating_sub(plaintext.len()),
    ));
    *plaintext = whole;
}

/// Encrypts a part again, under a new key, without some of its values.
///
/// # Errors
/// [`PayloadError::NotThere`] when a value is not in the part; [`PayloadError::Open`].
pub fn remove_values(
    source: PartSource<'_>,
    event: Uuid,
    part: u16,
    values: &BTreeSet<Hash>,
    entropy: &mut dyn Entropy,
) -> Result<EncryptedPart, PayloadError> {
    let plaintext = Zeroizing::new(plaintext(source, event, part)?);
    let all: Vec<(&str, Hash)> = disclosures(&plaintext).collect();
    if let Some(missing) = values
        .iter()
        .find(|digest| !all.iter().any(|(_, own)| own == *digest))
    {
        return Err(PayloadError::NotThere(*missing));
    }
    let kept: Vec<String> = all
        .into_iter()
        .filter(|(_, own)| !values.contains(own))
        .map(|(text, _)| text.to_owned())
        .collect();
    encrypt(&kept, event, part, entropy)
}
