//! The bytes of a keys entry: what is signed, and how it is read back.

use serde_json::{Value, json};

use super::{KeysEntry, TYP_KEYS};
use crate::envelope::{EntryError, Members};
use crate::jws::{self, SignedEntry};
use crate::positions::{LogIndex, LogTime};
use crate::signing::{EventKey, PublicKey};

impl KeysEntry {
    /// Signs the entry.
    ///
    /// # Errors
    /// [`EntryError::Jws`] when the entry is too long, or an integer has no canonical form.
    pub fn sign(&self, key: &EventKey) -> Result<SignedEntry, EntryError> {
        let keys: Vec<Value> = self
            .keys
            .iter()
            .map(|key| json!({ "alg": "Ed25519", "crv": "Ed25519", "kid": key.kid(), "kty": "OKP", "x": key.x() }))
            .collect();
        let payload = json!({
            "i": self.index, "iat": self.recorded_at, "iss": self.origin, "jti": self.entry_id.hyphenated().to_string(),
            "jwks": { "keys": keys }, "prev": self.prev.to_b64u(),
        });
        Ok(jws::sign(TYP_KEYS, &payload, key)?)
    }

    pub(super) fn read(payload: Value) -> Result<Self, EntryError> {
        let mut members = Members::of(payload, "payload")?;
        let mut set = Members::of(members.value("jwks")?, "jwks")?;
        let keys = set
            .array("keys")?
            .into_iter()
            .map(public_key)
            .collect::<Result<Vec<_>, _>>()?;
        set.end()?;
        if keys.is_empty() {
            return Err(EntryError::Member("keys"));
        }
        let entry = Self {
            keys,
            origin: members.text("iss")?,
            index: LogIndex::new(members.integer("i")?),
            recorded_at: LogTime::new(members.integer("iat")?),
            entry_id: members.uuid("jti")?,
            prev: members.hash("prev")?,
        };
        members.end()?;
        Ok(entry)
    }
}

fn public_key(value: Value) -> Result<PublicKey, EntryError> {
    let mut members = Members::of(value, "keys")?;
    let fixed = members.text("alg")? == "Ed25519"
        && members.text("crv")? == "Ed25519"
        && members.text("kty")? == "OKP";
    let key = PublicKey::from_x(&members.text("x")?).map_err(|_| EntryError::Member("x"))?;
    let named = members.text("kid")? == key.kid();
    members.end()?;
    if fixed && named {
        Ok(key)
    } else {
        Err(EntryError::Member("keys"))
    }
}
