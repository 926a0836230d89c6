//! The children and youth committee (*børne- og ungeudvalget*): what it was asked, what could not
//! wait for it, and what it decided for this child.
//!
//! What it decided for a brother or sister stands in their text.

use events::committee::{
    ChildOutcome, CommitteeDecisionMade, CommitteeMatter, CommitteeMember, CommitteeOutcome,
    CommitteeSubmissionMade, ProvisionalAuthority, ProvisionalDecisionMade, SubmissionItem,
};
use events::time::Occurred;

use super::Reader;
use super::page::{At, Case, Page};
use super::voice::{Voice, say};

pub(super) fn submitted(case: &Case, page: &mut Page, at: At, facts: &CommitteeSubmissionMade) {
    let v = &case.voice;
    if !facts.children.iter().any(|child| v.is_child(*child)) {
        return;
    }
    page.dated(
        v,
        at,
        say!(
            v,
            "Vi bad børne- og ungeudvalget om at bestemme.",
            "We asked the children and youth committee to decide."
        ),
    );
    page.once(
        at,
        say!(
            v,
            "Det er et udvalg, der bestemmer i svære sager.",
            "It is a committee that decides in hard cases."
        ),
    );
    matters(v, page, at, &facts.matters);
    if v.reader == Reader::Child {
        if facts.contents.contains(&SubmissionItem::ChildView) {
            page.say(
                at,
                say!(
                    v,
                    "Vi skrev til udvalget, hvad du mener.",
                    "We wrote to the committee what you think."
                ),
            );
        }
        return;
    }
    for item in &facts.contents {
        let item = self::item(v, *item);
        page.say(at, say!(v, "Vi skrev om {item}.", "We wrote about {item}."));
    }
}

fn matters(v: &Voice, page: &mut Page, at: At, matters: &[CommitteeMatter]) {
    for matter in matters {
        let about = matter_of(v, *matter);
        page.say(
            at,
            say!(v, "Det handler om {about}.", "It is about {about}."),
        );
    }
}

fn item(v: &Voice, item: SubmissionItem) -> String {
    let child = v.child_subject();
    match item {
        SubmissionItem::Examination => say!(v, "undersøgelsen", "the examination"),
        SubmissionItem::Conditions => say!(v, "vores grunde efter loven", "our grounds in the law"),
        SubmissionItem::ParentalCompetence => {
            say!(v, "hvad forældrene kan", "what the parents can do")
        }
        SubmissionItem::Plan => say!(v, "planen og hjælpen", "the plan and the help"),
        SubmissionItem::ChildView => say!(v, "hvad {child} mener", "the view of the child"),
        SubmissionItem::ParentPlan => say!(v, "planen for forældrene", "the plan for the parents"),
        SubmissionItem::Siblings => say!(v, "søskende", "brothers and sisters"),
    }
}

fn matter_of(v: &Voice, matter: CommitteeMatter) -> String {
    let child = v.child_subject();
    match matter {
        CommitteeMatter::Examination23 => {
            say!(
                v,
                "en undersøgelse på en institution eller et sygehus",
                "an examination in an institution or a hospital"
            )
        }
        CommitteeMatter::Majority42 => {
            say!(
                v,
                "noget, som de fleste i udvalget skal stemme for",
                "something that most of the committee must vote for"
            )
        }
        CommitteeMatter::Placement47 => {
            say!(
                v,
                "et andet sted at bo, uden at alle sagde ja",
                "another place to live, although not all said yes"
            )
        }
        CommitteeMatter::Birth49 => say!(
            v,
            "et andet sted at bo fra fødslen",
            "another place to live from birth on"
        ),
        CommitteeMatter::Renewal50 => say!(
            v,
            "at blive ved med at bo et andet sted",
            "going on living in another place"
        ),
        CommitteeMatter::Permanent67 => say!(
            v,
            "at {child} kan blive boende i alle årene",
            "living in the same place for all the years"
        ),
        CommitteeMatter::ChangePlacement98 => say!(
            v,
            "at flytte til et nyt sted at bo",
            "moving to a new place to live"
        ),
        CommitteeMatter::Contact105 => say!(
            v,
            "hvem {child} må være sammen med, og hvordan",
            "whom {child} may see, and how"
        ),
        CommitteeMatter::Approval143 => say!(
            v,
            "at sige ja eller nej til den hurtige afgørelse",
            "saying yes or no to the quick decision"
        ),
        CommitteeMatter::Other => say!(v, "noget andet", "something else"),
    }
}

pub(super) fn provisional(case: &Case, page: &mut Page, at: At, facts: &ProvisionalDecisionMade) {
    let v = &case.voice;
    if !facts.children.iter().any(|child| v.is_child(*child)) || !case.privacy.is_out(at.event) {
        return;
    }
    page.dated(
        v,
        at,
        say!(
            v,
            "Der blev bestemt noget, som ikke kunne vente.",
            "Something was decided that could not wait."
        ),
    );
    let who = match facts.by {
        ProvisionalAuthority::Chair => {
            say!(
                v,
                "Det gjorde formanden for børne- og ungeudvalget.",
                "The chair of the children and youth committee did that."
            )
        }
        ProvisionalAuthority::ViceChair => say!(
            v,
            "Det gjorde næstformanden for børne- og ungeudvalget.",
            "The deputy chair of the children and youth committee did that."
        ),
        ProvisionalAuthority::BoardDirector => {
            say!(
                v,
                "Det gjorde lederen af Ankestyrelsen.",
                "The director of the Appeals Board did that."
            )
        }
    };
    page.say(at, who);
    matters(v, page, at, &facts.matters);
    if let Some(carried_out) = facts.carried_out_at {
        let on = v.on(Occurred::At(carried_out).day());
        page.say(at, say!(v, "Det skete {on}.", "It happened {on}."));
    }
    if facts.police_help {
        page.say(at, say!(v, "Politiet hjalp til.", "The police helped."));
    }
    if case.privacy.shows_reasons(v, at.event) {
        page.quote(
            at,
            say!(
                v,
                "Det kunne ikke vente, fordi",
                "It could not wait because"
            ),
            &facts.urgency,
        );
    } else if v.reader == Reader::Child {
        page.say(
            at,
            say!(
                v,
                "Din rådgiver kan fortælle dig hvorfor.",
                "Your caseworker can tell you why."
            ),
        );
    }
}

pub(super) fn decided(case: &Case, page: &mut Page, at: At, facts: &CommitteeDecisionMade) {
    let v = &case.voice;
    let outcomes: Vec<&ChildOutcome> = facts
        .outcomes
        .iter()
        .filter(|outcome| v.is_child(outcome.child))
        .collect();
    if outcomes.is_empty() || !case.privacy.is_out(at.event) {
        return;
    }
    page.dated(
        v,
        at,
        say!(
            v,
            "Børne- og ungeudvalget bestemte noget.",
            "The children and youth committee decided something."
        ),
    );
    for outcome in outcomes {
        self::outcome(v, page, at, outcome);
    }
    presence(v, page, at, facts);
    for about in facts
        .statements
        .iter()
        .filter(|about| v.is_reader(about.who))
    {
        page.quote(at, say!(v, "Du sagde", "You said"), &about.words);
    }
    if case.privacy.shows_reasons(v, at.event) {
        page.quote(
            at,
            say!(v, "Det er, fordi", "That is because"),
            &facts.reasons,
        );
    } else if v.reader == Reader::Child {
        page.say(
            at,
            say!(
                v,
                "Din rådgiver kan fortælle dig hvorfor.",
                "Your caseworker can tell you why."
            ),
        );
    }
}

/// Who sat in the committee, whether its judge did not agree, and who came to it.
fn presence(v: &Voice, page: &mut Page, at: At, facts: &CommitteeDecisionMade) {
    members(v, page, at, &facts.members);
    if facts.judge_dissent {
        page.say(
            at,
            say!(v, "Dommeren var ikke enig.", "The judge did not agree."),
        );
    }
    for spoke in v.lists(&facts.spoke) {
        page.say(
            at,
            say!(
                v,
                "{spoke} talte med udvalget.",
                "{spoke} spoke with the committee."
            ),
        );
    }
    if !facts.lawyers_present.is_empty() {
        page.say(
            at,
            say!(
                v,
                "Der var advokater til stede.",
                "There were lawyers present."
            ),
        );
    }
}

fn outcome(v: &Voice, page: &mut Page, at: At, outcome: &ChildOutcome) {
    matters(v, page, at, &[outcome.matter]);
    let (yes, no) = (outcome.votes_for, outcome.votes_against);
    let text = match outcome.outcome {
        CommitteeOutcome::Adopted => say!(
            v,
            "Udvalget sagde ja. {yes} stemte for, og {no} stemte imod.",
            "The committee said yes. {yes} voted for it, and {no} against."
        ),
        CommitteeOutcome::NotAdopted => say!(
            v,
            "Udvalget sagde nej. {yes} stemte for, og {no} stemte imod.",
            "The committee said no. {yes} voted for it, and {no} against."
        ),
    };
    page.say(at, text);
    if let Some(last) = outcome.valid_to {
        let day = v.date(last);
        page.say(
            at,
            say!(
                v,
                "Det gælder til og med den {day}.",
                "It holds until {day}, that day too."
            ),
        );
    }
    if let Some(before) = outcome.renew_by {
        let day = v.date(before);
        page.say(
            at,
            say!(
                v,
                "Udvalget skal se på det igen før den {day}.",
                "The committee must look at it again before {day}."
            ),
        );
    }
    if let Some(conditions) = &outcome.conditions {
        page.quote_text(
            at,
            say!(v, "Udvalget skrev", "The committee wrote"),
            conditions.as_str(),
        );
    }
}

fn members(v: &Voice, page: &mut Page, at: At, members: &[CommitteeMember]) {
    let mut counts = [0_u32; 3];
    let [councillors, judges, experts] = &mut counts;
    for member in members {
        match member {
            CommitteeMember::Councillor => *councillors += 1,
            CommitteeMember::Judge => *judges += 1,
            CommitteeMember::Expert => *experts += 1,
        }
    }
    let [councillors, judges, experts] = counts;
    let phrases = [
        (
            councillors,
            say!(
                v,
                "{councillors} fra kommunens råd",
                "{councillors} from the council"
            ),
        ),
        (
            judges,
            say!(v, "{judges} fra retten", "{judges} from the court"),
        ),
        (
            experts,
            say!(
                v,
                "{experts} med særlig viden om børn",
                "{experts} with special knowledge of children"
            ),
        ),
    ];
    let present: Vec<String> = phrases
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(_, phrase)| phrase)
        .collect();
    if !present.is_empty() {
        let present = v.joined(&present);
        page.say(
            at,
            say!(
                v,
                "I udvalget sad {present}.",
                "The committee had {present}."
            ),
        );
    }
}
