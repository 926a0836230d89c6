//! What an entry says in clear, read from exactly the members that it must have.

use crate::json::Json;
use crate::jws::{Key, Signed, hash_of};
use crate::position::{LogIndex, LogTime, Seq, Size};
use crate::tree::Hash;

pub(crate) type Id = [u8; 16];

/// What every entry says.
pub(crate) struct Common {
    pub(crate) index: LogIndex,
    pub(crate) time: LogTime,
    pub(crate) origin: String,
    pub(crate) id: Id,
    pub(crate) prev: Hash,
}

pub(crate) struct Event {
    pub(crate) stream: Id,
    pub(crate) ordinal: u64,
    pub(crate) seq: Seq,
    pub(crate) blobs: Vec<Hash>,
    /// Sequence, part, digest of a value.
    pub(crate) erased: Vec<(Seq, u64, Option<Hash>)>,
    /// Sequence, part, hash of the new ciphertext.
    pub(crate) replaced: Vec<(Seq, u64, Hash)>,
}

pub(crate) struct Heads {
    pub(crate) streams: u64,
    pub(crate) covers: Size,
    pub(crate) root: Hash,
    pub(crate) keys: (LogIndex, Hash),
    pub(crate) anchors: Vec<Anchor>,
}

/// What a heads entry says of another log: that it had signed this size and root by then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// Name of the other log.
    pub origin: String,
    /// Its entries.
    pub size: Size,
    /// Their root.
    pub root: [u8; 32],
}

pub(crate) enum Kind {
    Event(Event),
    Keys(Vec<Key>),
    Heads(Heads),
}

/// Reads a UUID in its one text form: lower-case, hyphenated.
pub(crate) fn id(value: &Json) -> Option<Id> {
    id_of(value.text()?)
}

/// Whether a text is one.
pub(crate) fn is_id(text: &str) -> bool {
    id_of(text).is_some()
}

fn id_of(text: &str) -> Option<Id> {
    let hyphens = [8, 13, 18, 23];
    let mut nibbles = Vec::with_capacity(32);
    for (place, c) in text.chars().enumerate() {
        match c {
            '-' if hyphens.contains(&place) => {}
            '0'..='9' | 'a'..='f' if !hyphens.contains(&place) => {
                nibbles.push(u8::try_from(c.to_digit(16)?).ok()?)
            }
            _ => return None,
        }
    }
    let bytes: Vec<u8> = nibbles
        .chunks_exact(2)
        .map(|pair| pair.iter().fold(0, |byte, nibble| byte << 4 | nibble))
        .collect();
    if nibbles.len() == 32 {
        bytes.try_into().ok()
    } else {
        None
    }
}

/// Reads the payload of an entry of that type; none when a member is missing, superfluous or of
/// the wrong form.
pub(crate) fn read(typ: &str, payload: &Json) -> Option<(Common, Kind)> {
    const COMMON: [&str; 5] = ["i", "iat", "iss", "jti", "prev"];
    let (required, optional): (&[&str], &[&str]) = match typ {
        "sag-event+sd-jwt" | "sag-access+sd-jwt" => {
            (&["_sd", "_sd_alg", "ct", "no", "seq", "str"], &["er", "rs"])
        }
        "sag-keys+jwt" => (&["jwks"], &[]),
        "sag-heads+jwt" => (&["h", "k"], &["x"]),
        _ => return None,
    };
    let all: Vec<&str> = COMMON.iter().chain(required).copied().collect();
    let members = payload.exactly(&all, optional)?;
    let common = Common {
        index: LogIndex::new(members.get("i")?.number()?),
        time: LogTime::new(members.get("iat")?.number()?),
        origin: members.get("iss")?.text()?.to_owned(),
        id: id(members.get("jti")?)?,
        prev: hash_of(members.get("prev")?)?,
    };
    let member = |name: &str| members.get(name);
    let kind = match typ {
        "sag-keys+jwt" => {
            let keys = member("jwks")?
                .exactly(&["keys"], &[])?
                .get("keys")?
                .list()?;
            let keys: Vec<Key> = keys.iter().map(Key::from_jwk).collect::<Option<_>>()?;
            Kind::Keys((!keys.is_empty()).then_some(keys)?)
        }
        "sag-heads+jwt" => {
            let heads = member("h")?.exactly(&["m", "n", "root"], &[])?;
            let [keys_index, keys_leaf] = member("k")?.list()? else {
                return None;
            };
            Kind::Heads(Heads {
                streams: heads.get("m")?.number()?,
                covers: Size::new(heads.get("n")?.number()?),
                root: hash_of(heads.get("root")?)?,
                keys: (LogIndex::new(keys_index.number()?), hash_of(keys_leaf)?),
                anchors: anchors(member("x"))?,
            })
        }
        _ => Kind::Event(event(&member)?),
    };
    Some((common, kind))
}

fn event<'a>(member: &impl Fn(&str) -> Option<&'a Json>) -> Option<Event> {
    let [digest] = member("_sd")?.list()? else {
        return None;
    };
    hash_of(digest)?;
    if member("_sd_alg")?.text()? != "sha-256" {
        return None;
    }
    let blobs: Vec<Hash> = member("ct")?
        .list()?
        .iter()
        .map(hash_of)
        .collect::<Option<_>>()?;
    if blobs.is_empty() || blobs.len() > 64 {
        return None;
    }
    let erased = rows(member("er"))?.iter().map(|row| match row.list()? {
        [seq, part] => Some((Seq::new(seq.number()?), part.number()?, None)),
        [seq, part, digest] => Some((
            Seq::new(seq.number()?),
            part.number()?,
            Some(hash_of(digest)?),
        )),
        _ => None,
    });
    let replaced = rows(member("rs"))?.iter().map(|row| match row.list()? {
        [seq, part, blob] => Some((Seq::new(seq.number()?), part.number()?, hash_of(blob)?)),
        _ => None,
    });
    Some(Event {
        stream: id(member("str")?)?,
        ordinal: member("no")?.number()?,
        seq: Seq::new(member("seq")?.number()?),
        blobs,
        erased: erased.collect::<Option<_>>()?,
        replaced: replaced.collect::<Option<_>>()?,
    })
}

fn rows(value: Option<&Json>) -> Option<&[Json]> {
    match value {
        None => Some(&[]),
        Some(rows) => rows.list().filter(|rows| !rows.is_empty()),
    }
}

fn anchors(value: Option<&Json>) -> Option<Vec<Anchor>> {
    let anchor = |value: &Json| {
        let members = value.exactly(&["n", "o", "root"], &[])?;
        let origin = members.get("o")?.text()?.to_owned();
        Some(Anchor {
            origin,
            size: Size::new(members.get("n")?.number()?),
            root: hash_of(members.get("root")?)?,
        })
    };
    rows(value)?.iter().map(anchor).collect()
}

/// What a heads entry says of other logs; nothing when it is no heads entry. Nothing of it is
/// checked: that is the audit of its own log.
#[must_use]
pub fn anchors_of(bytes: &[u8]) -> Vec<Anchor> {
    anchors_in_heads(bytes).unwrap_or_default()
}

/// The same; none when it is no heads entry.
#[must_use]
pub fn anchors_in_heads(bytes: &[u8]) -> Option<Vec<Anchor>> {
    let signed = Signed::parse(bytes).ok()?;
    match read(&signed.typ, &signed.payload) {
        Some((_, Kind::Heads(heads))) => Some(heads.anchors),
        _ => None,
    }
}
