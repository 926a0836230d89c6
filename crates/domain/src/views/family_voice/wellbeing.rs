//! How the child is: follow-ups in words, and the child's own answers in points.
//!
//! Points are listed in the order of time and not weighed here: they are what the child says, not a
//! diagnosis. What an adult answered is told to that adult only.

use events::personal::Personal;
use events::plan::{FollowUpHeld, MeasureJudgement};
use events::support::{Instrument, MeasurementOccasion, WellbeingMeasured};

use super::page::{At, Case, ERASED, Page, WITHHELD};
use super::voice::{Phrase, Voice, say};
use super::{Language, Reader};

/// The highest sum of a questionnaire, in points.
const POINTS_MAX: u16 = 40;

pub(super) fn followed_up(case: &Case, page: &mut Page, at: At, facts: &FollowUpHeld) {
    let v = &case.voice;
    if !v.is_child(facts.child) {
        return;
    }
    let child = v.child_subject();
    looked(v, page, at, facts);
    if facts.child_involved {
        page.say(at, say!(v, "{child} var med.", "{child} took part."));
    } else {
        page.say(
            at,
            say!(v, "{child} var ikke med.", "{child} did not take part."),
        );
    }
    for list in v.lists(&facts.parents_involved) {
        page.say(at, say!(v, "{list} var med.", "{list} took part."));
    }
    page.quote_if(
        case.privacy.tells_of_child(v, facts.child),
        at,
        say!(v, "Vi skrev", "We wrote"),
        &facts.wellbeing_judgement,
    );
    judged(v, page, at, facts);
}

/// That it was looked at, and why not sooner.
fn looked(v: &Voice, page: &mut Page, at: At, facts: &FollowUpHeld) {
    if facts.first {
        page.dated(
            v,
            at,
            say!(
                v,
                "Vi så for første gang på, hvordan det går.",
                "We looked for the first time at how it is going."
            ),
        );
    } else {
        page.dated(
            v,
            at,
            say!(
                v,
                "Vi så igen på, hvordan det går.",
                "We looked again at how it is going."
            ),
        );
    }
    if let Some(delay) = facts
        .delay_reasons
        .as_ref()
        .filter(|_| v.reader != Reader::Child)
    {
        page.quote(
            at,
            say!(
                v,
                "Det blev senere end aftalt, fordi",
                "It was later than agreed because"
            ),
            delay,
        );
    }
}

/// What is to happen with the help and the plan.
fn judged(v: &Voice, page: &mut Page, at: At, facts: &FollowUpHeld) {
    let judgement = match facts.measure_judgement {
        MeasureJudgement::Keep => say!(
            v,
            "Hjælpen fortsætter, som den er.",
            "The help goes on as it is."
        ),
        MeasureJudgement::Adjust => say!(v, "Hjælpen skal ændres.", "The help is to be changed."),
        MeasureJudgement::End => say!(v, "Hjælpen skal stoppe.", "The help is to stop."),
    };
    page.say(at, judgement);
    if facts.new_assessment_needed {
        page.say(
            at,
            say!(
                v,
                "Vi skal finde ud af, om noget andet kan hjælpe.",
                "We must find out whether something else can help."
            ),
        );
    }
    if facts.plan_revision_needed {
        page.say(
            at,
            say!(v, "Planen skal laves om.", "The plan is to be changed."),
        );
    }
}

pub(super) fn measured(case: &Case, page: &mut Page, at: At, facts: &WellbeingMeasured) {
    let v = &case.voice;
    let own = v.is_reader(facts.respondent);
    let of_child = v.is_child(facts.respondent);
    // How somebody finds the talks is said to the caseworker, and stays with the two of them.
    let of_talk = match facts.instrument {
        Instrument::Srs | Instrument::Csrs => true,
        Instrument::Ors | Instrument::Cors | Instrument::Ycors => false,
    };
    if !v.is_child(facts.child)
        || !(own || of_child && !of_talk && case.privacy.shares_child(v, facts.child))
    {
        return;
    }
    let who = v.subject(facts.respondent);
    let form = v.pick(questionnaire(facts.instrument));
    let occasion = v.pick(occasion(facts.occasion));
    page.dated(
        v,
        at,
        say!(
            v,
            "{who} svarede på {form} {occasion}.",
            "{who} answered {form} {occasion}."
        ),
    );
    match &facts.scores {
        None => page.say(at, say!(v, "Der er ingen point.", "There are no points.")),
        Some(Personal::Known(scores)) => {
            let (whole, tenth) = (scores.total / 10, scores.total % 10);
            let points = match v.language {
                Language::Danish => format!("{whole},{tenth}"),
                Language::English => format!("{whole}.{tenth}"),
            };
            page.say(
                at,
                say!(
                    v,
                    "Det gav {points} point ud af {POINTS_MAX}.",
                    "That gave {points} points out of {POINTS_MAX}."
                ),
            );
        }
        Some(Personal::Erased) => points_gone(case, page, at, v.pick(ERASED)),
        Some(Personal::Withheld) => points_gone(case, page, at, v.pick(WITHHELD)),
    }
    if facts.instrument.scored() {
        let better = if of_talk {
            say!(
                v,
                "Flere point betyder, at samtalen føles bedre.",
                "More points mean that the talk feels better."
            )
        } else {
            say!(
                v,
                "Flere point betyder, at livet føles bedre.",
                "More points mean that life feels better."
            )
        };
        page.once(at, better);
    }
}

fn points_gone(case: &Case, page: &mut Page, at: At, gap: &str) {
    let v = &case.voice;
    page.say(at, say!(v, "Point: {gap}", "Points: {gap}"));
}

/// Two forms with the same purpose are called the same: their names and ages say nothing to a
/// family.
const fn questionnaire(instrument: Instrument) -> Phrase {
    match instrument {
        Instrument::Ors | Instrument::Cors => {
            ("et spørgeskema om trivsel", "a well-being questionnaire")
        }
        Instrument::Srs | Instrument::Csrs => (
            "et spørgeskema om samtalen",
            "a questionnaire about the talk",
        ),
        Instrument::Ycors => (
            "spørgsmål om trivsel ved at vise ansigter",
            "questions about well-being by showing faces",
        ),
    }
}

const fn occasion(occasion: MeasurementOccasion) -> Phrase {
    match occasion {
        MeasurementOccasion::Start => ("i begyndelsen", "at the beginning"),
        MeasurementOccasion::Session => ("ved en samtale", "at a talk"),
        MeasurementOccasion::FollowUp => ("ved en opfølgning", "at a follow-up"),
        MeasurementOccasion::End => ("til sidst", "at the end"),
    }
}
