//! Well-being over time, with the totals and what their change amounts to, which `domain`
//! evaluates on demand.

use crate::plain::PlainList;
use async_graphql::SimpleObject;
use domain::scales::{Change, THRESHOLDS};
use domain::views::wellbeing::{Point, Series};
use events::answer::PersonalState;
use events::ids::EventId;
use events::person::PersonRef;
use events::personal::Personal;
use events::support::{Instrument, MeasurementOccasion};
use events::time::Occurred;

/// A measurement of well-being.
#[derive(Debug, Clone, SimpleObject)]
pub struct WellbeingPoint {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// On what occasion.
    pub occasion: MeasurementOccasion,
    /// Whether the scores can be read; null for an instrument without scores.
    pub state: Option<PersonalState>,
    /// The total in tenths of a point: 211 is 21.1.
    pub total: Option<u16>,
    /// The four items in tenths.
    pub items: Option<Vec<u16>>,
}

impl From<&Point> for WellbeingPoint {
    fn from(point: &Point) -> Self {
        let state = point.scores.as_ref().map(Into::into);
        let items = point
            .scores
            .as_ref()
            .and_then(Personal::known)
            .map(|scores| scores.items().to_vec());
        Self {
            event: point.event,
            occurred: point.occurred,
            occasion: point.occasion,
            state,
            total: point.total(),
            items,
        }
    }
}

/// The measurements of one respondent with one instrument (V6).
#[derive(Debug, Clone, SimpleObject)]
pub struct WellbeingSeries {
    /// The instrument.
    pub instrument: Instrument,
    /// Who answered.
    pub respondent: PersonRef,
    /// The measurements in the order in which they were taken.
    pub points: PlainList<WellbeingPoint>,
    /// The newest total less the first, in tenths.
    pub change: Option<i32>,
    /// What that change amounts to by the thresholds; null for one measurement, or without thresholds.
    pub judged: Option<Change>,
    /// Whether the newest total lies below the cut-off.
    pub below_cutoff: Option<bool>,
    /// Version of the thresholds.
    pub thresholds: String,
    /// Whether the thresholds were verified in a source.
    pub thresholds_verified: bool,
}

impl From<Series> for WellbeingSeries {
    fn from(series: Series) -> Self {
        Self {
            instrument: series.instrument,
            respondent: series.respondent,
            change: series.change(),
            judged: series.evaluated(),
            below_cutoff: series.below_cutoff(),
            thresholds: THRESHOLDS.version.to_owned(),
            thresholds_verified: THRESHOLDS.verified,
            points: series.points.iter().map(Into::into).collect(),
        }
    }
}
