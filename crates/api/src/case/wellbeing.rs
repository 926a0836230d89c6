//! Well-being over time, by dimension.

use crate::person::PersonInRole;
use crate::text::PersonalState;
use async_graphql::{Enum, SimpleObject};
use domain::scales::{Change as ScaleChange, THRESHOLDS};
use domain::views::wellbeing::{Point, Series};
use events::ids::EventId;
use events::personal::Personal;
use events::support::{Instrument, MeasurementOccasion};
use events::time::Occurred;

/// A measurement of well-being.
#[derive(Debug, Clone, SimpleObject)]
pub struct WellbeingPointView {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// On what occasion.
    pub occasion: MeasurementOccasion,
    /// Whether the scores can be read; none for an instrument without scores.
    pub state: Option<PersonalState>,
    /// The total in tenths of a point: 211 is 21.1.
    pub total: Option<u16>,
    /// The four items in tenths.
    pub items: Option<Vec<u16>>,
}

impl From<&Point> for WellbeingPointView {
    fn from(point: &Point) -> Self {
        let state = point.scores.as_ref().map(|scores| match scores {
            Personal::Known(_) => PersonalState::Known,
            Personal::Erased => PersonalState::Erased,
            Personal::Withheld => PersonalState::Withheld,
        });
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
pub struct WellbeingSeriesView {
    /// The instrument.
    pub instrument: Instrument,
    /// Who answered.
    pub respondent: PersonInRole,
    /// The measurements in the order in which they were taken.
    pub points: Vec<WellbeingPointView>,
    /// The newest total less the first, in tenths.
    pub change: Option<i32>,
    /// What that change amounts to by the thresholds; none for one measurement, or without thresholds.
    pub judged: Option<WellbeingChange>,
    /// Whether the newest total lies below the cut-off.
    pub below_cutoff: Option<bool>,
    /// Version of the thresholds.
    pub thresholds: String,
    /// Whether the thresholds were verified in a source.
    pub thresholds_verified: bool,
}

/// What a change of well-being amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "ScaleChange")]
pub enum WellbeingChange {
    /// Less than what is reliable.
    NotReliable,
    /// Reliably better.
    Better,
    /// Reliably better, and across the cut-off.
    BetterAcross,
    /// Reliably worse.
    Worse,
    /// Reliably worse, and across the cut-off.
    WorseAcross,
}

impl From<Series> for WellbeingSeriesView {
    fn from(series: Series) -> Self {
        Self {
            instrument: series.instrument,
            respondent: series.respondent.into(),
            change: series.change(),
            judged: series.evaluated().map(Into::into),
            below_cutoff: series.below_cutoff(),
            thresholds: THRESHOLDS.version.to_owned(),
            thresholds_verified: THRESHOLDS.verified,
            points: series.points.iter().map(Into::into).collect(),
        }
    }
}
