//! Every view of a case as flat rows: what a reader would see, value by value, each with the events
//! that it rests on. Differences are made from it, and it proves where a fact is shown.
//!
//! It says nothing that the views themselves do not say.

mod casework;
mod lives;
mod procedure;

use events::ids::{EventId, StreamId};
use events::spec::View;
use jiff::civil::Date;

use crate::persons::persons_of;
use crate::reading::Reading;

/// One value of one view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The view.
    pub view: View,
    /// What stays the same from one reading to another: an id.
    pub key: String,
    /// What the value is about, in words.
    pub item: String,
    /// The field.
    pub field: &'static str,
    /// The value in words.
    pub value: String,
    /// The events that it rests on.
    pub events: Vec<EventId>,
}

/// All rows of a reading.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sheet {
    /// The rows, view by view.
    pub rows: Vec<Row>,
}

/// The thing that rows are about, while they are written.
struct Item<'a> {
    sheet: &'a mut Sheet,
    view: View,
    key: String,
    words: String,
}

impl Item<'_> {
    /// Writes a value.
    fn say(
        &mut self,
        field: &'static str,
        value: impl Into<String>,
        events: &[EventId],
    ) -> &mut Self {
        self.sheet.rows.push(Row {
            view: self.view,
            key: self.key.clone(),
            item: self.words.clone(),
            field,
            value: value.into(),
            events: events.to_vec(),
        });
        self
    }

    /// Writes a value where there is one.
    fn say_some(
        &mut self,
        field: &'static str,
        value: Option<impl Into<String>>,
        events: &[EventId],
    ) -> &mut Self {
        if let Some(value) = value {
            self.say(field, value, events);
        }
        self
    }
}

impl Sheet {
    fn item(&mut self, view: View, key: impl ToString, words: impl Into<String>) -> Item<'_> {
        Item {
            sheet: self,
            view,
            key: key.to_string(),
            words: words.into(),
        }
    }

    /// The rows of one view.
    pub fn of(&self, view: View) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.view == view)
    }

    /// The views in which an event is shown, in order.
    #[must_use]
    pub fn shows(&self, event: EventId) -> Vec<View> {
        let mut views: Vec<View> = self
            .rows
            .iter()
            .filter(|row| row.events.contains(&event))
            .map(|row| row.view)
            .collect();
        views.sort_unstable();
        views.dedup();
        views
    }
}

/// Writes every view of a case as it stands on a day.
#[must_use]
pub fn sheet(reading: &Reading, case: StreamId, on: Date) -> Sheet {
    let persons = persons_of(reading);
    let mut sheet = Sheet::default();
    casework::inbox(reading, &mut sheet);
    casework::timeline(reading, &mut sheet);
    lives::child_voice(reading, &mut sheet);
    lives::goals(reading, &mut sheet);
    lives::wellbeing(reading, &persons, &mut sheet);
    lives::support_ladder(reading, &mut sheet);
    lives::network(reading, &persons, &mut sheet);
    procedure::decisions(reading, &persons, &mut sheet);
    procedure::parties(reading, case, on, &mut sheet);
    procedure::appeals(reading, &persons, &mut sheet);
    lives::family(reading, case, &persons, &mut sheet);
    lives::family_voice(reading, case, on, &mut sheet);
    procedure::access(reading, &persons, &mut sheet);
    casework::integrity(reading, &mut sheet);
    casework::statistics(reading, case, &mut sheet);
    casework::early_advice(reading, &mut sheet);
    casework::retention(reading, case, &mut sheet);
    sheet
}
