//! What comes next, from what is recorded: the next follow-up, what was asked and not answered yet.
//!
//! It counts no period of law. Where a day has passed, it says so.

use std::collections::BTreeSet;

use events::appeal::ReassessmentOutcome;
use events::assessment::{AssessmentKind, ReportStage};
use events::decision::PlanPosition;
use events::event::Event;
use events::ids::EventId;

use super::Reader;
use super::page::{At, Case, Page};
use super::story::assessment;
use super::voice::say;

pub(super) fn next(case: &Case) -> Page {
    let v = &case.voice;
    let mut page = Page::new(v.language);
    let open = is_open(case);
    if open {
        follow_up(case, &mut page);
        assessments(case, &mut page);
        plan(case, &mut page);
        meeting(case, &mut page);
    }
    committee(case, &mut page);
    complaints(case, &mut page);
    answers(case, &mut page);
    if page.is_empty() {
        let your = v.your();
        if open {
            page.guide(say!(
                v,
                "Der er ikke aftalt en ny dag. Spørg {your} rådgiver.",
                "No new day is agreed. Ask {your} caseworker."
            ));
        } else {
            page.guide(say!(
                v,
                "Der er ikke mere, vi skal nu.",
                "There is nothing more to do now."
            ));
        }
    }
    page
}

/// Whether casework goes on: a case that is open, or advice without a case.
fn is_open(case: &Case) -> bool {
    let newest = case
        .facts
        .iter()
        .rev()
        .filter(|(event, _)| event.stream == case.stream)
        .find_map(|(_, shown)| match &shown.facts {
            Event::CaseOpened(_) | Event::CaseReopened(_) => Some(true),
            Event::CaseClosed(_) => Some(false),
            _ => None,
        });
    newest.unwrap_or(true)
}

fn follow_up(case: &Case, page: &mut Page) {
    let v = &case.voice;
    let newest = case
        .facts
        .iter()
        .rev()
        .find_map(|(event, shown)| match &shown.facts {
            Event::FollowUpHeld(facts) if v.is_child(facts.child) => {
                Some((At::new(event, shown), facts))
            }
            _ => None,
        });
    let Some((at, facts)) = newest else { return };
    let Some(rhythm) = &facts.next_rhythm else {
        page.say(
            at,
            say!(
                v,
                "Der er ikke aftalt en ny dag til at se, hvordan det går.",
                "No new day is agreed for looking at how it is going."
            ),
        );
        return;
    };
    let Some(day) = rhythm.next_after(at.meta.occurred.day()) else {
        page.say(
            at,
            say!(
                v,
                "Vi ser på det igen. Dagen er ikke aftalt.",
                "We look at it again. The day is not agreed."
            ),
        );
        return;
    };
    let date = v.date(day);
    if day < case.today {
        let text = say!(
            v,
            "Vi skulle se på, hvordan det går, senest den {date}. Det er ikke skrevet ned, at det er sket.",
            "We were to look at how it is going by {date}. It is not written down that it happened."
        );
        page.say(at, text);
        return;
    }
    page.say(
        at,
        say!(
            v,
            "Vi ser på, hvordan det går, senest den {date}.",
            "We look at how it is going by {date}."
        ),
    );
    if let Some(reasons) = facts
        .rhythm_reasons
        .as_ref()
        .filter(|_| v.reader != Reader::Child)
    {
        page.quote(
            at,
            say!(v, "Dagen er valgt, fordi", "The day was chosen because"),
            reasons,
        );
    }
}

fn assessments(case: &Case, page: &mut Page) {
    let v = &case.voice;
    let mut open: Vec<(AssessmentKind, EventId)> = Vec::new();
    for (event, shown) in &case.facts {
        match &shown.facts {
            Event::AssessmentOpened(facts)
                if facts.children.iter().any(|child| v.is_child(*child)) =>
            {
                open.push((facts.kind, event.event))
            }
            Event::AssessmentReported(facts)
                if facts.stage == ReportStage::Final && v.is_child(facts.child) =>
            {
                open.retain(|(kind, _)| *kind != facts.kind);
            }
            _ => {}
        }
    }
    for (kind, event) in open {
        let name = v.pick(assessment(kind));
        page.rests_on(
            &[event],
            say!(v, "Vi er i gang med {name}.", "We are working on {name}."),
        );
    }
}

/// A plan that was decided on, while the child has none.
fn plan(case: &Case, page: &mut Page) {
    let v = &case.voice;
    let mut wanted = None;
    for (event, shown) in &case.facts {
        match &shown.facts {
            Event::DecisionMade(facts)
                if case.privacy.is_out(event.event)
                    && facts.plan_position == PlanPosition::Required =>
            {
                wanted = Some(event.event);
            }
            Event::PlanAdopted(facts) if facts.children.iter().any(|child| v.is_child(*child)) => {
                return;
            }
            _ => {}
        }
    }
    if let Some(event) = wanted {
        page.rests_on(
            &[event],
            say!(v, "Der skal laves en plan.", "A plan is to be made."),
        );
    }
}

fn meeting(case: &Case, page: &mut Page) {
    let v = &case.voice;
    let newest = case
        .facts
        .iter()
        .rev()
        .find_map(|(event, shown)| match &shown.facts {
            Event::NetworkMeetingHeld(facts) => Some((event.event, facts.next_meeting.clone())),
            _ => None,
        });
    if let Some((event, Some(window))) = newest
        && window.to >= case.today
    {
        let (from, to) = (v.date(window.from), v.date(window.to));
        page.rests_on(
            &[event],
            say!(
                v,
                "Næste møde er fra den {from} til den {to}.",
                "The next meeting is from {from} to {to}."
            ),
        );
    }
}

/// What the committee has still to decide.
fn committee(case: &Case, page: &mut Page) {
    let v = &case.voice;
    let mut submitted: Vec<EventId> = Vec::new();
    let mut provisional: Vec<EventId> = Vec::new();
    for (event, shown) in &case.facts {
        match &shown.facts {
            Event::CommitteeSubmissionMade(facts)
                if facts.children.iter().any(|child| v.is_child(*child)) =>
            {
                submitted.push(event.event)
            }
            Event::ProvisionalDecisionMade(facts)
                if facts.children.iter().any(|child| v.is_child(*child)) =>
            {
                provisional.push(event.event)
            }
            Event::CommitteeDecisionMade(facts) => {
                provisional.retain(|open| Some(*open) != facts.approves);
                match (facts.submission, facts.approves) {
                    (Some(answered), _) => submitted.retain(|open| *open != answered),
                    // A decision that names no submission answers what was submitted before it.
                    (None, None) => submitted.clear(),
                    (None, Some(_)) => {}
                }
            }
            _ => {}
        }
    }
    for event in provisional {
        page.rests_on(
            &[event],
            say!(
                v,
                "Udvalget skal sige ja eller nej til det, der ikke kunne vente.",
                "The committee must say yes or no to what could not wait."
            ),
        );
    }
    for event in submitted {
        page.rests_on(
            &[event],
            say!(
                v,
                "Børne- og ungeudvalget skal bestemme.",
                "The children and youth committee is to decide."
            ),
        );
    }
}

fn complaints(case: &Case, page: &mut Page) {
    let v = &case.voice;
    let mut decided_by_committee: BTreeSet<EventId> = BTreeSet::new();
    let mut here: Vec<EventId> = Vec::new();
    let mut judged: Vec<EventId> = Vec::new();
    let mut with_board: Vec<(EventId, EventId)> = Vec::new();
    for (event, shown) in &case.facts {
        let id = event.event;
        match &shown.facts {
            Event::ProvisionalDecisionMade(_) | Event::CommitteeDecisionMade(_) => {
                decided_by_committee.insert(id);
            }
            Event::ComplaintReceived(facts) if decided_by_committee.contains(&facts.decision) => {
                judged.push(id)
            }
            Event::ComplaintReceived(_) => here.push(id),
            Event::ComplaintReassessed(facts) => {
                here.retain(|open| *open != facts.complaint);
                match facts.outcome {
                    ReassessmentOutcome::UpheldFull => {}
                    ReassessmentOutcome::UpheldPart | ReassessmentOutcome::Maintained => {
                        judged.push(facts.complaint)
                    }
                }
            }
            Event::AppealForwarded(facts) => {
                here.retain(|open| *open != facts.complaint);
                judged.retain(|open| *open != facts.complaint);
                with_board.push((facts.complaint, id));
            }
            Event::AppealOutcomeReceived(facts) => {
                with_board.retain(|(open, _)| Some(*open) != facts.complaint)
            }
            _ => {}
        }
    }
    for event in here {
        page.rests_on(
            &[event],
            say!(
                v,
                "Kommunen ser på en klage.",
                "The municipality looks at a complaint."
            ),
        );
    }
    for event in judged {
        page.rests_on(
            &[event],
            say!(
                v,
                "En klage skal sendes til Ankestyrelsen.",
                "A complaint is to be sent to the Appeals Board."
            ),
        );
    }
    for (complaint, forwarded) in with_board {
        page.rests_on(
            &[complaint, forwarded],
            say!(
                v,
                "En klage ligger hos Ankestyrelsen. Den har ikke svaret endnu.",
                "A complaint is with the Appeals Board. It has not answered yet."
            ),
        );
    }
}

/// What the reader was asked, and what the reader asked.
fn answers(case: &Case, page: &mut Page) {
    let v = &case.voice;
    let answered: Vec<EventId> = case
        .facts
        .iter()
        .filter_map(|(_, shown)| match &shown.facts {
            Event::DisclosureMade(facts) => facts.request,
            _ => None,
        })
        .collect();
    for (event, shown) in &case.facts {
        match &shown.facts {
            Event::PartyHearingHeld(facts)
                if v.is_reader(facts.party)
                    && facts.answer.is_none()
                    && facts.answered_at.is_none() =>
            {
                if let Some(deadline) = facts.deadline.filter(|deadline| *deadline >= case.today) {
                    let date = v.date(deadline);
                    page.rests_on(
                        &[event.event],
                        say!(
                            v,
                            "Du kan svare til og med den {date}.",
                            "You can answer until {date}, that day too."
                        ),
                    );
                }
            }
            Event::FileAccessRequested(facts) => {
                let own = v.is_reader(facts.requester)
                    || facts.on_behalf_of.is_some_and(|person| v.is_reader(person));
                if own && !answered.contains(&event.event) {
                    page.rests_on(
                        &[event.event],
                        say!(
                            v,
                            "Vi skal svare på, om du kan se sagen.",
                            "We must answer whether you can see the file."
                        ),
                    );
                }
            }
            _ => {}
        }
    }
}
