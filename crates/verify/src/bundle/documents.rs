//! V10: documents, against the hashes that filed them.

use std::collections::BTreeSet;

use super::Note;
use super::bag::Bag;
use super::events::Event;
use super::omission::Opened;
use crate::code::Code;
use crate::files::Failure;
use crate::json::Json;
use crate::jws::hash_of;

/// Bytes of a chunk; only the last one of a document may hold fewer.
const CHUNK_BYTES: u64 = 8 << 20;

struct Document {
    sha256: [u8; 32],
    size: u64,
    chunks: Vec<u64>,
}

fn document(json: &Json) -> Option<Document> {
    let members = json.exactly(&["blobs", "media_type", "sha256", "size"], &[])?;
    members.get("media_type")?.text()?;
    let chunks = members.get("blobs")?.list()?.iter().map(Json::number).collect::<Option<Vec<u64>>>()?;
    Some(Document { sha256: hash_of(members.get("sha256")?)?, size: members.get("size")?.number()?, chunks })
}

pub(super) fn check(bag: &mut Bag<'_>, events: &[Event], opened: &[Opened], notes: &mut Vec<Note>) -> Result<u64, Failure> {
    let (mut present, mut named) = (0, BTreeSet::new());
    for ((seq, event), opened) in (1..).zip(events).zip(opened) {
        let Some(payload) = opened.payload.as_ref().filter(|payload| payload.kind == "DocumentFiled") else { continue };
        for value in opened.values.iter().filter(|value| value.field == "content") {
            let wrong = |what: &str| Failure::of(Code::SdFormat, format!("sequence {seq}: {what}"));
            let document = document(&value.json).ok_or_else(|| wrong("the content of a document has not the members that it must have"))?;
            let (from, to) = (payload.parts.len() as u64, event.clear.blobs.len() as u64);
            let rising = document.chunks.windows(2).all(|pair| matches!(pair, [first, second] if first < second));
            let inside = document.chunks.iter().all(|chunk| (from..to).contains(chunk));
            if document.size == 0 || !rising || !inside || document.chunks.len() as u64 != document.size.div_ceil(CHUNK_BYTES) {
                return Err(wrong("the size of a document and its chunks do not fit"));
            }
            present += found(bag, seq, &document, &mut named, notes)?;
        }
    }
    match bag.under("data/files/").into_iter().find(|name| !named.contains(name)) {
        Some(name) => Err(Failure::of(Code::BundleFormat, format!("{name} is no document that an event shows"))),
        None => Ok(present),
    }
}

fn found(bag: &mut Bag<'_>, seq: u64, document: &Document, named: &mut BTreeSet<String>, notes: &mut Vec<Note>) -> Result<u64, Failure> {
    let hex: String = document.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
    let name = format!("data/files/{hex}");
    let first = named.insert(name.clone());
    if !bag.has(&name) {
        if first {
            notes.push(Note { code: Code::FileAbsent, detail: format!("{hex}, filed by sequence {seq}") });
        }
        return Ok(0);
    }
    if bag.size(&name) != Some(document.size) || (first && bag.digest(&name, &mut |_| {})? != document.sha256) {
        return Err(Failure::of(Code::FileDigest, format!("{name} is not the document that sequence {seq} filed")));
    }
    Ok(u64::from(first))
}
