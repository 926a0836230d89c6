//! What is owed around the children and youth committee and its chair.

use std::collections::BTreeSet;

use events::access::DisclosureKind;
use events::casework::NoteKind;
use events::committee::{
    CommitteeDecisionMade, CommitteeMatter, CommitteeOutcome, CommitteeSubmissionMade,
    ProvisionalDecisionMade, SubmissionItem,
};
use events::decision::{DecisionKind, Guidance};
use events::ids::PersonId;
use events::plan::PlanKind;
use events::rights::{RepresentativeKind, RepresentativeStatus};

use super::decision::met_by;
use super::episode::{before, is_nearest};
use super::placement::{adopted_outcome, ended_after};
use super::shared::{adopted, committee, decisions, granted, outcomes};
use crate::case::Case;
use crate::duty::{DueOn, Duty, Met, Remark};
use crate::section::{Law, cites, section};
use crate::seen::{Seen, first_after, last_before};
use events::moment::Moment;

fn provisional<'s, 'a>(
    case: &'s Case<'a>,
) -> impl Iterator<Item = &'s Seen<'a, ProvisionalDecisionMade>> {
    case.lists
        .provisional_decisions
        .iter()
        .filter(|decision| case.concerns(&decision.says.children))
}

fn carried_out(decision: &Seen<'_, ProvisionalDecisionMade>) -> Option<Moment> {
    decision.says.carried_out_at.map(Moment::at)
}

/// Each party is told of a provisional decision in writing, with the right to a lawyer. The clock
/// starts when it is carried out.
pub(super) fn provisional_told(case: &Case<'_>) -> Vec<Duty> {
    let duties = provisional(case).flat_map(|decision| {
        let told = move |party: Option<PersonId>| {
            let about = case
                .lists
                .communications
                .iter()
                .filter(|communication| communication.says.decision == decision.event());
            about
                .flat_map(|communication| {
                    communication
                        .says
                        .recipients
                        .iter()
                        .map(move |recipient| (communication, recipient))
                })
                .filter(|(_, recipient)| {
                    !recipient.oral && recipient.guidance.contains(&Guidance::Lawyer)
                })
                .filter(|(_, recipient)| {
                    party.is_none_or(|party| case.person(recipient.who) == party)
                })
                .map(|(communication, recipient)| {
                    met_by(communication, Moment::at(recipient.available_at))
                })
                .min_by_key(|met| met.at)
        };
        let day = carried_out(decision).unwrap_or(decision.moment).day;
        each_party(case.parties(day)).into_iter().map(move |party| {
            let duty = Duty::from(decision)
                .anchored(carried_out(decision))
                .met_at(told(party));
            match party {
                Some(party) => duty.towards(party),
                None => duty,
            }
        })
    });
    duties.collect()
}

/// Each party, or nobody in particular where the record names none.
fn each_party(parties: BTreeSet<PersonId>) -> Vec<Option<PersonId>> {
    if parties.is_empty() {
        vec![None]
    } else {
        parties.into_iter().map(Some).collect()
    }
}

/// The committee approves a provisional decision, even one that is over by then.
pub(super) fn provisional_approved(case: &Case<'_>) -> Vec<Duty> {
    let duties = provisional(case).map(|decision| {
        let approved = committee(case).find(|approval| {
            let names = approval
                .says
                .approves
                .is_none_or(|approves| approves == decision.event());
            names
                && decision.moment.not_after(approval.moment)
                && adopted(case, approval.says, &[CommitteeMatter::Approval143])
        });
        Duty::from(decision)
            .anchored(carried_out(decision))
            .met(approved)
    });
    duties.collect()
}

/// An approval holds for a month: by then the committee has decided, or consent has, or it is
/// over. A careful reader counts from the provisional decision.
pub(super) fn approval_lapses(case: &Case<'_>) -> Vec<Duty> {
    let approvals = committee(case)
        .filter(|approval| adopted(case, approval.says, &[CommitteeMatter::Approval143]));
    let duties = approvals.map(|approval| {
        let placing = [
            CommitteeMatter::Placement47,
            CommitteeMatter::Birth49,
            CommitteeMatter::Permanent67,
        ];
        let decided = committee(case)
            .find(|later| approval.moment < later.moment && adopted(case, later.says, &placing));
        let consented = decisions(case).find(|decision| {
            approval.moment.not_after(decision.moment)
                && decision.says.kind == DecisionKind::Placement46
                && granted(decision.says)
        });
        let ended = ended_after(case, approval.moment);
        let by_ending = ended.is_some() && decided.is_none() && consented.is_none();
        let mut duty = Duty::from(approval)
            .met(decided)
            .met(consented)
            .met_at(ended)
            .remark_if(by_ending, Remark::ByEnding);
        let provisional = approval
            .says
            .approves
            .and_then(|id| provisional(case).find(|decision| decision.event() == id));
        duty.careful_anchor = provisional.and_then(carried_out);
        duty
    });
    duties.collect()
}

fn placing_submission(submission: &CommitteeSubmissionMade) -> bool {
    submission.matters.iter().any(|matter| {
        matches!(
            matter,
            CommitteeMatter::Placement47 | CommitteeMatter::Birth49
        )
    })
}

fn submissions<'s, 'a>(
    case: &'s Case<'a>,
) -> impl Iterator<Item = &'s Seen<'a, CommitteeSubmissionMade>> {
    case.lists
        .submissions
        .iter()
        .filter(|submission| case.concerns(&submission.says.children))
}

/// A submission on a placement holds all that the law lists; on brothers and sisters only where
/// there are any.
pub(super) fn contents(case: &Case<'_>) -> Vec<Duty> {
    let duties = submissions(case)
        .filter(|submission| placing_submission(submission.says))
        .map(|submission| {
            let says = submission.says;
            let complete = SubmissionItem::ALL.iter().all(|item| {
                says.contents.contains(item)
                    || (*item == SubmissionItem::Siblings
                        && (case.siblings.is_empty() || says.sibling_reasons.is_some()))
            });
            Duty::from(submission).met(complete.then_some(submission))
        });
    duties.collect()
}

/// How each party was told of the right to a lawyer, or has one. What comes after the next submission
/// belongs to that one.
fn lawyer_evidence(case: &Case<'_>, party: Option<PersonId>, next: Option<Moment>) -> Option<Met> {
    let is = |who| party.is_none_or(|party| case.person(who) == party);
    let appointed = case.lists.representatives.iter().find(|appointed| {
        appointed.says.kind == RepresentativeKind::Advokat
            && appointed.says.status == RepresentativeStatus::Appointed
            && is(appointed.says.of)
    });
    let guided = case.lists.communications.iter().find(|communication| {
        let mut recipients = communication.says.recipients.iter();
        recipients
            .any(|recipient| is(recipient.who) && recipient.guidance.contains(&Guidance::Lawyer))
    });
    let noted = case
        .lists
        .notes
        .iter()
        .find(|note| cites(note.fact.meta, Law::Bl, &[140, 141]));
    let all = [
        appointed.map(|seen| met_by(seen, seen.moment)),
        guided.map(|seen| met_by(seen, seen.moment)),
        noted.map(|seen| met_by(seen, seen.moment)),
    ];
    all.into_iter()
        .flatten()
        .min_by_key(|met| met.at)
        .filter(|met| next.is_none_or(|next| before(met.at, next)))
}

/// Each party is told of the right to a lawyer before the committee decides.
pub(super) fn lawyer(case: &Case<'_>) -> Vec<Duty> {
    let mut triggers: Vec<Duty> = provisional(case).map(Duty::from).collect();
    triggers.extend(submissions(case).map(Duty::from));
    let mut duties = Vec::new();
    for trigger in &triggers {
        let target = committee(case).find(|decision| trigger.trigger < decision.moment);
        let mut moments = triggers.iter().map(|other| other.trigger);
        let next = moments.find(|other| target.is_some_and(|target| before(target.moment, *other)));
        // Whoever becomes a party before the committee decides is owed it as well.
        let by = target.map_or_else(
            || Moment::at(case.circumstances.as_of).day,
            |target| target.moment.day,
        );
        let parties = case.parties(trigger.trigger.day);
        let later = case.parties(by);
        let later = later.difference(&parties).map(|party| Some(*party));
        for party in each_party(parties.clone()).into_iter().chain(later) {
            let since = party.and_then(|party| case.party_since(party, by));
            let since = since.filter(|since| trigger.trigger.day < *since);
            let duty = since
                .map_or_else(
                    || trigger.clone(),
                    |since| trigger.clone().arising_on(since),
                )
                .before(target)
                .met_at(lawyer_evidence(case, party, next));
            duties.push(match party {
                Some(party) => duty.towards(party),
                None => duty,
            });
        }
    }
    duties
}

/// A decision of the committee reaches its parties in writing.
pub(super) fn written(case: &Case<'_>) -> Vec<Duty> {
    let duties = committee(case).map(|decision| {
        let told = first_after(
            &case.lists.communications,
            decision.moment,
            |communication| {
                communication.says.decision == decision.event()
                    && communication
                        .says
                        .recipients
                        .iter()
                        .any(|recipient| !recipient.oral)
            },
        );
        Duty::from(decision).met(told)
    });
    duties.collect()
}

/// Ankestyrelsen is told of a placement that failed without one mind.
pub(super) fn board_told(case: &Case<'_>) -> Vec<Duty> {
    let failed = committee(case).filter(|decision| {
        outcomes(case, decision.says).any(|outcome| {
            outcome.outcome == CommitteeOutcome::NotAdopted
                && outcome.votes_for > 0
                && matches!(
                    outcome.matter,
                    CommitteeMatter::Placement47 | CommitteeMatter::Permanent67
                )
        })
    });
    let duties = failed.map(|decision| {
        let noted = first_after(&case.lists.notes, decision.moment, |note| {
            cites(note.fact.meta, Law::Bl, &[142])
        });
        Duty::from(decision)
            .met(noted)
            .met(report_to_board(case, decision.moment))
    });
    duties.collect()
}

fn report_to_board<'s, 'a>(
    case: &'s Case<'a>,
    from: Moment,
) -> Option<&'s Seen<'a, events::access::DisclosureMade>> {
    first_after(&case.lists.disclosures, from, |disclosure| {
        disclosure.says.kind == DisclosureKind::BoardReport
    })
}

/// Matters in which a child is placed without consent.
pub(crate) const PLACING: &[CommitteeMatter] =
    &[CommitteeMatter::Placement47, CommitteeMatter::Birth49];

/// A plan stands before the committee places a child.
pub(super) fn plan_before_placement(case: &Case<'_>) -> Vec<Duty> {
    let placing = committee(case).filter(|decision| adopted(case, decision.says, PLACING));
    let placing: Vec<_> = placing.collect();
    let duties = placing.iter().map(|decision| {
        let covers = |plan: &Seen<'_, events::plan::PlanAdopted>| {
            matches!(plan.says.kind, PlanKind::ChildPlan | PlanKind::YouthPlan)
                && case.concerns(&plan.says.children)
        };
        let standing = last_before(&case.lists.plans, decision.moment, |plan| {
            covers(plan) && !case.help_ended_between(plan.moment, decision.moment)
        });
        let later = || {
            first_after(&case.lists.plans, decision.moment, |plan| {
                covers(plan) && is_nearest(plan.moment, decision, &placing)
            })
        };
        Duty::from(*decision).met(standing.or_else(later))
    });
    duties.collect()
}

/// A restriction of contact ends on its day unless it is renewed; its end is noted and told.
pub(super) fn contact_restriction(case: &Case<'_>) -> Vec<Duty> {
    let restricted = committee(case).filter_map(|decision| {
        let outcome = adopted_outcome(case, decision.says, CommitteeMatter::Contact105)?;
        Some((
            decision,
            outcome.valid_to.map_or(DueOn::Nothing, DueOn::Day),
        ))
    });
    let duties = restricted.map(|(decision, due_on)| {
        let renewed =
            committee(case).find(|later| decision.moment < later.moment && again(case, later.says));
        let noted = first_after(&case.lists.notes, decision.moment, |note| {
            note.says.kind == NoteKind::EssentialStep && cites(note.fact.meta, Law::Bl, &[105])
        });
        Duty::from(decision)
            .due(due_on)
            .met(renewed)
            .met(noted)
            .met_at(ended_after(case, decision.moment))
    });
    duties.collect()
}

fn again(case: &Case<'_>, decision: &CommitteeDecisionMade) -> bool {
    outcomes(case, decision).any(|outcome| outcome.matter == CommitteeMatter::Contact105)
}

/// Help by the police and entry to a home are reported.
pub(super) fn force_reported(case: &Case<'_>) -> Vec<Duty> {
    let mut duties: Vec<Duty> = provisional(case)
        .filter(|decision| decision.says.police_help)
        .map(|decision| Duty::from(decision).met(report_to_board(case, decision.moment)))
        .collect();
    let entries = decisions(case).filter(|decision| {
        section(decision.says.section.as_str())
            .is_some_and(|cited| cited.law == Law::Bl && cited.number == 139)
    });
    duties.extend(
        entries.map(|decision| Duty::from(decision).met(report_to_board(case, decision.moment))),
    );
    duties
}
