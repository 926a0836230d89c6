//! Complaints: the citizen's periods, the municipality's duties, and those of Ankestyrelsen.

use std::collections::BTreeMap;

use events::access::FileAccessBasis;
use events::appeal::{
    AppealForwarded, AppealInstance, AppealOutcome, AppealOutcomeReceived, ComplainantCapacity,
    ComplaintReceived, ReassessmentOutcome,
};
use events::decision::{DecisionKind, DecisionMade};
use events::event::Event;
use events::ids::{EventId, PersonId};
use events::rights::RequestKind;
use jiff::civil::Date;

use super::decision::met_by;
use super::placement::ended_after;
use super::shared::{about_child, answers, decision_of, outcomes, parties_of};
use crate::case::Case;
use crate::duty::{DueOn, Duty, Interruption, Met, Remark};
use crate::fact::Fact;
use crate::section::{Law, cites};
use crate::seen::{Seen, first_after};
use events::moment::Moment;

/// Since when a decision was available to each recipient, and the communication that says so.
fn available(case: &Case<'_>, decision: EventId) -> BTreeMap<PersonId, (Moment, EventId, u64)> {
    let mut first: BTreeMap<PersonId, (Moment, EventId, u64)> = BTreeMap::new();
    for communication in case
        .lists
        .communications
        .iter()
        .filter(|communication| communication.says.decision == decision)
    {
        for recipient in &communication.says.recipients {
            let at = (
                Moment::at(recipient.available_at),
                communication.event(),
                communication.fact.index,
            );
            let known = first.entry(case.person(recipient.who)).or_insert(at);
            if at < *known {
                *known = at;
            }
        }
    }
    first
}

/// Each decision that was communicated, once.
fn communicated(case: &Case<'_>) -> Vec<EventId> {
    let mut decisions: Vec<EventId> = Vec::new();
    for communication in &case.lists.communications {
        if !decisions.contains(&communication.says.decision) {
            decisions.push(communication.says.decision);
        }
    }
    decisions
}

/// The period in which each party may complain of a decision.
fn periods(case: &Case<'_>, decision: EventId, is_party: impl Fn(PersonId) -> bool) -> Vec<Duty> {
    let parties = available(case, decision)
        .into_iter()
        .filter(|(person, _)| is_party(*person));
    let duties = parties.map(|(person, (moment, event, index))| {
        let complaint = case.lists.complaints.iter().find(|complaint| {
            let own = case.person(complaint.says.complainant) == person
                || complaint.says.capacity == ComplainantCapacity::Representative;
            complaint.says.decision == decision && own
        });
        let mut duty = Duty::arising(event, index, moment)
            .towards(person)
            .met(complaint);
        duty.interruption = interruption(case, person, moment);
        duty
    });
    duties.collect()
}

/// The first request for file access of a party after a decision reached it.
fn interruption(case: &Case<'_>, person: PersonId, from: Moment) -> Option<Interruption> {
    let request = first_after(&case.lists.access_requests, from, |request| {
        let own = case.person(request.says.requester) == person
            || request
                .says
                .on_behalf_of
                .is_some_and(|of| case.person(of) == person);
        request.says.basis == FileAccessBasis::Fvl9 && own
    })?;
    let given = first_after(&case.lists.disclosures, request.moment, |disclosure| {
        disclosure.says.request == Some(request.event())
    });
    Some(Interruption {
        by: request.event(),
        from: request.moment.day,
        until: given.map(|given| given.moment.day),
    })
}

/// Parties may complain of a decision of the administration.
pub(super) fn complaint_period(case: &Case<'_>) -> Vec<Duty> {
    let duties = communicated(case).into_iter().flat_map(|id| {
        match case.fact(id).map(|fact| (fact, fact.facts)) {
            Some((fact, Event::DecisionMade(decision))) if about_child(case, decision) => {
                let parties = parties_of(case, decision, Moment::from(fact.meta.occurred));
                periods(case, id, |person| {
                    parties.is_empty() || parties.contains(&person)
                })
            }
            _ => Vec::new(),
        }
    });
    duties.collect()
}

/// Parties may complain of a decision of the committee.
pub(super) fn committee_complaint_period(case: &Case<'_>) -> Vec<Duty> {
    let duties = communicated(case)
        .into_iter()
        .flat_map(|id| match decision_of(case, id) {
            Some(Event::CommitteeDecisionMade(decision))
                if outcomes(case, decision).next().is_some() =>
            {
                periods(case, id, |person| !case.siblings.contains(&person))
            }
            _ => Vec::new(),
        });
    duties.collect()
}

fn complaints_of_municipality<'s, 'a>(
    case: &'s Case<'a>,
) -> impl Iterator<Item = &'s Seen<'a, ComplaintReceived>> {
    case.lists.complaints.iter().filter(|complaint| {
        matches!(
            decision_of(case, complaint.says.decision),
            Some(Event::DecisionMade(_))
        )
    })
}

fn forwarded<'s, 'a>(
    case: &'s Case<'a>,
    complaint: EventId,
    from: Moment,
) -> Option<&'s Seen<'a, AppealForwarded>> {
    first_after(&case.lists.forwardings, from, |forwarded| {
        forwarded.says.complaint == complaint
    })
}

/// A complaint in time is judged again, and sent on unless it is upheld in full.
pub(super) fn judged_again(case: &Case<'_>) -> Vec<Duty> {
    let duties = complaints_of_municipality(case)
        .filter(|complaint| complaint.says.in_time)
        .map(|complaint| {
            let again = first_after(
                &case.lists.complaint_reassessments,
                complaint.moment,
                |again| again.says.complaint == complaint.event(),
            );
            let sent = forwarded(case, complaint.event(), complaint.moment);
            let met = again.and_then(|again| match (again.says.outcome, sent) {
                (ReassessmentOutcome::UpheldFull | ReassessmentOutcome::UpheldPart, _) => {
                    Some(met_by(again, again.moment))
                }
                (ReassessmentOutcome::Maintained, Some(sent)) => Some(Met {
                    at: again.moment.max(sent.moment),
                    by: vec![again.event(), sent.event()],
                }),
                (ReassessmentOutcome::Maintained, None) => None,
            });
            let extended = again.is_some_and(|again| again.says.extension_notice.is_some());
            Duty::from(complaint)
                .towards(case.person(complaint.says.complainant))
                .met_at(met)
                .remark_if(extended, Remark::ExtensionNotice)
        });
    duties.collect()
}

fn is_committee_decision(case: &Case<'_>, decision: EventId) -> bool {
    matches!(
        decision_of(case, decision),
        Some(Event::CommitteeDecisionMade(_) | Event::ProvisionalDecisionMade(_))
    )
}

/// A complaint of a committee decision, or a late one, is sent on at once.
pub(super) fn sent_on(case: &Case<'_>) -> Vec<Duty> {
    let at_once = case.lists.complaints.iter().filter(|complaint| {
        is_committee_decision(case, complaint.says.decision) || !complaint.says.in_time
    });
    let duties = at_once.map(|complaint| {
        let duty = Duty::from(complaint).towards(case.person(complaint.says.complainant));
        duty.met(forwarded(case, complaint.event(), complaint.moment))
    });
    duties.collect()
}

/// A complaint that is kept up after partial success is sent on: the complainant complains again,
/// or a note that cites RSB § 12 says so.
pub(super) fn kept_up(case: &Case<'_>) -> Vec<Duty> {
    let partial = case
        .lists
        .complaint_reassessments
        .iter()
        .filter(|again| again.says.outcome == ReassessmentOutcome::UpheldPart);
    let duties = partial.filter_map(|again| {
        let first = case
            .lists
            .complaints
            .iter()
            .find(|complaint| complaint.event() == again.says.complaint)?;
        let second = first_after(&case.lists.complaints, again.moment, |complaint| {
            let same = complaint.says.decision == first.says.decision
                || Some(complaint.says.decision) == again.says.new_decision;
            complaint.event() != first.event()
                && same
                && case.person(complaint.says.complainant) == case.person(first.says.complainant)
        });
        let noted = first_after(&case.lists.notes, again.moment, |note| {
            cites(note.fact.meta, Law::Rsb, &[12])
        });
        let said = [second.map(Duty::from), noted.map(Duty::from)];
        let duty = said
            .into_iter()
            .flatten()
            .min_by_key(|duty| (duty.trigger, duty.index))?;
        let sent = first_after(&case.lists.forwardings, duty.trigger, |sent| {
            sent.says.complaint == first.event()
                || second.is_some_and(|second| sent.says.complaint == second.event())
        });
        Some(duty.towards(case.person(first.says.complainant)).met(sent))
    });
    duties.collect()
}

fn board_decides(case: &Case<'_>, counts: impl Fn(&Event) -> bool) -> Vec<Duty> {
    let sent = case.lists.forwardings.iter().filter(|forwarded| {
        let complaint = case
            .lists
            .complaints
            .iter()
            .find(|complaint| complaint.event() == forwarded.says.complaint);
        complaint
            .and_then(|complaint| decision_of(case, complaint.says.decision))
            .is_some_and(&counts)
    });
    let duties = sent.map(|sent| {
        let decided = first_after(&case.lists.appeal_outcomes, sent.moment, |outcome| {
            outcome.says.instance == AppealInstance::Ankestyrelsen
                && outcome.says.complaint == Some(sent.says.complaint)
        });
        Duty::from(sent).met(decided)
    });
    duties.collect()
}

/// Ankestyrelsen decides on a complaint of a committee decision.
pub(super) fn board_on_committee(case: &Case<'_>) -> Vec<Duty> {
    board_decides(case, |decision| {
        matches!(decision, Event::CommitteeDecisionMade(_))
    })
}

/// Ankestyrelsen decides on a complaint of the place, of a return home, or of a placement that
/// does not go on.
pub(super) fn board_on_place(case: &Case<'_>) -> Vec<Duty> {
    let kinds = [
        DecisionKind::Place52,
        DecisionKind::ReturnHome100,
        DecisionKind::YouthSupport114,
    ];
    board_decides(
        case,
        |decision| matches!(decision, Event::DecisionMade(decision) if kinds.contains(&decision.kind)),
    )
}

/// Whether an outcome is one that a party can take to court under BL § 147.
fn goes_to_court(case: &Case<'_>, outcome: &AppealOutcomeReceived) -> bool {
    let complaint = |id: EventId| {
        case.lists
            .complaints
            .iter()
            .find(|complaint| complaint.event() == id)
    };
    let committee = outcome.complaint.is_none_or(|id| {
        complaint(id).is_some_and(|complaint| is_committee_decision(case, complaint.says.decision))
    });
    outcome.instance == AppealInstance::Ankestyrelsen && committee
}

/// Parties may go to court in matters of the committee.
pub(super) fn court_period(case: &Case<'_>) -> Vec<Duty> {
    let mut duties = Vec::new();
    for outcome in case
        .lists
        .appeal_outcomes
        .iter()
        .filter(|outcome| goes_to_court(case, outcome.says))
    {
        let told = available(case, outcome.event());
        let parties: Vec<(PersonId, (Moment, EventId, u64))> = if told.is_empty() {
            let at = (outcome.moment, outcome.event(), outcome.fact.index);
            case.parties(outcome.moment.day)
                .into_iter()
                .map(|party| (party, at))
                .collect()
        } else {
            told.into_iter()
                .filter(|(person, _)| !case.siblings.contains(person))
                .collect()
        };
        duties.extend(parties.into_iter().map(|(person, (moment, event, index))| {
            let demanded = first_after(&case.lists.requests, moment, |request| {
                request.says.kind == RequestKind::Court147 && case.person(request.says.by) == person
            });
            Duty::arising(event, index, moment)
                .towards(person)
                .met(demanded)
        }));
    }
    duties
}

fn own_issues<'s>(
    case: &'s Case<'_>,
    outcome: &'s AppealOutcomeReceived,
) -> impl Iterator<Item = &'s events::appeal::IssueOutcome> {
    outcome
        .outcomes
        .iter()
        .filter(|issue| case.is_child(issue.child))
}

fn decided_after<'s, 'a>(case: &'s Case<'a>, from: Moment) -> Option<&'s Seen<'a, DecisionMade>> {
    first_after(&case.lists.decisions, from, |decision| {
        about_child(case, decision.says)
    })
}

/// A matter that was sent back is decided anew within the municipality's published period.
pub(super) fn remitted(case: &Case<'_>) -> Vec<Duty> {
    let back = case.lists.appeal_outcomes.iter().filter(|outcome| {
        own_issues(case, outcome.says).any(|issue| issue.outcome == AppealOutcome::Hjemvist)
    });
    let duties = back.map(|outcome| {
        let due = published(case, outcome.moment.day);
        let committee = first_after(
            &case.lists.committee_decisions,
            outcome.moment,
            |decision| outcomes(case, decision.says).next().is_some(),
        );
        let duty = Duty::from(outcome)
            .met(decided_after(case, outcome.moment))
            .met(committee);
        match due {
            Some(day) => duty.due(DueOn::Day(day)),
            None => duty.due(DueOn::Nothing).remark(Remark::NoPublishedPeriod),
        }
    });
    duties.collect()
}

fn published(case: &Case<'_>, day: Date) -> Option<Date> {
    let days = case.catalogue.published(
        &case.circumstances.municipality,
        "ADM-RSL3A-REMIT",
        case.law_day(day),
    )?;
    Some(events::calendar::add_days(day, days))
}

/// What Ankestyrelsen orders is done by the day that it sets.
pub(super) fn ordered(case: &Case<'_>) -> Vec<Duty> {
    let mut duties = Vec::new();
    for outcome in &case.lists.appeal_outcomes {
        // What is upheld orders nothing new, whatever is said of it.
        let ordered = own_issues(case, outcome.says).filter(|issue| {
            issue.deadline.is_some() || (issue.order.is_some() && issue.outcome.reversed())
        });
        for issue in ordered {
            // That the outcome belongs to this case too names it as the cause, and does nothing
            // about it.
            let acts = |fact: &Fact<'_>| {
                !matches!(fact.facts, Event::FactReferenced(_))
                    && answers(fact.meta.causation, outcome.event())
            };
            let named = case
                .facts
                .iter()
                .find(|(moment, fact)| outcome.moment.not_after(*moment) && acts(fact));
            let named = named.map(|(moment, fact)| Met {
                at: *moment,
                by: vec![fact.event],
            });
            let committee = first_after(
                &case.lists.committee_decisions,
                outcome.moment,
                |decision| outcomes(case, decision.says).next().is_some(),
            );
            let duty = Duty::from(outcome).due(issue.deadline.map_or(DueOn::Nothing, DueOn::Day));
            let duty = duty
                .met(decided_after(case, outcome.moment))
                .met(committee)
                .met_at(named);
            duties.push(duty.met_at(ended_after(case, outcome.moment)));
        }
    }
    duties
}
