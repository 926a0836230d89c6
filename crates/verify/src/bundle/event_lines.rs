//! A line for a reader about every event of a bundle that holds. Nothing is checked here.

use super::events::Event;
use super::omission::Opened;
use super::time::Window;
use super::verdict::EventLine;
use crate::entry::Id;
use crate::json::Json;

/// A UUID as hyphenated text.
fn uuid(id: Id) -> String {
    let hex: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    [
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32),
    ]
    .join("-")
}

/// A text of the circumstances that an event shows, by the names that lead to it.
fn circumstance(opened: &Opened, names: &[&str]) -> Option<String> {
    let mut values = opened.values.iter();
    let meta = values.find(|value| value.field == "meta")?;
    let member = |json: &'_ Json, name: &&str| json.object()?.get(*name).cloned();
    let found = names
        .iter()
        .try_fold(meta.json.clone(), |json, name| member(&json, name));
    Some(found?.text()?.to_owned())
}

/// What to say about every event.
pub(super) fn lines(events: &[Event], windows: &[Window], opened: &[Opened]) -> Vec<EventLine> {
    let line = |((event, window), opened): ((&Event, &Window), &Opened)| EventLine {
        seq: event.clear.seq,
        index: event.index,
        id: uuid(event.id),
        leaf: crate::jws::encode(&event.leaf),
        recorded: event.time,
        occurred: circumstance(opened, &["occurred"]),
        stated: circumstance(opened, &["source", "recorded_at"]),
        not_before: window.not_before,
        not_after: window.not_after,
        stamped: None,
        kind: opened.payload.as_ref().map(|payload| payload.kind.clone()),
        disclosed: opened.values.len() as u64,
        withheld: opened.withheld,
        erased: opened.erased,
    };
    events.iter().zip(windows).zip(opened).map(line).collect()
}
