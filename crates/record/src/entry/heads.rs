//! The bytes of a heads entry: what is signed, and how it is read back. The tree that its root is
//! of is [`crate::heads`].

use serde_json::{Value, json};

use super::{Anchor, HeadsEntry, TYP_HEADS};
use crate::envelope::{self, EntryError, Members, rows};
use crate::jws::{self, SignedEntry};
use crate::positions::{LogIndex, LogTime, Size};
use crate::signing::EventKey;

impl HeadsEntry {
    /// Signs the entry.
    ///
    /// # Errors
    /// [`EntryError::Jws`] when the entry is too long, or an integer has no canonical form.
    pub fn sign(&self, key: &EventKey) -> Result<SignedEntry, EntryError> {
        let mut payload = json!({
            "h": { "m": self.streams, "n": self.covers, "root": self.root.to_b64u() },
            "i": self.index, "iat": self.recorded_at, "iss": self.origin, "jti": self.entry_id.hyphenated().to_string(),
            "k": [self.keys.0, self.keys.1.to_b64u()], "prev": self.prev.to_b64u(),
        });
        if let (false, Value::Object(members)) = (self.anchors.is_empty(), &mut payload) {
            let rows = self.anchors.iter().map(|anchor| json!({ "n": anchor.size, "o": anchor.origin, "root": anchor.root.to_b64u() }));
            members.insert("x".to_owned(), rows.collect());
        }
        Ok(jws::sign(TYP_HEADS, &payload, key)?)
    }

    pub(super) fn read(payload: Value) -> Result<Self, EntryError> {
        let mut members = Members::of(payload, "payload")?;
        let mut heads = Members::of(members.value("h")?, "h")?;
        let keys = members.array("k")?;
        let [keys_index, keys_leaf] = keys.as_slice() else {
            return Err(EntryError::Member("k"));
        };
        let entry = Self {
            streams: heads.integer("m")?,
            covers: Size::new(heads.integer("n")?),
            root: heads.hash("root")?,
            keys: (
                LogIndex::new(envelope::integer(keys_index, "k")?),
                envelope::hash(keys_leaf, "k")?,
            ),
            origin: members.text("iss")?,
            index: LogIndex::new(members.integer("i")?),
            recorded_at: LogTime::new(members.integer("iat")?),
            entry_id: members.uuid("jti")?,
            prev: members.hash("prev")?,
            anchors: rows(members.optional("x"), "x")?
                .into_iter()
                .map(anchor)
                .collect::<Result<_, _>>()?,
        };
        heads.end()?;
        members.end()?;
        Ok(entry)
    }
}

fn anchor(value: Value) -> Result<Anchor, EntryError> {
    let mut members = Members::of(value, "x")?;
    let anchor = Anchor {
        size: Size::new(members.integer("n")?),
        origin: members.text("o")?,
        root: members.hash("root")?,
    };
    members.end()?;
    Ok(anchor)
}
