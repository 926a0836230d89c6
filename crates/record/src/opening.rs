//! Opening payloads: decrypts the parts, and checks every value against what the event commits to.
//! It commits to nothing; that is [`crate::payload`].

use std::collections::BTreeMap;

use serde_json::Value;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::b64u;
use crate::hash::{Hash, sha256};
use crate::keys::PartKey;
use crate::sealed_part::{self, OpenBlobError};

/// Characters of a salt of 32 bytes.
const SALT_CHARS: usize = 43;

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
    /// Its value; null when it was erased or its part did not open.
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

/// The decrypted disclosures of a part, joined.
pub(crate) fn plaintext(
    source: PartSource<'_>,
    event: Uuid,
    part: u16,
) -> Result<String, OpenError> {
    let plaintext = sealed_part::open(source.blob, source.key, event, part)
        .map_err(|source| OpenError::Blob { part, source })?;
    String::from_utf8(plaintext).map_err(|_| OpenError::Disclosure(part))
}

/// Each disclosure of a part with its digest. The padding at the end, `~`, is skipped; parts from
/// before there was padding have none.
pub(crate) fn disclosures(plaintext: &str) -> impl Iterator<Item = (&str, Hash)> {
    plaintext
        .split('~')
        .filter(|text| !text.is_empty())
        .map(|text| (text, sha256(text.as_bytes())))
}

/// Reads a disclosure. Its digest commits to this exact text, so only the length of the salt is
/// checked.
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
    /// [`OpenError::Blob`] when a ciphertext is not the one of that part, or its key does not fit;
    /// a missing one is no error. [`OpenError::Disclosure`] when a disclosure is malformed;
    /// [`OpenError::Unreferenced`] when nothing commits to one; [`OpenError::Payload`] when the
    /// payload has another form or another number of parts.
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
/// As [`open`]; [`OpenError::Unreferenced`] also when it is not the part that the event commits to.
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
/// [`OpenError::Blob`] when the ciphertext is not that of the part, or the key does not fit;
/// [`OpenError::Disclosure`] when the part is not text.
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
/// Null when part 0 is missing: then not even the names of the fields are known.
///
/// # Errors
/// [`OpenError::Blob`] when a ciphertext is not the one of that part, or its key does not fit; a
/// missing one is no error. [`OpenError::Disclosure`] when a disclosure is malformed;
/// [`OpenError::Unreferenced`] when nothing commits to one; [`OpenError::Payload`] when the payload
/// has another form or another number of parts.
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
