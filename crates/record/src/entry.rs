//! The three kinds of entry: events, keys and heads. Signed on the way out, read exactly on the
//! way in.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::b64u;
use crate::envelope::{self, EntryError, Members};
use crate::hash::Hash;
use crate::jws::{self, Jws, SignedEntry};
use crate::signing::{EventKey, PublicKey, SigningError};

const TYP_EVENT: &str = "sag-event+sd-jwt";
const TYP_ACCESS: &str = "sag-access+sd-jwt";
const TYP_KEYS: &str = "sag-keys+jwt";
const TYP_HEADS: &str = "sag-heads+jwt";
/// The most blobs of one event.
pub const BLOB_COUNT_MAX: usize = 64;

/// What an event erases: a whole part, or one value of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErasedRef {
    /// Sequence number in the same stream.
    pub seq: u64,
    /// Part; 0 is the stream's own.
    pub part: u16,
    /// Digest of the value's disclosure; none for the whole part.
    pub digest: Option<Hash>,
}

/// A part whose ciphertext was replaced because values were taken out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplacedRef {
    /// Sequence number in the same stream.
    pub seq: u64,
    /// Part.
    pub part: u16,
    /// Hash of the new ciphertext.
    pub blob: Hash,
}

/// What everybody may see of an event: that something was recorded, where and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventEnvelope {
    /// Name of the log.
    pub origin: String,
    /// Place in the log, from 0.
    pub index: u64,
    /// When it was recorded, seconds of Unix time.
    pub recorded_at: u64,
    /// Event id.
    pub event_id: Uuid,
    /// Stream.
    pub stream: Uuid,
    /// How many distinct streams appeared before this one.
    pub ordinal: u64,
    /// Place in the stream, from 1.
    pub seq: u64,
    /// Leaf hash of the stream's previous entry; zeros for the first.
    pub prev: Hash,
    /// Digest of the payload disclosure.
    pub payload: Hash,
    /// Hash of each part's ciphertext.
    pub blobs: Vec<Hash>,
    /// What it erases.
    pub erased: Vec<ErasedRef>,
    /// Which ciphertexts it replaces.
    pub replaced: Vec<ReplacedRef>,
}

/// The keys that may sign from here on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeysEntry {
    /// Name of the log.
    pub origin: String,
    /// Place in the log.
    pub index: u64,
    /// When it was recorded, seconds of Unix time.
    pub recorded_at: u64,
    /// Its id.
    pub entry_id: Uuid,
    /// All keys that are valid for later entries.
    pub keys: Vec<PublicKey>,
    /// Leaf hash of the previous keys entry; zeros for the first.
    pub prev: Hash,
}

/// A position of another log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// Its size.
    pub size: u64,
    /// Its name.
    pub origin: String,
    /// Its root.
    pub root: Hash,
}

/// The newest entry of every stream, as a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadsEntry {
    /// Name of the log.
    pub origin: String,
    /// Place in the log; also the number of entries that it covers.
    pub index: u64,
    /// When it was recorded, seconds of Unix time.
    pub recorded_at: u64,
    /// Its id.
    pub entry_id: Uuid,
    /// Number of streams.
    pub streams: u64,
    /// Entries covered: those with a smaller index.
    pub covers: u64,
    /// Root of the heads tree.
    pub root: Hash,
    /// Index and leaf hash of the newest keys entry.
    pub keys: (u64, Hash),
    /// Leaf hash of the previous heads entry; zeros for the first.
    pub prev: Hash,
    /// Positions of other logs.
    pub anchors: Vec<Anchor>,
}

/// An entry of any kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// An event of a case log.
    Event(EventEnvelope),
    /// An event of an access log.
    Access(EventEnvelope),
    /// Keys.
    Keys(KeysEntry),
    /// Heads.
    Heads(HeadsEntry),
}

impl Entry {
    /// Name of the log.
    #[must_use]
    pub fn origin(&self) -> &str {
        match self {
            Self::Event(event) | Self::Access(event) => &event.origin,
            Self::Keys(entry) => &entry.origin,
            Self::Heads(entry) => &entry.origin,
        }
    }

    /// When it was recorded, seconds of Unix time.
    #[must_use]
    pub const fn recorded_at(&self) -> u64 {
        match self {
            Self::Event(event) | Self::Access(event) => event.recorded_at,
            Self::Keys(entry) => entry.recorded_at,
            Self::Heads(entry) => entry.recorded_at,
        }
    }
}

/// An entry that was read; its signature is not checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedEntry {
    /// The content.
    pub entry: Entry,
    jws: Jws,
}

impl ParsedEntry {
    /// Id of the key that claims to have signed.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.jws.kid
    }

    /// Checks the signature.
    ///
    /// # Errors
    /// [`SigningError`].
    pub fn verify(&self, key: &PublicKey) -> Result<(), SigningError> {
        self.jws.verify(key)
    }
}

impl EventEnvelope {
    /// Signs the event as one of a case log.
    ///
    /// # Errors
    /// [`EntryError`].
    pub fn sign(&self, key: &EventKey) -> Result<SignedEntry, EntryError> {
        self.sign_as(TYP_EVENT, key)
    }

    /// Signs the event as one of an access log.
    ///
    /// # Errors
    /// [`EntryError`].
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

    fn read(payload: Value) -> Result<Self, EntryError> {
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
            index: members.integer("i")?,
            recorded_at: members.integer("iat")?,
            event_id: members.uuid("jti")?,
            stream: members.uuid("str")?,
            ordinal: members.integer("no")?,
            seq: members.integer("seq")?,
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

fn rows(value: Option<Value>, name: &'static str) -> Result<Vec<Value>, EntryError> {
    let Some(value) = value else {
        return Ok(Vec::new());
    };
    let rows = envelope::array(value, name)?;
    if rows.is_empty() {
        Err(EntryError::Member(name))
    } else {
        Ok(rows)
    }
}

fn place(seq: &Value, part: &Value, name: &'static str) -> Result<(u64, u16), EntryError> {
    let part =
        u16::try_from(envelope::integer(part, name)?).map_err(|_| EntryError::Member(name))?;
    Ok((envelope::integer(seq, name)?, part))
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

impl KeysEntry {
    /// Signs the entry.
    ///
    /// # Errors
    /// [`EntryError`].
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

    fn read(payload: Value) -> Result<Self, EntryError> {
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
            index: members.integer("i")?,
            recorded_at: members.integer("iat")?,
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

impl HeadsEntry {
    /// Signs the entry.
    ///
    /// # Errors
    /// [`EntryError`].
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

    fn read(payload: Value) -> Result<Self, EntryError> {
        let mut members = Members::of(payload, "payload")?;
        let mut heads = Members::of(members.value("h")?, "h")?;
        let keys = members.array("k")?;
        let [keys_index, keys_leaf] = keys.as_slice() else {
            return Err(EntryError::Member("k"));
        };
        let entry = Self {
            streams: heads.integer("m")?,
            covers: heads.integer("n")?,
            root: heads.hash("root")?,
            keys: (
                envelope::integer(keys_index, "k")?,
                envelope::hash(keys_leaf, "k")?,
            ),
            origin: members.text("iss")?,
            index: members.integer("i")?,
            recorded_at: members.integer("iat")?,
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
        size: members.integer("n")?,
        origin: members.text("o")?,
        root: members.hash("root")?,
    };
    members.end()?;
    Ok(anchor)
}

/// Whether an entry claims to be a keys entry, by its header alone.
#[must_use]
pub fn is_keys_entry(bytes: &[u8]) -> bool {
    let header = bytes
        .split(|byte| *byte == b'.')
        .next()
        .and_then(|header| b64u::decode(header).ok());
    header.is_some_and(|header| header.ends_with(format!("\"{TYP_KEYS}\"}}").as_bytes()))
}

/// Reads an entry; only canonical bytes with exactly the members of its kind are accepted.
///
/// # Errors
/// [`EntryError`].
pub fn parse(bytes: &[u8]) -> Result<ParsedEntry, EntryError> {
    let mut jws = Jws::parse(bytes)?;
    let payload = std::mem::take(&mut jws.payload);
    let entry = match jws.typ.as_str() {
        TYP_EVENT => Entry::Event(EventEnvelope::read(payload)?),
        TYP_ACCESS => Entry::Access(EventEnvelope::read(payload)?),
        TYP_KEYS => Entry::Keys(KeysEntry::read(payload)?),
        TYP_HEADS => Entry::Heads(HeadsEntry::read(payload)?),
        unknown => return Err(EntryError::Type(unknown.to_owned())),
    };
    Ok(ParsedEntry { entry, jws })
}
