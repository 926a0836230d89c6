//! Why a fact about a matter of the children and youth committee may not be recorded.

use events::committee::{
    CommitteeDecisionMade, CommitteeMember, CommitteeOutcome, CommitteeSubmissionMade,
    ProvisionalDecisionMade,
};
use events::person::PersonRef;

use super::check::Check;
use crate::refusal::RefusalCode;

/// Members who must be present for a matter that needs four votes (BUF § 11).
const MEMBERS_FOR_FOUR_VOTES: usize = 4;
/// Members that the committee has (RSL § 19).
const MEMBERS: usize = 5;
/// Votes that adopt such a matter (BL § 142(4)).
const VOTES_NEEDED: u8 = 4;

/// A provisional decision (BL § 143) has matters, and covers the child of the case.
pub(super) fn make_provisional_decision(facts: &ProvisionalDecisionMade, check: &mut Check<'_>) {
    check.needs_open_case();
    check.needs_some(&facts.matters, "matters");
    check.needs_child_of_case_among(&facts.children, "children");
}

/// A submission (BL § 51) has matters, covers the child of the case, and encloses what stands in
/// it.
pub(super) fn submit_to_committee(facts: &CommitteeSubmissionMade, check: &mut Check<'_>) {
    check.needs_open_case();
    check.needs_some(&facts.matters, "matters");
    let unknown = facts
        .documents
        .iter()
        .any(|document| !check.in_reach(document.event));
    check.refuse_if(unknown, RefusalCode::EventUnknown, "documents");
    check.needs_child_of_case_among(&facts.children, "children");
}

/// The committee's decision (BL § 142) covers the child of the case, by votes that add up and
/// suffice.
pub(super) fn record_committee_decision(facts: &CommitteeDecisionMade, check: &mut Check<'_>) {
    check.needs_open_case();
    votes(facts, check);
    check.needs_event(facts.submission, "submission");
    let children: Vec<PersonRef> = facts.outcomes.iter().map(|outcome| outcome.child).collect();
    check.needs_child_of_case_among(&children, "outcomes");
    check.needs_decision(facts.approves, "approves");
}

/// Votes that cannot be, and adoption that the law does not allow.
fn votes(facts: &CommitteeDecisionMade, check: &mut Check<'_>) {
    let present = facts.members.len();
    let sits = |member| facts.members.contains(&member);
    let quorum = present >= MEMBERS_FOR_FOUR_VOTES
        && sits(CommitteeMember::Judge)
        && sits(CommitteeMember::Expert)
        && sits(CommitteeMember::Councillor);
    for outcome in &facts.outcomes {
        let votes = usize::from(outcome.votes_for) + usize::from(outcome.votes_against);
        check.refuse_if(
            votes > present || present > MEMBERS,
            RefusalCode::VotesDoNotAddUp,
            "outcomes.votes_for",
        );
        let adopted = outcome.outcome == CommitteeOutcome::Adopted;
        let enough = if outcome.matter.needs_four_votes() {
            quorum && outcome.votes_for >= VOTES_NEEDED
        } else {
            outcome.votes_for > outcome.votes_against
        };
        check.refuse_if(
            adopted && !enough,
            RefusalCode::VotesInsufficient,
            "outcomes.outcome",
        );
    }
}
