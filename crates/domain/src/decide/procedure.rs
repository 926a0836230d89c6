//! What cannot be true of hearings, requests, committee matters, complaints and disclosures.

use events::committee::{CommitteeDecisionMade, CommitteeMember, CommitteeOutcome};
use events::event::Event;
use events::ids::EventId;
use events::person::PersonRef;
use events::rights::RepresentativeStatus;

use super::Command;
use crate::refusal::{Reasons, RefusalCode};
use crate::state::StreamState;

/// Members who must be present for a matter that needs four votes (BUF § 11).
const MEMBERS_FOR_FOUR_VOTES: usize = 4;
/// Votes that adopt such a matter (BL § 142(4)).
const VOTES_NEEDED: u8 = 4;

pub(super) fn check(command: &Command, own: &StreamState, reasons: &mut Reasons) {
    heard(command, own, reasons);
    committee_matters(command, own, reasons);
    complained_of(command, own, reasons);
    given_out(command, own, reasons);
}

/// Whether an event stands in reach of the stream.
fn here(own: &StreamState, event: EventId) -> bool {
    own.holes || own.events.iter().any(|(_, known)| *known == event)
}

fn heard(command: &Command, own: &StreamState, reasons: &mut Reasons) {
    let occurred = command.meta.occurred;
    match &command.facts {
        Event::ConsentWithdrawn(facts) => {
            reasons.refuse_if(
                !facts.consent.is_none_or(|consent| here(own, consent)),
                RefusalCode::EventUnknown,
                "consent",
            );
        }
        Event::RepresentativeAppointed(facts) => {
            let refused = matches!(
                facts.status,
                RepresentativeStatus::Rejected | RepresentativeStatus::Excluded
            );
            reasons.refuse_if(
                refused && facts.ground.is_none(),
                RefusalCode::FieldRequired,
                "ground",
            );
        }
        Event::PartyHearingHeld(facts) => {
            match (&facts.material, facts.exception) {
                (None, None) => reasons.refuse(RefusalCode::FieldRequired, "material"),
                (Some(_), Some(_)) => reasons.refuse(RefusalCode::FieldNotApplicable, "exception"),
                _ => {}
            }
            let early = facts
                .deadline
                .is_some_and(|deadline| deadline < occurred.day());
            reasons.refuse_if(early, RefusalCode::DatesContradict, "deadline");
            let before = facts.answered_at.is_some_and(|at| at < occurred.earliest());
            reasons.refuse_if(before, RefusalCode::DatesContradict, "answered_at");
        }
        Event::RequestMade(facts) => decided(own, facts.decision, "decision", reasons),
        Event::SupervisionVisitHeld(facts) => {
            reasons.refuse_if(
                facts.caseworkers.is_empty(),
                RefusalCode::ListEmpty,
                "caseworkers",
            );
            let silent = !facts.child_spoken_to && facts.own_words.is_some();
            reasons.refuse_if(silent, RefusalCode::FieldNotApplicable, "own_words");
            let unknown = facts
                .measure
                .is_some_and(|measure| !own.measures.contains_key(&measure));
            reasons.refuse_if(
                unknown && !own.holes,
                RefusalCode::MeasureUnknown,
                "measure",
            );
        }
        _ => {}
    }
}

fn committee_matters(command: &Command, own: &StreamState, reasons: &mut Reasons) {
    let occurred = command.meta.occurred;
    match &command.facts {
        Event::ProvisionalDecisionMade(facts) => {
            reasons.refuse_if(facts.matters.is_empty(), RefusalCode::ListEmpty, "matters");
            covers(own, facts.children.iter(), "children", reasons);
            let before = facts
                .carried_out_at
                .is_some_and(|at| at < occurred.earliest());
            reasons.refuse_if(before, RefusalCode::DatesContradict, "carried_out_at");
        }
        Event::CommitteeSubmissionMade(facts) => {
            reasons.refuse_if(facts.matters.is_empty(), RefusalCode::ListEmpty, "matters");
            covers(own, facts.children.iter(), "children", reasons);
            let unknown = facts
                .documents
                .iter()
                .any(|document| !here(own, document.event));
            reasons.refuse_if(unknown, RefusalCode::EventUnknown, "documents");
        }
        Event::CommitteeDecisionMade(facts) => {
            committee(facts, reasons);
            covers(
                own,
                facts.outcomes.iter().map(|outcome| &outcome.child),
                "outcomes",
                reasons,
            );
            let ends = |day: Option<jiff::civil::Date>| day.is_some_and(|day| day < occurred.day());
            let backwards = facts
                .outcomes
                .iter()
                .any(|outcome| ends(outcome.valid_to) || ends(outcome.renew_by));
            reasons.refuse_if(backwards, RefusalCode::DatesContradict, "outcomes.valid_to");
            decided(own, facts.approves, "approves", reasons);
            let unknown = facts
                .submission
                .is_some_and(|submission| !here(own, submission));
            reasons.refuse_if(unknown, RefusalCode::EventUnknown, "submission");
        }
        _ => {}
    }
}

fn complained_of(command: &Command, own: &StreamState, reasons: &mut Reasons) {
    match &command.facts {
        Event::ComplaintReceived(facts) => decided(own, Some(facts.decision), "decision", reasons),
        Event::ComplaintReassessed(facts) => {
            complained(own, Some(facts.complaint), reasons);
            let about = own.complaints.get(&facts.complaint);
            let committee =
                about.is_some_and(|decision| own.committee_decisions.contains(decision));
            reasons.refuse_if(committee, RefusalCode::CommitteeNotReassessed, "complaint");
            decided(own, facts.new_decision, "new_decision", reasons);
        }
        Event::AppealForwarded(facts) => {
            reasons.refuse_if(
                facts.manifest.is_empty(),
                RefusalCode::ListEmpty,
                "manifest",
            );
            complained(own, Some(facts.complaint), reasons);
        }
        Event::AppealOutcomeReceived(facts) => {
            reasons.refuse_if(
                facts.outcomes.is_empty(),
                RefusalCode::ListEmpty,
                "outcomes",
            );
            complained(own, facts.complaint, reasons);
        }
        _ => {}
    }
}

fn given_out(command: &Command, own: &StreamState, reasons: &mut Reasons) {
    match &command.facts {
        Event::IntermunicipalNotificationSent(facts) => {
            let nobody = facts.children.is_empty() && facts.expectant_parents.is_empty();
            reasons.refuse_if(nobody, RefusalCode::ListEmpty, "children");
        }
        Event::DisclosureMade(facts) => {
            // Nothing is withheld without its own section and reason.
            let bare = facts.refused_in_part && facts.redactions.is_empty();
            reasons.refuse_if(bare, RefusalCode::FieldRequired, "redactions");
            let unknown = facts.request.is_some_and(|request| !here(own, request));
            reasons.refuse_if(unknown, RefusalCode::EventUnknown, "request");
            let foreign = facts.manifest.iter().any(|item| !here(own, item.event));
            reasons.refuse_if(foreign, RefusalCode::EventUnknown, "manifest");
        }
        Event::CaseReopened(_) => {
            reasons.refuse_if(!own.closed, RefusalCode::CaseNotClosed, "stream")
        }
        _ => {}
    }
}

/// Votes that cannot be, and adoption that the law does not allow.
fn committee(facts: &CommitteeDecisionMade, reasons: &mut Reasons) {
    let present = facts.members.len();
    let sits = |category| facts.members.contains(&category);
    let quorum = present >= MEMBERS_FOR_FOUR_VOTES
        && sits(CommitteeMember::Judge)
        && sits(CommitteeMember::Expert)
        && sits(CommitteeMember::Councillor);
    for outcome in &facts.outcomes {
        let votes = usize::from(outcome.votes_for) + usize::from(outcome.votes_against);
        reasons.refuse_if(
            votes > present || present > 5,
            RefusalCode::VotesDoNotAddUp,
            "outcomes.votes_for",
        );
        let adopted = outcome.outcome == CommitteeOutcome::Adopted;
        let enough = if outcome.matter.needs_four_votes() {
            quorum && outcome.votes_for >= VOTES_NEEDED
        } else {
            outcome.votes_for > outcome.votes_against
        };
        reasons.refuse_if(
            adopted && !enough,
            RefusalCode::VotesInsufficient,
            "outcomes.outcome",
        );
    }
}

/// The child of the case must be among those covered.
fn covers<'a>(
    own: &StreamState,
    children: impl Iterator<Item = &'a PersonRef>,
    field: &'static str,
    reasons: &mut Reasons,
) {
    let persons: Vec<_> = children.map(|child| child.person).collect();
    reasons.refuse_if(persons.is_empty(), RefusalCode::ListEmpty, field);
    let other = own.child.is_some_and(|child| {
        !persons
            .iter()
            .any(|person| own.persons.same(*person, child.person))
    });
    reasons.refuse_if(other && !persons.is_empty(), RefusalCode::OtherChild, field);
}

fn decided(
    own: &StreamState,
    decision: Option<EventId>,
    field: &'static str,
    reasons: &mut Reasons,
) {
    let unknown = decision.is_some_and(|decision| !own.decisions.contains(&decision));
    reasons.refuse_if(unknown && !own.holes, RefusalCode::DecisionUnknown, field);
}

fn complained(own: &StreamState, complaint: Option<EventId>, reasons: &mut Reasons) {
    let unknown = complaint.is_some_and(|complaint| !own.complaints.contains_key(&complaint));
    reasons.refuse_if(
        unknown && !own.holes,
        RefusalCode::ComplaintUnknown,
        "complaint",
    );
}
