//! The bytes of an event: what is signed, and how it is read back. What the members mean stands
//! with [`EventEnvelope`].

use serde_json::{Map, Value, json};

use super::{BLOB_COUNT_MAX, ErasedRef, EventEnvelope, ReplacedRef, TYP_ACCESS, TYP_EVENT};
use crate::envelope::{self, EntryError, Members, rows};
use crate::hash::Hash;
use crate::jws::{self, SignedEntry};
use crate::positions::{LogIndex, LogTime, Seq};
use crate::signing::EventKey;

impl EventEnvelope {
    /// Signs the event as one of a case log.
    ///
    /// # Errors
    /// [`EntryError::Member`] unless it has 1 to [`BLOB_COUNT_MAX`] blobs;
    /// [`EntryError::ErasesLater`] when it erases itself or a later event; [`EntryError::Jws`] when
    /// it is too long.
    pub fn sign(&self, key: &EventKey) -> Result<SignedEntry, EntryError> {
        self.sign_as(TYP_EVENT, key)
    }

    /// Signs the event as one of an access log.
    ///
    /// # Errors
    /// [`EntryError::Member`] unless it has 1 to [`BLOB_COUNT_MAX`] blobs;
    /// [`EntryError::ErasesLater`] when it erases itself or a later event; [`EntryError::Jws`] when
    /// it is too long.
    pub fn sign_access(&self, key: &EventKey) -> Result<SignedEntry, EntryError> {
        self.sign_as(TYP_ACCESS, key)
    }

    fn sign_as(&self, typ: &str, key: &EventKey) -> Result<SignedEntry, EntryError> {
        if self.blobs.is_empty() || self.blobs.len() > BLOB_COUNT_MAX {
            return Err(EntryError::Member("ct"));
        }
        let named = self
            .erased
            .iter()
            .map(|erased| erased.seq)
            .chain(self.replaced.iter().map(|replaced| replaced.seq));
        if let Some(seq) = named.into_iter().find(|seq| *seq >= self.seq) {
            return Err(EntryError::ErasesLater { seq, own: self.seq });
        }
        let blobs: Vec<String> = self.blobs.iter().map(Hash::to_b64u).collect();
        let mut payload = json!({
            "_sd": [self.payload.to_b64u()], "_sd_alg": "sha-256", "ct": blobs, "i": self.index,
            "iat": self.recorded_at, "iss": self.origin, "jti": self.event_id.hyphenated().to_string(), "no": self.ordinal,
            "prev": self.prev.to_b64u(), "seq": self.seq, "str": self.stream.hyphenated().to_string(),
        });
        if let Value::Object(members) = &mut payload {
            self.insert_erasure(members);
        }
        Ok(jws::sign(typ, &payload, key)?)
    }

    fn insert_erasure(&self, members: &mut Map<String, Value>) {
        if !self.erased.is_empty() {
            let rows = self.erased.iter().map(|erased| match erased.digest {
                Some(digest) => json!([erased.seq, erased.part, digest.to_b64u()]),
                None => json!([erased.seq, erased.part]),
            });
            members.insert("er".to_owned(), rows.collect());
        }
        if !self.replaced.is_empty() {
            let rows = self
                .replaced
                .iter()
                .map(|replaced| json!([replaced.seq, replaced.part, replaced.blob.to_b64u()]));
            members.insert("rs".to_owned(), rows.collect());
        }
    }

    pub(super) fn read(payload: Value) -> Result<Self, EntryError> {
        let mut members = Members::of(payload, "payload")?;
        let digests = members.array("_sd")?;
        let [digest] = digests.as_slice() else {
            return Err(EntryError::Member("_sd"));
        };
        if members.text("_sd_alg")? != "sha-256" {
            return Err(EntryError::Member("_sd_alg"));
        }
        let blobs = members
            .array("ct")?
            .iter()
            .map(|blob| envelope::hash(blob, "ct"))
            .collect::<Result<Vec<_>, _>>()?;
        if blobs.is_empty() || blobs.len() > BLOB_COUNT_MAX {
            return Err(EntryError::Member("ct"));
        }
        let event = Self {
            payload: envelope::hash(digest, "_sd")?,
            blobs,
            origin: members.text("iss")?,
            index: LogIndex::new(members.integer("i")?),
            recorded_at: LogTime::new(members.integer("iat")?),
            event_id: members.uuid("jti")?,
            stream: members.uuid("str")?,
            ordinal: members.integer("no")?,
            seq: envelope::seq(&members.value("seq")?, "seq")?,
            prev: members.hash("prev")?,
            erased: rows(members.optional("er"), "er")?
                .into_iter()
                .map(erased)
                .collect::<Result<_, _>>()?,
            replaced: rows(members.optional("rs"), "rs")?
                .into_iter()
                .map(replaced)
                .collect::<Result<_, _>>()?,
        };
        members.end()?;
        Ok(event)
    }
}

fn place(seq: &Value, part: &Value, name: &'static str) -> Result<(Seq, u16), EntryError> {
    let part =
        u16::try_from(envelope::integer(part, name)?).map_err(|_| EntryError::Member(name))?;
    Ok((envelope::seq(seq, name)?, part))
}

fn erased(row: Value) -> Result<ErasedRef, EntryError> {
    let row = envelope::array(row, "er")?;
    let (seq, part, digest) = match row.as_slice() {
        [seq, part] => (seq, part, None),
        [seq, part, digest] => (seq, part, Some(envelope::hash(digest, "er")?)),
        _ => return Err(EntryError::Member("er")),
    };
    let (seq, part) = place(seq, part, "er")?;
    Ok(ErasedRef { seq, part, digest })
}

fn replaced(row: Value) -> Result<ReplacedRef, EntryError> {
    let row = envelope::array(row, "rs")?;
    let [seq, part, blob] = row.as_slice() else {
        return Err(EntryError::Member("rs"));
    };
    let blob = envelope::hash(blob, "rs")?;
    let (seq, part) = place(seq, part, "rs")?;
    Ok(ReplacedRef { seq, part, blob })
}
