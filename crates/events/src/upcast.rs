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

/// Steps in force: none, as every type is at its first version.
pub const STEPS: &[Step] = &[];

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
    use crate::raw::RawPart;

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
}
