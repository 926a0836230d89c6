//! What nobody touched: facts from which something follows that nobody recorded.
//!
//! A rule that waits for a fact is silent while the fact is missing. What can be inferred is proposed
//! to a person here; it is never assumed, and starts no clock.

use std::collections::BTreeSet;

use events::assessment::{AssessmentKind, ReportStage, ScreeningOutcome};
use events::ids::EventId;
use events::moment::Moment;

use crate::case::Case;
use crate::finding::{Finding, FindingKind};
use crate::predicates::{PLACING, about_child, adopted};
use crate::seen::last_before;

/// Everything that follows from the facts and that nobody recorded.
pub(crate) fn findings(case: &Case<'_>, found: &mut Vec<Finding>) {
    repeated_notifications(case, found);
    knowledge(case, found);
    uncommunicated(case, found);
    placements(case, found);
}

/// The municipality was told again and again, and neither screened nor assessed (BL § 18). The Act
/// before asked for no screening.
fn repeated_notifications(case: &Case<'_>, found: &mut Vec<Finding>) {
    let lists = &case.lists;
    let screened = lists.screenings.iter().map(|seen| seen.moment);
    let opened = lists.assessments.iter();
    let opened = opened.filter(|opened| case.concerns(&opened.says.children));
    let looked = screened.chain(opened.map(|seen| seen.moment)).max();
    let since = lists.notifications.iter().filter(|seen| {
        let after = looked.is_none_or(|looked| !seen.moment.not_after(looked));
        after && case.concerns(&seen.says.children) && !case.under_old_act(seen.moment.day)
    });
    let since: Vec<_> = since.collect();
    if let [first, .., last] = since.as_slice() {
        let kind = FindingKind::RepeatedWithoutScreening {
            count: since.len(),
            first: first.event(),
        };
        found.push(Finding::new(last.event(), kind));
    }
}

/// An examination was asked for or opened, and nobody said since when the need is known: its months
/// do not run. The first notification since the examination before is proposed.
fn knowledge(case: &Case<'_>, found: &mut Vec<Finding>) {
    let lists = &case.lists;
    let examination = |kind| {
        matches!(
            kind,
            AssessmentKind::Examination20 | AssessmentKind::Unborn26
        )
    };
    let asked = lists.screenings.iter();
    let asked = asked.filter(|seen| seen.says.outcome == ScreeningOutcome::Examination20);
    let opened = lists.assessments.iter();
    let opened =
        opened.filter(|seen| examination(seen.says.kind) && case.concerns(&seen.says.children));
    let mut asked: Vec<(Moment, EventId)> = asked
        .map(|seen| (seen.moment, seen.event()))
        .chain(opened.map(|seen| (seen.moment, seen.event())))
        .collect();
    asked.sort_unstable();
    let mut told_for: Option<Option<Moment>> = None;
    for (moment, event) in asked {
        let before = last_before(&lists.reports, moment, |report| {
            report.moment < moment
                && examination(report.says.kind)
                && report.says.stage == ReportStage::Final
                && case.is_child(report.says.child)
        });
        let before = before.map(|report| report.moment);
        let since = |at: Moment| before.is_none_or(|before| before.not_after(at));
        let known = lists.awareness.iter().any(|awareness| {
            let aware = Moment::on(awareness.says.aware_at);
            aware.not_after(moment) && since(aware)
        });
        if known || told_for == Some(before) {
            continue;
        }
        told_for = Some(before);
        let mut notified = lists.notifications.iter().map(|seen| seen.moment);
        let notified = notified.find(|at| since(*at) && at.not_after(moment));
        let since = notified.unwrap_or(moment).day;
        found.push(Finding::new(
            event,
            FindingKind::KnowledgeNotStated { since },
        ));
    }
}

/// A decision of the administration that reached nobody: no period of complaint runs.
fn uncommunicated(case: &Case<'_>, found: &mut Vec<Finding>) {
    let told = case.lists.communications.iter();
    let told: BTreeSet<EventId> = told.map(|told| told.says.decision).collect();
    for decision in &case.lists.decisions {
        if !told.contains(&decision.event()) && about_child(case, decision.says) {
            let kind = FindingKind::DecisionNotCommunicated;
            found.push(Finding::new(decision.event(), kind));
        }
    }
}

/// The committee or its chair placed the child, and no placement is recorded: neither follow-up nor
/// supervision is counted.
fn placements(case: &Case<'_>, found: &mut Vec<Finding>) {
    let lists = &case.lists;
    let committee = lists.committee_decisions.iter();
    let committee = committee.filter(|decision| adopted(case, decision.says, PLACING));
    let chair = lists.provisional_decisions.iter().filter(|decision| {
        let mut matters = decision.says.matters.iter();
        case.concerns(&decision.says.children)
            && decision.says.carried_out_at.is_some()
            && matters.any(|matter| PLACING.contains(matter))
    });
    let placed = committee
        .map(|seen| (seen.moment, seen.event()))
        .chain(chair.map(|seen| (seen.moment, seen.event())));
    for (moment, event) in placed {
        let runs = case.measures.iter().any(|measure| {
            let ended = measure.ended();
            measure.kind.is_placement() && ended.is_none_or(|end| moment.not_after(end))
        });
        if !runs {
            found.push(Finding::new(event, FindingKind::PlacementNotStarted));
        }
    }
}
