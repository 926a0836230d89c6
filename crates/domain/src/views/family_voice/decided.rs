//! Decisions of the administration: what was decided, what it is for, and why in short.
//!
//! A decision that the family does not know of yet is not told here first.

use events::decision::{Competence, DecisionKind, DecisionMade, DecisionOutcome, PlanPosition};

use super::Reader;
use super::page::{At, Case, Page};
use super::voice::{Voice, say};

pub(super) fn decision(case: &Case, page: &mut Page, at: At, facts: &DecisionMade) {
    let v = &case.voice;
    let covered = v.is_child(facts.child)
        || facts
            .other_children
            .iter()
            .flatten()
            .any(|child| v.is_child(*child));
    if !covered || !case.privacy.is_out(at.event) {
        return;
    }
    let about = about(v, facts.kind);
    page.dated(
        v,
        at,
        say!(
            v,
            "Der blev truffet en afgørelse om {about}.",
            "A decision was made about {about}."
        ),
    );
    page.say(at, outcome(v, facts.kind, facts.outcome));
    page.say(at, competence(v, facts.competence));
    page.quote(at, say!(v, "Meningen er", "What it is for"), &facts.purpose);
    duration(v, page, at, facts);
    effect(v, page, at, facts);
    let plan = match facts.plan_position {
        PlanPosition::Required => say!(v, "Der skal laves en plan.", "A plan is to be made."),
        PlanPosition::NotRequired => {
            say!(v, "Der skal ikke laves en plan.", "No plan is to be made.")
        }
    };
    page.say(at, plan);
    reasons(case, page, at, facts);
}

fn duration(v: &Voice, page: &mut Page, at: At, facts: &DecisionMade) {
    match facts.expected_duration_months {
        Some(1) => page.say(
            at,
            say!(
                v,
                "Vi regner med, at det varer en måned.",
                "We expect that it takes one month."
            ),
        ),
        Some(months) => page.say(
            at,
            say!(
                v,
                "Vi regner med, at det varer {months} måneder.",
                "We expect that it takes {months} months."
            ),
        ),
        None => {}
    }
}

/// Whether it holds at once.
fn effect(v: &Voice, page: &mut Page, at: At, facts: &DecisionMade) {
    match facts.immediate_effect {
        Some(true) => page.say(
            at,
            say!(v, "Det gælder med det samme.", "It holds at once."),
        ),
        Some(false) => page.say(
            at,
            say!(
                v,
                "Det gælder ikke med det samme.",
                "It does not hold at once."
            ),
        ),
        None => {}
    }
}

/// Why, or for a child whom to ask.
fn reasons(case: &Case, page: &mut Page, at: At, facts: &DecisionMade) {
    let v = &case.voice;
    if case.privacy.shows_reasons(v, at.event) {
        page.quote(
            at,
            say!(
                v,
                "Det vigtigste, vi vidste",
                "The most important that we knew"
            ),
            &facts.key_facts,
        );
        page.quote(
            at,
            say!(v, "Det, vi lagde vægt på", "What weighed most"),
            &facts.discretion_factors,
        );
        if let Some(reasons) = &facts.plan_reasons {
            page.quote(
                at,
                say!(v, "Om planen skrev vi", "About the plan we wrote"),
                reasons,
            );
        }
    } else if v.reader == Reader::Child {
        page.say(
            at,
            say!(
                v,
                "Din rådgiver kan fortælle dig hvorfor.",
                "Your caseworker can tell you why."
            ),
        );
    }
}

fn about(v: &Voice, kind: DecisionKind) -> &'static str {
    v.pick(match kind {
        DecisionKind::Examination20 => ("en undersøgelse", "an examination"),
        DecisionKind::Support32 => ("hjælp i hverdagen", "help in daily life"),
        DecisionKind::Placement46 => (
            "et andet sted at bo, som der er sagt ja til",
            "another place to live, with a yes to it",
        ),
        DecisionKind::Placement47 => (
            "et andet sted at bo, uden at alle sagde ja",
            "another place to live, although not all said yes",
        ),
        DecisionKind::Treatment33 => ("behandling for stoffer", "treatment for drugs"),
        DecisionKind::ParentOrder38 => (
            "noget, som forældre skal gøre",
            "something that parents must do",
        ),
        DecisionKind::YouthOrder39 => (
            "noget, som en ung skal gøre",
            "something that a young person must do",
        ),
        DecisionKind::Request48 => (
            "et ønske om at bo et andet sted",
            "a wish to live in another place",
        ),
        DecisionKind::Place52 => ("et bestemt sted at bo", "a certain place to live"),
        DecisionKind::ChangePlacement97 => ("at flytte til et nyt sted", "moving to a new place"),
        DecisionKind::ReturnHome100 => ("at flytte hjem igen", "moving home again"),
        DecisionKind::YouthSupport114 => ("støtte som ung voksen", "support as a young adult"),
        DecisionKind::Contact104 => (
            "at være sammen med nogen fra familien",
            "being together with somebody from the family",
        ),
        DecisionKind::Other => ("noget andet", "something else"),
    })
}

/// Whether it is the answer to a wish, rather than something that is to happen.
const fn answers(kind: DecisionKind) -> bool {
    match kind {
        DecisionKind::Support32
        | DecisionKind::Placement46
        | DecisionKind::Treatment33
        | DecisionKind::Request48
        | DecisionKind::YouthSupport114
        | DecisionKind::Contact104
        | DecisionKind::Other => true,
        DecisionKind::Examination20
        | DecisionKind::Placement47
        | DecisionKind::ParentOrder38
        | DecisionKind::YouthOrder39
        | DecisionKind::Place52
        | DecisionKind::ChangePlacement97
        | DecisionKind::ReturnHome100 => false,
    }
}

fn outcome(v: &Voice, kind: DecisionKind, outcome: DecisionOutcome) -> &'static str {
    v.pick(match (outcome, answers(kind)) {
        (DecisionOutcome::Grant, true) => ("Svaret er ja.", "The answer is yes."),
        (DecisionOutcome::Grant, false) => ("Det skal ske.", "It is to happen."),
        (DecisionOutcome::Partial, true) => (
            "Svaret er ja til noget af det.",
            "The answer is yes to some of it.",
        ),
        (DecisionOutcome::Partial, false) => ("Noget af det skal ske.", "Some of it is to happen."),
        (DecisionOutcome::Refuse, true) => ("Svaret er nej.", "The answer is no."),
        (DecisionOutcome::Refuse, false) => ("Det skal ikke ske.", "It is not to happen."),
        (DecisionOutcome::Cease, _) => ("Det stopper.", "It stops."),
        (DecisionOutcome::Change, _) => ("Det bliver ændret.", "It is changed."),
    })
}

fn competence(v: &Voice, competence: Competence) -> String {
    let your = v.your();
    match competence {
        Competence::Caseworker => say!(
            v,
            "Det er {your} rådgiver, der har bestemt det.",
            "It is {your} caseworker who decided it."
        ),
        Competence::Leader => {
            say!(
                v,
                "Det er en leder i kommunen, der har bestemt det.",
                "It is a leader in the municipality who decided it."
            )
        }
        Competence::Committee => {
            say!(
                v,
                "Det er børne- og ungeudvalget, der har bestemt det.",
                "It is the children and youth committee that decided it."
            )
        }
        Competence::Board => say!(
            v,
            "Det er Ankestyrelsen, der har bestemt det.",
            "It is the Appeals Board that decided it."
        ),
    }
}
