//! Who can help: the network, companions, representatives and lawyers.
//!
//! How the authority judges somebody who can help is told to that person only.

use events::people::{NetworkMapped, NetworkMethod, NetworkResult};
use events::rights::{RepresentativeAppointed, RepresentativeKind, RepresentativeStatus};

use super::page::{At, Case, ERASED, Page, WITHHELD};
use super::voice::{Phrase, Voice, say};

pub(super) fn heading(v: &Voice) -> String {
    let you = v.you_object();
    say!(v, "Hvem kan hjælpe {you}?", "Who can help {you}?")
}

pub(super) fn mapped(case: &Case, page: &mut Page, at: At, facts: &NetworkMapped) {
    let v = &case.voice;
    if !v.is_child(facts.child) {
        return;
    }
    let object = v.child();
    page.dated(
        v,
        at,
        say!(
            v,
            "Vi fandt ud af, hvem der er tæt på {object}.",
            "We found out who is close to {object}."
        ),
    );
    page.say(at, method(v, facts.method));
    if facts.child_asked {
        page.say(at, say!(v, "Vi spurgte {object}.", "We asked {object}."));
    } else {
        page.say(
            at,
            say!(v, "Vi spurgte ikke {object}.", "We did not ask {object}."),
        );
    }
    found(v, page, at, facts);
    for judgement in facts
        .judgements
        .iter()
        .filter(|about| v.is_reader(about.who))
    {
        page.quote(
            at,
            say!(v, "Om dig skrev vi", "About you we wrote"),
            &judgement.words,
        );
    }
}

fn method(v: &Voice, method: NetworkMethod) -> String {
    match method {
        NetworkMethod::Genogram => say!(
            v,
            "Vi tegnede et træ over familien.",
            "We drew a tree of the family."
        ),
        NetworkMethod::NetworkMap => say!(
            v,
            "Vi tegnede et kort over familie og venner.",
            "We drew a map of family and friends."
        ),
        NetworkMethod::Conversation => say!(
            v,
            "Vi talte om familie og venner.",
            "We talked about family and friends."
        ),
        NetworkMethod::Other => say!(
            v,
            "Vi gjorde det på vores egen måde.",
            "We did it in a way of our own."
        ),
    }
}

fn found(v: &Voice, page: &mut Page, at: At, facts: &NetworkMapped) {
    let child = v.child_subject();
    match facts.result {
        NetworkResult::ResourceFound => {
            for list in v.lists(&facts.resource_persons) {
                page.say(at, say!(v, "{list} kan hjælpe.", "{list} can help."));
            }
            if facts.resource_persons.is_empty() {
                page.say(
                    at,
                    say!(
                        v,
                        "Der er nogen, der kan hjælpe.",
                        "There is somebody who can help."
                    ),
                );
            }
        }
        NetworkResult::None => page.say(
            at,
            say!(
                v,
                "Vi fandt ikke nogen, der kan hjælpe lige nu.",
                "We found nobody who can help right now."
            ),
        ),
        NetworkResult::NotAdvisable => {
            page.say(
                at,
                say!(
                    v,
                    "Vi mente, at {child} ikke skal have hjælp derfra lige nu.",
                    "We thought that help from there is not right now."
                ),
            );
        }
    }
}

pub(super) fn representative(
    case: &Case,
    page: &mut Page,
    at: At,
    facts: &RepresentativeAppointed,
) {
    let v = &case.voice;
    if !v.of_family(facts.of) {
        return;
    }
    let own = v.is_reader(facts.of);
    let (who, whom) = (v.subject(facts.of), v.object(facts.of));
    let kind = v.pick(kind(facts.kind));
    let text = match facts.status {
        RepresentativeStatus::Appointed => say!(v, "{who} fik {kind}.", "{who} got {kind}."),
        RepresentativeStatus::Ended => say!(
            v,
            "Det er slut for {whom} med {kind}.",
            "It is over for {whom} with {kind}."
        ),
        RepresentativeStatus::Rejected => say!(
            v,
            "Vi sagde nej, da {who} ville have {kind}.",
            "We said no when {who} wanted {kind}."
        ),
        RepresentativeStatus::Excluded => {
            say!(
                v,
                "Vi bestemte, at {who} ikke længere kan have {kind} med.",
                "We decided that {who} can no longer bring {kind}."
            )
        }
    };
    page.dated(v, at, text);
    page.once(at, v.pick(explained(facts.kind)));
    if !own {
        return;
    }
    match facts.name.as_ref() {
        Some(events::personal::Personal::Known(name)) => {
            page.quote_text(at, say!(v, "Navnet er", "The name is"), name.as_str())
        }
        Some(events::personal::Personal::Erased) => name_gone(v, page, at, v.pick(ERASED)),
        Some(events::personal::Personal::Withheld) => name_gone(v, page, at, v.pick(WITHHELD)),
        None => {}
    }
    if let Some(scope) = &facts.scope {
        page.quote_text(at, say!(v, "Det gælder", "It is for"), scope.as_str());
    }
    if let Some(ground) = &facts.ground {
        page.quote(at, say!(v, "Det er, fordi", "That is because"), ground);
    }
}

fn name_gone(v: &Voice, page: &mut Page, at: At, gap: &str) {
    page.say(at, say!(v, "Navnet er {gap}.", "The name is {gap}."));
}

const fn kind(kind: RepresentativeKind) -> Phrase {
    match kind {
        RepresentativeKind::Bisidder => ("en bisidder", "a companion"),
        RepresentativeKind::Partsrepraesentant => ("en partsrepræsentant", "a representative"),
        RepresentativeKind::Advokat => ("en advokat", "a lawyer"),
        RepresentativeKind::Stoetteperson => ("en støtteperson", "a support person"),
    }
}

const fn explained(kind: RepresentativeKind) -> Phrase {
    match kind {
        RepresentativeKind::Bisidder => (
            "En bisidder er med til samtaler og støtter.",
            "A companion comes along to talks and supports.",
        ),
        RepresentativeKind::Partsrepraesentant => (
            "En partsrepræsentant taler for en anden.",
            "A representative speaks for somebody else.",
        ),
        RepresentativeKind::Advokat => (
            "En advokat kender loven og hjælper med den.",
            "A lawyer knows the law and helps with it.",
        ),
        RepresentativeKind::Stoetteperson => (
            "En støtteperson er der for forældre, når et barn bor et andet sted.",
            "A support person is there for parents when a child lives elsewhere.",
        ),
    }
}
