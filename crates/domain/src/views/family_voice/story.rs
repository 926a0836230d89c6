//! What has happened: how the authority found out what the child needs.
//!
//! Texts in which it may stand who was worried are not quoted here.

use events::assessment::{
    AssessmentKind, AssessmentOpened, AssessmentReported, CaseWeight, RecommendedSupport,
    ReportStage, ScreeningConcluded, ScreeningFlag, ScreeningOutcome, SiblingNeedAssessed,
    SiblingResult,
};
use events::casework::{InformationBasis, InformationKind, InformationObtained};
use events::notification::NotificationReassessed;

use super::Reader;
use super::page::{At, Case, Page};
use super::voice::{Phrase, Voice, say};

pub(super) fn reassessed(case: &Case, page: &mut Page, at: At, facts: &NotificationReassessed) {
    let v = &case.voice;
    page.dated(
        v,
        at,
        say!(
            v,
            "Vi så på hjælpen igen, fordi nogen var bekymret.",
            "We looked at the help again because somebody was worried."
        ),
    );
    page.say(
        at,
        say!(
            v,
            "En, der ikke kendte sagen, så på den med nye øjne.",
            "Somebody who did not know the case looked at it with fresh eyes."
        ),
    );
    if facts.change_needed {
        page.say(
            at,
            say!(
                v,
                "Vi mente, at hjælpen skulle ændres.",
                "We thought that the help had to change."
            ),
        );
    } else {
        page.say(
            at,
            say!(
                v,
                "Vi mente, at hjælpen passede.",
                "We thought that the help was right."
            ),
        );
    }
}

pub(super) fn screened(case: &Case, page: &mut Page, at: At, facts: &ScreeningConcluded) {
    let v = &case.voice;
    let child = v.child_subject();
    let outcome = match facts.outcome {
        ScreeningOutcome::NoFurther => say!(
            v,
            "Vi mente, at der ikke skulle ske mere.",
            "We thought that nothing more had to happen."
        ),
        ScreeningOutcome::Clarification19 => {
            say!(
                v,
                "Vi ville finde ud af, hvad {child} har brug for.",
                "We wanted to find out what could help {child}."
            )
        }
        ScreeningOutcome::Examination20 => {
            say!(
                v,
                "Vi ville undersøge grundigt, hvordan {child} har det.",
                "We wanted to find out thoroughly how things are for {child}."
            )
        }
    };
    page.dated(v, at, outcome);
    let weight = match facts.weight {
        CaseWeight::Light => say!(
            v,
            "Vi mente, at sagen er enkel.",
            "We thought that the case is simple."
        ),
        CaseWeight::Medium => say!(
            v,
            "Vi mente, at sagen kræver noget mere arbejde.",
            "We thought that the case takes some more work."
        ),
        CaseWeight::Heavy => say!(
            v,
            "Vi mente, at sagen er alvorlig.",
            "We thought that the case is serious."
        ),
    };
    page.say(at, weight);
    for flag in facts.flags.iter().filter_map(|flag| self::flag(v, *flag)) {
        page.say(at, flag);
    }
    if facts.next_help_started {
        page.say(
            at,
            say!(
                v,
                "Der var allerede hjælp i gang.",
                "There was help already."
            ),
        );
    }
}

/// What the authority was to keep an eye on: for adults. That coercion or a placement was thought
/// of is told with the decision, if one comes; that honour may be at stake is never told here,
/// since a person must weigh that first.
fn flag(v: &Voice, flag: ScreeningFlag) -> Option<String> {
    if v.reader == Reader::Child {
        return None;
    }
    match flag {
        ScreeningFlag::Abuse => Some(say!(
            v,
            "Vi var særligt opmærksomme på overgreb.",
            "We paid special attention to abuse."
        )),
        ScreeningFlag::Violence => Some(say!(
            v,
            "Vi var særligt opmærksomme på vold.",
            "We paid special attention to violence."
        )),
        ScreeningFlag::Disability => Some(say!(
            v,
            "Vi tænkte på, at der er et handicap.",
            "We kept in mind that there is a disability."
        )),
        ScreeningFlag::Unborn => Some(say!(
            v,
            "Vi tænkte på, at et barn ikke er født endnu.",
            "We kept in mind that a child is not born yet."
        )),
        ScreeningFlag::CoercionConsidered
        | ScreeningFlag::PlacementConsidered
        | ScreeningFlag::HonourRelated => None,
    }
}

pub(super) fn assessment_opened(case: &Case, page: &mut Page, at: At, facts: &AssessmentOpened) {
    let v = &case.voice;
    let name = v.pick(assessment(facts.kind));
    page.dated(v, at, say!(v, "Vi begyndte på {name}.", "We began {name}."));
    page.once(at, v.pick(explained(facts.kind)));
    if facts.is_decision {
        page.say(
            at,
            say!(
                v,
                "Det er en afgørelse, som man kan klage over.",
                "It is a decision that one can complain about."
            ),
        );
    }
    if facts.parallel_to_support {
        page.say(
            at,
            say!(v, "Der var hjælp imens.", "There was help meanwhile."),
        );
    }
    if facts.childrens_house_used {
        let text = say!(
            v,
            "Et børnehus var med. Det er et trygt sted, hvor børn kan fortælle.",
            "A children's house took part. It is a safe place where children can tell."
        );
        page.say(at, text);
    }
    if v.reader != Reader::Child {
        page.quote(at, say!(v, "Vi så på", "We looked at"), &facts.scope);
    }
}

/// Its name, as what somebody works on.
pub(super) const fn assessment(kind: AssessmentKind) -> Phrase {
    match kind {
        AssessmentKind::ShortAssessment => ("en kort vurdering", "a short assessment"),
        AssessmentKind::Clarification19 => ("en afdækning", "a clarification"),
        AssessmentKind::Examination20 => (
            "en børnefaglig undersøgelse",
            "a child protection examination",
        ),
        AssessmentKind::Unborn26 => (
            "en undersøgelse før fødslen",
            "an examination before the birth",
        ),
        AssessmentKind::Coerced23 => (
            "en undersøgelse uden samtykke",
            "an examination without consent",
        ),
    }
}

/// Its name, once it is known.
const fn the_assessment(kind: AssessmentKind) -> Phrase {
    match kind {
        AssessmentKind::ShortAssessment => ("den korte vurdering", "the short assessment"),
        AssessmentKind::Clarification19 => ("afdækningen", "the clarification"),
        AssessmentKind::Examination20 => (
            "den børnefaglige undersøgelse",
            "the child protection examination",
        ),
        AssessmentKind::Unborn26 => (
            "undersøgelsen før fødslen",
            "the examination before the birth",
        ),
        AssessmentKind::Coerced23 => (
            "undersøgelsen uden samtykke",
            "the examination without consent",
        ),
    }
}

const fn explained(kind: AssessmentKind) -> Phrase {
    match kind {
        AssessmentKind::ShortAssessment => (
            "Det er, når vi hurtigt ser på, hvad der kan hjælpe.",
            "That is when we quickly look at what can help.",
        ),
        AssessmentKind::Clarification19 => (
            "Det er, når vi finder ud af, hvad der er brug for.",
            "That is when we find out what is needed.",
        ),
        AssessmentKind::Examination20 => (
            "Det er, når vi ser grundigt på, hvordan et barn har det.",
            "That is when we look thoroughly at how a child is.",
        ),
        AssessmentKind::Unborn26 => (
            "Det er, når vi ser på, hvad et barn får brug for.",
            "That is when we look at what a child will need.",
        ),
        AssessmentKind::Coerced23 => (
            "Det er, når vi undersøger noget, selv om der er sagt nej.",
            "That is when we examine something although somebody said no.",
        ),
    }
}

pub(super) fn assessment_reported(
    case: &Case,
    page: &mut Page,
    at: At,
    facts: &AssessmentReported,
) {
    let v = &case.voice;
    if !v.is_child(facts.child) {
        return;
    }
    let child = v.child_subject();
    let name = v.pick(the_assessment(facts.kind));
    let text = match facts.stage {
        ReportStage::Preliminary => {
            say!(
                v,
                "Vi skrev, hvad {name} viste indtil nu.",
                "We wrote what {name} showed until then."
            )
        }
        ReportStage::Final => say!(v, "Vi blev færdige med {name}.", "We finished {name}."),
    };
    page.dated(v, at, text);
    let proposal = match facts.recommendation {
        RecommendedSupport::None => {
            say!(
                v,
                "Vi mente ikke, at der var brug for mere hjælp.",
                "We did not think that more help was needed."
            )
        }
        RecommendedSupport::Support32 => say!(
            v,
            "Vi foreslog hjælp derhjemme.",
            "We proposed help at home."
        ),
        RecommendedSupport::Placement46 => say!(
            v,
            "Vi foreslog, at {child} bor et andet sted i en tid. Det kræver et ja.",
            "We proposed another place to live for a time. That needs a yes."
        ),
        RecommendedSupport::Placement47 => say!(
            v,
            "Vi foreslog, at et udvalg bestemmer, hvor {child} skal bo.",
            "We proposed that a committee decides where {child} will live."
        ),
    };
    page.say(at, proposal);
    if let Some(resources) = &facts.resources {
        page.quote(
            at,
            say!(
                v,
                "Det, der er godt og kan hjælpe",
                "What is good and can help"
            ),
            resources,
        );
    }
    if v.reader != Reader::Child {
        page.quote(
            at,
            say!(v, "Vi fandt ud af", "We found out"),
            &facts.conclusion,
        );
    }
    // What somebody thinks of it is that person's own.
    let own = facts
        .custody_holder_attitudes
        .iter()
        .filter(|about| v.is_reader(about.who))
        .map(|about| &about.words);
    let own_child = v.is_reader(facts.child).then_some(&facts.child_attitude);
    for words in own.chain(own_child) {
        page.quote(at, say!(v, "Din mening om det", "Your view of it"), words);
    }
}

pub(super) fn sibling(case: &Case, page: &mut Page, at: At, facts: &SiblingNeedAssessed) {
    let v = &case.voice;
    // In a case of their own, the child that it is about is nobody's sibling.
    if v.is_child(facts.sibling) {
        let child = v.child();
        page.dated(
            v,
            at,
            say!(
                v,
                "Vi tænkte også på {child}, fordi en søskende har en sag.",
                "We also thought of {child}, because a brother or sister has a case."
            ),
        );
    } else {
        let sibling = v.object(facts.sibling);
        page.dated(
            v,
            at,
            say!(
                v,
                "Vi tænkte også på {sibling}.",
                "We also thought of {sibling}."
            ),
        );
    }
    let result = match facts.result {
        SiblingResult::OwnAssessment => say!(
            v,
            "Der bliver lavet en undersøgelse mere.",
            "There will be one more examination."
        ),
        SiblingResult::JointAssessment => say!(
            v,
            "Der bliver lavet én undersøgelse sammen.",
            "There will be one examination together."
        ),
        SiblingResult::NotNeeded => say!(
            v,
            "Der er ikke brug for en undersøgelse mere.",
            "No more examination is needed."
        ),
    };
    page.say(at, result);
}

pub(super) fn information(case: &Case, page: &mut Page, at: At, facts: &InformationObtained) {
    let v = &case.voice;
    // What was asked about another adult is that adult's own.
    if !v.is_child(facts.about) && !v.is_reader(facts.about) {
        return;
    }
    let (source, about) = (v.pick(source(facts.kind)), v.object(facts.about));
    page.dated(
        v,
        at,
        say!(
            v,
            "Vi spurgte {source} om {about}.",
            "We asked {source} about {about}."
        ),
    );
    // Who spoke as a private person is theirs to tell.
    if case.privacy.shows_place() && facts.kind != InformationKind::Other {
        page.quote_text(
            at,
            say!(v, "Vi fik svar fra", "The answer came from"),
            facts.from.as_str(),
        );
    }
    let basis = match (facts.basis, facts.consent_attempted) {
        (InformationBasis::Consent, _) => say!(
            v,
            "Vi havde fået lov til at spørge.",
            "We had been allowed to ask."
        ),
        (InformationBasis::Rsl11c, true) => {
            say!(
                v,
                "Vi bad om lov først. Vi spurgte, selv om vi ikke fik lov.",
                "We asked for leave first. We asked although we did not get it."
            )
        }
        (InformationBasis::Rsl11c, false) => say!(
            v,
            "Vi spurgte uden at få lov først.",
            "We asked without getting leave first."
        ),
        (InformationBasis::Duty, _) => say!(
            v,
            "De havde pligt til at fortælle os det.",
            "They had a duty to tell us."
        ),
    };
    page.say(at, basis);
    match facts.basis {
        InformationBasis::Rsl11c => {
            page.once(
                at,
                say!(
                    v,
                    "Det må vi kun, når det er nødvendigt for et barn.",
                    "We may do that only when a child needs it."
                ),
            );
        }
        InformationBasis::Consent | InformationBasis::Duty => {}
    }
}

const fn source(kind: InformationKind) -> Phrase {
    match kind {
        InformationKind::School => ("skolen", "the school"),
        InformationKind::Daycare => (
            "børnehaven eller dagplejen",
            "the kindergarten or the childminder",
        ),
        InformationKind::Health => (
            "læger eller andre, der passer på helbredet",
            "doctors or others who care for health",
        ),
        InformationKind::Police => ("politiet", "the police"),
        InformationKind::Ppr => (
            "psykologer, der hjælper skoler og børnehaver",
            "psychologists who help schools and kindergartens",
        ),
        InformationKind::OtherMunicipality => ("en anden kommune", "another municipality"),
        InformationKind::Other => ("nogen, der ved noget", "somebody who knows something"),
    }
}
