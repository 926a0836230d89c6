//! What was brought forward event by event equals what is folded from the start.

use events::event::{CATALOGUE, Event};
use events::ids::StreamId;
use proptest::prelude::*;
use serde_json::json;

use crate::current::{Current, Next, Step};
use crate::examples::{CASE, before, example, home, recorded, reference, stream};
use crate::reading::{Known, Reading, ReadingPoint};
use crate::recorded::Recorded;

/// Event numbers behind those of the examples.
const FIRST: u128 = 0x1000;

/// What comes next in a history.
#[derive(Debug, Clone)]
enum Happens {
    /// An example of the type at this place in the catalogue, in the stream where it is at home.
    Example(usize),
    /// An event of the case, of which everything was erased.
    Hole,
    /// An annulment of one of the newest events.
    Annulled(u128),
    /// A fact of another case that belongs to this one too.
    Linked(u128),
    /// Somebody asks how things stand.
    Asked,
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        8 => (0..CATALOGUE.len()).prop_map(Happens::Example),
        1 => Just(Happens::Hole),
        1 => (0_u128..6).prop_map(Happens::Annulled),
        1 => (0_u128..6).prop_map(Happens::Linked),
        4 => Just(Happens::Asked),
    ]
}

fn record(next: &Happens, index: u64, number: u128) -> Option<Recorded> {
    let (of, kind, facts) = match next {
        Happens::Example(place) => {
            let kind = CATALOGUE[*place].name;
            (home(kind), kind, example(kind))
        }
        Happens::Hole => (CASE, "NoteTaken", example("NoteTaken")),
        Happens::Annulled(back) => {
            let mut facts = example("EventAnnulled");
            facts["target"] = json!(reference(CASE, number - 1 - back));
            (CASE, "EventAnnulled", facts)
        }
        Happens::Linked(back) => {
            let mut facts = example("FactReferenced");
            facts["target"] = json!(reference(CASE, number - 1 - back));
            (CASE, "FactReferenced", facts)
        }
        Happens::Asked => return None,
    };
    let facts = Event::from_json(kind, facts).unwrap();
    let mut record = recorded(index, of, number, &facts);
    if matches!(next, Happens::Hole) {
        record.raw = None;
    }
    Some(record)
}

/// Whether both answer the same.
fn same(one: &Current, other: &Current) -> bool {
    one.reading() == other.reading() && one.state() == other.state()
}

/// Plays a history; answers how many events were taken in by steps.
fn play(history: &[Happens]) -> usize {
    let case: StreamId = stream(CASE);
    let mut all = before();
    let mut current = Current::fold(all.clone(), case).unwrap();
    let (mut waiting, mut others) = (Vec::new(), false);
    let mut taken = 0;
    for (next, number) in history.iter().zip(FIRST..) {
        if let Some(record) = record(next, all.len() as u64, number) {
            all.push(record.clone());
            if record.stream == case {
                waiting.push(record);
            } else {
                others = true;
            }
            continue;
        }
        let mut fold = std::mem::take(&mut others);
        for record in waiting.drain(..) {
            let read = |of: StreamId| all.iter().any(|known| known.stream == of);
            fold = fold || current.step(&Next::of(&record).unwrap(), read) == Step::FoldAgain;
            taken += usize::from(!fold);
        }
        let whole = Current::fold(all.clone(), case).unwrap();
        if fold {
            current = whole;
        } else {
            assert!(same(&current, &whole));
        }
        let end = all.len() as u64;
        for position in end.saturating_sub(4)..=end {
            let Some(known) = current.at(position) else {
                continue;
            };
            let then = ReadingPoint {
                known: Known::Position(position),
                ..ReadingPoint::default()
            };
            assert_eq!(known, Reading::new(all.clone(), then).unwrap());
        }
    }
    taken
}

proptest! {
    #[test]
    fn stepping_answers_what_folding_does(history in prop::collection::vec(happens(), 1..60)) {
        play(&history);
    }
}

/// Without this, a step that always asks for folding would pass as well.
#[test]
fn every_type_of_a_case_is_stepped_but_those_that_change_others() {
    let mut folded = Vec::new();
    for (place, spec) in CATALOGUE.iter().enumerate() {
        if home(spec.name) == CASE && play(&[Happens::Example(place), Happens::Asked]) == 0 {
            folded.push(spec.name);
        }
    }
    // The first two name persons who were not read before.
    let expected = [
        "RepresentativeAppointed",
        "SiblingNeedAssessed",
        "FactReferenced",
        "EventCorrected",
        "EventAnnulled",
    ];
    assert_eq!(folded, expected);
}

#[test]
fn an_event_that_does_not_fit_its_type_is_not_taken_in() {
    let facts = Event::from_json("NoteTaken", example("NoteTaken")).unwrap();
    let mut record = recorded(900, CASE, FIRST, &facts);
    for part in &mut record.raw.as_mut().unwrap().parts {
        part.fields.insert("unheard_of".to_owned(), Vec::new());
    }
    assert!(Next::of(&record).is_err());
}

#[test]
fn what_was_recorded_before_the_newest_event_read_is_not_appended() {
    let case = stream(CASE);
    let mut current = Current::fold(before(), case).unwrap();
    let facts = Event::from_json("NoteTaken", example("NoteTaken")).unwrap();
    let early = recorded(3, CASE, FIRST, &facts);
    assert_eq!(
        current.step(&Next::of(&early).unwrap(), |_| true),
        Step::FoldAgain
    );
}

#[test]
fn a_copy_and_the_past_stay_as_they_were() {
    let case = stream(CASE);
    let mut current = Current::fold(before(), case).unwrap();
    let (copy, count) = (current.clone(), current.reading().events.len());
    let facts = Event::from_json("NoteTaken", example("NoteTaken")).unwrap();
    let record = recorded(900, CASE, FIRST, &facts);
    assert_eq!(
        current.step(&Next::of(&record).unwrap(), |_| true),
        Step::Taken
    );
    assert_eq!(current.reading().events.len(), count + 1);
    assert_eq!(copy.reading().events.len(), count);
    assert_eq!(
        current.at(900).as_ref().map(|then| then.events.len()),
        Some(count)
    );
    let folded = current.at(count as u64 - 1);
    assert!(folded.is_none(), "only reading it from the start can tell");
    assert!(same(&copy, &Current::fold(before(), case).unwrap()));
}
