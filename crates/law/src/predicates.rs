//! What each rule looks for: one small function per rule or family of rules, found by the rule's
//! id.
//!
//! A function says from which facts a duty arises and which facts meet it, at any time. Whether
//! the rule is in force then, when the duty is due and how it stands is the engine's.

mod appeal;
mod assessment;
mod committee;
mod decision;
mod episode;
mod follow_up;
mod involvement;
mod notification;
mod placement;
mod record;
mod shared;
mod statistics;

pub(crate) use assessment::{examination_dormant, first_contact};
pub(crate) use committee::PLACING;
pub(crate) use shared::{about_child, adopted, decided_before, granted};

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::catalogue::Catalogue;
use crate::catalogue::error::CatalogueError;
use crate::duty::{Duties, Duty};

/// The function of a rule.
#[derive(Debug, Clone, Copy)]
pub struct Predicate {
    /// The rule's id.
    pub rule: &'static str,
    /// What it looks for.
    pub duties: Duties,
    /// Whether a fact that [stands alone](crate::alone) can raise its duty.
    pub alone: bool,
}

const fn rule(rule: &'static str, duties: Duties) -> Predicate {
    Predicate {
        rule,
        duties,
        alone: false,
    }
}

/// A rule whose duty a fact that stands alone can raise.
const fn alone(rule: &'static str, duties: Duties) -> Predicate {
    Predicate {
        rule,
        duties,
        alone: true,
    }
}

/// The overlay of the trial raises no duty of its own: it lifts those of other rules.
fn none(_: &crate::case::Case<'_>) -> Vec<Duty> {
    Vec::new()
}

/// Every function, in the order of the catalogue.
pub const PREDICATES: &[Predicate] = &[
    rule("SEL-155-2-24H", notification::acute_assessment),
    rule("SEL-155B-1-ACK", notification::receipt),
    rule("SEL-155B-2-FEEDBACK", notification::feedback),
    rule("SEL-155A-1-REASSESS", notification::reassessment_of_any),
    rule("SEL-155A-2-ABUSETALK", notification::abuse_talk),
    rule("SEL-50-7-4M", assessment::examination_finished),
    rule("SEL-50-7-PRELIM", assessment::preliminary_report),
    rule("SEL-50-3-TALK", assessment::talk_in_examination),
    rule("SEL-50-8-SIBLING", assessment::siblings_in_examination),
    rule("SEL-48-TALK", involvement::talk_before_decision),
    rule("SEL-47-NETWORK", involvement::network),
    rule("SEL-140-1-PLAN", decision::plan_before),
    rule("SEL-140-1-PLAN-4M", decision::plan_after_urgency),
    rule("SEL-70-1-3M", follow_up::first),
    rule("SEL-70-1-6M", follow_up::next),
    rule("SEL-70-2-VISITS", placement::visits),
    rule("SEL-70-4-PARENTPLAN", placement::parent_plan),
    rule("SEL-75-2-24H", committee::provisional_told),
    rule("SEL-75-3-7D", committee::provisional_approved),
    rule("SEL-62-RENEW", placement::renewal),
    rule("SEL-68-3-7D", placement::return_request),
    rule("SEL-152-MOVE", placement::municipality_told),
    rule("FRI-SUPPRESS", none),
    rule("FRI-10-7-DESCRIPTION", decision::description),
    rule("FRI-10-8-3M", follow_up::first),
    rule("FRI-10-8-6M", follow_up::next),
    rule("FRI-10-7-INVOLVE", involvement::views_before_decision),
    rule("BL-136-2-24H", notification::acute_assessment),
    rule("BL-138-1-ACK", notification::receipt),
    rule("BL-138-2-FEEDBACK", notification::feedback),
    rule("BL-137-1-REASSESS-24", notification::reassessment_of_any),
    rule(
        "BL-137-1-REASSESS-25",
        notification::reassessment_of_support,
    ),
    rule("BL-137-3-ABUSETALK", notification::abuse_talk),
    rule("BL-18-SCREEN", assessment::screening),
    rule("BL-18-3-RISK", assessment::risk),
    rule("BL-20-1-DECIDE", assessment::examination_decided),
    rule("BL-125-CHILDHOUSE", assessment::childrens_house),
    rule("BL-20-3-4M", assessment::examination_finished),
    rule("BL-20-3-PRELIM", assessment::preliminary_report),
    rule("BL-19-3-SIBLING", assessment::siblings_in_clarification),
    rule("BL-21-1-SIBLING", assessment::siblings_in_examination),
    rule("BL-21-2-SIBLING-BFU", assessment::siblings_of_placed_child),
    rule("BL-21-5-TWO", assessment::two_caseworkers),
    rule("BL-23-1-2M", assessment::examination_in_institution),
    rule("BL-26-3-4M", assessment::examination_before_birth),
    rule("BL-5-3-VIEWS", involvement::views),
    rule("BL-6-1-BISIDDER", involvement::companion_told),
    rule("BL-8-3-NETWORK", involvement::network),
    rule("BL-10-3-START", decision::start),
    rule("BL-91-1-PLAN", decision::plan_where_required),
    rule("BL-91-1-POSITION", decision::plan_position),
    rule("BL-91-2-PLAN", decision::plan_of_placement),
    rule("BL-91-2-PLAN47", committee::plan_before_placement),
    rule("BL-95-2-FIRST", follow_up::first_or_with_assessment),
    rule("BL-95-3-RHYTHM", follow_up::rhythm),
    rule("BL-95-OWN", follow_up::own_time),
    rule("BL-108-UNGEPLAN", decision::youth_plan),
    rule("BL-111-AFTERCARE", placement::aftercare),
    rule("BL-156-5-VISITS", placement::visits_with_talk),
    rule("BL-77-PARENTPLAN", placement::parent_plan),
    rule("BL-51-CONTENTS", committee::contents),
    rule("BL-140-LAWYER", committee::lawyer),
    rule("BL-142-7-WRITTEN", committee::written),
    rule("BL-142-6-TELLBOARD", committee::board_told),
    rule("BL-143-3-24H", committee::provisional_told),
    rule("BL-143-4-7D", committee::provisional_approved),
    rule("BL-143-5-1M", committee::approval_lapses),
    rule("BL-50-RENEW", placement::renewal),
    rule("BL-105-EXPIRY", committee::contact_restriction),
    rule("BL-102-1-7D", placement::return_request),
    rule("BL-102-5-TELL", placement::committee_told),
    rule("BL-100-2-STATEMENT", decision::statement),
    rule("BL-33-14D", placement::drug_treatment),
    rule("BL-48-REQUEST", placement::placement_request),
    rule("BL-132-MOVE", placement::municipality_told),
    rule("BL-52-5-HOST", decision::host_told),
    rule("BL-139-REPORT", committee::force_reported),
    alone("ADM-OFL13-NOTE", record::notes),
    alone("ADM-OFL15-JOURNAL", record::journal),
    rule("ADM-FVL19-HEAR", decision::parties_heard),
    rule("ADM-FVL22-REASONS", decision::reasons),
    rule("ADM-FVL25-GUIDE", decision::guidance),
    rule("ADM-FVL16-7A", record::file_access),
    rule("ADM-FVL9B-HOLD", record::decision_waits),
    rule("ADM-GDPR15-1M", record::own_access),
    rule("ADM-FVL23-14D", record::written_reasons),
    rule("ADM-RSL67-COMPLAIN", appeal::complaint_period),
    rule("ADM-BL146-COMPLAIN", appeal::committee_complaint_period),
    rule("ADM-RSB11-4W", appeal::judged_again),
    rule("ADM-RSB11-6-FORWARD", appeal::sent_on),
    rule("ADM-RSB12-14D", appeal::kept_up),
    rule("ADM-RSL73-8W", appeal::board_on_committee),
    rule("ADM-RSB15-8W", appeal::board_on_place),
    rule("ADM-BL147-COURT", appeal::court_period),
    rule("ADM-RSL3A-REMIT", appeal::remitted),
    rule("ADM-BOARD-ORDER", appeal::ordered),
    rule("ADM-DIB-QUARTER", statistics::quarter),
    rule("ADM-DIB-YEAR", statistics::year),
    rule("LOC-6W", notification::help_started),
    rule("LOC-NETMEET-6-8W", involvement::network_meets_again),
    rule("LOC-FEEDBACK-14D", notification::feedback_after_first_step),
    alone("LOC-NOTE-LAG-3A", record::note_lag),
    rule("LOC-SHORTDOC", assessment::report_length),
];

/// The function of a rule.
#[must_use]
pub fn predicate(rule: &str) -> Option<&'static Predicate> {
    // Every evaluation asks for each of its rules.
    static BY_RULE: LazyLock<HashMap<&str, &Predicate>> = LazyLock::new(|| {
        let named = PREDICATES
            .iter()
            .map(|predicate| (predicate.rule, predicate));
        named.collect()
    });
    BY_RULE.get(rule).copied()
}

/// Checks that every rule has its function and every function its rule.
///
/// # Errors
/// [`CatalogueError::NoPredicate`], [`CatalogueError::NoRule`].
pub fn check(catalogue: &Catalogue) -> Result<(), CatalogueError> {
    check_rules(catalogue)?;
    match PREDICATES
        .iter()
        .find(|predicate| catalogue.rule(predicate.rule).is_none())
    {
        Some(predicate) => Err(CatalogueError::NoRule {
            rule: predicate.rule.to_owned(),
        }),
        None => Ok(()),
    }
}

/// Checks that every rule has its function.
///
/// # Errors
/// [`CatalogueError::NoPredicate`].
pub fn check_rules(catalogue: &Catalogue) -> Result<(), CatalogueError> {
    match catalogue
        .rules()
        .iter()
        .find(|rule| predicate(&rule.id).is_none())
    {
        Some(rule) => Err(CatalogueError::NoPredicate {
            rule: rule.id.clone(),
        }),
        None => Ok(()),
    }
}
