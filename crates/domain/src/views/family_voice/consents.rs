//! What was said yes and no to. That somebody said so is told to all; in which words is told to the
//! one who said it.

use events::people::{ConsentCapacity, ConsentForm, ConsentGiven, ConsentPurpose};
use events::rights::{ConsentEnd, ConsentWithdrawn};

use super::page::{At, Case, Page};
use super::voice::{Phrase, Voice, say};

pub(super) fn given(case: &Case, page: &mut Page, at: At, facts: &ConsentGiven) {
    let v = &case.voice;
    if !v.of_family(facts.giver) {
        return;
    }
    let (who, purpose) = (v.subject(facts.giver), v.pick(purpose(facts.purpose)));
    page.dated(
        v,
        at,
        say!(
            v,
            "{who} sagde ja til {purpose}.",
            "{who} said yes to {purpose}."
        ),
    );
    if !v.is_reader(facts.giver) {
        return;
    }
    let form = match facts.form {
        ConsentForm::Oral => say!(
            v,
            "Du sagde det, og vi skrev det ned.",
            "You said it, and we wrote it down."
        ),
        ConsentForm::Written => say!(v, "Du gav det på papir.", "You gave it on paper."),
        ConsentForm::Digital => say!(v, "Du gav det på nettet.", "You gave it online."),
    };
    page.say(at, form);
    if let Some(capacity) = capacity(v, facts.capacity) {
        page.say(at, capacity);
    }
    page.quote(
        at,
        say!(v, "Du sagde ja til", "You said yes to"),
        &facts.scope,
    );
    page.quote(
        at,
        say!(v, "Før det fik du at vide", "Before that you were told"),
        &facts.informed_of,
    );
    if let Some(last) = at.meta.effective_to {
        let day = v.date(last);
        page.say(
            at,
            say!(
                v,
                "Dit ja gælder til og med den {day}.",
                "Your yes holds until {day}, that day too."
            ),
        );
    }
}

fn capacity(v: &Voice, capacity: ConsentCapacity) -> Option<String> {
    match capacity {
        ConsentCapacity::CustodyHolder => Some(say!(
            v,
            "Du bestemte det, fordi du har forældremyndighed.",
            "You decided it because you have custody."
        )),
        ConsentCapacity::Youth15 => Some(say!(
            v,
            "Du bestemte det, fordi du er 15 år eller mere.",
            "You decided it because you are 15 or older."
        )),
        ConsentCapacity::Child12 => Some(say!(
            v,
            "Du bestemte det, fordi du er 12 år eller mere.",
            "You decided it because you are 12 or older."
        )),
        ConsentCapacity::Other => None,
    }
}

pub(super) const fn purpose(purpose: ConsentPurpose) -> Phrase {
    match purpose {
        ConsentPurpose::Measure => ("hjælpen", "the help"),
        ConsentPurpose::InformationExchange => ("at dele oplysninger", "sharing information"),
        ConsentPurpose::Attendance => ("at nogen er med", "somebody taking part"),
        ConsentPurpose::Examination => ("en undersøgelse", "an examination"),
        ConsentPurpose::Placement => ("et andet sted at bo", "another place to live"),
        ConsentPurpose::Other => ("noget andet", "something else"),
    }
}

pub(super) fn withdrawn(case: &Case, page: &mut Page, at: At, facts: &ConsentWithdrawn) {
    let v = &case.voice;
    if !v.of_family(facts.by) {
        return;
    }
    let (who, purpose) = (v.subject(facts.by), v.pick(purpose(facts.purpose)));
    let text = match facts.kind {
        ConsentEnd::Withdrawn => {
            say!(
                v,
                "{who} tog et ja tilbage. Det var et ja til {purpose}.",
                "{who} took back a yes. It was a yes to {purpose}."
            )
        }
        ConsentEnd::Refused => say!(
            v,
            "{who} sagde nej til {purpose}.",
            "{who} said no to {purpose}."
        ),
    };
    page.dated(v, at, text);
    if let Some(reasons) = facts.reasons.as_ref().filter(|_| v.is_reader(facts.by)) {
        page.quote(at, say!(v, "Du sagde", "You said"), reasons);
    }
}
