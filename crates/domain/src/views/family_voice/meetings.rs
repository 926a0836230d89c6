//! Meetings of family, network and professionals, and what was agreed.

use events::involvement::{MeetingBasis, NetworkMeetingHeld};

use super::page::{At, Case, Page};
use super::voice::say;

pub(super) fn held(case: &Case, page: &mut Page, at: At, facts: &NetworkMeetingHeld) {
    let v = &case.voice;
    page.dated(
        v,
        at,
        say!(v, "Der blev holdt et møde.", "A meeting was held."),
    );
    let others: Vec<_> = facts
        .participants
        .iter()
        .filter(|person| !v.is_child(**person))
        .copied()
        .collect();
    for list in v.lists(&others) {
        page.say(at, say!(v, "{list} var med.", "{list} took part."));
    }
    let child = v.child_subject();
    if facts.child_took_part {
        page.say(at, say!(v, "{child} var med.", "{child} took part."));
    } else {
        page.say(
            at,
            say!(v, "{child} var ikke med.", "{child} did not take part."),
        );
    }
    let basis = match facts.basis {
        MeetingBasis::Consent => say!(
            v,
            "Der var sagt ja til mødet.",
            "Somebody had said yes to the meeting."
        ),
        MeetingBasis::Rsl11eFirst => say!(
            v,
            "Der var ikke sagt ja til mødet.",
            "Nobody had said yes to the meeting."
        ),
        MeetingBasis::Rsl11eFollowUp => say!(
            v,
            "Det var et møde til. Der var heller ikke sagt ja til det.",
            "It was one more meeting. Nobody had said yes to that one either."
        ),
    };
    page.say(at, basis);
    // What was agreed without the family is told by those who agreed on it.
    let there = facts.participants.iter().any(|person| v.is_reader(*person));
    let child_there = facts.child_took_part && v.reader == super::Reader::Child;
    if facts.basis == MeetingBasis::Consent || there || child_there {
        for agreement in &facts.agreements {
            page.quote_text(
                at,
                say!(v, "Vi aftalte", "We agreed"),
                agreement.what.as_str(),
            );
            page.quote_text(
                at,
                say!(v, "Hvem gør det", "Who does it"),
                agreement.responsible.as_str(),
            );
        }
    }
    if let Some(next) = &facts.next_meeting {
        let (from, to) = (v.date(next.from), v.date(next.to));
        page.say(
            at,
            say!(
                v,
                "Næste møde skulle være fra den {from} til den {to}.",
                "The next meeting was to be from {from} to {to}."
            ),
        );
    }
}
