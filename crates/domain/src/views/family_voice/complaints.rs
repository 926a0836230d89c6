//! Complaints (*klager*), each with what became of it.
//!
//! What somebody wants with a complaint, and what they are answered, is theirs.

use events::appeal::{
    AppealForwarded, AppealInstance, AppealOutcome, AppealOutcomeReceived, ComplainantCapacity,
    ComplaintReassessed, ComplaintReceived, ComplaintVia, ReassessmentOutcome,
};
use events::event::Event;
use events::ids::EventId;
use events::person::PersonRef;

use super::Reader;
use super::page::{At, Case, Page};
use super::voice::{Voice, say};

/// One complaint; none for what the Board took up itself.
struct Complaint {
    complaint: Option<EventId>,
    by: Option<PersonRef>,
    forwarded: bool,
    page: Page,
}

pub(super) fn complaints(case: &Case) -> Page {
    let v = &case.voice;
    let mut complaints: Vec<Complaint> = Vec::new();
    for (event, shown) in &case.facts {
        let at = At::new(event, shown);
        let complaint = match &shown.facts {
            Event::ComplaintReceived(_) => Some(at.event),
            Event::ComplaintReassessed(facts) => Some(facts.complaint),
            Event::AppealForwarded(facts) => Some(facts.complaint),
            Event::AppealOutcomeReceived(facts) => facts.complaint,
            _ => continue,
        };
        let place = complaints
            .iter()
            .position(|known| known.complaint == complaint)
            .unwrap_or_else(|| {
                complaints.push(Complaint {
                    complaint,
                    by: None,
                    forwarded: false,
                    page: Page::new(v.language),
                });
                complaints.len() - 1
            });
        let explained = complaints.iter().any(|known| known.forwarded);
        let Some(known) = complaints.get_mut(place) else {
            continue;
        };
        match &shown.facts {
            Event::ComplaintReceived(facts) => {
                known.by = Some(facts.complainant);
                received(case, &mut known.page, at, facts);
            }
            Event::ComplaintReassessed(facts) => {
                reassessed(case, &mut known.page, at, facts, known.by)
            }
            Event::AppealForwarded(facts) => {
                forwarded(case, &mut known.page, at, facts, known.by, !explained);
                known.forwarded = true;
            }
            Event::AppealOutcomeReceived(facts) => answered(case, &mut known.page, at, facts),
            _ => {}
        }
    }
    let mut page = Page::new(v.language);
    complaints
        .into_iter()
        .for_each(|known| page.append(known.page));
    page
}

fn received(case: &Case, page: &mut Page, at: At, facts: &ComplaintReceived) {
    let v = &case.voice;
    let who = v.subject(facts.complainant);
    page.dated(
        v,
        at,
        say!(
            v,
            "{who} klagede over en afgørelse.",
            "{who} complained about a decision."
        ),
    );
    let decided = case
        .facts
        .iter()
        .find(|(event, _)| event.event == facts.decision && case.privacy.is_out(event.event));
    if let Some((_, shown)) = decided {
        let on = v.on(shown.meta.occurred.day());
        page.say(
            at,
            say!(
                v,
                "Det var det, der blev bestemt {on}.",
                "It was what was decided {on}."
            ),
        );
    }
    let via = match facts.via {
        ComplaintVia::Municipality => say!(
            v,
            "Klagen kom til kommunen.",
            "The complaint came to the municipality."
        ),
        ComplaintVia::Board => say!(
            v,
            "Klagen kom til Ankestyrelsen.",
            "The complaint came to the Appeals Board."
        ),
    };
    page.say(at, via);
    if facts.oral {
        page.say(
            at,
            say!(
                v,
                "Klagen blev sagt, og vi skrev den ned.",
                "Somebody told us the complaint, and we wrote it down."
            ),
        );
    }
    if facts.in_time {
        page.say(
            at,
            say!(v, "Klagen kom til tiden.", "The complaint came in time."),
        );
    } else {
        page.say(
            at,
            say!(
                v,
                "Vi mente, at klagen kom for sent.",
                "We thought that the complaint came too late."
            ),
        );
    }
    if v.is_reader(facts.complainant) {
        if let Some(capacity) = capacity(v, facts.capacity) {
            page.say(at, capacity);
        }
        page.quote(at, say!(v, "Du ville gerne", "You wanted"), &facts.wants);
    }
}

fn capacity(v: &Voice, capacity: ComplainantCapacity) -> Option<String> {
    match capacity {
        ComplainantCapacity::CustodyHolder => Some(say!(
            v,
            "Du klagede som en, der har forældremyndighed.",
            "You complained as somebody who has custody."
        )),
        ComplainantCapacity::Child10 => Some(say!(
            v,
            "Du må selv klage, for du er 10 år eller mere.",
            "You may complain yourself, for you are 10 or older."
        )),
        ComplainantCapacity::ParentNoCustody => Some(say!(
            v,
            "Du klagede som forælder uden forældremyndighed.",
            "You complained as a parent without custody."
        )),
        ComplainantCapacity::Representative => Some(say!(
            v,
            "Du klagede for en anden.",
            "You complained for somebody else."
        )),
        ComplainantCapacity::Other => None,
    }
}

fn reassessed(
    case: &Case,
    page: &mut Page,
    at: At,
    facts: &ComplaintReassessed,
    by: Option<PersonRef>,
) {
    let v = &case.voice;
    let outcome = match facts.outcome {
        ReassessmentOutcome::UpheldFull => {
            say!(
                v,
                "Vi så på afgørelsen igen. Vi gav klagen ret.",
                "We looked at the decision again. We agreed with the complaint."
            )
        }
        ReassessmentOutcome::UpheldPart => {
            say!(
                v,
                "Vi så på afgørelsen igen. Vi gav klagen ret i noget.",
                "We looked at the decision again. We agreed with a part."
            )
        }
        ReassessmentOutcome::Maintained => {
            say!(
                v,
                "Vi så på afgørelsen igen. Vi ændrede den ikke.",
                "We looked at the decision again. We did not change it."
            )
        }
    };
    page.dated(v, at, outcome);
    if facts.new_decision.is_some() {
        page.say(
            at,
            say!(v, "Der kom en ny afgørelse.", "There was a new decision."),
        );
    }
    if by.is_some_and(|by| v.is_reader(by)) {
        page.quote(
            at,
            say!(v, "Vi skrev til dig", "We wrote to you"),
            &facts.reasons,
        );
        if let Some(notice) = &facts.extension_notice {
            page.quote(
                at,
                say!(v, "Det tog længere tid, fordi", "It took longer because"),
                notice,
            );
        }
    }
}

fn forwarded(
    case: &Case,
    page: &mut Page,
    at: At,
    facts: &AppealForwarded,
    by: Option<PersonRef>,
    explain: bool,
) {
    let v = &case.voice;
    page.dated(
        v,
        at,
        say!(
            v,
            "Vi sendte klagen til Ankestyrelsen.",
            "We sent the complaint to the Appeals Board."
        ),
    );
    if explain {
        let text = say!(
            v,
            "Ankestyrelsen er et andet sted end kommunen. Den ser på klager.",
            "The Appeals Board is not the municipality. It looks at complaints."
        );
        page.say(at, text);
    }
    if !facts.manifest.is_empty() {
        page.say(
            at,
            say!(
                v,
                "Sagens papirer fulgte med.",
                "The papers of the case went with it."
            ),
        );
    }
    if facts.urgent {
        page.say(
            at,
            say!(v, "Vi skrev, at det haster.", "We wrote that it is urgent."),
        );
    }
    if facts.complainant_informed {
        let who = by.map_or_else(
            || {
                v.pick(("den, der klagede,", "the one who complained"))
                    .to_owned()
            },
            |by| v.subject(by),
        );
        page.say(
            at,
            say!(v, "{who} fik det at vide.", "{who} got to know that."),
        );
    }
}

fn answered(case: &Case, page: &mut Page, at: At, facts: &AppealOutcomeReceived) {
    let v = &case.voice;
    let outcomes: Vec<_> = facts
        .outcomes
        .iter()
        .filter(|outcome| v.is_child(outcome.child))
        .collect();
    if outcomes.is_empty() {
        return;
    }
    let instance = match facts.instance {
        AppealInstance::Ankestyrelsen => {
            say!(v, "Ankestyrelsen svarede.", "The Appeals Board answered.")
        }
        AppealInstance::Byret => say!(
            v,
            "Byretten svarede. Det er en domstol.",
            "The city court answered."
        ),
        AppealInstance::Landsret => say!(
            v,
            "Landsretten svarede. Det er en højere domstol.",
            "The high court answered."
        ),
    };
    page.dated(v, at, instance);
    if facts.complaint.is_none() {
        page.say(
            at,
            say!(
                v,
                "De så selv på sagen. Ingen havde klaget.",
                "They looked at the case themselves. Nobody had complained."
            ),
        );
    }
    let mut said = Vec::new();
    for outcome in outcomes {
        let text = self::outcome(v, outcome.outcome);
        if !said.contains(&text) {
            if !said.is_empty() {
                page.say(
                    at,
                    say!(
                        v,
                        "Om noget andet var svaret:",
                        "About something else the answer was:"
                    ),
                );
            }
            page.say(at, &text);
            said.push(text);
        }
        if let Some(order) = &outcome.order {
            page.quote_text(at, say!(v, "De skrev", "They wrote"), order.as_str());
        }
        if let Some(deadline) = outcome.deadline {
            let day = v.date(deadline);
            page.say(
                at,
                say!(
                    v,
                    "Det skal være gjort senest den {day}.",
                    "It must be done by {day}."
                ),
            );
        }
    }
    rest(case, page, at, facts);
}

fn outcome(v: &Voice, outcome: AppealOutcome) -> String {
    match outcome {
        AppealOutcome::Afvist => say!(
            v,
            "De så ikke på klagen.",
            "They did not look at the complaint."
        ),
        AppealOutcome::Stadfaestet => {
            say!(
                v,
                "De var enige i afgørelsen. Den gælder stadig.",
                "They agreed with the decision. It still holds."
            )
        }
        AppealOutcome::Hjemvist => say!(
            v,
            "Kommunen skal se på det igen.",
            "The municipality must look at it again."
        ),
        AppealOutcome::Ophaevet => say!(
            v,
            "Afgørelsen gælder ikke mere.",
            "The decision does not hold any more."
        ),
        AppealOutcome::Aendret => say!(v, "De ændrede afgørelsen.", "They changed the decision."),
    }
}

fn rest(case: &Case, page: &mut Page, at: At, facts: &AppealOutcomeReceived) {
    let v = &case.voice;
    if let Some(effective) = facts.effective {
        let day = v.date(effective);
        page.say(
            at,
            say!(v, "Det gælder fra den {day}.", "It holds from {day}."),
        );
    }
    match facts.unanimous {
        Some(true) => page.say(
            at,
            say!(
                v,
                "De, der bestemte, var enige.",
                "Those who decided agreed with each other."
            ),
        ),
        Some(false) => page.say(
            at,
            say!(
                v,
                "De, der bestemte, var ikke alle enige.",
                "Those who decided did not all agree."
            ),
        ),
        None => {}
    }
    if facts.court_guidance {
        page.say(
            at,
            say!(
                v,
                "De fortalte, hvordan man kan gå til en domstol.",
                "They told how one can go to a court."
            ),
        );
    }
    if v.reader != Reader::Child {
        page.quote(
            at,
            say!(v, "De skrev i korte træk", "They wrote in short"),
            &facts.summary,
        );
    }
}
