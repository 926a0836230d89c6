//! What the law asks of one case, at a reading point: the facts of the reading are handed to the
//! catalogue of rules that was in force at that point, or to another one where that is the
//! question.
//!
//! Nothing is stored and nothing is decided here. Duties that are the municipality's for all its
//! cases at once are left out of the answer for one case.

use domain::reading::Reading;
use events::ids::StreamId;
use jiff::Timestamp;
use law::catalogue::Catalogue;
use law::engine::evaluate;
use law::finding::Finding;
use law::measurement::{Measured, measure};
use law::obligation::{Dormant, Obligation};
use law::rule::Due;

use crate::app::App;
use crate::error::ReadError;
use crate::rules::basis::{Basis, WhatIf};
use crate::rules::facts::facts;

/// The duties of one case.
#[derive(Debug, Clone, PartialEq)]
pub struct Duties<'a> {
    /// The rules that they rest on.
    pub catalogue: &'a Catalogue,
    /// Which ones those are, and whether the answer is a hypothetical one.
    pub basis: Basis,
    /// The moment whose statuses they have.
    pub as_of: Timestamp,
    /// The duties, by the moment at which they arose, then in the order of the catalogue.
    pub obligations: Vec<Obligation<'a>>,
    /// Periods that do not run and would, if something were done.
    pub dormant: Vec<Dormant<'a>>,
    /// What does not fit in the facts.
    pub findings: Vec<Finding>,
}

/// Whether a duty can be judged from one case. Reports to the statistics office are sent for the
/// whole municipality, and which ones were sent is not known here: to call each of them overdue in
/// the case of every placed child would be untrue.
fn of_one_case(obligation: &Obligation<'_>) -> bool {
    !matches!(obligation.rule.due, Due::AfterPeriod { .. })
}

impl App {
    /// The duties of a case as its reading shows them, as they stand at the moment of the reading.
    ///
    /// # Errors
    /// [`ReadError::CatalogueNotHeld`].
    pub(crate) fn duties_in<'a>(
        &self,
        reading: &Reading,
        case: StreamId,
        what_if: &'a WhatIf,
    ) -> Result<Duties<'a>, ReadError> {
        let in_force = self.rules_in_force(&reading.point)?;
        let catalogue = what_if.catalogue(&in_force);
        let as_of = reading.moment(self.now());
        let circumstances =
            what_if.circumstances(catalogue, self.layout.municipality().code(), as_of, case);
        let mut evaluation = evaluate(catalogue, &facts(reading), &circumstances);
        evaluation.obligations.retain(of_one_case);
        Ok(Duties {
            catalogue,
            basis: what_if.basis(&in_force),
            as_of,
            obligations: evaluation.obligations,
            dormant: evaluation.dormant,
            findings: evaluation.findings,
        })
    }

    /// The points that Ankestyrelsen reviews a case against, answered from its reading (V12).
    ///
    /// # Errors
    /// [`ReadError::CatalogueNotHeld`].
    pub(crate) fn measurement_points_in(
        &self,
        reading: &Reading,
        case: StreamId,
    ) -> Result<Vec<Measured>, ReadError> {
        let catalogue = self.rules_in_force(&reading.point)?.catalogue;
        let as_of = reading.moment(self.now());
        let circumstances = WhatIf::default().circumstances(
            catalogue,
            self.layout.municipality().code(),
            as_of,
            case,
        );
        Ok(measure(catalogue, &facts(reading), &circumstances))
    }
}
