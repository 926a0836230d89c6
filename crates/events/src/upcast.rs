//! Old versions of an event type, read as the newest one. Stored bytes never change.

use std::borrow::Cow;

use crate::raw::RawEvent;

/// One step from a version to the next, as a pure change of the raw form.
pub struct Step {
    /// Event type.
    pub kind: &'static str,
    /// The version that it reads.
    pub from: u64,
    /// The change; the version is counted up by the caller.
    pub apply: fn(&mut RawEvent),
}

/// Steps in force.
pub const STEPS: &[Step] = &[
    // The child's own words were required, and there was no dialogue; nothing else changed.
    Step {
        kind: "ChildHeard",
        from: 1,
        apply: |_| {},
    },
    // The event that a knowledge rests on was required; nothing else changed.
    Step {
        kind: "NeedAwarenessEstablished",
        from: 1,
        apply: |_| {},
    },
];

/// Brings an event to its newest version; most are there already and are not copied.
#[must_use]
pub fn upcast(raw: &RawEvent) -> Cow<'_, RawEvent> {
    if STEPS
        .iter()
        .any(|step| step.kind == raw.kind && step.from == raw.version)
    {
        Cow::Owned(upcast_with(raw.clone(), STEPS))
    } else {
        Cow::Borrowed(raw)
    }
}

/// Brings an event through the steps that fit, one after the other.
#[must_use]
pub fn upcast_with(mut raw: RawEvent, steps: &[Step]) -> RawEvent {
    while let Some(step) = steps
        .iter()
        .find(|step| step.kind == raw.kind && step.from == raw.version)
    {
        (step.apply)(&mut raw);
        raw.version += 1;
    }
    raw
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::meta::{Actor, Meta, Role};
    use crate::raw::RawPart;
    use crate::spec::StreamKind;

    fn renames(raw: &mut RawEvent) {
        for part in &mut raw.parts {
            if let Some(elements) = part.fields.remove("old") {
                part.fields.insert("new".to_owned(), elements);
            }
        }
    }

    #[test]
    fn steps_apply_in_turn_until_the_newest_version() {
        let steps = [
            Step {
                kind: "T",
                from: 2,
                apply: |_| {},
            },
            Step {
                kind: "T",
                from: 1,
                apply: renames,
            },
            Step {
                kind: "U",
                from: 3,
                apply: |_| unreachable!("another type"),
            },
        ];
        let part = RawPart {
            who: "case".into(),
            fields: [("old".to_owned(), vec![])].into(),
        };
        let raw = RawEvent {
            kind: "T".into(),
            version: 1,
            parts: vec![part],
        };
        let new = upcast_with(raw, &steps);
        assert_eq!(new.version, 3);
        assert!(new.parts[0].fields.contains_key("new"));
    }
    #[test]
    fn a_knowledge_of_the_first_version_is_read_as_the_newest() {
        let says = serde_json::json!({
            "aware_at": "2024-01-02",
            "source_event": {
                "stream": "00000000-0000-4000-8000-000000000001",
                "event": "00000000-0000-4000-8000-000000000002",
            },
        });
        let event = Event::from_json("NeedAwarenessEstablished", says).unwrap();
        let meta = Meta::at("2024-01-03".parse().unwrap());
        let actor = Actor {
            id: "K1".into(),
            role: Role::Caseworker,
            unit: None,
            municipality: "0999".into(),
        };
        let plain = event.encode(&meta, &actor, StreamKind::Case).unwrap();
        let mut first = RawEvent::from_plain(&plain);
        assert_eq!(first.version, 2);
        first.version = 1;
        assert_eq!(Event::decode(&upcast(&first)).unwrap(), event);
    }
}
