//! What the reader may do. Short guidance that holds in every case, and what follows from recorded
//! facts. Where the law depends on age or on the kind of matter, it says that one can ask.

use events::event::Event;
use events::ids::EventId;
use events::rights::ConsentEnd;

use super::Reader;
use super::page::{Case, Page};
use super::voice::{Voice, say};

pub(super) fn heading(v: &Voice) -> String {
    match v.reader {
        Reader::Child | Reader::Parent(_) => say!(v, "Dine rettigheder", "Your rights"),
        Reader::Family => say!(v, "Jeres rettigheder", "Your rights"),
    }
}

pub(super) fn rights(case: &Case) -> Page {
    let mut page = Page::new(case.voice.language);
    match case.voice.reader {
        Reader::Child => of_child(case, &mut page),
        Reader::Parent(_) | Reader::Family => of_adults(case, &mut page),
    }
    let v = &case.voice;
    let (you, your) = (v.you(), v.your());
    page.guide(say!(
        v,
        "Er {you} i tvivl, så spørg {your} rådgiver.",
        "If {you} are in doubt, ask {your} caseworker."
    ));
    page
}

fn of_child(case: &Case, page: &mut Page) {
    let v = &case.voice;
    page.guide(say!(
        v,
        "Du må sige, hvad du mener. Vi skal lytte.",
        "You may say what you think. We must listen."
    ));
    page.guide(say!(
        v,
        "Du må have en med, som du er tryg ved. Det hedder en bisidder.",
        "You may bring somebody you feel safe with. That is called a companion."
    ));
    page.guide(say!(
        v,
        "Sig det, hvis der er noget, andre ikke skal vide.",
        "Say so if there is something others are not to know."
    ));
    page.guide(say!(
        v,
        "Nogle gange må vi sige noget videre for at passe på dig.",
        "Sometimes we must pass something on to look after you."
    ));
    page.guide(say!(
        v,
        "Du kan spørge, om du må se det, der står om dig.",
        "You can ask whether you may see what is written about you."
    ));
    page.guide(say!(
        v,
        "Du må sige nej til at svare.",
        "You may say no to answering."
    ));
    let consents = consents_in_force(case);
    if !consents.is_empty() {
        page.rests_on(
            &consents,
            say!(
                v,
                "Du har sagt ja til noget. Du må ombestemme dig.",
                "You said yes to something. You may change your mind."
            ),
        );
    }
    let decisions = decisions(case);
    if !decisions.is_empty() {
        let text = say!(
            v,
            "Er du uenig i noget, der er bestemt, så spørg, om du kan klage.",
            "If you disagree with what was decided, ask whether you can complain."
        );
        page.rests_on(&decisions, text);
    }
}

fn of_adults(case: &Case, page: &mut Page) {
    always(&case.voice, page);
    from_facts(case, page);
}

/// What adults may do in every case.
fn always(v: &Voice, page: &mut Page) {
    let (you, whom) = (v.you(), v.you_object());
    let child = v.child_subject();
    page.guide(say!(
        v,
        "{you} må have en med til møder, som hjælper {whom}.",
        "{you} may bring somebody to meetings who helps {whom}."
    ));
    page.guide(say!(
        v,
        "{child} må også have en med. Det hedder en bisidder.",
        "{child} may bring somebody too. That is called a companion."
    ));
    page.guide(say!(
        v,
        "{you} må altid sige, hvad {you} mener.",
        "{you} may always say what {you} think."
    ));
    page.guide(say!(
        v,
        "{you} kan bede om at se hele sagen.",
        "{you} can ask to see the whole file."
    ));
    page.guide(say!(
        v,
        "Noget i sagen kan være holdt tilbage af hensyn til andre.",
        "Something in the file can be kept back for the sake of others."
    ));
    page.guide(say!(v, "Et ja er frivilligt.", "A yes is voluntary."));
    page.guide(say!(v, "{you} må sige nej.", "{you} may say no."));
    page.guide(say!(
        v,
        "Spørg, hvad det betyder at sige nej.",
        "Ask what it means to say no."
    ));
}

/// What adults may do because of what is recorded.
fn from_facts(case: &Case, page: &mut Page) {
    let v = &case.voice;
    let you = v.you();
    let consents = consents_in_force(case);
    if !consents.is_empty() {
        page.rests_on(
            &consents,
            say!(
                v,
                "Du har sagt ja til noget. Du kan tage dit ja tilbage.",
                "You said yes to something. You can take back your yes."
            ),
        );
    }
    let decisions = decisions(case);
    if !decisions.is_empty() {
        page.rests_on(
            &decisions,
            say!(
                v,
                "Vil {you} klage over noget, der er bestemt, så spørg hvordan.",
                "If {you} want to complain about a decision, ask how."
            ),
        );
        page.rests_on(
            &decisions,
            say!(
                v,
                "Der kan være en frist. Vent ikke med at spørge.",
                "There can be a time limit. Do not wait with asking."
            ),
        );
    }
    let hard = committee_matters(case);
    if !hard.is_empty() {
        page.rests_on(
            &hard,
            say!(
                v,
                "Spørg, om {you} kan få en gratis advokat.",
                "Ask whether {you} can get a free lawyer."
            ),
        );
    }
}

/// The reader's own consents that were not taken back.
fn consents_in_force(case: &Case) -> Vec<EventId> {
    let v = &case.voice;
    let mut given: Vec<EventId> = Vec::new();
    for (event, shown) in &case.facts {
        match &shown.facts {
            Event::ConsentGiven(facts)
                if v.is_reader(facts.giver)
                    && shown
                        .meta
                        .effective_to
                        .is_none_or(|last| last >= case.today) =>
            {
                given.push(event.event);
            }
            Event::ConsentWithdrawn(facts) => match facts.kind {
                ConsentEnd::Withdrawn => given.retain(|consent| Some(*consent) != facts.consent),
                ConsentEnd::Refused => {}
            },
            _ => {}
        }
    }
    given
}

/// What was decided, as far as the family knows of it.
fn decisions(case: &Case) -> Vec<EventId> {
    let made = case.facts.iter().filter(|(event, shown)| {
        let decision = matches!(
            shown.facts,
            Event::DecisionMade(_)
                | Event::ProvisionalDecisionMade(_)
                | Event::CommitteeDecisionMade(_)
        );
        decision && case.privacy.is_out(event.event)
    });
    made.map(|(event, _)| event.event).collect()
}

/// What the committee decides on, or was asked to.
fn committee_matters(case: &Case) -> Vec<EventId> {
    let matters = case
        .facts
        .iter()
        .filter(|(event, shown)| match &shown.facts {
            Event::CommitteeSubmissionMade(_) => true,
            Event::ProvisionalDecisionMade(_) | Event::CommitteeDecisionMade(_) => {
                case.privacy.is_out(event.event)
            }
            _ => false,
        });
    matters.map(|(event, _)| event.event).collect()
}
