//! The help: what began, changed and stopped, one measure after the other.
//!
//! Steps of a ladder and sections of law are left out; the decision says what the help is for.

use events::early_advice::{AdviceForm, EarlyAdviceKind, EarlyAdviceStarted, Initiator};
use events::event::Event;
use events::ids::{EventId, MeasureId};
use events::support::{EndGround, SupportAdjusted, SupportEnded, SupportStarted};

use super::Reader;
use super::page::{At, Case, Page};
use super::voice::{Phrase, say};

/// One measure or course of advice.
struct Measure {
    measure: MeasureId,
    page: Page,
    events: Vec<EventId>,
    running: bool,
}

pub(super) fn help(case: &Case) -> Page {
    let v = &case.voice;
    let mut measures: Vec<Measure> = Vec::new();
    for (event, shown) in &case.facts {
        let at = At::new(event, shown);
        let (measure, running) = match &shown.facts {
            Event::EarlyAdviceStarted(facts) => (facts.advice, true),
            Event::SupportStarted(facts) => (facts.measure, true),
            Event::SupportAdjusted(facts) => (facts.measure, true),
            Event::SupportEnded(facts) => (facts.measure, false),
            _ => continue,
        };
        let place = measures
            .iter()
            .position(|known| known.measure == measure)
            .unwrap_or_else(|| {
                measures.push(Measure {
                    measure,
                    page: Page::new(v.language),
                    events: Vec::new(),
                    running,
                });
                measures.len() - 1
            });
        let Some(known) = measures.get_mut(place) else {
            continue;
        };
        known.running = running;
        known.events.push(at.event);
        match &shown.facts {
            Event::EarlyAdviceStarted(facts) => advice(case, &mut known.page, at, facts),
            Event::SupportStarted(facts) => started(case, &mut known.page, at, facts),
            Event::SupportAdjusted(facts) => adjusted(case, &mut known.page, at, facts),
            Event::SupportEnded(facts) => ended(case, &mut known.page, at, facts),
            _ => {}
        }
    }
    let mut page = Page::new(v.language);
    let running: Vec<EventId> = measures
        .iter()
        .filter(|known| known.running)
        .flat_map(|known| known.events.first().copied())
        .collect();
    if !running.is_empty() {
        page.rests_on(
            &running,
            say!(v, "Lige nu er der hjælp.", "Right now there is help."),
        );
    } else if let Some(last) = measures.last().and_then(|known| known.events.last()) {
        page.rests_on(
            &[*last],
            say!(
                v,
                "Lige nu er der ingen hjælp i gang.",
                "Right now there is no help."
            ),
        );
    }
    measures
        .into_iter()
        .for_each(|known| page.append(known.page));
    page
}

fn advice(case: &Case, page: &mut Page, at: At, facts: &EarlyAdviceStarted) {
    let v = &case.voice;
    let kind = match facts.kind {
        EarlyAdviceKind::Advice29 | EarlyAdviceKind::Sel112 => say!(
            v,
            "Familien begyndte at få råd.",
            "The family began to get advice."
        ),
        EarlyAdviceKind::EarlyMeasure30 | EarlyAdviceKind::Sel113 => {
            say!(
                v,
                "Familien begyndte at få tidlig hjælp.",
                "The family began to get early help."
            )
        }
    };
    page.dated(v, at, kind);
    let initiator = v.pick(initiator(facts.initiator));
    page.say(
        at,
        say!(
            v,
            "Det var {initiator}, der tog det første skridt.",
            "It was {initiator} that took the first step."
        ),
    );
    let form = match facts.form {
        AdviceForm::Conversation => say!(
            v,
            "Det var samtaler med familien.",
            "It was talks with the family."
        ),
        AdviceForm::NetworkMeeting => {
            say!(
                v,
                "Det var møder med dem, der er tæt på familien.",
                "It was meetings with people close to the family."
            )
        }
        AdviceForm::Group => say!(
            v,
            "Det var sammen med andre i en gruppe.",
            "It was together with others in a group."
        ),
        AdviceForm::Remote => say!(
            v,
            "Det var på telefon eller på skærm.",
            "It was by telephone or on a screen."
        ),
    };
    page.say(at, form);
    if v.reader != Reader::Child {
        page.quote(
            at,
            say!(v, "Vi skrev dengang", "We wrote then"),
            &facts.ground,
        );
    }
}

const fn initiator(initiator: Initiator) -> Phrase {
    match initiator {
        Initiator::Family => ("familien selv", "the family itself"),
        Initiator::School => ("skolen", "the school"),
        Initiator::Daycare => (
            "børnehaven eller dagplejen",
            "the kindergarten or the childminder",
        ),
        Initiator::HealthVisitor => ("sundhedsplejersken", "the health visitor"),
        Initiator::Municipality => ("kommunen", "the municipality"),
        Initiator::Other => ("en anden", "somebody else"),
    }
}

fn started(case: &Case, page: &mut Page, at: At, facts: &SupportStarted) {
    let v = &case.voice;
    page.dated(v, at, say!(v, "Hjælpen begyndte.", "The help began."));
    if case.privacy.shows_provider(facts.decision) {
        page.quote_text(
            at,
            say!(v, "Hjælpen kommer fra", "The help comes from"),
            facts.provider.as_str(),
        );
    }
    if facts.provisional {
        page.say(
            at,
            say!(
                v,
                "Det er hjælp, indtil der er bestemt noget.",
                "It is help until something is decided."
            ),
        );
    }
}

fn adjusted(case: &Case, page: &mut Page, at: At, facts: &SupportAdjusted) {
    let v = &case.voice;
    page.dated(
        v,
        at,
        say!(v, "Hjælpen blev ændret.", "The help was changed."),
    );
    page.quote(
        at,
        say!(v, "Det nye er", "What is new"),
        &facts.what_changed,
    );
    if facts.essential_change {
        page.say(
            at,
            say!(v, "Det er en stor ændring.", "It is a big change."),
        );
    }
    if v.reader != Reader::Child {
        page.quote(
            at,
            say!(v, "Det er, fordi", "That is because"),
            &facts.reason,
        );
    }
}

fn ended(case: &Case, page: &mut Page, at: At, facts: &SupportEnded) {
    let v = &case.voice;
    page.dated(v, at, say!(v, "Hjælpen stoppede.", "The help stopped."));
    let ground = match facts.ground {
        EndGround::PurposeMet => say!(
            v,
            "Det er, fordi den har virket.",
            "That is because it has worked."
        ),
        EndGround::NoEffect => say!(
            v,
            "Det er, fordi den ikke virkede.",
            "That is because it did not work."
        ),
        EndGround::Age18 => say!(
            v,
            "Det er på grund af alderen, 18 år.",
            "That is because of the age, 18 years."
        ),
        EndGround::Withdrawn => {
            say!(
                v,
                "Det er, fordi der ikke længere er sagt ja til den.",
                "That is because there is no yes to it any more."
            )
        }
        EndGround::Moved => say!(
            v,
            "Det er på grund af en flytning.",
            "That is because of a move."
        ),
        EndGround::Replaced => say!(
            v,
            "Det er, fordi noget andet kom i stedet.",
            "That is because something else took its place."
        ),
    };
    page.say(at, ground);
    if v.reader != Reader::Child
        && let Some(reasons) = &facts.reasons
    {
        page.quote(at, say!(v, "Vi skrev", "We wrote"), reasons);
    }
}
