//! Stored events with the texts that they are committed to by, for those who check evidence.

use events::document::DocumentFiled;
use events::raw::RawEvent;
use events::spec::Facts;
use record::entry::EventEnvelope;
use record::hash::Hash;
use record::opening::DisclosureText;
use store::log_store::{LogStore, StoredEntry};

use super::with_parts;
use crate::error::ReadError;
use crate::log::keyring::Keyring;

/// A stored event with every disclosure that is still there.
#[derive(Debug, Clone)]
pub struct DisclosedEvent {
    /// The clear envelope.
    pub envelope: EventEnvelope,
    /// The signed bytes.
    pub entry: Vec<u8>,
    /// The disclosures by part, that of the whole payload first; empty when part 0 is gone.
    pub texts: Vec<DisclosureText>,
    /// The content; none when part 0 is gone.
    pub raw: Option<RawEvent>,
}

impl DisclosedEvent {
    /// The document that it files, as [`document_in`].
    #[must_use]
    pub fn document(&self) -> Option<(Hash, Hash)> {
        self.raw.as_ref().and_then(document_in)
    }
}

/// The document that an event files: digest of the value that says so, and hash of the document;
/// none when it files none or its content is gone.
#[must_use]
pub fn document_in(raw: &RawEvent) -> Option<(Hash, Hash)> {
    if raw.kind != DocumentFiled::SPEC.name {
        return None;
    }
    let content = raw
        .parts
        .iter()
        .find_map(|part| part.fields.get(DocumentFiled::CONTENT)?.first())?;
    let hash = content.value.as_ref().ok()?.get("sha256")?.as_str()?;
    Some((
        Hash::parse_b64u(&content.digest).ok()?,
        Hash::parse_b64u(hash).ok()?,
    ))
}

/// The events of one stream, given whole from the first on, with the texts that they are committed
/// to by.
///
/// # Errors
/// As [`super::open_stream`].
pub fn disclose_stream(
    stored: &[StoredEntry],
    keyring: &Keyring,
    log: &dyn LogStore,
) -> Result<Vec<DisclosedEvent>, ReadError> {
    with_parts(stored, keyring, log, |parts| {
        let (raw, texts) = (parts.open()?, parts.texts()?);
        Ok(DisclosedEvent {
            envelope: parts.envelope.clone(),
            entry: parts.stored.bytes.clone(),
            texts,
            raw,
        })
    })
}
