//! Erasures that are ordered and not yet carried out, kept so that a crash cannot lose them.
//!
//! A file holds what the order has already committed to (the new ciphertext of a part and its
//! wrapped key) before the order itself is committed. Nothing here is personal in clear.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use store::disk::RealDisk;
use uuid::Uuid;

/// The new form of a part from which single values were taken out.
#[derive(Debug, Clone)]
pub struct Replacement {
    /// Log index of the event that holds the part.
    pub index: u64,
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

/// The folder of pending erasures.
#[derive(Debug, Clone)]
pub struct PendingErasures(PathBuf);

impl PendingErasures {
    /// Uses a folder, made when needed.
    #[must_use]
    pub fn new(dir: &Path) -> Self {
        Self(dir.to_owned())
    }

    fn path(&self, order: Uuid) -> PathBuf {
        self.0.join(format!("{order}.json"))
    }

    /// Keeps the replacements of an order; durable on return.
    ///
    /// # Errors
    /// When the file cannot be written or synced.
    pub fn keep(&self, order: Uuid, replacements: &[Replacement]) -> std::io::Result<()> {
        let rows: Vec<Value> = replacements.iter().map(to_json).collect();
        let text = serde_json::to_string(&rows)?;
        store::disk::replace(&RealDisk::default(), &self.path(order), text.as_bytes())
    }

    /// The replacements of an order; empty when none are kept.
    ///
    /// # Errors
    /// When the file exists and cannot be read.
    pub fn read(&self, order: Uuid) -> std::io::Result<Vec<Replacement>> {
        match fs::read(self.path(order)) {
            Ok(bytes) => {
                let rows: Vec<Value> = serde_json::from_slice(&bytes)?;
                rows.iter()
                    .map(|row| {
                        from_json(row)
                            .ok_or_else(|| std::io::Error::other("a pending erasure is damaged"))
                    })
                    .collect()
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Forgets an order that was carried out, or never committed.
    ///
    /// # Errors
    /// When the file exists and cannot be removed.
    pub fn forget(&self, order: Uuid) -> std::io::Result<()> {
        match fs::remove_file(self.path(order)) {
            Ok(()) => fs::File::open(&self.0)?.sync_all(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The orders that have a file.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn orders(&self) -> std::io::Result<Vec<Uuid>> {
        let entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut orders = Vec::new();
        for entry in entries {
            let name = entry?.file_name();
            if let Some(order) = name
                .to_str()
                .and_then(|name| name.strip_suffix(".json"))
                .and_then(|id| id.parse().ok())
            {
                orders.push(order);
            }
        }
        Ok(orders)
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
        index: row.get("index")?.as_u64()?,
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
