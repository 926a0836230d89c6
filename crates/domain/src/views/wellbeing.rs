//! Well-being (V6): series of scores, one for each instrument and respondent.

use events::event::Event;
use events::ids::EventId;
use events::person::PersonRef;
use events::personal::Personal;
use events::support::{Instrument, MeasurementOccasion, Scores};
use events::time::Occurred;

use crate::reading::Reading;

/// One measurement.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// On what occasion.
    pub occasion: MeasurementOccasion,
    /// The scores in tenths; none for an instrument without scores.
    pub scores: Option<Personal<Scores>>,
}

impl Point {
    /// The total in tenths, where it can be read.
    #[must_use]
    pub fn total(&self) -> Option<u16> {
        self.scores.as_ref().and_then(Personal::known).map(|scores| scores.total)
    }
}

/// The measurements of one respondent with one instrument, in the order in which they were taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The instrument.
    pub instrument: Instrument,
    /// Who answered.
    pub respondent: PersonRef,
    /// The measurements.
    pub points: Vec<Point>,
}

impl Series {
    /// The newest total less the first, in tenths, where both can be read.
    #[must_use]
    pub fn change(&self) -> Option<i32> {
        let first = self.points.first()?.total()?;
        let last = self.points.last()?.total()?;
        Some(i32::from(last) - i32::from(first))
    }
}

/// Folds the view.
#[must_use]
pub fn wellbeing(reading: &Reading) -> Vec<Series> {
    let mut all: Vec<Series> = Vec::new();
    for (event, shown) in reading.facts() {
        let Event::WellbeingMeasured(facts) = &shown.facts else { continue };
        let point = Point { event: event.event, occurred: shown.meta.occurred, occasion: facts.occasion, scores: facts.scores.clone() };
        let same = |series: &&mut Series| series.instrument == facts.instrument && series.respondent == facts.respondent;
        match all.iter_mut().find(same) {
            Some(series) => series.points.push(point),
            None => all.push(Series { instrument: facts.instrument, respondent: facts.respondent, points: vec![point] }),
        }
    }
    for series in &mut all {
        series.points.sort_by_key(|point| point.occurred.earliest());
    }
    all
}
