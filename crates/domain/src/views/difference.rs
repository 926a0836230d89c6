//! The difference between two readings of a case: what a reader would see changed, view by view and
//! field by field, with the events that caused it.
//!
//! Both readings are folded by the same code; nothing here knows a particular view.

use std::collections::{BTreeMap, BTreeSet};

use events::event::Event;
use events::ids::{EventId, StreamId};
use events::spec::View;
use jiff::civil::Date;

use crate::reading::Reading;
use crate::views::sheet::{Row, sheet};

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The view.
    pub view: View,
    /// What it is about, in words.
    pub item: String,
    /// The field.
    pub field: &'static str,
    /// The value in the first reading; null where it did not stand there.
    pub before: Option<String>,
    /// The value in the second reading; null where it no longer stands.
    pub after: Option<String>,
    /// The events that stand in only one of the readings and caused it. Empty where only time
    /// passed, for example when a child reaches an age.
    pub events: Vec<EventId>,
}

impl Change {
    /// The change in one line.
    #[must_use]
    pub fn line(&self) -> String {
        let Self { item, field, .. } = self;
        match (&self.before, &self.after) {
            (None, Some(after)) => format!("{item}: {field}: {after}"),
            (Some(before), None) => format!("{item}: {field}: no longer {before}"),
            (Some(before), Some(after)) => format!("{item}: {field}: {before} → {after}"),
            (None, None) => format!("{item}: {field}"),
        }
    }
}

/// A reading and the day that it stands for.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// The reading.
    pub reading: &'a Reading,
    /// The day: ages are those of this day.
    pub on: Date,
}

/// Rows of one field of one thing: usually one, several where a field repeats.
type Fields = BTreeMap<(View, String, &'static str), Vec<Row>>;

fn fields(rows: Vec<Row>) -> (Vec<(View, String, &'static str)>, Fields) {
    let mut order = Vec::new();
    let mut fields: Fields = BTreeMap::new();
    for row in rows {
        let key = (row.view, row.key.clone(), row.field);
        let known = fields.entry(key.clone()).or_default();
        if known.is_empty() {
            order.push(key);
        }
        known.push(row);
    }
    (order, fields)
}

/// Events that change how others read, by the event that they change.
fn changers(reading: &Reading) -> BTreeMap<EventId, Vec<EventId>> {
    let mut changers: BTreeMap<EventId, Vec<EventId>> = BTreeMap::new();
    for (event, shown) in reading.facts() {
        match &shown.facts {
            Event::EventCorrected(facts) => changers
                .entry(facts.target.event)
                .or_default()
                .push(event.event),
            Event::EventAnnulled(facts) => changers
                .entry(facts.target.event)
                .or_default()
                .push(event.event),
            Event::ErasureOrdered(facts) => {
                facts
                    .targets
                    .iter()
                    .for_each(|target| changers.entry(target.event).or_default().push(event.event));
            }
            _ => {}
        }
    }
    changers
}

struct Causes {
    only: BTreeSet<EventId>,
    changers: BTreeMap<EventId, Vec<EventId>>,
}

impl Causes {
    fn new(from: &Reading, to: &Reading) -> Self {
        let ids = |reading: &Reading| -> BTreeSet<EventId> {
            reading.events.iter().map(|event| event.event).collect()
        };
        let only = ids(from).symmetric_difference(&ids(to)).copied().collect();
        let mut all = changers(from);
        for (target, events) in changers(to) {
            all.entry(target).or_default().extend(events);
        }
        Self {
            only,
            changers: all,
        }
    }

    fn of<'a>(&self, rows: impl Iterator<Item = &'a Row>) -> Vec<EventId> {
        let mut events = BTreeSet::new();
        for event in rows.flat_map(|row| &row.events) {
            events.extend(self.only.get(event));
            let changed_by = self.changers.get(event).into_iter().flatten();
            events.extend(changed_by.filter(|changer| self.only.contains(changer)));
        }
        events.into_iter().collect()
    }
}

/// What changed from one reading of a case to another.
#[must_use]
pub fn difference(from: Side<'_>, to: Side<'_>, case: StreamId) -> Vec<Change> {
    let causes = Causes::new(from.reading, to.reading);
    let (old_order, mut old) = fields(sheet(from.reading, case, from.on).rows);
    let (new_order, new) = fields(sheet(to.reading, case, to.on).rows);
    let mut changes = Vec::new();
    for key in new_order {
        let rows = new.get(&key).map(Vec::as_slice).unwrap_or_default();
        let before = old.remove(&key).unwrap_or_default();
        changed(&before, rows, &causes, &mut changes);
    }
    for key in old_order {
        changed(
            old.get(&key).map(Vec::as_slice).unwrap_or_default(),
            &[],
            &causes,
            &mut changes,
        );
    }
    changes.sort_by_key(|change| change.view);
    changes
}

/// Compares the values of one field. A field that repeats gains and loses values; one that stands
/// once changes from one value to another.
fn changed(before: &[Row], after: &[Row], causes: &Causes, changes: &mut Vec<Change>) {
    let mut gone: Vec<&Row> = before.iter().collect();
    let mut come: Vec<&Row> = Vec::new();
    for row in after {
        match gone.iter().position(|old| old.value == row.value) {
            Some(place) => {
                gone.remove(place);
            }
            None => come.push(row),
        }
    }
    let single = before.len() == 1 && after.len() == 1;
    if let (true, Some(old), Some(new)) = (single, gone.first(), come.first()) {
        changes.push(change(
            new,
            Some(&old.value),
            Some(&new.value),
            causes.of([*old, *new].into_iter()),
        ));
        return;
    }
    changes.extend(
        come.into_iter()
            .map(|row| change(row, None, Some(&row.value), causes.of(std::iter::once(row)))),
    );
    changes.extend(
        gone.into_iter()
            .map(|row| change(row, Some(&row.value), None, causes.of(std::iter::once(row)))),
    );
}

fn change(
    row: &Row,
    before: Option<&String>,
    after: Option<&String>,
    events: Vec<EventId>,
) -> Change {
    Change {
        view: row.view,
        item: row.item.clone(),
        field: row.field,
        before: before.cloned(),
        after: after.cloned(),
        events,
    }
}
