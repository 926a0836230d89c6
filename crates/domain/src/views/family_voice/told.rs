//! Who was told what and when, and what was given to whom.

use events::access::{DisclosureKind, DisclosureMade, RedactionClass};
use events::decision::{DecisionCommunicated, Guidance, Recipient};
use events::lifecycle::CaseClosed;
use events::meta::Channel;
use events::person::PersonRef;
use events::plan::FollowUpHeld;
use events::rights::{HearingException, PartyHearingHeld};
use events::time::Occurred;
use jiff::civil::Date;

use super::page::{At, Case, Page};
use super::privacy::receivers;
use super::voice::{Phrase, Voice, say};

pub(super) fn communicated(case: &Case, page: &mut Page, at: At, facts: &DecisionCommunicated) {
    let v = &case.voice;
    // Those who were told on the same day in the same way are named together.
    let mut groups: Vec<(Date, bool, Channel, Vec<PersonRef>)> = Vec::new();
    for to in facts.recipients.iter().filter(|to| v.of_family(to.who)) {
        let day = Occurred::At(to.available_at).day();
        match groups
            .iter_mut()
            .find(|group| (group.0, group.1, group.2) == (day, to.oral, to.channel))
        {
            Some(group) => group.3.push(to.who),
            None => groups.push((day, to.oral, to.channel, vec![to.who])),
        }
    }
    let decided = case
        .facts
        .iter()
        .find(|(event, _)| event.event == facts.decision)
        .map(|(_, shown)| shown.meta.occurred.day());
    for (day, oral, channel, persons) in groups {
        for list in v.lists(&persons) {
            page.on_day(
                v,
                at,
                day,
                say!(
                    v,
                    "{list} fik besked om en afgørelse.",
                    "{list} learned about a decision."
                ),
            );
        }
        if let Some(decided) = decided.filter(|decided| *decided != day) {
            let on = v.on(decided);
            page.say(at, say!(v, "Den blev truffet {on}.", "It was made {on}."));
        }
        let way = v.pick(way(channel));
        if oral {
            page.say(at, say!(v, "Den blev fortalt {way}.", "It was told {way}."));
        } else {
            page.say(at, say!(v, "Den kom {way}.", "It came {way}."));
        }
        let same = |to: &&Recipient| {
            (Occurred::At(to.available_at).day(), to.oral, to.channel) == (day, oral, channel)
        };
        facts
            .recipients
            .iter()
            .filter(same)
            .filter(|to| v.is_reader(to.who))
            .for_each(|to| guided(v, page, at, to));
    }
}

fn guided(v: &Voice, page: &mut Page, at: At, to: &Recipient) {
    for guidance in &to.guidance {
        let text = match guidance {
            Guidance::Appeal => say!(
                v,
                "Du fik at vide, hvordan du kan klage.",
                "You were told how you can complain."
            ),
            Guidance::Lawyer => say!(
                v,
                "Du fik at vide, at du kan få en advokat.",
                "You were told that you can get a lawyer."
            ),
            Guidance::FileAccess => say!(
                v,
                "Du fik at vide, at du kan se sagen.",
                "You were told that you can see the file."
            ),
        };
        page.say(at, text);
    }
}

const fn way(channel: Channel) -> Phrase {
    match channel {
        Channel::InPerson => ("ansigt til ansigt", "face to face"),
        Channel::HomeVisit => ("hjemme hos familien", "at the family's home"),
        Channel::Phone => ("i telefonen", "on the telephone"),
        Channel::Sms => ("på sms", "by text message"),
        Channel::Chat => ("på chat", "on a chat"),
        Channel::Messenger => ("i en besked-app", "in a messaging app"),
        Channel::Video => ("på video", "on video"),
        Channel::Letter => ("i et brev", "in a letter"),
        Channel::DigitalPost => ("i Digital Post", "in Digital Post"),
        Channel::Portal => ("på kommunens hjemmeside", "on the municipality's website"),
        Channel::System => ("automatisk", "automatically"),
    }
}

pub(super) fn heard(case: &Case, page: &mut Page, at: At, facts: &PartyHearingHeld) {
    let v = &case.voice;
    if !v.of_family(facts.party) {
        return;
    }
    asked(v, page, at, facts);
    if v.is_reader(facts.party) {
        own_answer(v, page, at, facts);
    }
}

/// Whether the party was asked before a decision, or why not.
fn asked(v: &Voice, page: &mut Page, at: At, facts: &PartyHearingHeld) {
    let (who, whom) = (v.subject(facts.party), v.object(facts.party));
    match facts.exception {
        None => {
            let text = say!(
                v,
                "{who} kunne læse noget og svare, før der blev bestemt.",
                "{who} could read something and answer before a decision."
            );
            page.dated(v, at, text);
        }
        Some(exception) => {
            page.dated(
                v,
                at,
                say!(
                    v,
                    "Vi spurgte ikke {whom}, før der blev bestemt.",
                    "We did not ask {whom} before a decision."
                ),
            );
            let exception = match exception {
                HearingException::KnownOrFavourable => {
                    say!(
                        v,
                        "Det var noget kendt eller noget godt.",
                        "It was something known or something good."
                    )
                }
                HearingException::Urgent => say!(v, "Det kunne ikke vente.", "It could not wait."),
                HearingException::Other => say!(
                    v,
                    "Der var en anden grund i loven.",
                    "There was another ground in the law."
                ),
            };
            page.say(at, exception);
        }
    }
}

/// What the reader got to read, and answered.
fn own_answer(v: &Voice, page: &mut Page, at: At, facts: &PartyHearingHeld) {
    if let Some(material) = &facts.material {
        page.quote_text(at, say!(v, "Du fik", "You got"), material.as_str());
    }
    if let Some(deadline) = facts.deadline {
        let day = v.date(deadline);
        page.say(
            at,
            say!(
                v,
                "Du kunne svare til og med den {day}.",
                "You could answer until {day}, that day too."
            ),
        );
    }
    if let Some(answered) = facts.answered_at {
        let on = v.on(Occurred::At(answered).day());
        page.say(
            at,
            say!(v, "Vi fik dit svar {on}.", "We got your answer {on}."),
        );
    }
    if let Some(answer) = &facts.answer {
        page.quote(at, say!(v, "Du svarede", "You answered"), answer);
    }
    if let Some(reasons) = &facts.exception_reasons {
        page.quote(at, say!(v, "Vi skrev", "We wrote"), reasons);
    }
}

pub(super) fn closed(case: &Case, page: &mut Page, at: At, facts: &CaseClosed) {
    if at.stream != case.stream {
        return;
    }
    let v = &case.voice;
    let told: Vec<PersonRef> = facts
        .told_to
        .iter()
        .filter(|person| v.of_family(**person))
        .copied()
        .collect();
    for list in v.lists(&told) {
        page.dated(
            v,
            at,
            say!(
                v,
                "{list} fik at vide, at sagen blev lukket.",
                "{list} got to know that the case was closed."
            ),
        );
    }
}

pub(super) fn rhythm(case: &Case, page: &mut Page, at: At, facts: &FollowUpHeld) {
    let v = &case.voice;
    if !v.is_child(facts.child) {
        return;
    }
    let told: Vec<PersonRef> = facts
        .rhythm_told_to
        .iter()
        .filter(|person| v.of_family(**person))
        .copied()
        .collect();
    for list in v.lists(&told) {
        page.dated(
            v,
            at,
            say!(
                v,
                "{list} fik at vide, hvornår vi ser på det igen.",
                "{list} got to know when we look at it again."
            ),
        );
    }
}

pub(super) fn disclosed(case: &Case, page: &mut Page, at: At, facts: &DisclosureMade) {
    let v = &case.voice;
    let own = receivers(&case.facts, facts).any(|person| v.is_reader(person));
    // What another person was given to see is theirs.
    if facts.kind == DisclosureKind::FileAccess && !own {
        return;
    }
    page.dated(v, at, given_out(v, facts.kind));
    if own {
        withheld(v, page, at, facts);
    }
}

fn given_out(v: &Voice, kind: DisclosureKind) -> String {
    match kind {
        DisclosureKind::FileAccess => say!(
            v,
            "Du fik papirer fra sagen at se.",
            "You were given papers of the case to see."
        ),
        DisclosureKind::BoardDossier => {
            say!(
                v,
                "Vi sendte sagens papirer til Ankestyrelsen.",
                "We sent the papers of the case to the Appeals Board."
            )
        }
        DisclosureKind::BoardReport => say!(
            v,
            "Vi skrev til Ankestyrelsen om sagen.",
            "We wrote to the Appeals Board about the case."
        ),
        DisclosureKind::Provider94 => {
            say!(
                v,
                "De, der giver hjælpen, fik det at vide, de har brug for.",
                "Those who give the help were told what they need."
            )
        }
        DisclosureKind::Statistics => say!(
            v,
            "Vi sendte oplysninger til statistik.",
            "We sent information for statistics."
        ),
        DisclosureKind::Court => say!(
            v,
            "Vi sendte papirer til en domstol.",
            "We sent papers to a court."
        ),
        DisclosureKind::Municipality => say!(
            v,
            "Vi sendte papirer til en anden kommune.",
            "We sent papers to another municipality."
        ),
    }
}

/// What was kept back from the reader, each kind once.
fn withheld(v: &Voice, page: &mut Page, at: At, facts: &DisclosureMade) {
    if facts.refused_in_part {
        page.say(
            at,
            say!(
                v,
                "Noget af det viste vi ikke.",
                "Some of it we did not show."
            ),
        );
    }
    let mut said: Vec<Phrase> = Vec::new();
    for class in facts
        .redactions
        .iter()
        .map(|redaction| kept_back(redaction.class))
    {
        if !said.contains(&class) {
            said.push(class);
            let class = v.pick(class);
            page.say(
                at,
                say!(
                    v,
                    "Vi holdt noget tilbage: {class}.",
                    "We kept something back: {class}."
                ),
            );
        }
    }
}

/// That a child wished to keep something back is not told here: it reads like any other person's
/// private matter.
const fn kept_back(class: RedactionClass) -> Phrase {
    match class {
        RedactionClass::NotifierContact => (
            "hvordan man får fat i den, der var bekymret",
            "how to reach the one who was worried",
        ),
        RedactionClass::PlacementAddress => ("hvor et barn bor", "where a child lives"),
        RedactionClass::ChildWish | RedactionClass::OtherPerson => (
            "noget privat om en anden",
            "something private about somebody else",
        ),
        RedactionClass::InternalDocument => ("vores egne arbejdspapirer", "our own working papers"),
        RedactionClass::Other => ("noget andet", "something else"),
    }
}
