//! What the law asks of one case, at a reading point: the facts of the reading are handed to the
//! catalogue of rules that was in force at that point, or to another one where that is the
//! question.
//!
//! Nothing is stored and nothing is decided here. Duties that are the municipality's for all its
//! cases at once are left out of the answer for one case.

use domain::reading::Reading;
use events::ids::StreamId;
use jiff::Timestamp;
use law::case::Case;
use law::catalogue::Catalogue;
use law::engine::evaluate_case;
use law::finding::Finding;
use law::measurement::{Measured, measure_case};
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
    /// The points that Ankestyrelsen reviews a case against (V12).
    pub points: Vec<Measured>,
}

/// Whether a duty can be judged from one case. Reports to the statistics office are sent for the
/// whole municipality, and which ones were sent is not known here: to call each of them overdue in
/// the case of every placed child would be untrue.
fn of_one_case(obligation: &Obligation<'_>) -> bool {
    !matches!(obligation.rule.due, Due::AfterPeriod { .. })
}

impl App {
    /// The duties of a case as its reading shows them, as they stand at the moment of the reading.
    /// Each evaluation is told to whoever traces the program, so that double work is seen.
    ///
    /// # Errors
    /// [`ReadError::CatalogueNotHeld`] when the program does not hold the rules of then.
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
        let facts = facts(reading);
        let case = Case::new(&facts, &circumstances, catalogue);
        tracing::trace!(facts = facts.len(), "the duties of a case are evaluated");
        let mut evaluation = evaluate_case(catalogue, &case);
        let points = measure_case(&case, &evaluation);
        evaluation.obligations.retain(of_one_case);
        Ok(Duties {
            catalogue,
            basis: what_if.basis(&in_force),
            as_of,
            obligations: evaluation.obligations,
            dormant: evaluation.dormant,
            findings: evaluation.findings,
            points,
        })
    }
}
