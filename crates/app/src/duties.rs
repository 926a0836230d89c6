//! What the law asks of one case, at a reading point: the facts of the reading are handed to the
//! catalogue of rules that the program was built with.
//!
//! Nothing is stored and nothing is decided here. Duties that are the municipality's for all its cases
//! at once are left out of the answer for one case.

use domain::reading::{Reading, ReadingPoint};
use events::ids::StreamId;
use jiff::Timestamp;
use law::catalogue::{Catalogue, Due};
use law::engine::evaluate;
use law::fact::Circumstances;
use law::finding::Finding;
use law::measurement::{Measured, measure};
use law::obligation::{Dormant, Obligation};

use crate::error::ReadError;
use crate::facts::facts;
use crate::service::App;
use crate::viewer::Viewer;

/// The duties of one case.
#[derive(Debug, Clone, PartialEq)]
pub struct Duties<'a> {
    /// The rules that they rest on.
    pub catalogue: &'a Catalogue,
    /// The moment whose statuses they have.
    pub as_of: Timestamp,
    /// The duties, by the moment at which they arose, then in the order of the catalogue.
    pub obligations: Vec<Obligation<'a>>,
    /// Periods that do not run and would, if something were done.
    pub dormant: Vec<Dormant<'a>>,
    /// What does not fit in the facts.
    pub findings: Vec<Finding>,
}

/// Whether a duty can be judged from one case. Reports to the statistics office are sent for the whole
/// municipality, and which ones were sent is not known here: to call each of them overdue in the case
/// of every placed child would be untrue.
fn of_one_case(obligation: &Obligation<'_>) -> bool {
    !matches!(obligation.rule.due, Due::AfterPeriod { .. })
}

impl App {
    /// The rules that duties are weighed by.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.rules.catalogue
    }

    /// What surrounds a case without standing in it. Periods that the municipality published itself
    /// (RSL § 3 a) and its reports to the statistics office are not known.
    fn circumstances(&self, case: StreamId, as_of: Timestamp) -> Circumstances {
        self.rules.circumstances(self.layout.municipality().code(), as_of, case, true)
    }

    /// The duties of a case as its reading shows them, as they stand at the moment of the reading.
    #[must_use]
    pub fn duties_in(&self, reading: &Reading, case: StreamId) -> Duties<'_> {
        let as_of = reading.moment(self.now());
        let mut evaluation = evaluate(self.catalogue(), &facts(reading), &self.circumstances(case, as_of));
        evaluation.obligations.retain(of_one_case);
        Duties {
            catalogue: self.catalogue(),
            as_of,
            obligations: evaluation.obligations,
            dormant: evaluation.dormant,
            findings: evaluation.findings,
        }
    }

    /// The duties of a case at a point; none when there is no such case then.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn duties(&self, case: StreamId, point: ReadingPoint, viewer: &Viewer) -> Result<Option<Duties<'_>>, ReadError> {
        Ok(self.read(case, point, viewer)?.map(|reading| self.duties_in(&reading, case)))
    }

    /// The points that Ankestyrelsen reviews a case against, answered from its reading (V12).
    #[must_use]
    pub fn measurement_points_in(&self, reading: &Reading, case: StreamId) -> Vec<Measured> {
        measure(self.catalogue(), &facts(reading), &self.circumstances(case, reading.moment(self.now())))
    }

    /// The same at a point; none when there is no such case then.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn measurement_points(&self, case: StreamId, point: ReadingPoint, viewer: &Viewer) -> Result<Option<Vec<Measured>>, ReadError> {
        Ok(self.read(case, point, viewer)?.map(|reading| self.measurement_points_in(&reading, case)))
    }
}
