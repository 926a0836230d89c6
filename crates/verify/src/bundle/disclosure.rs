//! Reading the disclosures of one event (RFC 9901), and matching them with the digests it recorded.

use std::collections::{BTreeMap, BTreeSet};

use crate::code::{Code, Finding};
use crate::json::{self, Json};
use crate::jws::{decode, hash_of};
use crate::position::Seq;
use crate::tree::{Hash, hash};

/// A payload: which digests stand in which field of which part.
pub(super) struct Payload {
    pub(super) kind: String,
    pub(super) parts: Vec<Part>,
}

pub(super) struct Part {
    pub(super) who: String,
    pub(super) fields: BTreeMap<String, Vec<Hash>>,
}

/// A value that is shown.
pub(super) struct Value {
    pub(super) field: String,
    pub(super) json: Json,
}

/// What an event shows, and what it does not.
pub(super) struct Shown {
    pub(super) payload: Option<Payload>,
    pub(super) values: Vec<Value>,
    /// Parts of which something is shown.
    pub(super) parts: BTreeSet<u64>,
    /// Digests shown, with their parts.
    pub(super) digests: BTreeMap<Hash, u64>,
    /// Digests not shown, with their parts.
    pub(super) missing: BTreeMap<Hash, u64>,
}

/// One disclosure by itself.
enum Disclosure {
    Value(Json),
    Payload(Json),
}

fn disclosure(text: &str) -> Option<Disclosure> {
    let json = json::parse(&decode(text.as_bytes())?)
        .ok()
        .filter(Json::exact)?;
    let salt = |salt: &Json| hash_of(salt).is_some();
    match json.list()? {
        [first, value] if salt(first) && plain(value) => Some(Disclosure::Value(value.clone())),
        [first, name, payload] if salt(first) && name.text() == Some("p") => {
            Some(Disclosure::Payload(payload.clone()))
        }
        _ => None,
    }
}

/// Whether a value is shown as a whole: no digest inside it that would have to be opened.
fn plain(value: &Json) -> bool {
    match value {
        Json::List(items) => items.iter().all(plain),
        Json::Object(members) => members
            .iter()
            .all(|(name, value)| name != "..." && name != "_sd" && plain(value)),
        _ => true,
    }
}

fn payload(json: &Json) -> Option<Payload> {
    let members = json.exactly(&["parts", "type", "ver"], &[])?;
    members.get("ver")?.number()?;
    let parts = members
        .get("parts")?
        .list()?
        .iter()
        .map(part)
        .collect::<Option<Vec<Part>>>()?;
    let kind = members.get("type")?.text()?.to_owned();
    (!parts.is_empty()).then_some(Payload { kind, parts })
}

fn part(json: &Json) -> Option<Part> {
    let members = json.exactly(&["f", "who"], &[])?;
    let mut fields = BTreeMap::new();
    for (field, elements) in members.get("f")?.object()? {
        let digest = |element: &Json| hash_of(element.exactly(&["..."], &[])?.get("...")?);
        fields.insert(
            field.clone(),
            elements
                .list()?
                .iter()
                .map(digest)
                .collect::<Option<Vec<Hash>>>()?,
        );
    }
    Some(Part {
        who: members.get("who")?.text()?.to_owned(),
        fields,
    })
}

/// Matches the disclosures behind an entry with its digest. `blobs` is the number of ciphertexts.
pub(super) fn read(seq: Seq, text: &str, digest: Hash, blobs: usize) -> Result<Shown, Finding> {
    let wrong = |code: Code, what: &str| Finding::of(code, format!("sequence {seq}: {what}"));
    let mut texts = text.split('~');
    texts.next();
    if texts.next_back() != Some("") {
        return Err(wrong(
            Code::SdFormat,
            "the last disclosure does not end in ~",
        ));
    }
    let mut given = BTreeMap::new();
    for text in texts {
        let read = disclosure(text).ok_or_else(|| {
            wrong(
                Code::SdFormat,
                "a disclosure is malformed, or its salt is not of 32 bytes",
            )
        })?;
        if given.insert(hash(text.as_bytes()), read).is_some() {
            return Err(wrong(Code::SdDuplicate, "a disclosure stands twice"));
        }
    }
    let mut shown = Shown {
        payload: None,
        values: Vec::new(),
        parts: BTreeSet::new(),
        digests: BTreeMap::new(),
        missing: BTreeMap::new(),
    };
    match given.remove(&digest) {
        None => drop(shown.missing.insert(digest, 0)),
        Some(Disclosure::Payload(json)) => {
            let payload = payload(&json).filter(|payload| payload.parts.len() <= blobs);
            let payload = payload.ok_or_else(|| {
                wrong(
                    Code::SdFormat,
                    "the payload has not the form that it must have",
                )
            })?;
            shown.digests.insert(digest, 0);
            shown.parts.insert(0);
            shown
                .take(&payload, &mut given)
                .map_err(|code| wrong(code, "a digest stands twice, or opens as something else"))?;
            shown.payload = Some(payload);
        }
        Some(Disclosure::Value(_)) => {
            return Err(wrong(Code::SdFormat, "the payload opens as a single value"));
        }
    }
    if given.is_empty() {
        Ok(shown)
    } else {
        Err(wrong(
            Code::SdUnreferenced,
            "a disclosed value is none of those recorded with the event",
        ))
    }
}

impl Shown {
    /// Moves the values of the payload out of `given`.
    fn take(
        &mut self,
        payload: &Payload,
        given: &mut BTreeMap<Hash, Disclosure>,
    ) -> Result<(), Code> {
        for (number, part) in (0..).zip(&payload.parts) {
            for (field, digests) in &part.fields {
                for digest in digests {
                    if self.digests.contains_key(digest) || self.missing.contains_key(digest) {
                        return Err(Code::SdDuplicate);
                    }
                    match given.remove(digest) {
                        None => drop(self.missing.insert(*digest, number)),
                        Some(Disclosure::Value(json)) => {
                            self.values.push(Value {
                                field: field.clone(),
                                json,
                            });
                            self.digests.insert(*digest, number);
                            self.parts.insert(number);
                        }
                        Some(Disclosure::Payload(_)) => return Err(Code::SdFormat),
                    }
                }
            }
        }
        Ok(())
    }
}
