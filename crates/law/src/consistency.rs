//! What does not fit in the facts of a case, beside any rule.
//!
//! These are questions to a person, not refusals: the facts stay as they are.

use events::age::reaches;
use events::appeal::ComplaintReceived;
use events::committee::{CommitteeMember, CommitteeOutcome};
use events::event::Event;
use events::ids::EventId;
use events::notification::RunningMeasure;

use crate::case::Case;
use crate::finding::{Contradiction, Finding, FindingKind};
use crate::measure::MeasureKind;
use crate::rule::Due;
use crate::seen::Seen;
use events::calendar::{add_weeks, roll_for_citizen};
use events::moment::Moment;

/// Everything that does not fit.
pub(crate) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    notifications(case, &mut found);
    follow_ups(case, &mut found);
    references(case, &mut found);
    committee(case, &mut found);
    complaints(case, &mut found);
    parties(case, &mut found);
    crate::overlooked::findings(case, &mut found);
    for end in &case.lists.ends {
        if let Some(start) = case
            .lists
            .starts
            .iter()
            .find(|start| start.says.measure == end.says.measure)
            && !start.moment.not_after(end.moment)
        {
            found.push(Finding::new(
                end.event(),
                FindingKind::OutOfOrder {
                    follows: start.event(),
                },
            ));
        }
    }
    if case.birth.is_none()
        && let Some(measure) = case
            .measures
            .iter()
            .find(|measure| measure.kind.is_placement())
    {
        found.push(Finding::new(
            measure.start.event(),
            FindingKind::BirthDateUnknown,
        ));
    }
    found
}

fn contradiction(event: EventId, what: Contradiction) -> Finding {
    Finding::new(event, FindingKind::Contradiction(what))
}

fn notifications(case: &Case<'_>, found: &mut Vec<Finding>) {
    for assessed in &case.lists.acute_assessments {
        let own = case
            .lists
            .notifications
            .iter()
            .find(|notification| notification.fact.stream == assessed.fact.stream);
        if let Some(own) = own.filter(|own| !own.moment.not_after(assessed.moment)) {
            found.push(Finding::new(
                assessed.event(),
                FindingKind::OutOfOrder {
                    follows: own.event(),
                },
            ));
        }
        if assessed.says.acute_measure_needed && !assessed.says.danger_to_health_or_development {
            found.push(contradiction(
                assessed.event(),
                Contradiction::AcuteWithoutDanger,
            ));
        }
    }
    for matched in case
        .lists
        .matches
        .iter()
        .filter(|matched| matched.says.running_measure == RunningMeasure::None)
    {
        let runs = case.measures.iter().any(|measure| {
            measure.kind != MeasureKind::Early
                && measure.start.moment < matched.moment
                && measure.ran_on(matched.moment.day)
        });
        if runs {
            found.push(contradiction(matched.event(), Contradiction::MeasureRuns));
        }
    }
    for again in &case.lists.reassessments {
        if case.took_part_before(again.says.uninvolved_participant.as_str(), again.moment) {
            found.push(contradiction(
                again.event(),
                Contradiction::ParticipantWasInvolved,
            ));
        }
    }
    for risk in case
        .lists
        .risks
        .iter()
        .filter(|risk| risk.says.made_before_involvement)
    {
        let screened = case
            .lists
            .screenings
            .iter()
            .rev()
            .find(|screening| screening.moment.not_after(risk.moment));
        let contact =
            screened.and_then(|screening| crate::predicates::first_contact(case, screening.moment));
        if contact.is_some_and(|(_, contact)| !risk.moment.not_after(contact)) {
            found.push(contradiction(
                risk.event(),
                Contradiction::RiskAfterInvolvement,
            ));
        }
    }
}

/// A follow-up is the first when none of its measures was followed up before.
fn follow_ups(case: &Case<'_>, found: &mut Vec<Finding>) {
    let mut followed = std::collections::BTreeSet::new();
    for held in case
        .lists
        .follow_ups
        .iter()
        .filter(|held| case.is_child(held.says.child))
    {
        let measures = &held.says.measures;
        let earlier =
            !measures.is_empty() && measures.iter().all(|measure| followed.contains(measure));
        let none_earlier =
            !measures.is_empty() && !measures.iter().any(|measure| followed.contains(measure));
        if held.says.first && earlier {
            found.push(contradiction(
                held.event(),
                Contradiction::NotTheFirstFollowUp,
            ));
        } else if !held.says.first && none_earlier {
            found.push(contradiction(
                held.event(),
                Contradiction::FirstFollowUpNotSaid,
            ));
        }
        followed.extend(measures.iter().copied());
    }
}

/// Events that must be in the reading because another one is about them.
fn references(case: &Case<'_>, found: &mut Vec<Finding>) {
    let mut follows = |event: EventId, at: Moment, to: EventId| match case.fact(to) {
        None => found.push(Finding::new(event, FindingKind::UnknownReference { to })),
        Some(target) if !Moment::from(target.meta.occurred).not_after(at) => {
            found.push(Finding::new(event, FindingKind::OutOfOrder { follows: to }));
        }
        Some(_) => {}
    };
    for communication in &case.lists.communications {
        follows(
            communication.event(),
            communication.moment,
            communication.says.decision,
        );
    }
    for complaint in &case.lists.complaints {
        follows(complaint.event(), complaint.moment, complaint.says.decision);
    }
    for again in &case.lists.complaint_reassessments {
        follows(again.event(), again.moment, again.says.complaint);
    }
    for sent in &case.lists.forwardings {
        follows(sent.event(), sent.moment, sent.says.complaint);
    }
    for outcome in &case.lists.appeal_outcomes {
        if let Some(complaint) = outcome.says.complaint {
            follows(outcome.event(), outcome.moment, complaint);
        }
    }
    for start in &case.lists.starts {
        if let Some(decision) = start.says.decision {
            follows(start.event(), start.moment, decision);
        }
    }
}

fn committee(case: &Case<'_>, found: &mut Vec<Finding>) {
    for decision in &case.lists.committee_decisions {
        let members = &decision.says.members;
        let sits = |member: CommitteeMember| members.contains(&member);
        let full = members.len() >= 4
            && [
                CommitteeMember::Judge,
                CommitteeMember::Expert,
                CommitteeMember::Councillor,
            ]
            .into_iter()
            .all(sits);
        let too_few = decision.says.outcomes.iter().any(|outcome| {
            outcome.outcome == CommitteeOutcome::Adopted
                && outcome.matter.needs_four_votes()
                && (outcome.votes_for < 4 || !full)
        });
        if too_few {
            found.push(contradiction(decision.event(), Contradiction::TooFewVotes));
        }
    }
    for again in &case.lists.complaint_reassessments {
        let complaint = case
            .lists
            .complaints
            .iter()
            .find(|complaint| complaint.event() == again.says.complaint);
        let decision = complaint
            .and_then(|complaint| case.fact(complaint.says.decision))
            .map(|fact| fact.facts);
        if matches!(decision, Some(Event::CommitteeDecisionMade(_))) {
            found.push(contradiction(
                again.event(),
                Contradiction::CommitteeDecisionReassessed,
            ));
        }
    }
}

/// Compares what was judged on receipt with the period from when the decision was available.
fn complaints(case: &Case<'_>, found: &mut Vec<Finding>) {
    for complaint in &case.lists.complaints {
        let Some(last) = last_day_of_complaint(case, complaint) else {
            continue;
        };
        if complaint.says.in_time != (complaint.moment.day <= last) {
            found.push(contradiction(
                complaint.event(),
                Contradiction::ComplaintTime,
            ));
        }
    }
}

/// Null where the record does not say when the decision reached the complainant, or where a
/// request for access moved the day.
fn last_day_of_complaint(
    case: &Case<'_>,
    complaint: &Seen<'_, ComplaintReceived>,
) -> Option<jiff::civil::Date> {
    let who = case.person(complaint.says.complainant);
    let told = case
        .lists
        .communications
        .iter()
        .filter(|communication| communication.says.decision == complaint.says.decision);
    let recipients = told.flat_map(|communication| &communication.says.recipients);
    let available = recipients
        .filter(|recipient| case.person(recipient.who) == who)
        .map(|recipient| recipient.available_at)
        .min()?;
    let from = Moment::at(available);
    let asked = case
        .lists
        .access_requests
        .iter()
        .any(|request| from.not_after(request.moment));
    let Due::Weeks(weeks) = case.catalogue.rule("ADM-RSL67-COMPLAIN")?.1.due else {
        return None;
    };
    (!asked).then(|| roll_for_citizen(add_weeks(from.day, weeks)))
}

/// The child became a party between a decision and its communication.
fn parties(case: &Case<'_>, found: &mut Vec<Finding>) {
    let Some(birth) = case.birth else { return };
    for communication in &case.lists.communications {
        let Some(decision) = case.fact(communication.says.decision) else {
            continue;
        };
        let decided = Moment::from(decision.meta.occurred).day;
        let months = case.party_age(communication.moment.day) * 12;
        let Some(birthday) = reaches(birth, months) else {
            continue;
        };
        if decided < birthday && birthday <= communication.moment.day {
            found.push(Finding::new(
                communication.event(),
                FindingKind::PartyListChanged { birthday },
            ));
        }
    }
}
