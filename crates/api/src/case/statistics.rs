//! What the case counts for in the national statistics.

use async_graphql::SimpleObject;
use domain::views::statistics::Statistics;
use events::ids::MeasureId;
use events::notification::{Concern, NotifierKind, Suspicion};
use events::time::Occurred;
use jiff::civil::Date;

/// A notification, as statistics count it.
#[derive(Debug, Clone, SimpleObject)]
pub struct CountedNotificationView {
    /// Day of receipt.
    pub received: Date,
    /// In which capacity the sender notified.
    pub notifier: NotifierKind,
    /// What it worries about.
    pub concerns: Vec<Concern>,
    /// Suspicions.
    pub suspicions: Vec<Suspicion>,
    /// Whether it is about an unborn child.
    pub unborn: bool,
    /// Ages of the children on that day, where they can be read.
    pub ages: Vec<Option<i16>>,
}

/// A measure, as statistics count it.
#[derive(Debug, Clone, SimpleObject)]
pub struct CountedMeasureView {
    /// The measure.
    pub measure: MeasureId,
    /// The section that it rests on.
    pub section: String,
    /// When it started.
    pub started: Occurred,
    /// When it ended.
    pub ended: Option<Occurred>,
    /// Age of the child at the start, where it can be read.
    pub age: Option<i16>,
}

/// What statistics count of a case, without names or ids of persons (V18).
#[derive(Debug, Clone, SimpleObject)]
pub struct StatisticsView {
    /// Notifications.
    pub notifications: Vec<CountedNotificationView>,
    /// Measures; early advice is none.
    pub measures: Vec<CountedMeasureView>,
}

impl From<Statistics> for StatisticsView {
    fn from(view: Statistics) -> Self {
        let notifications = view
            .notifications
            .into_iter()
            .map(|row| CountedNotificationView {
                received: row.received,
                notifier: row.notifier,
                concerns: row.concerns,
                suspicions: row.suspicions,
                unborn: row.unborn,
                ages: row.ages,
            });
        let measures = view.measures.into_iter().map(|row| CountedMeasureView {
            measure: row.measure,
            section: row.section.as_str().to_owned(),
            started: row.started,
            ended: row.ended.map(|(_, when)| when),
            age: row.age,
        });
        Self {
            notifications: notifications.collect(),
            measures: measures.collect(),
        }
    }
}
