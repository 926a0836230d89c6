//! Well-being (V6): series of scores, one for each instrument and respondent, with what their
//! change amounts to by the thresholds in force.

use events::event::Event;
use events::ids::EventId;
use events::person::PersonRef;
use events::personal::Personal;
use events::support::{Instrument, MeasurementOccasion, Scores, WellbeingMeasured};
use events::time::Occurred;
use jiff::civil::Date;

use crate::persons::persons_of;
use crate::reading::Reading;
use crate::scales::{Change, Respondent, THRESHOLDS, Threshold};
use events::age::age_on;
use events::identity::Persons;

/// One measurement.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// On what occasion.
    pub occasion: MeasurementOccasion,
    /// The scores in tenths; null for an instrument without scores.
    pub scores: Option<Personal<Scores>>,
}

impl Point {
    /// The total in tenths, where it can be read.
    #[must_use]
    pub fn total(&self) -> Option<u16> {
        self.scores
            .as_ref()
            .and_then(Personal::known)
            .map(|scores| scores.total)
    }
}

/// The measurements of one respondent with one instrument, in the order in which they were taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The instrument.
    pub instrument: Instrument,
    /// Who answered.
    pub respondent: PersonRef,
    /// The thresholds that fit the respondent; null where there is no threshold, or the age is not known.
    pub threshold: Option<&'static Threshold>,
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

    /// What the change from the first to the newest total amounts to, where there are thresholds.
    #[must_use]
    pub fn evaluated(&self) -> Option<Change> {
        let (first, last) = (self.points.first()?, self.points.last()?);
        (self.points.len() > 1).then_some(())?;
        self.threshold?.change(first.total()?, last.total()?)
    }

    /// Whether the newest total lies below the cut-off.
    #[must_use]
    pub fn below_cutoff(&self) -> Option<bool> {
        Some(self.points.last()?.total()? < self.threshold?.cutoff)
    }
}

/// Age from which somebody answers as an adult, and as a young person.
const ADULT: u16 = 18;

/// Which thresholds fit somebody who answers.
fn respondent(facts: &WellbeingMeasured, persons: &Persons, on: Date) -> Option<Respondent> {
    if facts.respondent.person == facts.child.person {
        let Some(born) = persons
            .get(facts.child.person)
            .and_then(|known| known.birth_date.as_ref()?.known().copied())
        else {
            // The instrument itself says the age group: the child's forms are for 6 to 12 years.
            let childs = matches!(facts.instrument, Instrument::Cors | Instrument::Csrs);
            return childs.then_some(Respondent::Child);
        };
        let years = age_on(born, on)?;
        return Some(match facts.instrument {
            Instrument::Cors | Instrument::Csrs | Instrument::Ycors => Respondent::Child,
            Instrument::Ors | Instrument::Srs if years >= ADULT => Respondent::Adult,
            Instrument::Ors | Instrument::Srs => Respondent::Young,
        });
    }
    Some(match facts.instrument {
        // The child's outcome form in an adult's hand is about the child; ORS is the adult's own.
        Instrument::Cors | Instrument::Csrs | Instrument::Ycors => Respondent::CarerAboutChild,
        Instrument::Ors | Instrument::Srs => Respondent::Adult,
    })
}

/// Folds the view.
#[must_use]
pub fn wellbeing(reading: &Reading) -> Vec<Series> {
    let persons = persons_of(reading);
    let mut all: Vec<Series> = Vec::new();
    for (event, shown) in reading.by_occurrence() {
        let Event::WellbeingMeasured(facts) = &shown.facts else {
            continue;
        };
        let point = Point {
            event: event.event,
            occurred: shown.meta.occurred,
            occasion: facts.occasion,
            scores: facts.scores.clone(),
        };
        let same = |series: &&mut Series| {
            series.instrument == facts.instrument && series.respondent == facts.respondent
        };
        match all.iter_mut().find(same) {
            Some(series) => series.points.push(point),
            None => all.push(Series {
                instrument: facts.instrument,
                respondent: facts.respondent,
                threshold: respondent(facts, &persons, shown.meta.occurred.day())
                    .and_then(|by| THRESHOLDS.find(facts.instrument, by)),
                points: vec![point],
            }),
        }
    }
    all
}
