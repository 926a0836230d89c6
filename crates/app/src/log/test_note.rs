//! An event as tests hand it to what keeps opened events.

use domain::recorded::Recorded;
use events::event::Event;
use events::ids::StreamId;
use events::meta::{Actor, Meta, Role};
use events::raw::RawEvent;
use events::spec::StreamKind;
use jiff::Timestamp;
use serde_json::json;

/// A note of so many bytes.
pub(crate) fn note(stream: StreamId, index: u64, bytes: usize) -> Recorded {
    let facts = json!({ "kind": "CONTACT", "text": ["x".repeat(bytes)] });
    let actor = Actor {
        id: "K1".into(),
        role: Role::Caseworker,
        unit: None,
        municipality: "0999".into(),
    };
    let meta = Meta::at("2024-01-08".parse().unwrap());
    let facts = Event::from_json("NoteTaken", facts).unwrap();
    let plain = facts.encode(&meta, &actor, StreamKind::Case).unwrap();
    Recorded {
        index,
        recorded_at: Timestamp::UNIX_EPOCH,
        stream,
        seq: index + 1,
        event: crate::entropy::fresh(),
        raw: Some(RawEvent::from_plain(&plain)),
    }
}
