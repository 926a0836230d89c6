//! V6 and V7: every event of the stream, each proven to stand in the log, none missing in the
//! middle or at the end.

use std::collections::BTreeSet;

use super::anchor::Anchor;
use super::bag::{Bag, EVENT_BYTES_MAX};
use super::chain::Chain;
use super::description::Description;
use super::names;
use crate::code::{Code, Finding};
use crate::entry::{self, Id, Kind};
use crate::files::Failure;
use crate::json::Json;
use crate::jws::{Signed, hash_of};
use crate::position::{LogIndex, LogTime, Seq};
use crate::proof;
use crate::tree::{self, Hash, ZERO};

/// The type of the events of an access log.
const ACCESS: &str = "sag-access+sd-jwt";

/// An event whose place is proven.
pub(super) struct Event {
    pub(super) index: LogIndex,
    pub(super) time: LogTime,
    pub(super) id: Id,
    pub(super) leaf: Hash,
    /// Of the payload disclosure.
    pub(super) digest: Hash,
    pub(super) clear: entry::Event,
    /// Whether it is an entry of an access log.
    pub(super) access: bool,
}

/// V6.
pub(super) fn check(
    bag: &mut Bag<'_>,
    anchor: &Anchor<'_>,
    chain: &Chain,
    description: &Description,
) -> Result<Vec<Event>, Failure> {
    let mut events: Vec<Event> = Vec::new();
    let (mut ids, mut typ) = (BTreeSet::new(), None);
    for (seq, name) in Seq::all().zip(bag.under("data/events/")) {
        if names::seq(&name) != Some(seq) {
            return Err(Failure::of(
                Code::StreamGap,
                format!("there is no event with the sequence {seq}"),
            ));
        }
        let text = bag.text_of(&name, EVENT_BYTES_MAX, Code::JwsFormat)?;
        let proof = bag.text(&names::proof(seq), Code::ProofFormat)?;
        let entry = text.split('~').next().unwrap_or_default();
        let (event, own) = event(entry, &proof, seq, anchor, chain, description)?;
        follows(&event, &own.1, events.last(), seq)?;
        if *typ.get_or_insert_with(|| own.0.clone()) != own.0 {
            return Err(Failure::of(
                Code::EventSchema,
                format!("sequence {seq} is of another kind of log"),
            ));
        }
        if !ids.insert(event.id) {
            return Err(Failure::of(
                Code::EventDuplicate,
                format!("the id of sequence {seq} stands earlier in the stream"),
            ));
        }
        events.push(event);
    }
    if events.is_empty() {
        return Err(Failure::of(
            Code::StreamTruncated,
            "there is no event at all",
        ));
    }
    Ok(events)
}

/// One event by itself; with its type and its predecessor.
fn event(
    entry: &str,
    proof: &str,
    seq: Seq,
    anchor: &Anchor<'_>,
    chain: &Chain,
    description: &Description,
) -> Result<(Event, (String, Hash)), Finding> {
    let wrong = |code: Code, what: &str| Finding::of(code, format!("sequence {seq}: {what}"));
    let signed =
        Signed::parse(entry.as_bytes()).map_err(|code| wrong(code, "its outer form is wrong"))?;
    let leaf = tree::leaf(entry.as_bytes());
    let index = anchor.included(&names::proof(seq), proof, leaf)?;
    let Some((common, Kind::Event(clear))) = entry::read(&signed.typ, &signed.payload) else {
        return Err(wrong(
            Code::EventSchema,
            "its members are wrong, or it is not an event",
        ));
    };
    let digest = digest(&signed.payload)
        .ok_or_else(|| wrong(Code::EventSchema, "it commits to no payload"))?;
    if common.index != index {
        return Err(wrong(
            Code::EventIndex,
            &format!(
                "it says that it is entry {}, it stands at {index}",
                common.index
            ),
        ));
    }
    signed
        .verify(chain.valid_at(index))
        .map_err(|code| wrong(code, &format!("key {}", signed.kid)))?;
    if common.origin != description.origin {
        return Err(wrong(
            Code::EventOrigin,
            &format!("it belongs to {}", common.origin),
        ));
    }
    if clear.stream != description.stream || clear.ordinal != description.ordinal {
        return Err(wrong(
            Code::StreamId,
            "it belongs to another stream, or has another number of it",
        ));
    }
    let access = signed.typ == ACCESS;
    Ok((
        Event {
            index,
            time: common.time,
            id: common.id,
            leaf,
            digest,
            clear,
            access,
        },
        (signed.typ, common.prev),
    ))
}

/// The digest that an event's payload must have.
pub(crate) fn digest(payload: &Json) -> Option<Hash> {
    let [digest] = payload.object()?.get("_sd")?.list()? else {
        return None;
    };
    hash_of(digest)
}

fn follows(event: &Event, prev: &Hash, last: Option<&Event>, seq: Seq) -> Result<(), Finding> {
    let wrong = |code: Code, what: &str| Err(Finding::of(code, format!("sequence {seq}: {what}")));
    if event.clear.seq != seq {
        return wrong(
            Code::StreamGap,
            &format!("the event says that it is sequence {}", event.clear.seq),
        );
    }
    if *prev != last.map_or(ZERO, |last| last.leaf) {
        return wrong(Code::StreamPrev, "its predecessor is another entry");
    }
    if last.is_some_and(|last| last.index >= event.index) {
        return wrong(
            Code::StreamOrder,
            "it stands in the log in front of its predecessor",
        );
    }
    Ok(())
}

/// V7: the last event here is the newest one that the log knows of this stream.
pub(super) fn check_head(
    events: &[Event],
    chain: &Chain,
    description: &Description,
) -> Result<(), Finding> {
    let heads = &chain.heads;
    if description.ordinal >= heads.streams {
        return Err(Finding::of(
            Code::HeadsRoot,
            format!(
                "the log knows {} streams, this would be number {}",
                heads.streams, description.ordinal
            ),
        ));
    }
    let Some(last) = events.last() else {
        return Ok(());
    };
    let mut data = description.stream.to_vec();
    data.extend_from_slice(&last.clear.seq.get().to_be_bytes());
    data.extend_from_slice(&last.index.get().to_be_bytes());
    data.extend_from_slice(&last.leaf);
    let root = proof::root_in_tree(
        tree::leaf(&data),
        description.ordinal,
        heads.streams,
        &description.path,
    );
    if root == Some(heads.root) {
        return Ok(());
    }
    let what = format!(
        "sequence {} is not the newest event of the stream at the checkpoint",
        last.clear.seq
    );
    Err(Finding::of(Code::StreamTruncated, what))
}
