//! Moves to another municipality, and the end and the new beginning of a case.
//!
//! No other municipality is named: where somebody moves is theirs to tell.

use events::lifecycle::{CaseClosed, CaseReopened, CloseGround};
use events::moving::{
    CaseTransferred, IntermunicipalNotificationSent, ResponsibilityReason,
    ResponsibleMunicipalityChanged, TransferDirection,
};

use super::Reader;
use super::page::{At, Case, Page};
use super::voice::say;

pub(super) fn responsible(
    case: &Case,
    page: &mut Page,
    at: At,
    facts: &ResponsibleMunicipalityChanged,
) {
    let v = &case.voice;
    if !v.is_child(facts.person) && !v.is_reader(facts.person) {
        return;
    }
    let person = v.object(facts.person);
    let text = match at.meta.effective_from {
        Some(day) => {
            let day = v.date(day);
            say!(
                v,
                "Fra den {day} har en anden kommune ansvaret for {person}.",
                "From {day} another municipality is responsible for {person}."
            )
        }
        None => say!(
            v,
            "En anden kommune fik ansvaret for {person}.",
            "Another municipality became responsible for {person}."
        ),
    };
    page.dated(v, at, text);
    let reason = match facts.reason {
        ResponsibilityReason::Move => say!(
            v,
            "Det er på grund af en flytning.",
            "It is because of a move."
        ),
        ResponsibilityReason::PlacementRule => say!(
            v,
            "Det følger af en regel om børn, der bor et andet sted end hjemme.",
            "It follows from a rule on children who live elsewhere than at home."
        ),
        ResponsibilityReason::Agreement => say!(
            v,
            "Det har kommunerne aftalt.",
            "The municipalities agreed on that."
        ),
        ResponsibilityReason::BoardDecision => say!(
            v,
            "Det har Ankestyrelsen bestemt.",
            "The Appeals Board decided that."
        ),
    };
    page.say(at, reason);
}

pub(super) fn notified(
    case: &Case,
    page: &mut Page,
    at: At,
    facts: &IntermunicipalNotificationSent,
) {
    let v = &case.voice;
    // That somebody expects a child, and where they move, is theirs alone.
    let expecting = facts.unborn || !facts.expectant_parents.is_empty();
    if expecting
        && !facts
            .expectant_parents
            .iter()
            .any(|parent| v.is_reader(*parent))
    {
        return;
    }
    page.dated(
        v,
        at,
        say!(
            v,
            "Vi fortalte en anden kommune om en flytning.",
            "We told another municipality about a move."
        ),
    );
    let about = if facts.unborn {
        say!(
            v,
            "Det var, for at barnet, der skal fødes, kan få hjælp.",
            "It was so that the child to be born can get help."
        )
    } else {
        say!(
            v,
            "Det var, for at der også kan være hjælp dér.",
            "It was so that there can be help there too."
        )
    };
    page.say(at, about);
    let count = facts.document_count;
    match count {
        0 => {}
        1 => page.say(
            at,
            say!(v, "Vi sendte ét papir med.", "We sent one paper with it."),
        ),
        _ => page.say(
            at,
            say!(
                v,
                "Vi sendte {count} papirer med.",
                "We sent {count} papers with it."
            ),
        ),
    }
    if facts.receipt.is_some() {
        page.say(
            at,
            say!(
                v,
                "Den anden kommune har svaret, at de har fået det.",
                "The other municipality answered that they got it."
            ),
        );
    }
}

pub(super) fn transferred(case: &Case, page: &mut Page, at: At, facts: &CaseTransferred) {
    if at.stream != case.stream {
        return;
    }
    let v = &case.voice;
    let text = match facts.direction {
        TransferDirection::Out => say!(
            v,
            "Vi gav sagen videre til en anden kommune.",
            "We handed the case over to another municipality."
        ),
        TransferDirection::In => say!(
            v,
            "Vi fik sagen fra en anden kommune.",
            "We got the case from another municipality."
        ),
    };
    page.dated(v, at, text);
    let answer = match facts.accepted {
        Some(true) => say!(
            v,
            "Den anden kommune sagde ja.",
            "The other municipality said yes."
        ),
        Some(false) => say!(
            v,
            "Den anden kommune sagde nej.",
            "The other municipality said no."
        ),
        None => say!(
            v,
            "Den anden kommune havde ikke svaret endnu.",
            "The other municipality had not answered yet."
        ),
    };
    page.say(at, answer);
}

pub(super) fn closed(case: &Case, page: &mut Page, at: At, facts: &CaseClosed) {
    if at.stream != case.stream {
        return;
    }
    let v = &case.voice;
    page.dated(v, at, say!(v, "Vi lukkede sagen.", "We closed the case."));
    let ground = match facts.ground {
        CloseGround::PurposeMet => say!(
            v,
            "Det er, fordi hjælpen har virket.",
            "That is because the help has worked."
        ),
        CloseGround::NoNeed => say!(
            v,
            "Det er, fordi der ikke er brug for hjælp.",
            "That is because no help is needed."
        ),
        CloseGround::Moved => say!(
            v,
            "Det er, fordi familien er flyttet. En anden kommune har overtaget sagen.",
            "That is because the family moved. Another municipality took over the case."
        ),
        CloseGround::Age18 => say!(
            v,
            "Det er på grund af alderen, 18 år.",
            "That is because of the age, 18 years."
        ),
        CloseGround::Withdrawn => {
            say!(
                v,
                "Det er, fordi der ikke længere er sagt ja til hjælpen.",
                "That is because there is no yes to the help any more."
            )
        }
        CloseGround::Other => say!(
            v,
            "Det er af en anden grund.",
            "That is for another reason."
        ),
    };
    page.say(at, ground);
    if v.reader == Reader::Child {
        return;
    }
    page.quote(at, say!(v, "Vi skrev", "We wrote"), &facts.reasons);
    for open in &facts.open_obligations {
        page.quote_text(
            at,
            say!(v, "Der mangler noget endnu", "Something is still missing"),
            open.reason.as_str(),
        );
    }
}

pub(super) fn reopened(case: &Case, page: &mut Page, at: At, facts: &CaseReopened) {
    if at.stream != case.stream {
        return;
    }
    let v = &case.voice;
    page.dated(
        v,
        at,
        say!(v, "Vi åbnede sagen igen.", "We opened the case again."),
    );
    page.say(
        at,
        say!(
            v,
            "Alt det gamle er stadig med.",
            "Everything from before is still there."
        ),
    );
    if facts.source_event.is_some() {
        // The ground may say who was worried.
        page.say(
            at,
            say!(
                v,
                "Det er, fordi der kom noget nyt.",
                "That is because something new came."
            ),
        );
    } else if v.reader != Reader::Child {
        page.quote(at, say!(v, "Vi skrev", "We wrote"), &facts.ground);
    }
}
