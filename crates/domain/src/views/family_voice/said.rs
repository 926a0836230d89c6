//! What the child said: each talk, and the child's own words to those who may read them.
//!
//! A wish not to have something told is shown to the child alone, and nobody else learns here that
//! there was such a wish.

use events::involvement::{ChildHeard, ChildHearingWaived, HearingOccasion, Speaker, WaiverGround};
use events::meta::Channel;
use events::personal::Personal;
use events::support::SupervisionVisitHeld;
use events::words::Words;

use super::Reader;
use super::page::{At, Case, Page};
use super::voice::{Phrase, Voice, say};

pub(super) fn heard(case: &Case, page: &mut Page, at: At, facts: &ChildHeard) {
    let v = &case.voice;
    if !v.is_child(facts.child) {
        return;
    }
    let child = v.child();
    match at.meta.channel.and_then(channel) {
        Some(channel) => {
            let channel = v.pick(channel);
            page.dated(
                v,
                at,
                say!(
                    v,
                    "Vi talte med {child} {channel}.",
                    "We talked with {child} {channel}."
                ),
            );
        }
        None => page.dated(
            v,
            at,
            say!(v, "Vi talte med {child}.", "We talked with {child}."),
        ),
    }
    if let Some(occasion) = occasion(v, facts.occasion) {
        page.say(at, occasion);
    }
    company(case, page, at, facts);
    if case.privacy.shares_words(v, facts) {
        words(v, page, at, facts);
    } else {
        page.say(
            at,
            say!(
                v,
                "Det, der blev sagt, står ikke her.",
                "What was said is not shown here."
            ),
        );
    }
    if v.is_reader(facts.child) {
        if let Some(wish) = &facts.not_to_be_shared {
            page.quote(
                at,
                say!(
                    v,
                    "Du sagde, hvad andre ikke skal vide",
                    "You said what others are not to know"
                ),
                wish,
            );
        }
        if let Some(feedback) = &facts.dialogue_feedback {
            page.quote(
                at,
                say!(v, "Du sagde om samtalen", "You said about the talk"),
                feedback,
            );
        }
    }
}

/// Where and with whom.
fn company(case: &Case, page: &mut Page, at: At, facts: &ChildHeard) {
    let v = &case.voice;
    if let Some(place) = facts.place.as_ref().filter(|_| case.privacy.shows_place()) {
        page.quote_text(at, say!(v, "Stedet var", "The place was"), place.as_str());
    }
    if let Some(companion) = facts.bisidder {
        let who = v.subject(companion);
        page.say(
            at,
            say!(
                v,
                "{who} var med som bisidder, altså som støtte.",
                "{who} was there as a companion, that is, as support."
            ),
        );
    }
    let others: Vec<_> = facts
        .present
        .iter()
        .flatten()
        .filter(|person| Some(**person) != facts.bisidder && !v.is_child(**person))
        .copied()
        .collect();
    for list in v.lists(&others) {
        page.say(
            at,
            say!(v, "{list} var også til stede.", "{list} took part too."),
        );
    }
    let parents = v.parents();
    match (facts.without_parents, facts.without_parents_consent) {
        (Some(true), Some(true)) => page.say(
            at,
            say!(
                v,
                "{parents} var ikke med. De havde sagt ja til det.",
                "{parents} were not there. They had said yes to that."
            ),
        ),
        (Some(true), Some(false) | None) => page.say(
            at,
            say!(v, "{parents} var ikke med.", "{parents} were not there."),
        ),
        (Some(false) | None, _) => {}
    }
    if facts.bisidder_right_told == Some(true) {
        let child = v.child();
        page.say(
            at,
            say!(
                v,
                "Vi fortalte {child}, at et barn må have en voksen med.",
                "We told {child} that a child may bring an adult."
            ),
        );
    }
}

/// Where a talk took place; face to face needs no words.
const fn channel(channel: Channel) -> Option<Phrase> {
    match channel {
        Channel::InPerson | Channel::System => None,
        Channel::HomeVisit => Some(("på et besøg", "on a visit")),
        Channel::Phone => Some(("i telefonen", "on the telephone")),
        Channel::Sms => Some(("på sms", "by text message")),
        Channel::Chat => Some(("på chat", "on a chat")),
        Channel::Messenger => Some(("i en besked-app", "in a messaging app")),
        Channel::Video => Some(("på video", "on video")),
        Channel::Letter => Some(("i et brev", "by letter")),
        Channel::DigitalPost => Some(("i Digital Post", "in Digital Post")),
        Channel::Portal => Some(("på kommunens hjemmeside", "on the municipality's website")),
    }
}

fn occasion(v: &Voice, occasion: HearingOccasion) -> Option<String> {
    let child = v.child_subject();
    match occasion {
        HearingOccasion::Continuous => None,
        HearingOccasion::Notification137 => Some(say!(
            v,
            "Det var, fordi nogen var bekymret.",
            "That was because somebody was worried."
        )),
        HearingOccasion::Examination => Some(say!(
            v,
            "Det var for at finde ud af, hvad der kan hjælpe.",
            "That was to find out what can help."
        )),
        HearingOccasion::BeforeDecision => Some(say!(
            v,
            "Det var, før der blev bestemt noget.",
            "That was before something was decided."
        )),
        HearingOccasion::FollowUp => Some(say!(
            v,
            "Det var for at høre, hvordan det går.",
            "That was to hear how it is going."
        )),
        HearingOccasion::Supervision => Some(say!(
            v,
            "Det var på et besøg, hvor {child} bor.",
            "That was on a visit to see the place."
        )),
        HearingOccasion::Committee => Some(say!(
            v,
            "Det var hos udvalget, der skulle bestemme.",
            "That was with the committee that was to decide."
        )),
    }
}

pub(super) fn waived(case: &Case, page: &mut Page, at: At, facts: &ChildHearingWaived) {
    let v = &case.voice;
    if !v.is_child(facts.child) {
        return;
    }
    let child = v.child();
    page.dated(
        v,
        at,
        say!(
            v,
            "Vi talte ikke med {child} denne gang.",
            "We did not talk with {child} this time."
        ),
    );
    if let Some(meant) = meant_to_be(v, facts.occasion) {
        page.say(at, meant);
    }
    let ground = match facts.ground {
        WaiverGround::Age => say!(
            v,
            "Det var på grund af alderen.",
            "That was because of the age."
        ),
        WaiverGround::OtherDecisive => say!(
            v,
            "Der var en vigtig grund til det.",
            "There was an important reason for that."
        ),
        WaiverGround::NatureOfCase => say!(
            v,
            "Det var på grund af det, sagen handler om.",
            "That was because of what the case is about."
        ),
    };
    page.say(at, ground);
    let own = v.is_reader(facts.child);
    if own {
        page.quote(at, say!(v, "Vi skrev", "We wrote"), &facts.reasons);
    }
    match &facts.views_obtained_by {
        Some(views) if own => page.quote(
            at,
            say!(
                v,
                "Sådan fandt vi ud af, hvad du mener",
                "This is how we found out what you think"
            ),
            views,
        ),
        Some(_) => page.say(
            at,
            say!(
                v,
                "Vi fandt ud af barnets mening på en anden måde.",
                "We found out the child's view in another way."
            ),
        ),
        None => {}
    }
}

fn meant_to_be(v: &Voice, occasion: HearingOccasion) -> Option<String> {
    match occasion {
        HearingOccasion::Continuous => None,
        HearingOccasion::Notification137 => Some(say!(
            v,
            "Samtalen skulle handle om, at nogen var bekymret.",
            "The talk was to be about somebody's worry."
        )),
        HearingOccasion::Examination => Some(say!(
            v,
            "Samtalen skulle handle om, hvad der kan hjælpe.",
            "The talk was to be about what can help."
        )),
        HearingOccasion::BeforeDecision => Some(say!(
            v,
            "Samtalen skulle handle om noget, der skulle bestemmes.",
            "The talk was to be about something to decide."
        )),
        HearingOccasion::FollowUp => Some(say!(
            v,
            "Samtalen skulle handle om, hvordan det går.",
            "The talk was to be about how it is going."
        )),
        HearingOccasion::Supervision => Some(say!(
            v,
            "Samtalen skulle handle om stedet at bo.",
            "The talk was to be about the place to live."
        )),
        HearingOccasion::Committee => Some(say!(
            v,
            "Samtalen skulle være med udvalget, der bestemmer.",
            "The talk was to be with the committee that decides."
        )),
    }
}

pub(super) fn visited(case: &Case, page: &mut Page, at: At, facts: &SupervisionVisitHeld) {
    let v = &case.voice;
    if !v.is_child(facts.child) {
        return;
    }
    let (child, whom) = (v.child_subject(), v.child());
    page.dated(
        v,
        at,
        say!(
            v,
            "Vi var på besøg, hvor {child} bor.",
            "We visited {whom} and saw the place."
        ),
    );
    if let Some(place) = facts.place.as_ref().filter(|_| case.privacy.shows_place()) {
        page.quote_text(at, say!(v, "Stedet var", "The place was"), place.as_str());
    }
    page.say(at, spoken_to(v, facts));
    // Such a talk is about the place, and is the child's alone.
    if let Some(words) = facts
        .own_words
        .as_ref()
        .filter(|_| v.is_reader(facts.child))
    {
        page.quote(at, say!(v, "Du sagde", "You said"), words);
    }
    judged_place(v, page, at, facts);
}

/// What was said, each turn of a dialogue by who spoke: nobody's words stand as the child's.
fn words(v: &Voice, page: &mut Page, at: At, facts: &ChildHeard) {
    let child = v.child_subject();
    if let Some(own) = &facts.own_words {
        page.quote(at, say!(v, "{child} sagde", "{child} said"), own);
    }
    for turn in facts.dialogue.iter().flatten() {
        let Some(turn) = turn.known() else {
            // Nobody can tell any more who spoke.
            let gone = Words(vec![Personal::Erased]);
            page.quote(at, say!(v, "Der blev sagt", "It was said"), &gone);
            continue;
        };
        let said = match turn.speaker {
            Speaker::Child => say!(v, "{child} sagde", "{child} said"),
            Speaker::Caseworker => say!(v, "Rådgiveren sagde", "The caseworker said"),
            Speaker::Other => say!(v, "En anden sagde", "Somebody else said"),
        };
        page.quote(at, said, &turn.words);
    }
}

/// Whether the child was spoken to, and with whom.
fn spoken_to(v: &Voice, facts: &SupervisionVisitHeld) -> String {
    let whom = v.child();
    match (facts.child_spoken_to, facts.staff_absent) {
        (true, true) => say!(
            v,
            "Vi talte med {whom} alene.",
            "We talked with {whom} alone."
        ),
        (true, false) => {
            say!(
                v,
                "Vi talte med {whom}. De voksne fra stedet var med.",
                "We talked with {whom}. The adults of the place were there."
            )
        }
        (false, _) => say!(
            v,
            "Vi talte ikke med {whom} denne gang.",
            "We did not talk with {whom} this time."
        ),
    }
}

/// What was found about the place, and who was told.
fn judged_place(v: &Voice, page: &mut Page, at: At, facts: &SupervisionVisitHeld) {
    if facts.concerns_about_place {
        page.say(
            at,
            say!(
                v,
                "Der var noget ved stedet, som vi ser nærmere på.",
                "There was something about the place that we look into."
            ),
        );
    } else if v.reader != Reader::Child {
        page.say(
            at,
            say!(
                v,
                "Vi så ikke noget ved stedet, der bekymrede os.",
                "We saw nothing about the place that worried us."
            ),
        );
    }
    if facts.supervision_told == Some(true) {
        page.say(
            at,
            say!(
                v,
                "Vi fortalte det til dem, der holder øje med stedet.",
                "We told those who keep an eye on the place."
            ),
        );
    }
}
