//! Erasures that are ordered and not yet carried out, kept so that a crash cannot lose them.
//!
//! A text beside the keys holds what the order has already committed to (the new ciphertext of a
//! part and its wrapped key) before the order itself is committed. Nothing here is personal in
//! clear.

use std::sync::Arc;

use record::positions::LogIndex;
use serde_json::{Value, json};
use store::backend::side_texts::{SideText, SideTexts};
use uuid::Uuid;

/// The new form of a part from which single values were taken out.
#[derive(Debug, Clone)]
pub struct Replacement {
    /// Log index of the event that holds the part.
    pub index: LogIndex,
    /// Id of that event.
    pub event: Uuid,
    /// Number of the part.
    pub part: u16,
    /// The new ciphertext.
    pub blob: Vec<u8>,
    /// Its key, wrapped under the root key in force for this erasure, event and part.
    pub wrapped: [u8; 40],
    /// Whether it is: an earlier version of the program wrapped it under the root key itself.
    pub bound: bool,
    /// The epoch of that root key.
    pub epoch: u32,
}

/// The pending erasures of one log.
#[derive(Clone)]
pub struct PendingErasures(Arc<dyn SideTexts>);

impl PendingErasures {
    /// Those that are kept among the texts of a log.
    #[must_use]
    pub fn new(texts: Arc<dyn SideTexts>) -> Self {
        Self(texts)
    }

    /// Keeps the replacements of an order; durable on return.
    ///
    /// # Errors
    /// When the text cannot be written or synced.
    pub fn keep(&self, order: Uuid, replacements: &[Replacement]) -> std::io::Result<()> {
        let rows: Vec<Value> = replacements.iter().map(to_json).collect();
        let text = serde_json::to_string(&rows)?;
        self.0.put(SideText::PendingErasure(order), text.as_bytes())
    }

    /// The replacements of an order; empty when none are kept.
    ///
    /// # Errors
    /// When the text exists and cannot be read.
    pub fn read(&self, order: Uuid) -> std::io::Result<Vec<Replacement>> {
        let Some(bytes) = self.0.read(SideText::PendingErasure(order))? else {
            return Ok(Vec::new());
        };
        let rows: Vec<Value> = serde_json::from_slice(&bytes)?;
        rows.iter()
            .map(|row| {
                from_json(row).ok_or_else(|| std::io::Error::other("a pending erasure is damaged"))
            })
            .collect()
    }

    /// Forgets an order that was carried out, or never committed.
    ///
    /// # Errors
    /// When the text exists and cannot be removed.
    pub fn forget(&self, order: Uuid) -> std::io::Result<()> {
        self.0.remove(SideText::PendingErasure(order))
    }

    /// The orders that have a text, rising by id.
    ///
    /// # Errors
    /// When the texts cannot be listed.
    pub fn orders(&self) -> std::io::Result<Vec<Uuid>> {
        self.0.pending_erasures()
    }
}

fn to_json(replacement: &Replacement) -> Value {
    json!({
        "index": replacement.index,
        "event": replacement.event.to_string(),
        "part": replacement.part,
        "blob": String::from_utf8_lossy(&replacement.blob),
        "wrapped": replacement.wrapped.to_vec(),
        "epoch": replacement.epoch,
        "bound": replacement.bound,
    })
}

fn from_json(row: &Value) -> Option<Replacement> {
    let wrapped: Vec<u8> = row
        .get("wrapped")?
        .as_array()?
        .iter()
        .map(|byte| byte.as_u64().and_then(|byte| u8::try_from(byte).ok()))
        .collect::<Option<_>>()?;
    Some(Replacement {
        index: LogIndex::new(row.get("index")?.as_u64()?),
        event: row.get("event")?.as_str()?.parse().ok()?,
        part: u16::try_from(row.get("part")?.as_u64()?).ok()?,
        blob: row.get("blob")?.as_str()?.as_bytes().to_vec(),
        wrapped: wrapped.try_into().ok()?,
        epoch: u32::try_from(row.get("epoch")?.as_u64()?).ok()?,
        bound: row
            .get("bound")
            .is_some_and(|bound| *bound == Value::Bool(true)),
    })
}
