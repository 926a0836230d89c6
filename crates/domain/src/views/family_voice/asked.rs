//! What was asked for: wishes, and to see the file.
//!
//! What a child asks for is told to the child only: nobody can know here whether the child wants
//! others to hear of it. Who asked to see the file is told to them only.

use events::access::{FileAccessBasis, FileAccessRequested};
use events::person::PersonRole;
use events::rights::{RequestKind, RequestMade};

use super::page::{At, Case, Page};
use super::voice::{Voice, say};

pub(super) fn request(case: &Case, page: &mut Page, at: At, facts: &RequestMade) {
    let v = &case.voice;
    let own = v.is_reader(facts.by);
    if !own && !told_to_others(v, facts) {
        return;
    }
    let (who, what) = (v.subject(facts.by), wish(v, facts.kind));
    page.dated(
        v,
        at,
        say!(v, "{who} bad om {what}.", "{who} asked for {what}."),
    );
    if own {
        page.quote(at, say!(v, "Du sagde", "You said"), &facts.text);
    }
}

/// Whether others in the family hear of it: of what a parent asked for, unless it is about health.
fn told_to_others(v: &Voice, facts: &RequestMade) -> bool {
    let of_adult = facts.by.role == PersonRole::Parent && !v.is_child(facts.by);
    let of_health = match facts.kind {
        RequestKind::Treatment33 => true,
        RequestKind::Placement48
        | RequestKind::Permanent68
        | RequestKind::Contact103
        | RequestKind::ReturnHome102
        | RequestKind::Support
        | RequestKind::PostponeFvl21
        | RequestKind::WrittenReasonsFvl23
        | RequestKind::Court147
        | RequestKind::BoardView98101 => false,
    };
    of_adult && !of_health
}

fn wish(v: &Voice, kind: RequestKind) -> String {
    let child = v.child_subject();
    match kind {
        RequestKind::Placement48 => say!(v, "et andet sted at bo", "another place to live"),
        RequestKind::Permanent68 => say!(
            v,
            "at {child} kan blive boende i alle årene",
            "the same place to live for all the years"
        ),
        RequestKind::Contact103 => say!(
            v,
            "at ændre, hvor tit man er sammen",
            "a change in how often one is together"
        ),
        RequestKind::ReturnHome102 => say!(v, "at {child} kommer hjem igen", "a return home"),
        RequestKind::Support => say!(v, "hjælp", "help"),
        RequestKind::Treatment33 => say!(v, "behandling for stoffer", "treatment for drugs"),
        RequestKind::PostponeFvl21 => say!(
            v,
            "mere tid, før der bliver bestemt noget",
            "more time before something is decided"
        ),
        RequestKind::WrittenReasonsFvl23 => {
            say!(v, "at få grundene på skrift", "the reasons in writing")
        }
        RequestKind::Court147 => say!(
            v,
            "at en domstol ser på sagen",
            "a court to look at the case"
        ),
        RequestKind::BoardView98101 => say!(
            v,
            "at Ankestyrelsen ser på en flytning",
            "the Appeals Board to look at a move"
        ),
    }
}

pub(super) fn file_access(case: &Case, page: &mut Page, at: At, facts: &FileAccessRequested) {
    let v = &case.voice;
    let acted_for = facts.on_behalf_of.filter(|person| v.is_reader(*person));
    if !v.is_reader(facts.requester) && acted_for.is_none() {
        return;
    }
    let who = v.subject(facts.requester);
    if acted_for.is_some() && !v.is_reader(facts.requester) {
        page.dated(
            v,
            at,
            say!(
                v,
                "{who} bad om at se sagen for dig.",
                "{who} asked to see the file for you."
            ),
        );
    } else {
        page.dated(
            v,
            at,
            say!(v, "Du bad om at se sagen.", "You asked to see the file."),
        );
    }
    let basis = match facts.basis {
        FileAccessBasis::Fvl9 => say!(
            v,
            "Det var som en, sagen handler om.",
            "It was as somebody whom the case is about."
        ),
        FileAccessBasis::Ofl7 => say!(
            v,
            "Det var efter de regler, der gælder for alle.",
            "It was by the rules that hold for everybody."
        ),
        FileAccessBasis::Ofl8 => say!(
            v,
            "Det var det, der handler om dig selv.",
            "It was what is about yourself."
        ),
        FileAccessBasis::Gdpr15 => say!(
            v,
            "Det var for at vide, hvad vi gemmer om dig.",
            "It was to know what we keep about you."
        ),
    };
    page.say(at, basis);
    page.quote(
        at,
        say!(v, "Du ville se", "You wanted to see"),
        &facts.scope,
    );
}
