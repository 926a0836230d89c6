//! Who works on the case. Employees are pseudonyms in the record, so they are called by what they
//! do; whether it is the same person as before can be told nevertheless.

use events::event::Event;
use events::text::EmployeeId;

use super::page::{At, Case, Page};
use super::voice::{Voice, say};

pub(super) fn people(case: &Case) -> Page {
    let v = &case.voice;
    let mut page = Page::new(v.language);
    let mut before: Vec<EmployeeId> = Vec::new();
    let mut newest = None;
    for (event, shown) in case
        .facts
        .iter()
        .filter(|(event, _)| event.stream == case.stream)
    {
        let Event::CaseworkerAssigned(facts) = &shown.facts else {
            continue;
        };
        let now: Vec<EmployeeId> = facts
            .caseworkers
            .iter()
            .chain(&facts.second_caseworker)
            .cloned()
            .collect();
        let at = At::new(event, shown);
        page.dated(v, at, assigned(v, &before, &now));
        newest = Some((at.event, now.len()));
        before = now;
    }
    if let Some((event, count)) = newest.filter(|(_, count)| *count > 0) {
        page.rests_on(&[event], ask(v, count));
    }
    page
}

/// What changed, from the caseworkers before to those of now.
fn assigned(v: &Voice, before: &[EmployeeId], now: &[EmployeeId]) -> String {
    let you = v.you();
    let stays = before.iter().any(|employee| now.contains(employee));
    match (before.is_empty(), now.len()) {
        (_, 0) => say!(
            v,
            "Der var ingen fast rådgiver.",
            "There was no fixed caseworker."
        ),
        (true, 1) => say!(v, "{you} fik en rådgiver.", "{you} got a caseworker."),
        (true, 2) => say!(v, "{you} fik to rådgivere.", "{you} got two caseworkers."),
        (true, count) => say!(
            v,
            "{you} fik {count} rådgivere.",
            "{you} got {count} caseworkers."
        ),
        (false, _) if before == now => say!(
            v,
            "{you} beholdt den samme rådgiver.",
            "{you} kept the same caseworker."
        ),
        (false, count) if stays && count > before.len() => say!(
            v,
            "{you} fik en rådgiver mere.",
            "{you} got one more caseworker."
        ),
        (false, _) if stays => say!(
            v,
            "Der skete et skifte. En rådgiver, som kender sagen, fortsætter.",
            "There was a change. A caseworker who knows the case goes on."
        ),
        (false, 1) => say!(
            v,
            "{you} fik en ny rådgiver.",
            "{you} got a new caseworker."
        ),
        (false, count) => say!(
            v,
            "{you} fik {count} nye rådgivere.",
            "{you} got {count} new caseworkers."
        ),
    }
}

/// Whom to ask, where there are so many caseworkers.
fn ask(v: &Voice, count: usize) -> String {
    let you = v.you();
    let your = v.your();
    let your_many = match v.reader {
        super::Reader::Parent(_) => v.pick(("dine", "your")),
        super::Reader::Child | super::Reader::Family => v.your_many(),
    };
    if count == 1 {
        say!(
            v,
            "Spørg {your} rådgiver, hvis der er noget, {you} ikke forstår.",
            "Ask {your} caseworker if there is something {you} do not understand."
        )
    } else {
        say!(
            v,
            "Spørg {your_many} rådgivere, hvis der er noget, {you} ikke forstår.",
            "Ask {your_many} caseworkers if there is something {you} do not understand."
        )
    }
}
