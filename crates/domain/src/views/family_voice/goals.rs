//! The plan and its goals: each goal in the words of those who set it, and what became of it.
//!
//! The plan belongs to the family, so its goals are told to everybody in it.

use events::event::Event;
use events::ids::GoalId;
use events::person::PersonRef;
use events::plan::{GoalArea, GoalChange, GoalChanged, GoalSet, PlanAdopted, PlanKind};

use super::page::{At, Case, Page};
use super::voice::{Phrase, say};

pub(super) fn goals(case: &Case) -> Page {
    let v = &case.voice;
    let mut page = Page::new(v.language);
    let mut goals: Vec<(GoalId, Page)> = Vec::new();
    for (event, shown) in &case.facts {
        let at = At::new(event, shown);
        match &shown.facts {
            Event::PlanAdopted(facts) => plan(case, &mut page, at, facts),
            Event::GoalSet(facts) if v.is_child(facts.child) => {
                let mut goal = Page::new(v.language);
                set(case, &mut goal, at, facts);
                goals.push((facts.goal, goal));
            }
            Event::GoalChanged(facts) if v.is_child(facts.child) => {
                // The event that set it may be gone; what became of it is told nevertheless.
                let place = goals
                    .iter()
                    .position(|(goal, _)| *goal == facts.goal)
                    .unwrap_or_else(|| {
                        goals.push((facts.goal, Page::new(v.language)));
                        goals.len() - 1
                    });
                if let Some((_, goal)) = goals.get_mut(place) {
                    changed(case, goal, at, facts);
                }
            }
            _ => {}
        }
    }
    goals.into_iter().for_each(|(_, goal)| page.append(goal));
    page
}

fn plan(case: &Case, page: &mut Page, at: At, facts: &PlanAdopted) {
    let v = &case.voice;
    let own = facts
        .made_with
        .iter()
        .chain(&facts.given_to)
        .any(|person| v.is_reader(*person));
    let of_parents = match facts.kind {
        PlanKind::ParentPlan => true,
        PlanKind::ChildPlan
        | PlanKind::YouthPlan
        | PlanKind::ActionPlan
        | PlanKind::Description => {
            if !facts.children.iter().any(|child| v.is_child(*child)) {
                return;
            }
            false
        }
    };
    let kind = v.pick(self::kind(facts.kind));
    let version = facts.version;
    if version > 1 {
        page.dated(
            v,
            at,
            say!(
                v,
                "Planen blev lavet om. Det er {kind}, nummer {version}.",
                "The plan was changed. It is {kind}, number {version}."
            ),
        );
    } else {
        page.dated(
            v,
            at,
            say!(
                v,
                "Der blev lavet en plan. Det er {kind}.",
                "A plan was made. It is {kind}."
            ),
        );
    }
    for list in v.lists(&facts.made_with) {
        page.say(
            at,
            say!(
                v,
                "{list} var med til at lave den.",
                "{list} helped to make it."
            ),
        );
    }
    for list in v.lists(&facts.given_to) {
        page.say(at, say!(v, "{list} fik planen.", "{list} got the plan."));
    }
    // A plan for the parents is theirs.
    if let Some(support) = facts.family_support.as_ref().filter(|_| own || !of_parents) {
        page.quote(
            at,
            say!(v, "Hjælp til familien", "Help for the family"),
            support,
        );
    }
}

const fn kind(kind: PlanKind) -> Phrase {
    match kind {
        PlanKind::ChildPlan => ("barnets plan", "the child's plan"),
        PlanKind::YouthPlan => ("en ungeplan", "a plan for a young person"),
        PlanKind::ActionPlan => ("en handleplan", "an action plan"),
        PlanKind::Description => ("en kort beskrivelse af mål", "a short description of goals"),
        PlanKind::ParentPlan => ("en plan for forældrene", "a plan for the parents"),
    }
}

fn set(case: &Case, page: &mut Page, at: At, facts: &GoalSet) {
    let v = &case.voice;
    let open = case.privacy.shares_child(v, facts.child);
    let lists = v.lists(&facts.words_of);
    match lists.split_first() {
        None => page.dated(v, at, say!(v, "Der blev sat et mål.", "A goal was set.")),
        Some((first, rest)) => {
            page.dated(
                v,
                at,
                say!(v, "{first} satte et mål.", "{first} set a goal."),
            );
            for list in rest {
                page.say(at, say!(v, "{list} var også med.", "{list} took part too."));
            }
        }
    }
    page.quote_if(open, at, say!(v, "Målet er", "The goal is"), &facts.wording);
    let area = v.pick(area(facts.area));
    page.say(
        at,
        say!(v, "Målet handler om {area}.", "The goal is about {area}."),
    );
    if let Some(indicator) = &facts.indicator {
        page.quote_if(
            open,
            at,
            say!(
                v,
                "Sådan kan vi se, at det lykkes",
                "This is how we can see that it works"
            ),
            indicator,
        );
    }
}

const fn area(area: GoalArea) -> Phrase {
    match area {
        GoalArea::Development => ("at lære og udvikle sig", "learning and growing"),
        GoalArea::Family => ("familien", "the family"),
        GoalArea::School => ("skolen", "school"),
        GoalArea::Health => ("kroppen og helbredet", "body and health"),
        GoalArea::Leisure => ("fritid og venner", "free time and friends"),
        GoalArea::Independence => ("at klare sig selv", "managing on one's own"),
        GoalArea::Other => ("noget andet", "something else"),
    }
}

fn changed(case: &Case, page: &mut Page, at: At, facts: &GoalChanged) {
    let v = &case.voice;
    let open = case.privacy.shares_child(v, facts.child);
    let change = match facts.change {
        GoalChange::Refocused => say!(v, "Målet blev lavet om.", "The goal was changed."),
        GoalChange::Met => say!(v, "Målet er nået.", "The goal is reached."),
        GoalChange::PartlyMet => say!(
            v,
            "Noget af målet er nået.",
            "A part of the goal is reached."
        ),
        GoalChange::Dropped => say!(
            v,
            "Målet gælder ikke mere.",
            "The goal does not hold any more."
        ),
        GoalChange::Reopened => say!(v, "Målet gælder igen.", "The goal holds again."),
    };
    page.dated(v, at, change);
    if let Some(wording) = &facts.new_wording {
        page.quote_if(open, at, say!(v, "Nu er målet", "Now the goal is"), wording);
    }
    page.quote_if(
        open,
        at,
        say!(v, "Det er, fordi", "That is because"),
        &facts.reason,
    );
    agreed(case, page, at, &facts.agreed_with);
    for list in v.lists(facts.copy_sent_to.as_deref().unwrap_or_default()) {
        page.say(
            at,
            say!(
                v,
                "{list} fik et kort brev om det.",
                "{list} got a short letter about it."
            ),
        );
    }
}

fn agreed(case: &Case, page: &mut Page, at: At, with: &[PersonRef]) {
    let v = &case.voice;
    for list in v.lists(with) {
        page.say(
            at,
            say!(
                v,
                "{list} var med til at aftale det.",
                "{list} took part in agreeing on it."
            ),
        );
    }
}
