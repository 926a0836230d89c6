//! A fact that stands alone changes nothing that the law says of the others.

use events::casework::NoteKind;
use events::ids::EventId;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::laws::story;
use super::story::{CASE, CHILD, Story, id, who};
use crate::alone::stands_alone;
use crate::case::Case;
use crate::engine::{evaluate, evaluate_alone, evaluate_case};
use crate::fact::{Circumstances, Fact};
use crate::key_figures::KeyFigures;
use crate::key_figures::contribution::{Contribution, Slices, contributions, contributions_alone};
use crate::obligation::{Obligation, Status};
use crate::rule::Due;

/// Facts of every type that can stand alone.
fn alone() -> Vec<(&'static str, Value)> {
    let goal = json!({
        "goal": id(0xb1), "child": who(CHILD), "wording": ["sleep well"],
        "words_of": [who(CHILD)], "area": "FAMILY",
    });
    let change = json!({
        "goal": id(0xb1), "change": "MET", "child": who(CHILD), "reason": ["sleeps"],
        "agreed_with": [who(CHILD)],
    });
    vec![
        ("NoteTaken", json!({ "kind": "FACT" })),
        ("NoteTaken", json!({ "kind": "ESSENTIAL_STEP" })),
        ("NoteTaken", json!({ "kind": "CONTACT" })),
        ("DocumentFiled", json!({})),
        ("GoalSet", goal),
        ("GoalChanged", change),
    ]
}

struct Said<'c> {
    duties: Vec<Obligation<'c>>,
    added: Vec<Contribution>,
}

fn said<'c>(story: &Story, facts: &[Fact<'_>], circumstances: &Circumstances) -> Said<'c> {
    let figures = KeyFigures::built_in().unwrap();
    let duties = evaluate(story.catalogue, facts, circumstances).obligations;
    // Reports to the statistics office serve all cases, and stand in no row.
    let duties = duties
        .into_iter()
        .filter(|duty| !matches!(duty.rule.due, Due::AfterPeriod { .. }))
        .collect();
    Said {
        duties,
        added: contributions(&figures, story.catalogue, facts, circumstances),
    }
}

fn of<T: Clone>(all: &[T], event: impl Fn(&T) -> EventId, own: EventId) -> (Vec<T>, Vec<T>) {
    all.iter().cloned().partition(|one| event(one) == own)
}

/// Compares a story with and without one more fact; answers what that adds.
#[track_caller]
fn compare(mut story: Story, kind: &str, says: Value, day: &str, now: &str) -> usize {
    let own = story.on(CASE, day, kind, says);
    let circumstances = Circumstances {
        as_of: super::story::instant(now),
        ..story.circumstances.clone()
    };
    let all = story.facts();
    let fact = *all.iter().find(|fact| fact.event == own).unwrap();
    assert!(stands_alone(&fact), "{kind}");
    let others: Vec<Fact<'_>> = all
        .iter()
        .filter(|fact| fact.event != own)
        .copied()
        .collect();
    let (with, without) = (
        said(&story, &all, &circumstances),
        said(&story, &others, &circumstances),
    );
    let (its, rest) = of(&with.duties, |duty| duty.event, own);
    assert_eq!(rest, without.duties, "{kind} changes duties");
    for duty in its {
        assert!(
            matches!(duty.status, Status::Met { .. }),
            "{kind} leaves {duty:?}"
        );
    }
    let (added, rest) = of(&with.added, |added| added.event, own);
    assert_eq!(rest, without.added, "{kind} changes figures");
    let case = Case::new(&others, &circumstances, story.catalogue);
    let figures = KeyFigures::built_in().unwrap();
    let (slices, catalogue) = (Slices::of(&case), story.catalogue);
    let alone = contributions_alone(&figures, catalogue, fact, &circumstances, &slices);
    assert_eq!(alone, added, "{kind}");
    added.len()
}

/// A fact, of which nothing else of its case is at hand, raises the same duties whether every rule is
/// asked or only those that such facts can raise.
#[track_caller]
fn compare_rules(kind: &str, says: Value, day: &str, journalled: bool) -> usize {
    let mut story = Story::of_child("2012-03-31", day);
    let own = story.add(day, kind, says);
    if journalled {
        let journal = json!({ "title": "Letter", "direction": "IN", "doc_date": day });
        let journal = serde_json::from_value(journal).unwrap();
        story.meta(|meta| meta.journal = Some(journal));
    }
    let facts = story.facts();
    let fact = *facts.iter().find(|fact| fact.event == own).unwrap();
    assert!(stands_alone(&fact), "{kind}");
    let circumstances = Circumstances {
        as_of: super::story::instant("2043-03-01"),
        ..story.circumstances.clone()
    };
    let case = Case::new(&[fact], &circumstances, story.catalogue);
    let every = evaluate_case(story.catalogue, &case).obligations;
    let every: Vec<_> = every
        .into_iter()
        .filter(|duty| !matches!(duty.rule.due, Due::AfterPeriod { .. }))
        .collect();
    let asked = evaluate_alone(story.catalogue, &case).obligations;
    assert_eq!(asked, every, "{kind} on {day}");
    every.len()
}

#[test]
fn only_the_rules_that_are_asked_are_raised_by_a_fact_alone() {
    let kinds = NoteKind::ALL.iter();
    let notes = kinds.map(|kind| ("NoteTaken", json!({ "kind": kind })));
    let facts: Vec<(&str, Value)> = notes.chain(alone()).collect();
    let mut raised = 0;
    // Under each Act, on their last and first day, and after a published target began.
    for day in [
        "2012-05-01",
        "2019-06-03",
        "2023-12-31",
        "2024-01-01",
        "2026-02-02",
    ] {
        for (kind, says) in &facts {
            for journalled in [false, true] {
                raised += compare_rules(kind, says.clone(), day, journalled);
            }
        }
    }
    assert!(raised > 100, "{raised}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_fact_that_stands_alone_changes_nothing_else(
        draws in prop::collection::vec((0_usize..100, any::<u16>(), any::<bool>()), 0..60),
        day in 0_u16..700,
        place in 0_usize..6,
    ) {
        let date = events::calendar::add_days("2023-06-01".parse().unwrap(), day).to_string();
        let (kind, says) = alone()[place].clone();
        compare(story(&draws), kind, says, &date, "2043-03-01");
    }
}

#[test]
fn every_note_adds_to_a_key_figure() {
    for (kind, says) in alone() {
        let story = Story::of_child("2012-03-31", "2024-02-01");
        let added = compare(story, kind, says, "2024-03-01", "2043-03-01");
        assert_eq!(added, usize::from(kind == "NoteTaken"), "{kind}");
    }
}

#[test]
fn a_note_that_cites_the_law_does_not_stand_alone() {
    let mut story = Story::of_child("2012-03-31", "2024-02-01");
    let note = story.add("2024-03-01", "NoteTaken", json!({}));
    story.citing("FVL § 9 b");
    let facts = story.facts();
    let note = facts.iter().find(|fact| fact.event == note).unwrap();
    assert!(!stands_alone(note));
    let opening = facts.iter().find(|fact| fact.event != note.event);
    assert!(!stands_alone(opening.unwrap()));
}
