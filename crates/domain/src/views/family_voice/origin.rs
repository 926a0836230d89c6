//! What the case is about: who was worried about what, and that a case was opened.
//!
//! It never says who was worried, and it quotes nothing in which that may stand.

use events::casework::CaseOpened;
use events::event::Event;
use events::notification::{AcuteAssessmentMade, Concern, NotificationReceived, Suspicion};

use super::Reader;
use super::page::{At, Case, Page};
use super::voice::{Phrase, Voice, say};

pub(super) fn title(case: &Case) -> String {
    let v = &case.voice;
    let child = v.child();
    match v.reader {
        Reader::Child => say!(v, "Din sag", "Your case"),
        Reader::Parent(_) | Reader::Family => say!(v, "Sagen om {child}", "The case about {child}"),
    }
}

pub(super) fn heading(v: &Voice) -> String {
    match v.reader {
        Reader::Child => say!(v, "Hvad handler din sag om?", "What is your case about?"),
        Reader::Parent(_) | Reader::Family => {
            say!(v, "Hvad handler sagen om?", "What is the case about?")
        }
    }
}

pub(super) fn opening(case: &Case, page: &mut Page) {
    let v = &case.voice;
    let today = v.on(case.today);
    page.guide(say!(
        v,
        "Sådan ser det ud {today}.",
        "This is how things stand {today}."
    ));
}

/// Whether the case is open now.
pub(super) fn status(case: &Case, page: &mut Page) {
    let v = &case.voice;
    let mut advice = None;
    let mut newest = None;
    for (event, shown) in case
        .facts
        .iter()
        .filter(|(event, _)| event.stream == case.stream)
    {
        match &shown.facts {
            Event::EarlyAdviceStarted(_) => advice = Some(event.event),
            Event::CaseOpened(_) | Event::CaseReopened(_) => newest = Some((event.event, true)),
            Event::CaseClosed(_) => newest = Some((event.event, false)),
            _ => {}
        }
    }
    match (newest, advice) {
        (Some((event, true)), _) => page.rests_on(
            &[event],
            say!(v, "Lige nu er sagen åben.", "Right now the case is open."),
        ),
        (Some((event, false)), _) => page.rests_on(
            &[event],
            say!(
                v,
                "Lige nu er sagen lukket.",
                "Right now the case is closed."
            ),
        ),
        (None, Some(event)) => {
            let text = say!(
                v,
                "Der er ingen sag. Man kan få råd og hjælp uden en sag.",
                "There is no case. One can get advice and help without a case."
            );
            page.rests_on(&[event], text);
        }
        (None, None) => {}
    }
}

pub(super) fn notification(case: &Case, page: &mut Page, at: At, facts: &NotificationReceived) {
    let v = &case.voice;
    let of_another =
        !facts.children.is_empty() && !facts.children.iter().any(|child| v.is_child(*child));
    let child = if of_another {
        v.pick(("et barn i familien", "a child in the family"))
            .to_owned()
    } else {
        v.child()
    };
    let text = say!(
        v,
        "Nogen var bekymret for {child} og fortalte det til kommunen.",
        "Somebody was worried about {child} and told the municipality."
    );
    page.dated(v, at, text);
    if facts.unborn {
        page.say(
            at,
            say!(
                v,
                "Det handlede om et barn, der ikke var født endnu.",
                "It was about a child who was not born yet."
            ),
        );
    }
    for (place, concern) in facts.concerns.iter().enumerate() {
        let about = v.pick(self::concern(*concern));
        let text = if place == 0 {
            say!(v, "Det handlede om {about}.", "It was about {about}.")
        } else {
            say!(
                v,
                "Det handlede også om {about}.",
                "It was also about {about}."
            )
        };
        page.say(at, text);
    }
    for about in facts
        .suspicions
        .iter()
        .filter_map(|suspicion| self::suspicion(*suspicion))
    {
        let about = v.pick(about);
        page.say(
            at,
            say!(
                v,
                "Der var mistanke om {about}.",
                "There was a suspicion of {about}."
            ),
        );
    }
}

const fn concern(concern: Concern) -> Phrase {
    match concern {
        Concern::Absence => (
            "at være meget væk fra skole eller børnehave",
            "being away a lot from school or kindergarten",
        ),
        Concern::LowMood => ("at være ked af det eller bange", "being sad or afraid"),
        Concern::FamilyConflict => ("skænderier derhjemme", "quarrels at home"),
        Concern::Neglect => (
            "ikke at blive passet godt nok på",
            "not being looked after well enough",
        ),
        Concern::Violence => (
            "vold, altså at blive slået eller gjort ondt",
            "violence, which means being hit or hurt",
        ),
        Concern::SexualAbuse => (
            "seksuelle overgreb, altså at nogen går over grænsen for et barns krop",
            "sexual abuse, which means that somebody crosses the line for a child's body",
        ),
        Concern::SubstanceUse => ("alkohol eller stoffer", "alcohol or drugs"),
        Concern::Disability => ("et handicap eller en sygdom", "a disability or an illness"),
        Concern::Crime => (
            "at have gjort noget ulovligt",
            "having done something against the law",
        ),
        Concern::Development => ("at lære og udvikle sig", "learning and growing"),
        Concern::Other => ("noget andet", "something else"),
    }
}

/// The two others say how the authority goes about it. They are no part of what somebody was
/// worried about, and telling them could harm the child.
const fn suspicion(suspicion: Suspicion) -> Option<Phrase> {
    match suspicion {
        Suspicion::Abuse => Some(("overgreb", "abuse")),
        Suspicion::Violence => Some(("vold", "violence")),
        Suspicion::ParentSide | Suspicion::HonourRelated => None,
    }
}

pub(super) fn acute(case: &Case, page: &mut Page, at: At, facts: &AcuteAssessmentMade) {
    let v = &case.voice;
    let child = v.child();
    page.dated(
        v,
        at,
        say!(v, "Vi så på bekymringen.", "We looked into the worry."),
    );
    if facts.danger_to_health_or_development {
        let text = say!(
            v,
            "Vi mente, at det kunne være farligt for {child}.",
            "We thought that it could be dangerous for {child}."
        );
        page.say(at, text);
    } else {
        page.say(
            at,
            say!(
                v,
                "Vi så ingen fare for {child}.",
                "We saw no danger for {child}."
            ),
        );
    }
    if facts.acute_measure_needed {
        page.say(
            at,
            say!(
                v,
                "Der skulle ske noget med det samme.",
                "Something had to happen at once."
            ),
        );
    } else {
        page.say(
            at,
            say!(
                v,
                "Der skulle ikke ske noget med det samme.",
                "Nothing had to happen at once."
            ),
        );
    }
}

pub(super) fn opened(case: &Case, page: &mut Page, at: At, facts: &CaseOpened) {
    if at.stream != case.stream {
        return;
    }
    let v = &case.voice;
    let child = v.child();
    page.dated(
        v,
        at,
        say!(
            v,
            "Vi åbnede en sag om {child}.",
            "We opened a case about {child}."
        ),
    );
    page.say(
        at,
        say!(
            v,
            "En sag er det, vi skriver ned om {child} og om hjælpen.",
            "A case is what we write down about {child} and about the help."
        ),
    );
    if facts.linked_advice.is_some() {
        page.say(
            at,
            say!(
                v,
                "Før det var der råd og hjælp uden en sag.",
                "Before that there was advice and help without a case."
            ),
        );
    }
    if facts.linked_notification.is_some() {
        page.say(
            at,
            say!(
                v,
                "Vi gjorde det, fordi nogen var bekymret.",
                "We did it because somebody was worried."
            ),
        );
    } else if v.reader != Reader::Child {
        page.quote(
            at,
            say!(v, "Vi gjorde det, fordi", "We did it because"),
            &facts.ground,
        );
    }
}
