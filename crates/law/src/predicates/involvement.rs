//! What is owed to the child's voice and to the network.

use events::calendar::add_days;
use events::decision::{DecisionKind, DecisionMade};
use events::involvement::{HearingOccasion, NetworkMeetingHeld};
use events::plan::PlanKind;

use super::shared::{committee, decided_before, decisions, heard_before, waived_before};
use crate::case::Case;
use crate::duty::{DueOn, Duty, Met};
use crate::section::{Law, section};
use crate::seen::{Seen, first_after};
use events::moment::Moment;

/// The child was heard since the decision before, or another fact shows direct contact with it (BL §
/// 5(3)), or there is a waiver. A talk comes first, because it says most.
fn views_at<T>(case: &Case<'_>, trigger: &Seen<'_, T>) -> Duty {
    let duty = Duty::from(trigger).met(heard_before(case, trigger.moment, |_| true));
    let duty = if duty.met.is_none() {
        duty.met_at(contact_before(case, trigger.moment))
    } else {
        duty
    };
    duty.waived(waived_before(case, trigger.moment))
}

/// The last fact that shows direct contact with the child, before a moment and since the decision
/// before it.
fn contact_before(case: &Case<'_>, moment: Moment) -> Option<Met> {
    let since = decided_before(case, moment);
    let end = case
        .contacts
        .partition_point(|(at, ..)| at.day <= add_days(moment.day, 2));
    let mut earlier = case.contacts.iter().take(end).rev();
    let (at, _, event) = earlier.find(|(at, ..)| at.not_after(moment))?;
    since.is_none_or(|since| since.not_after(*at)).then(|| Met {
        at: *at,
        by: vec![*event],
    })
}

/// Before each decision of the administration about a child who is born.
pub(super) fn views_before_decision(case: &Case<'_>) -> Vec<Duty> {
    decisions(case)
        .filter(|decision| !case.unborn_on(decision.moment.day))
        .map(|decision| views_at(case, decision))
        .collect()
}

/// Before each decision, plan and first follow-up. The parents' own plan is not the child's.
pub(super) fn views(case: &Case<'_>) -> Vec<Duty> {
    let mut duties = views_before_decision(case);
    let born = |moment: Moment| !case.unborn_on(moment.day);
    let committee = committee(case).filter(|decision| born(decision.moment));
    duties.extend(committee.map(|decision| views_at(case, decision)));
    let plans = case.lists.plans.iter().filter(|plan| {
        plan.says.kind != PlanKind::ParentPlan
            && case.concerns(&plan.says.children)
            && born(plan.moment)
    });
    duties.extend(plans.map(|plan| views_at(case, plan)));
    let first = case.lists.follow_ups.iter().filter(|follow_up| {
        follow_up.says.first && case.is_child(follow_up.says.child) && born(follow_up.moment)
    });
    duties.extend(first.map(|follow_up| views_at(case, follow_up)));
    duties
}

/// Sections of *serviceloven* before whose decisions the child was to be talked to (§ 48).
const SEL_48: &[(u16, Option<char>)] = &[
    (51, None),
    (52, None),
    (56, None),
    (57, Some('a')),
    (57, Some('b')),
    (58, None),
    (62, None),
    (63, None),
    (65, None),
    (68, None),
    (69, None),
    (70, None),
    (71, None),
    (75, None),
];

fn listed_in_sel_48(decision: &DecisionMade) -> bool {
    if let Some(cited) = section(decision.section.as_str()).filter(|cited| cited.law == Law::Sel) {
        return SEL_48.contains(&(cited.number, cited.letter));
    }
    match decision.kind {
        DecisionKind::Support32
        | DecisionKind::Placement46
        | DecisionKind::Placement47
        | DecisionKind::ParentOrder38
        | DecisionKind::YouthOrder39
        | DecisionKind::ChangePlacement97
        | DecisionKind::ReturnHome100
        | DecisionKind::Contact104 => true,
        DecisionKind::Examination20
        | DecisionKind::Treatment33
        | DecisionKind::Request48
        | DecisionKind::Place52
        | DecisionKind::YouthSupport114
        | DecisionKind::Other => false,
    }
}

/// A talk about the decision, or the talk of the examination when it is the last one before it.
pub(super) fn talk_before_decision(case: &Case<'_>) -> Vec<Duty> {
    let duties = decisions(case)
        .filter(|decision| listed_in_sel_48(decision.says) && !case.unborn_on(decision.moment.day))
        .map(|decision| {
            let about = heard_before(case, decision.moment, |heard| {
                heard.occasion == HearingOccasion::BeforeDecision
            });
            let last = heard_before(case, decision.moment, |_| true);
            let examination =
                last.filter(|heard| heard.says.occasion == HearingOccasion::Examination);
            Duty::from(decision)
                .met(about)
                .met(examination)
                .waived(waived_before(case, decision.moment))
        });
    duties.collect()
}

/// The network is mapped; what early advice knew counts, and so does a map of the family's network
/// that another child's case shares with this one.
pub(super) fn network(case: &Case<'_>) -> Vec<Duty> {
    let mapped = case.lists.networks.first();
    own_openings(case)
        .map(|opening| Duty::from(opening).met(mapped))
        .collect()
}

fn own_openings<'s, 'a>(
    case: &'s Case<'a>,
) -> impl Iterator<Item = &'s Seen<'a, events::casework::CaseOpened>> {
    case.lists
        .openings
        .iter()
        .filter(|opening| case.is_child(opening.says.child))
}

/// The child is told of the right to a companion, where it is born when the case is opened.
pub(super) fn companion_told(case: &Case<'_>) -> Vec<Duty> {
    let born = own_openings(case).filter(|opening| !case.unborn_on(opening.moment.day));
    let duties = born.map(|opening| {
        let told = first_after(&case.lists.hearings, opening.moment, |heard| {
            case.is_child(heard.says.child) && heard.says.bisidder_right_told == Some(true)
        });
        Duty::from(opening).met(told)
    });
    duties.collect()
}

/// The network meets again. A meeting that is itself the follow-up of another needs no further one
/// unless it says so.
pub(super) fn network_meets_again(case: &Case<'_>) -> Vec<Duty> {
    let mut awaited = false;
    let mut duties = Vec::new();
    let meetings = &case.lists.network_meetings;
    for (place, meeting) in meetings.iter().enumerate() {
        let raises = meeting.says.next_meeting.is_some()
            || (!awaited && !meeting.says.agreements.is_empty());
        awaited = raises;
        if raises {
            let next = meetings.get(place + 1);
            let due_on = match &meeting.says.next_meeting {
                Some(window) => DueOn::Window {
                    from: window.from,
                    to: window.to,
                },
                None => DueOn::Rule,
            };
            duties.push(
                Duty::from(meeting)
                    .due(due_on)
                    .met(next)
                    .about_measure_until(advice_end(case, meeting)),
            );
        }
    }
    duties
}

/// When the course of advice in which the meeting was held ended.
fn advice_end(case: &Case<'_>, meeting: &Seen<'_, NetworkMeetingHeld>) -> Option<Moment> {
    let advice = case
        .lists
        .advices
        .iter()
        .find(|advice| advice.fact.stream == meeting.fact.stream)?;
    let end = first_after(&case.lists.ends, meeting.moment, |end| {
        end.says.measure == advice.says.advice
    });
    end.map(|end| end.moment)
}
