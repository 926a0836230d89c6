//! `bundle.json`: which stream of which log, its place among the newest entries, what is withheld.
//!
//! Nobody signs it. Everything that it says is compared with what is signed, except the reasons.

use std::collections::BTreeMap;

use super::bag::Bag;
use crate::code::Code;
use crate::entry::{Id, id};
use crate::files::{Failure, whole_json};
use crate::json::Json;
use crate::jws::hash_of;
use crate::note;
use crate::position::{Seq, Size};
use crate::tree::Hash;

/// Withheld digests of each event, with their reasons.
pub(super) type Redactions = BTreeMap<Seq, BTreeMap<Hash, String>>;

pub(super) struct Description {
    pub(super) origin: String,
    pub(super) stream: Id,
    pub(super) stream_text: String,
    pub(super) ordinal: u64,
    pub(super) size: Size,
    pub(super) path: Vec<Hash>,
    pub(super) redactions: Redactions,
}

pub(super) fn read(bag: &mut Bag<'_>) -> Result<Description, Failure> {
    let text = bag.text_of(
        "data/bundle.json",
        super::bag::EVENT_BYTES_MAX,
        Code::BundleFormat,
    )?;
    let json = whole_json(text.as_bytes(), "data/bundle.json", Code::BundleFormat)?;
    let redactions = json
        .object()
        .and_then(|members| members.get("redactions"))
        .ok_or_else(|| redaction("it is missing"))?;
    let redactions = self::redactions(redactions)?;
    description(&json, redactions).ok_or_else(|| {
        Failure::of(
            Code::BundleFormat,
            "data/bundle.json has not the members that it must have",
        )
    })
}

fn description(json: &Json, redactions: Redactions) -> Option<Description> {
    let members = json.exactly(
        &[
            "format",
            "no",
            "origin",
            "path",
            "redactions",
            "size",
            "stream",
        ],
        &[],
    )?;
    let member = |name: &str| members.get(name);
    if member("format")?.text()? != "sag-bundle/1" {
        return None;
    }
    let path = member("path")?
        .list()?
        .iter()
        .map(|hash| note::root(hash.text()?))
        .collect::<Option<Vec<Hash>>>()?;
    Some(Description {
        origin: member("origin")?.text()?.to_owned(),
        stream: id(member("stream")?)?,
        stream_text: member("stream")?.text()?.to_owned(),
        ordinal: member("no")?.number()?,
        size: Size::new(member("size")?.number()?),
        path,
        redactions,
    })
}

fn redaction(what: &str) -> Failure {
    Failure::of(
        Code::RedactionManifest,
        format!("redactions of data/bundle.json: {what}"),
    )
}

fn redactions(rows: &Json) -> Result<Redactions, Failure> {
    let mut found = Redactions::new();
    for row in rows.list().ok_or_else(|| redaction("it is no list"))? {
        let (seq, digest, reason) = self::row(row)
            .ok_or_else(|| redaction("a row is not a sequence, a digest and a reason"))?;
        if found
            .entry(seq)
            .or_default()
            .insert(digest, reason)
            .is_some()
        {
            return Err(redaction(&format!(
                "a digest of sequence {seq} stands twice"
            )));
        }
    }
    Ok(found)
}

fn row(row: &Json) -> Option<(Seq, Hash, String)> {
    let [seq, digest, reason] = row.list()? else {
        return None;
    };
    let reason = reason.text().filter(|reason| !reason.trim().is_empty())?;
    Some((Seq::new(seq.number()?), hash_of(digest)?, reason.to_owned()))
}
