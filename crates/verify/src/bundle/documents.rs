//! V10: documents, against the hashes that filed them.

use std::collections::BTreeMap;

use super::bag::Bag;
use super::events::Event;
use super::omission::Opened;
use super::verdict::{Document, Note};
use crate::code::Code;
use crate::files::Failure;
use crate::json::Json;
use crate::jws::hash_of;
use crate::position::Seq;

/// Bytes of a chunk; only the last one of a document may hold fewer.
const CHUNK_BYTES: u64 = 8 << 20;

struct Filed {
    sha256: [u8; 32],
    size: u64,
    chunks: Vec<u64>,
}

fn filed(json: &Json) -> Option<Filed> {
    let members = json.exactly(&["blobs", "media_type", "sha256", "size"], &[])?;
    members.get("media_type")?.text()?;
    let chunks = members
        .get("blobs")?
        .list()?
        .iter()
        .map(Json::number)
        .collect::<Option<Vec<u64>>>()?;
    Some(Filed {
        sha256: hash_of(members.get("sha256")?)?,
        size: members.get("size")?.number()?,
        chunks,
    })
}

pub(super) fn check(
    bag: &mut Bag<'_>,
    events: &[Event],
    opened: &[Opened],
    notes: &mut Vec<Note>,
) -> Result<Vec<Document>, Failure> {
    let mut named: BTreeMap<String, Document> = BTreeMap::new();
    for ((seq, event), opened) in Seq::all().zip(events).zip(opened) {
        let Some(payload) = opened
            .payload
            .as_ref()
            .filter(|payload| payload.kind == "DocumentFiled")
        else {
            continue;
        };
        for value in opened
            .values
            .iter()
            .filter(|value| value.field == "content")
        {
            let wrong = |what: &str| Failure::of(Code::SdFormat, format!("sequence {seq}: {what}"));
            let document = filed(&value.json).ok_or_else(|| {
                wrong("the content of a document has not the members that it must have")
            })?;
            let (from, to) = (payload.parts.len() as u64, event.clear.blobs.len() as u64);
            let rising = document
                .chunks
                .windows(2)
                .all(|pair| matches!(pair, [first, second] if first < second));
            let inside = document
                .chunks
                .iter()
                .all(|chunk| (from..to).contains(chunk));
            if document.size == 0
                || !rising
                || !inside
                || document.chunks.len() as u64 != document.size.div_ceil(CHUNK_BYTES)
            {
                return Err(wrong("the size of a document and its chunks do not fit"));
            }
            if document
                .chunks
                .iter()
                .any(|chunk| opened.erased_parts.contains(chunk))
            {
                return Err(Failure::of(
                    Code::ErasedButPresent,
                    format!("sequence {seq}: its document was erased, and is still spoken of"),
                ));
            }
            found(bag, seq, &document, &mut named)?;
        }
    }
    if let Some(name) = bag
        .under("data/files/")
        .into_iter()
        .find(|name| !named.contains_key(name))
    {
        return Err(Failure::of(
            Code::BundleFormat,
            format!("{name} is no document that an event shows"),
        ));
    }
    let mut documents: Vec<Document> = named.into_values().collect();
    documents.sort_by_key(|document| document.seq);
    for document in documents.iter().filter(|document| !document.present) {
        notes.push(Note {
            code: Code::FileAbsent,
            detail: format!("{}, filed by sequence {}", document.sha256, document.seq),
        });
    }
    Ok(documents)
}

fn found(
    bag: &mut Bag<'_>,
    seq: Seq,
    filed: &Filed,
    named: &mut BTreeMap<String, Document>,
) -> Result<(), Failure> {
    let sha256: String = filed
        .sha256
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let name = format!("data/files/{sha256}");
    let wrong = || {
        Failure::of(
            Code::FileDigest,
            format!("{name} is not the document that sequence {seq} filed"),
        )
    };
    if let Some(earlier) = named.get(&name) {
        return if earlier.size == filed.size {
            Ok(())
        } else {
            Err(wrong())
        };
    }
    let present = bag.has(&name);
    if present
        && (bag.size(&name) != Some(filed.size) || bag.digest(&name, &mut |_| {})? != filed.sha256)
    {
        return Err(wrong());
    }
    named.insert(
        name,
        Document {
            sha256,
            size: filed.size,
            seq,
            present,
        },
    );
    Ok(())
}
