//! What is owed because of a decision of the administration: plans, reasons, guidance, hearing.

use std::collections::BTreeMap;

use events::age::reaches;
use events::committee::CommitteeMatter;
use events::decision::{DecisionCommunicated, DecisionKind, DecisionMade, Guidance, PlanPosition};
use events::event::Event;
use events::ids::PersonId;
use events::plan::{PlanAdopted, PlanKind};
use events::words::Words;

use super::episode::{before, first_between, is_nearest};
use super::shared::{
    committee, decided_before, decision_of, decisions, granted, heard_before, measure_end,
    outcomes, parties_of,
};
use crate::case::Case;
use crate::duty::{Duty, Met, Remark, Waived};
use crate::measure::MeasureKind;
use crate::section::{Law, cites, section};
use crate::seen::{Seen, first_after, last_before};
use events::moment::Moment;

/// A plan that covers the child.
fn is_plan(case: &Case<'_>, plan: &PlanAdopted, kinds: &[PlanKind]) -> bool {
    kinds.contains(&plan.kind) && case.concerns(&plan.children)
}

/// The first plan after a decision, or one that was made in its run-up, since the decision before.
fn plan_for<'s, 'a>(
    case: &'s Case<'a>,
    decision: &Seen<'_, DecisionMade>,
    kinds: &[PlanKind],
) -> Option<&'s Seen<'a, PlanAdopted>> {
    let since = decided_before(case, decision.moment);
    let run_up = last_before(&case.lists.plans, decision.moment, |plan| {
        is_plan(case, plan.says, kinds) && since.is_some_and(|since| since.not_after(plan.moment))
    });
    run_up.or_else(|| {
        first_after(&case.lists.plans, decision.moment, |plan| {
            is_plan(case, plan.says, kinds)
        })
    })
}

/// Decisions on a measure under *serviceloven* §§ 52, 76 and 76 a that give something.
fn measure_decisions<'s, 'a>(
    case: &'s Case<'a>,
) -> impl Iterator<Item = &'s Seen<'a, DecisionMade>> {
    let kinds = [
        DecisionKind::Support32,
        DecisionKind::Placement46,
        DecisionKind::YouthSupport114,
    ];
    decisions(case)
        .filter(move |decision| granted(decision.says) && kinds.contains(&decision.says.kind))
}

/// Whether a decision could not wait: the record says that it took effect at once.
fn urgent(decision: &DecisionMade) -> bool {
    decision.immediate_effect == Some(true)
}

/// The action plan comes first where the decision can wait.
pub(super) fn plan_before(case: &Case<'_>) -> Vec<Duty> {
    let all: Vec<_> = measure_decisions(case).collect();
    let duties = measure_decisions(case)
        .filter(|decision| !urgent(decision.says))
        .map(|decision| plan_at(case, decision, &all, CASE_PLANS));
    duties.collect()
}

/// A plan that stands before a decision on a measure, or else comes after it and is nearer to it than
/// to any other of such decisions.
fn plan_at(
    case: &Case<'_>,
    decision: &Seen<'_, DecisionMade>,
    all: &[&Seen<'_, DecisionMade>],
    kinds: &[PlanKind],
) -> Duty {
    let standing = last_before(&case.lists.plans, decision.moment, |plan| {
        is_plan(case, plan.says, kinds) && !case.help_ended_between(plan.moment, decision.moment)
    });
    let later = || {
        let ended = measure_end(case, decision.says.measure);
        first_between(&case.lists.plans, decision.moment, ended, |plan| {
            is_plan(case, plan.says, kinds) && is_nearest(plan.moment, decision, all)
        })
    };
    Duty::from(decision).met(standing.or_else(later))
}

/// Any plan about the child's help, under either Act.
const CASE_PLANS: &[PlanKind] = &[
    PlanKind::ActionPlan,
    PlanKind::ChildPlan,
    PlanKind::YouthPlan,
];

/// The action plan follows where the decision could not wait.
pub(super) fn plan_after_urgency(case: &Case<'_>) -> Vec<Duty> {
    let duties = measure_decisions(case)
        .filter(|decision| urgent(decision.says))
        .map(|decision| {
            let plan = plan_for(case, decision, CASE_PLANS);
            Duty::from(decision)
                .met(plan)
                .about_measure_until(measure_end(case, decision.says.measure))
        });
    duties.collect()
}

/// In the trial, a description takes the place of the plan.
pub(super) fn description(case: &Case<'_>) -> Vec<Duty> {
    let all: Vec<_> = measure_decisions(case).collect();
    let duties = all.iter().map(|decision| {
        let ended = measure_end(case, decision.says.measure);
        plan_at(case, decision, &all, &[PlanKind::Description]).about_measure_until(ended)
    });
    duties.collect()
}

/// What is granted starts at once.
pub(super) fn start(case: &Case<'_>) -> Vec<Duty> {
    let kinds = [DecisionKind::Support32, DecisionKind::Placement46];
    let duties = decisions(case)
        .filter(|decision| granted(decision.says) && kinds.contains(&decision.says.kind))
        .map(|decision| {
            let started = case.lists.starts.iter().find(|start| {
                start.says.decision == Some(decision.event())
                    || decision
                        .says
                        .measure
                        .is_some_and(|measure| measure == start.says.measure)
            });
            Duty::from(decision).met(started)
        });
    duties.collect()
}

fn granted_of<'s, 'a>(
    case: &'s Case<'a>,
    kind: DecisionKind,
) -> impl Iterator<Item = &'s Seen<'a, DecisionMade>> {
    decisions(case).filter(move |decision| decision.says.kind == kind && granted(decision.says))
}

/// A plan follows support where the decision says that one is needed.
pub(super) fn plan_where_required(case: &Case<'_>) -> Vec<Duty> {
    let required = granted_of(case, DecisionKind::Support32)
        .filter(|decision| decision.says.plan_position == PlanPosition::Required);
    let duties = required.map(|decision| {
        let plan = plan_for(case, decision, &[PlanKind::ChildPlan, PlanKind::YouthPlan]);
        Duty::from(decision)
            .met(plan)
            .about_measure_until(measure_end(case, decision.says.measure))
    });
    duties.collect()
}

/// The decision takes a position on the plan: a "no" has its reasons.
pub(super) fn plan_position(case: &Case<'_>) -> Vec<Duty> {
    let duties = granted_of(case, DecisionKind::Support32).map(|decision| {
        let stated = decision.says.plan_position == PlanPosition::Required
            || decision.says.plan_reasons.as_ref().is_some_and(said);
        Duty::from(decision).met(stated.then_some(decision))
    });
    duties.collect()
}

/// A plan follows a placement by consent.
pub(super) fn plan_of_placement(case: &Case<'_>) -> Vec<Duty> {
    let duties = granted_of(case, DecisionKind::Placement46).map(|decision| {
        let plan = plan_for(case, decision, &[PlanKind::ChildPlan, PlanKind::YouthPlan]);
        Duty::from(decision)
            .met(plan)
            .about_measure_until(measure_end(case, decision.says.measure))
    });
    duties.collect()
}

/// A young person's plan from 16: when that age is reached during a measure, and at each grant
/// after it.
pub(super) fn youth_plan(case: &Case<'_>) -> Vec<Duty> {
    let Some(sixteenth) = case.birth.and_then(|birth| reaches(birth, 16 * 12)) else {
        return Vec::new();
    };
    let sixteenth = Moment::on(sixteenth);
    let plan = |from: Moment| {
        let youth = |plan: &Seen<'_, PlanAdopted>| is_plan(case, plan.says, &[PlanKind::YouthPlan]);
        let standing = |plan: &Seen<'_, PlanAdopted>| {
            youth(plan) && !case.help_ended_between(plan.moment, from)
        };
        last_before(&case.lists.plans, from, standing)
            .or_else(|| first_after(&case.lists.plans, from, youth))
    };
    let unneeded = |from: Moment| {
        first_after(&case.lists.decisions, from, |decision| {
            super::shared::about_child(case, decision.says)
                && granted(decision.says)
                && decision.says.plan_position == PlanPosition::NotRequired
        })
    };
    let helped = |kind| kind == MeasureKind::Support || MeasureKind::is_placement(kind);
    let running = case
        .measures
        .iter()
        .find(|measure| helped(measure.kind) && measure.ran_on(sixteenth.day));
    let reached = sixteenth.earliest() <= case.circumstances.as_of;
    let mut duties: Vec<Duty> = running
        .filter(|_| reached)
        .map(|measure| {
            let duty = Duty::arising(measure.start.event(), measure.start.fact.index, sixteenth);
            duty.met(plan(sixteenth))
                .waived(unneeded(sixteenth))
                .about_measure_until(measure.ended())
        })
        .into_iter()
        .collect();
    let kinds = [DecisionKind::Support32, DecisionKind::Placement46];
    let later = decisions(case)
        .filter(|decision| granted(decision.says) && kinds.contains(&decision.says.kind));
    duties.extend(
        later
            .filter(|decision| sixteenth.not_after(decision.moment))
            .map(|decision| {
                let duty = Duty::from(decision)
                    .met(plan(decision.moment))
                    .waived(unneeded(decision.moment));
                duty.about_measure_until(measure_end(case, decision.says.measure))
            }),
    );
    duties
}

/// The host municipality is told before the child moves in.
pub(super) fn host_told(case: &Case<'_>) -> Vec<Duty> {
    let elsewhere = decisions(case).filter(|decision| {
        let mut cited = decision
            .fact
            .meta
            .legal_basis
            .iter()
            .map(events::text::Short::as_str)
            .chain([decision.says.section.as_str()]);
        decision.says.kind == DecisionKind::Place52
            && cited.any(|text| {
                section(text).is_some_and(|cited| {
                    cited.law == Law::Bl && cited.number == 52 && cited.subsection == Some(5)
                })
            })
    });
    let elsewhere: Vec<_> = elsewhere.collect();
    let moments = || elsewhere.iter().map(|decision| Some(decision.moment));
    let lasts = std::iter::once(None).chain(moments());
    let nexts = moments().skip(1).chain([None]);
    let duties = elsewhere
        .iter()
        .zip(lasts.zip(nexts))
        .map(|(decision, (last, next))| {
            // What was told of the place before, or of the next one, says nothing of this one.
            let noted = case.lists.notes.iter().find(|note| {
                cites(note.fact.meta, Law::Bl, &[52])
                    && last.is_none_or(|last| before(last, note.moment))
                    && next.is_none_or(|next| before(note.moment, next))
            });
            let notices = &case.lists.municipality_notices;
            let told = first_between(notices, decision.moment, next, |_| true);
            let moved_in = first_between(&case.lists.starts, decision.moment, next, |_| true);
            Duty::from(*decision).met(noted).met(told).before(moved_in)
        });
    duties.collect()
}

/// The place of placement is asked before return, change of place, or change of contact.
pub(super) fn statement(case: &Case<'_>) -> Vec<Duty> {
    use events::decision::DecisionOutcome::Change;
    let asked = decisions(case).filter(|decision| match decision.says.kind {
        DecisionKind::ReturnHome100 | DecisionKind::ChangePlacement97 => true,
        DecisionKind::Contact104 => decision.says.outcome == Change,
        _ => false,
    });
    let duties = asked.map(|decision| {
        let since = decided_before(case, decision.moment);
        let given = last_before(&case.lists.information, decision.moment, |obtained| {
            cites(obtained.fact.meta, Law::Bl, &[98, 100, 106])
                && since.is_none_or(|since| since.not_after(obtained.moment))
        });
        Duty::from(decision).met(given)
    });
    duties.collect()
}

/// How a party was heard before a decision: asked, or an exception recorded. A child who is a party
/// is heard by being talked to.
fn heard_as_party(case: &Case<'_>, duty: Duty, party: PersonId, moment: Moment) -> Duty {
    let since = decided_before(case, moment);
    let asked = last_before(&case.lists.party_hearings, moment, |hearing| {
        case.person(hearing.says.party) == party
            && since.is_none_or(|since| since.not_after(hearing.moment))
    });
    let exception = asked.is_some_and(|hearing| hearing.says.exception.is_some());
    let talked = (case.child == Some(party)).then(|| heard_before(case, moment, |_| true));
    duty.towards(party)
        .met(asked)
        .met(talked.flatten())
        .remark_if(exception, Remark::ByException)
}

/// Each party is heard before a decision of the administration or the committee. The approval of
/// a provisional decision is left out: it cannot wait by its nature.
pub(super) fn parties_heard(case: &Case<'_>) -> Vec<Duty> {
    let mut duties = Vec::new();
    for decision in decisions(case) {
        for party in parties_of(case, decision.says, decision.moment) {
            let duty = Duty::from(decision);
            duties.push(if decision.says.fully_favourable {
                duty.towards(party)
                    .met(Some(decision))
                    .remark(Remark::ByException)
            } else {
                heard_as_party(case, duty, party, decision.moment)
            });
        }
    }
    let substantive = committee(case).filter(|decision| {
        outcomes(case, decision.says).any(|outcome| outcome.matter != CommitteeMatter::Approval143)
    });
    for decision in substantive {
        let parties = case.parties(decision.moment.day);
        duties.extend(
            parties
                .into_iter()
                .map(|party| heard_as_party(case, Duty::from(decision), party, decision.moment)),
        );
    }
    duties
}

/// Whether something is written in a text; what was erased was written.
fn said(words: &Words) -> bool {
    !words.0.is_empty()
}

fn in_writing(communication: &DecisionCommunicated) -> bool {
    communication
        .recipients
        .iter()
        .any(|recipient| !recipient.oral)
}

/// Whether a decision states what the law asks for; null where it needs no reasons.
fn reasons_stated(event: &Event) -> Option<bool> {
    match event {
        Event::DecisionMade(decision) if decision.fully_favourable => None,
        Event::DecisionMade(decision) => {
            Some(said(&decision.discretion_factors) && said(&decision.key_facts))
        }
        Event::CommitteeDecisionMade(decision) => Some(said(&decision.reasons)),
        Event::ProvisionalDecisionMade(decision) => {
            Some(said(&decision.urgency) && !decision.sections.is_empty())
        }
        _ => None,
    }
}

/// A decision in writing carries its reasons unless it is wholly favourable.
pub(super) fn reasons(case: &Case<'_>) -> Vec<Duty> {
    let written = case
        .lists
        .communications
        .iter()
        .filter(|communication| in_writing(communication.says));
    let duties = written.filter_map(|communication| {
        let stated = reasons_stated(decision_of(case, communication.says.decision)?)?;
        Some(Duty::from(communication).met(stated.then_some(communication)))
    });
    duties.collect()
}

/// Each recipient of a decision in writing is guided on complaint unless it is wholly favourable. A
/// provisional decision is complained of through its approval (BL § 146(1)).
pub(super) fn guidance(case: &Case<'_>) -> Vec<Duty> {
    let mut duties = Vec::new();
    for communication in &case.lists.communications {
        let complainable = decision_of(case, communication.says.decision).is_some_and(|event| {
            reasons_stated(event).is_some() && !matches!(event, Event::ProvisionalDecisionMade(_))
        });
        if !complainable {
            continue;
        }
        // Who is reached in two ways needs to be guided once.
        let mut told: BTreeMap<PersonId, bool> = BTreeMap::new();
        for recipient in communication
            .says
            .recipients
            .iter()
            .filter(|recipient| !recipient.oral)
        {
            *told.entry(case.person(recipient.who)).or_default() |=
                recipient.guidance.contains(&Guidance::Appeal);
        }
        let each = told.into_iter().map(|(who, told)| {
            Duty::from(communication)
                .towards(who)
                .met(told.then_some(communication))
        });
        duties.extend(each);
    }
    duties
}

/// When and by which event a thing was there, as a satisfaction.
pub(super) fn met_by<T>(seen: &Seen<'_, T>, at: Moment) -> Met {
    Met {
        at,
        by: vec![seen.event()],
    }
}

/// When and by which event a duty was removed.
pub(super) fn waived_by<T>(seen: &Seen<'_, T>) -> Waived {
    Waived {
        at: seen.moment,
        by: seen.event(),
    }
}
