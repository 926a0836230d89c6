//! What an event says: committed to value by value (RFC 9901), encrypted part by part.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::b64u;
use crate::canonical::{self, CanonicalError};
use crate::entropy::Entropy;
use crate::entry::BLOB_COUNT_MAX;
use crate::hash::{Hash, sha256};
use crate::keys::PartKey;
use crate::sealed_part::{self, OpenBlobError};

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

/// Characters of a salt of 32 bytes.
const SALT_CHARS: usize = 43;

/// A payload that is committed to and encrypted.
#[derive(Debug, Clone)]
pub struct CommittedPayload {
    /// Digest of the payload disclosure: the event's only public word about its content.
    pub digest: Hash,
    /// The parts in order.
    pub parts: Vec<EncryptedPart>,
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

/// A part to be opened.
#[derive(Debug, Clone, Copy)]
pub struct PartSource<'a> {
    /// The ciphertext.
    pub blob: &'a [u8],
    /// Its key.
    pub key: &'a PartKey,
}

/// An element, with its value where it could be opened.
#[derive(Debug, Clone, PartialEq)]
pub struct Element {
    /// Digest of its disclosure.
    pub digest: Hash,
    /// Its value; none when it is gone.
    pub value: Option<Value>,
}

/// A part as far as it could be opened.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenedPart {
    /// Whom it is about.
    pub who: String,
    /// Elements by field name.
    pub fields: BTreeMap<String, Vec<Element>>,
}

/// A payload as far as it could be opened.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenedPayload {
    /// Event type.
    pub kind: String,
    /// Version of the type.
    pub version: u64,
    /// The parts.
    pub parts: Vec<OpenedPart>,
}

/// A payload cannot be opened although its keys are there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// A ciphertext is not what it should be.
    #[error("part {part}: {source}")]
    Blob {
        /// Number of the part.
        part: u16,
        /// What is wrong.
        source: OpenBlobError,
    },
    /// A disclosure is malformed.
    #[error("part {0} holds a malformed disclosure")]
    Disclosure(u16),
    /// A disclosure that nothing refers to, or one that stands twice.
    #[error("part {0} holds a disclosure that it does not commit to")]
    Unreferenced(u16),
    /// The payload object is malformed, or has another number of parts.
    #[error("the payload is malformed")]
    Payload,
}

struct Disclosure {
    text: String,
    digest: Hash,
}

fn disclose(content: &Value) -> Result<Disclosure, CanonicalError> {
    let text = b64u::encode(&canonical::to_vec(content)?);
    let digest = sha256(text.as_bytes());
    Ok(Disclosure { text, digest })
}

fn salt(entropy: &mut dyn Entropy) -> String {
    let mut salt = [0; 32];
    entropy.fill(&mut salt);
    b64u::encode(&salt)
}

/// Commits to every element and encrypts every part.
///
/// Entropy is drawn in this order: a salt of 32 bytes for each element, parts in order and
/// fields by name; a salt for the payload; then for each part a key of 32 and a nonce of 12
/// bytes.
///
/// # Errors
/// [`PayloadError`].
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
    for part in &payload.parts {
        let mut disclosures = Vec::new();
        let mut fields = Map::new();
        for (name, values) in &part.fields {
            let mut digests = Vec::with_capacity(values.len());
            for value in values {
                if value.is_null() || value.is_array() {
                    return Err(PayloadError::Element(name.clone()));
                }
                let disclosure = disclose(&json!([salt(entropy), value]))?;
                digests.push(json!({ "...": disclosure.digest.to_b64u() }));
                disclosures.push(disclosure.text);
            }
            fields.insert(name.clone(), Value::Array(digests));
        }
        commitments.push(json!({ "f": fields, "who": part.who }));
        texts.push(disclosures);
    }
    let object = json!({ "parts": commitments, "type": payload.kind, "ver": payload.version });
    let whole = disclose(&json!([salt(entropy), "p", object]))?;
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
    // As many bits of the length stay as it takes to write how many it has.
    let bits = len.ilog2();
    let kept = bits.checked_ilog2().map_or(0, |bits| bits + 1);
    len.next_multiple_of(PADDED_TO.max(1 << bits.saturating_sub(kept)))
}

/// Fills a part up with what readers pass over, so that the length of its ciphertext says less
/// about it.
fn pad(plaintext: &mut Zeroizing<String>) {
    let len = padded(plaintext.len());
    // In a text of its own, because a text that is moved to grow leaves a copy in memory.
    let mut whole = Zeroizing::new(String::with_capacity(len));
    whole.push_str(plaintext);
    whole.extend(std::iter::repeat_n(
        '~',
        len.saturating_sub(plaintext.len()),
    ));
    *plaintext = whole;
}

/// The decrypted disclosures of a part, joined.
fn plaintext(source: PartSource<'_>, event: Uuid, part: u16) -> Result<String, OpenError> {
    let plaintext = sealed_part::open(source.blob, source.key, event, part)
        .map_err(|source| OpenError::Blob { part, source })?;
    String::from_utf8(plaintext).map_err(|_| OpenError::Disclosure(part))
}

/// Each disclosure of a part with its digest. Behind the last one a part is filled up with `~`, or
/// ends, as parts of before do.
fn disclosures(plaintext: &str) -> impl Iterator<Item = (&str, Hash)> {
    plaintext
        .split('~')
        .filter(|text| !text.is_empty())
        .map(|text| (text, sha256(text.as_bytes())))
}

/// What a disclosure says. Its digest commits to this very text, so its form needs no second
/// check; only the salt must be there.
fn content<T: serde::de::DeserializeOwned>(text: &str, salt: impl Fn(&T) -> &str) -> Option<T> {
    let content: T = serde_json::from_slice(&b64u::decode(text.as_bytes()).ok()?).ok()?;
    (salt(&content).len() == SALT_CHARS).then_some(content)
}

/// Part 0, opened. It says how many parts there are; what lies behind them are attachments.
#[derive(Debug)]
pub struct OwnPart {
    object: Value,
    known: BTreeMap<(u16, Hash), Value>,
    count: u16,
}

impl OwnPart {
    /// Number of the parts, this one included.
    #[must_use]
    pub const fn count(&self) -> u16 {
        self.count
    }

    /// Whom part 0 is about.
    #[must_use]
    pub fn who(&self) -> Option<&str> {
        self.object.get("parts")?.get(0)?.get("who")?.as_str()
    }

    /// Opens the other parts, from part 1 on, as far as ciphertexts and keys are there.
    ///
    /// # Errors
    /// [`OpenError`]; a key that does not fit is an error, a missing key is not.
    pub fn with(
        mut self,
        event: Uuid,
        others: &[Option<PartSource<'_>>],
    ) -> Result<OpenedPayload, OpenError> {
        if others.len() + 1 != usize::from(self.count) {
            return Err(OpenError::Payload);
        }
        for (part, source) in (1_u16..).zip(others) {
            let Some(source) = source else { continue };
            for (text, own) in disclosures(&plaintext(*source, event, part)?) {
                keep(text, own, part, &mut self.known)?;
            }
        }
        let opened = read_object(&self.object, &mut self.known)?;
        match self.known.keys().next() {
            Some((part, _)) => Err(OpenError::Unreferenced(*part)),
            None => Ok(opened),
        }
    }
}

fn keep(
    text: &str,
    own: Hash,
    part: u16,
    known: &mut BTreeMap<(u16, Hash), Value>,
) -> Result<(), OpenError> {
    let (_, value) =
        content::<(String, Value)>(text, |(salt, _)| salt).ok_or(OpenError::Disclosure(part))?;
    match known.insert((part, own), value) {
        Some(_) => Err(OpenError::Unreferenced(part)),
        None => Ok(()),
    }
}

/// Opens part 0.
///
/// # Errors
/// [`OpenError`], also when it is not the part that the event commits to.
pub fn open_own(digest: &Hash, event: Uuid, source: PartSource<'_>) -> Result<OwnPart, OpenError> {
    let mut known = BTreeMap::new();
    let mut object = None;
    for (text, own) in disclosures(&plaintext(source, event, 0)?) {
        if own == *digest {
            let (_, name, p) = content::<(String, String, Value)>(text, |(salt, ..)| salt)
                .ok_or(OpenError::Disclosure(0))?;
            object = (name == "p").then_some(p);
        } else {
            keep(text, own, 0, &mut known)?;
        }
    }
    // Part 0 without the payload that the event commits to belongs to another event.
    let object = object.ok_or(OpenError::Unreferenced(0))?;
    let count = object
        .get("parts")
        .and_then(Value::as_array)
        .and_then(|rows| u16::try_from(rows.len()).ok());
    let count = count.filter(|count| *count > 0).ok_or(OpenError::Payload)?;
    Ok(OwnPart {
        object,
        known,
        count,
    })
}

/// A disclosure as it was committed to: the very text that its digest is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisclosureText {
    /// Its digest.
    pub digest: Hash,
    /// The text, base64url.
    pub text: String,
}

/// The disclosures of one part, in the order in which they were committed to; that of the whole
/// payload comes first in part 0.
///
/// # Errors
/// [`OpenError`] when the ciphertext is not that of the part.
pub fn disclosure_texts(
    source: PartSource<'_>,
    event: Uuid,
    part: u16,
) -> Result<Vec<DisclosureText>, OpenError> {
    let plaintext = Zeroizing::new(plaintext(source, event, part)?);
    Ok(disclosures(&plaintext)
        .map(|(text, digest)| DisclosureText {
            digest,
            text: text.to_owned(),
        })
        .collect())
}

/// Opens a payload of which all ciphertexts are parts, as far as ciphertexts and keys are there.
/// Answers none when part 0 is gone: then not even the names of the fields are known.
///
/// # Errors
/// [`OpenError`]; a key that does not fit is an error, a missing key is not.
pub fn open(
    digest: &Hash,
    event: Uuid,
    parts: &[Option<PartSource<'_>>],
) -> Result<Option<OpenedPayload>, OpenError> {
    let Some((Some(own), others)) = parts.split_first() else {
        return Ok(None);
    };
    open_own(digest, event, *own)?.with(event, others).map(Some)
}

fn read_object(
    object: &Value,
    known: &mut BTreeMap<(u16, Hash), Value>,
) -> Result<OpenedPayload, OpenError> {
    let kind = object
        .get("type")
        .and_then(Value::as_str)
        .ok_or(OpenError::Payload)?;
    let version = object
        .get("ver")
        .and_then(Value::as_u64)
        .ok_or(OpenError::Payload)?;
    let rows = object
        .get("parts")
        .and_then(Value::as_array)
        .ok_or(OpenError::Payload)?;
    if object.as_object().is_none_or(|members| members.len() != 3) {
        return Err(OpenError::Payload);
    }
    let mut parts = Vec::with_capacity(rows.len());
    for (part, row) in (0_u16..).zip(rows) {
        let who = row
            .get("who")
            .and_then(Value::as_str)
            .ok_or(OpenError::Payload)?;
        let mut fields = BTreeMap::new();
        for (name, digests) in row
            .get("f")
            .and_then(Value::as_object)
            .ok_or(OpenError::Payload)?
        {
            let mut elements = Vec::new();
            for digest in digests.as_array().ok_or(OpenError::Payload)? {
                let digest = digest
                    .get("...")
                    .and_then(Value::as_str)
                    .ok_or(OpenError::Payload)?;
                let digest = Hash::parse_b64u(digest).map_err(|_| OpenError::Payload)?;
                elements.push(Element {
                    digest,
                    value: known.remove(&(part, digest)),
                });
            }
            fields.insert(name.clone(), elements);
        }
        parts.push(OpenedPart {
            who: who.to_owned(),
            fields,
        });
    }
    Ok(OpenedPayload {
        kind: kind.to_owned(),
        version,
        parts,
    })
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
