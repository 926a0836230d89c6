//! Rows put in, changed and searched, against a list that is looked through from end to end.

use std::collections::{BTreeMap, BTreeSet};

use domain::name_key;
use domain::views::listing::{CaseRow, CaseStatus};
use events::ids::{FamilyId, PersonId, StreamId};
use events::text::{EmployeeId, IdNumber, Short};
use events::time::Occurred;
use jiff::ToSpan;
use jiff::civil::Date;
use proptest::prelude::*;
use record::keys::RootKey;
use record::positions::Size;
use store::memory_projections::MemoryProjections;
use store::projection_store::{Direction, ProjectionStore};
use uuid::Uuid;

use super::case_row::{ListedCase, PersonEntry, RowKind};
use super::draft::{CaseParts, Draft};
use super::keys::ListKeys;
use super::search::{CaseFilter, CaseOrder, Found, Plan, Rows, Window};
use crate::rows::duty::Evaluated;
use crate::rules::rulebook::{RowLaw, Rulebook};

const NAMES: &[&str] = &[
    "Anna Bo Clausen",
    "Anna Clausen",
    "Bo Anna",
    "Clausen Bo",
    "Kristoffer Møller",
    "Christopher Moeller",
    "Aagård",
    "Ågaard Bo",
    "李",
];

fn person_id(number: usize) -> PersonId {
    PersonId::new(Uuid::from_u64_pair(7, number as u64 + 1)).unwrap()
}

fn number_of(person: usize) -> IdNumber {
    IdNumber::new(format!("141316-{person:04}")).unwrap()
}

fn day(number: i64) -> Date {
    jiff::civil::date(2020, 1, 1)
        .checked_add(number.days())
        .unwrap()
}

/// A case as the test makes it up.
#[derive(Debug, Clone)]
struct Made {
    ordinal: u64,
    status: CaseStatus,
    people: Vec<usize>,
    worker: usize,
    unit: usize,
    family: usize,
    opened: Option<i64>,
}

fn made() -> impl Strategy<Value = Made> {
    let status = prop_oneof![
        Just(CaseStatus::Open),
        Just(CaseStatus::Closed),
        Just(CaseStatus::Advice),
        Just(CaseStatus::Unknown)
    ];
    let people = prop::collection::vec(0..NAMES.len(), 0..4);
    (
        0..20_000_u64,
        status,
        people,
        0..4_usize,
        0..3_usize,
        0..5_usize,
        prop::option::of(0..40_i64),
    )
        .prop_map(
            |(ordinal, status, people, worker, unit, family, opened)| Made {
                ordinal,
                status,
                people,
                worker,
                unit,
                family,
                opened,
            },
        )
}

fn parts(made: &Made) -> CaseParts {
    let row = CaseRow {
        status: made.status,
        caseworkers: vec![EmployeeId::new(format!("K{}", made.worker)).unwrap()],
        unit: Some(format!("enhed {}", made.unit)),
        family: FamilyId::new(Uuid::from_u64_pair(9, made.family as u64 + 1)).ok(),
        opened: made.opened.map(|opened| Occurred::On(day(opened))),
        ..CaseRow::unknown(StreamId::new(Uuid::from_u64_pair(1, made.ordinal + 1)).unwrap())
    };
    let people = made
        .people
        .iter()
        .map(|person| person_id(*person))
        .collect();
    CaseParts {
        listed: ListedCase {
            kind: RowKind::Case,
            row,
            whole: true,
        },
        people,
        reach: BTreeSet::new(),
        evaluated: Evaluated::default(),
    }
}

fn filter() -> impl Strategy<Value = CaseFilter> {
    let name = prop::option::weighted(
        0.4,
        prop_oneof![
            prop::sample::select(NAMES).prop_map(str::to_owned),
            prop::sample::select(&[
                "bo",
                "ANNA",
                "clausen anna",
                "møller",
                "Bo Clausen Anna Bo",
                "nobody",
                "Anna Møller"
            ])
            .prop_map(str::to_owned),
        ],
    );
    let status = prop::option::weighted(
        0.3,
        prop_oneof![Just(CaseStatus::Open), Just(CaseStatus::Closed)],
    );
    let number = prop::option::weighted(0.2, 0..NAMES.len() + 1);
    let few = |most: usize| prop::option::weighted(0.25, 0..most);
    let days = prop::option::weighted(0.3, -1..41_i64);
    (
        number,
        name,
        few(5),
        few(4),
        status,
        days.clone(),
        days,
        few(6),
    )
        .prop_map(|(number, name, worker, unit, status, from, to, family)| {
            CaseFilter {
                // The dash may be left out.
                number: number.map(|person| {
                    IdNumber::new(number_of(person).as_str().replace('-', "")).unwrap()
                }),
                name,
                caseworker: worker.map(|worker| EmployeeId::new(format!("K{worker}")).unwrap()),
                unit: unit.map(|unit| Short::new(format!("enhed {unit}")).unwrap()),
                status,
                opened_from: from.map(day),
                opened_to: to.map(day),
                family: family.and_then(|family| {
                    FamilyId::new(Uuid::from_u64_pair(9, family as u64 + 1)).ok()
                }),
            }
        })
}

/// The filter, asked of one case.
fn fits(made: &Made, filter: &CaseFilter) -> bool {
    let row = parts(made).listed.row;
    let holds = |words: &[String], name: &str| {
        let keys = name_key::keys(name);
        words.iter().all(|word| keys.contains(word))
    };
    let opened = made.opened.map(day);
    filter.number.as_ref().is_none_or(|number| {
        made.people
            .iter()
            .any(|person| number_of(*person).as_str().replace('-', "") == number.as_str())
    }) && filter.name.as_ref().is_none_or(|name| {
        let words = name_key::keys(name);
        made.people
            .iter()
            .any(|person| holds(&words, NAMES[*person]))
    }) && filter
        .caseworker
        .as_ref()
        .is_none_or(|id| row.caseworkers.contains(id))
        && filter
            .unit
            .as_ref()
            .is_none_or(|unit| row.unit.as_deref() == Some(unit.as_str()))
        && filter.status.is_none_or(|status| row.status == status)
        && filter
            .family
            .is_none_or(|family| row.family == Some(family))
        && filter
            .opened_from
            .is_none_or(|from| opened.is_some_and(|opened| opened >= from))
        && filter
            .opened_to
            .is_none_or(|to| opened.is_some_and(|opened| opened <= to))
}

/// The keys of an epoch.
fn list_keys(epoch: u32) -> ListKeys {
    ListKeys::new(&root(epoch))
}

fn root(epoch: u32) -> (u32, RootKey) {
    (
        epoch,
        RootKey::from_bytes([u8::try_from(epoch).unwrap(); 32]),
    )
}

fn put_people(draft: &mut Draft<'_>, keys: &ListKeys) {
    for (person, name) in NAMES.iter().enumerate() {
        let entry = PersonEntry {
            number: Some(keys.number(&number_of(person))),
            name: keys.name(name),
            ..PersonEntry::default()
        };
        draft.put_person(person_id(person), entry).unwrap();
    }
}

fn store_of(cases: &[Made], keys: &ListKeys) -> MemoryProjections {
    let (store, law) = (
        MemoryProjections::new(),
        RowLaw::of(Rulebook::built_in(), Rulebook::built_in().newest()),
    );
    for (step, some) in cases.chunks(7).enumerate() {
        let batch = {
            let rows = store.snapshot().unwrap();
            let mut draft = Draft::new(&*rows, keys, &law);
            if step == 0 {
                put_people(&mut draft, keys);
            }
            some.iter()
                .for_each(|made| draft.put_case(made.ordinal, &parts(made)).unwrap());
            draft.into_batch(Size::new(step as u64 + 1))
        };
        store.apply(batch).unwrap();
    }
    store
}

fn page(store: &MemoryProjections, keys: &ListKeys, filter: &CaseFilter, window: &Window) -> Found {
    let rows = store.snapshot().unwrap();
    Rows::new(&*rows, keys, Rulebook::built_in())
        .page(&Plan::new(filter, keys).unwrap(), window)
        .unwrap()
}

/// What a page must hold, by looking through everything.
fn expected(matching: &[u64], window: &Window) -> (Vec<u64>, bool, bool) {
    let mut all = matching.to_vec();
    if window.order == CaseOrder::NewestFirst {
        all.reverse();
    }
    let behind = |bound: u64, ordinal: u64| {
        if window.order == CaseOrder::OldestFirst {
            ordinal > bound
        } else {
            ordinal < bound
        }
    };
    let within: Vec<u64> = all
        .iter()
        .copied()
        .filter(|ordinal| window.after.is_none_or(|after| behind(after, *ordinal)))
        .filter(|ordinal| window.before.is_none_or(|before| behind(*ordinal, before)))
        .collect();
    let skip = if window.from_end {
        within.len().saturating_sub(window.count)
    } else {
        0
    };
    let chosen: Vec<u64> = within
        .iter()
        .copied()
        .skip(skip)
        .take(window.count)
        .collect();
    let in_front = skip > 0
        || window
            .after
            .is_some_and(|after| all.iter().any(|ordinal| !behind(after, *ordinal)));
    let at_end = skip + chosen.len() < within.len()
        || window
            .before
            .is_some_and(|before| all.iter().any(|ordinal| !behind(*ordinal, before)));
    (chosen, in_front, at_end)
}

fn window() -> impl Strategy<Value = Window> {
    let order = prop_oneof![Just(CaseOrder::OldestFirst), Just(CaseOrder::NewestFirst)];
    let bound = || prop::option::weighted(0.4, 0..21_000_u64);
    (order, bound(), bound(), 0..6_usize, any::<bool>()).prop_map(
        |(order, after, before, count, from_end)| Window {
            order,
            after,
            before,
            count,
            from_end,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_page_holds_what_looking_through_everything_finds(
        cases in prop::collection::vec(made(), 0..60), filter in filter(), windows in prop::collection::vec(window(), 1..6)
    ) {
        let keys = list_keys(1);
        let store = store_of(&cases, &keys);
        // A case that is put in again takes the place of what was there.
        let last: BTreeMap<u64, &Made> = cases.iter().map(|made| (made.ordinal, made)).collect();
        let matching: Vec<u64> = last.values().filter(|made| fits(made, &filter)).map(|made| made.ordinal).collect();
        for window in windows {
            let found = page(&store, &keys, &filter, &window);
            let (chosen, in_front, at_end) = expected(&matching, &window);
            prop_assert_eq!(found.cases.iter().map(|(ordinal, _)| *ordinal).collect::<Vec<_>>(), chosen, "{:?}", window);
            // An empty window says nothing about its surroundings.
            if window.after.zip(window.before).is_none() {
                prop_assert_eq!((found.more_before, found.more_after), (in_front, at_end), "{:?}", window);
            }
            for (ordinal, listed) in &found.cases {
                prop_assert_eq!(&listed.row, &parts(last[ordinal]).listed.row);
            }
        }
    }

    #[test]
    fn rows_are_the_same_in_whatever_order_they_come(cases in prop::collection::vec(made(), 0..40), seed in any::<u64>()) {
        let keys = list_keys(1);
        let last: BTreeMap<u64, Made> = cases.iter().map(|made| (made.ordinal, made.clone())).collect();
        let mut once: Vec<Made> = last.into_values().collect();
        once.sort_by_key(|made| made.ordinal.wrapping_mul(seed | 1));
        let (one, other) = (store_of(&cases, &keys), store_of(&once, &keys));
        prop_assert_eq!(one.snapshot().unwrap().sum(), other.snapshot().unwrap().sum());
    }
}

#[test]
fn equal_filters_have_equal_digests_and_others_not() {
    let keys = list_keys(1);
    let digest = |filter: CaseFilter| Plan::new(&filter, &keys).unwrap().digests();
    let name = |name: &str| {
        digest(CaseFilter {
            name: Some(name.into()),
            ..CaseFilter::default()
        })
    };
    assert_eq!(name("Kristoffer Møller"), name("moeller, christopher"));
    assert_ne!(name("Kristoffer Møller"), name("Kristoffer"));
    assert_ne!(name("Kristoffer"), digest(CaseFilter::default()));
    let (from, to) = (Some(day(1)), Some(day(1)));
    assert_ne!(
        digest(CaseFilter {
            opened_from: from,
            ..CaseFilter::default()
        }),
        digest(CaseFilter {
            opened_to: to,
            ..CaseFilter::default()
        })
    );
    assert!(
        Plan::new(
            &CaseFilter {
                name: Some(" - ".into()),
                ..CaseFilter::default()
            },
            &keys
        )
        .is_err()
    );
}

#[test]
fn registrations_of_one_person_find_each_others_cases() {
    let keys = list_keys(1);
    let store = MemoryProjections::new();
    let cases: Vec<Made> = (0..2)
        .map(|person| Made {
            ordinal: person as u64,
            status: CaseStatus::Open,
            people: vec![person],
            worker: 0,
            unit: 0,
            family: 0,
            opened: None,
        })
        .collect();
    let finds = |person: usize| {
        let filter = CaseFilter {
            number: Some(number_of(person)),
            ..CaseFilter::default()
        };
        let all = Window {
            order: CaseOrder::OldestFirst,
            after: None,
            before: None,
            count: 10,
            from_end: false,
        };
        page(&store, &keys, &filter, &all)
            .cases
            .into_iter()
            .map(|(ordinal, _)| ordinal)
            .collect::<Vec<_>>()
    };
    let law = RowLaw::of(Rulebook::built_in(), Rulebook::built_in().newest());
    let put = |merged: Option<PersonId>, position| {
        let batch = {
            let rows = store.snapshot().unwrap();
            let mut draft = Draft::new(&*rows, &keys, &law);
            put_people(&mut draft, &keys);
            let entry = PersonEntry {
                number: Some(keys.number(&number_of(0))),
                merged_into: merged,
                ..PersonEntry::default()
            };
            draft.put_person(person_id(0), entry).unwrap();
            cases
                .iter()
                .for_each(|made| draft.put_case(made.ordinal, &parts(made)).unwrap());
            draft.into_batch(position)
        };
        store.apply(batch).unwrap();
    };
    put(None, Size::new(1));
    let apart = store.snapshot().unwrap().sum();
    assert_eq!((finds(0), finds(1)), (vec![0], vec![1]));
    put(Some(person_id(1)), Size::new(2));
    assert_eq!((finds(0), finds(1)), (vec![0, 1], vec![0, 1]));
    put(None, Size::new(3));
    assert_eq!(
        (finds(0), finds(1)),
        (vec![0], vec![1]),
        "a merge that is taken back leaves nothing"
    );
    assert_eq!(store.snapshot().unwrap().sum(), apart);
}

#[test]
fn rows_hold_nothing_in_clear() {
    let keys = list_keys(1);
    let made = Made {
        ordinal: 5,
        status: CaseStatus::Open,
        people: vec![4],
        worker: 2,
        unit: 1,
        family: 1,
        opened: Some(3),
    };
    let store = store_of(std::slice::from_ref(&made), &keys);
    let rows = store
        .snapshot()
        .unwrap()
        .scan(&[], None, Direction::Rising, 1_000)
        .unwrap();
    let clear: String = rows
        .iter()
        .map(|(key, value)| {
            format!(
                "{}{}",
                String::from_utf8_lossy(key),
                String::from_utf8_lossy(value)
            )
        })
        .collect();
    let row = parts(&made).listed.row;
    for text in [
        "Kristoffer",
        "Møller",
        "møler",
        "141316",
        "OPEN",
        "\"K2\"",
        "enhed",
        "2020-01-04",
        &row.case.to_string(),
    ] {
        assert!(!clear.contains(text), "{text}");
    }
    let bytes: Vec<u8> = rows
        .iter()
        .flat_map(|(key, value)| [key.as_slice(), value].concat())
        .collect();
    for id in [
        row.case.uuid(),
        person_id(4).uuid(),
        row.family.unwrap().uuid(),
    ] {
        assert!(!bytes.windows(16).any(|window| window == id.as_bytes()));
    }
}

/// What a snapshot shows of who shares a term: neither which cases nor, below a handful, how many.
#[test]
fn posting_lists_lie_sealed_and_in_few_lengths() {
    let keys = list_keys(1);
    let made = |ordinal| Made {
        ordinal,
        status: CaseStatus::Open,
        people: vec![4],
        worker: 2,
        unit: 1,
        family: 1,
        opened: Some(3),
    };
    let (few, one): (Vec<Made>, Vec<Made>) = ((3..10).map(made).collect(), vec![made(3)]);
    let postings = |cases: &[Made]| {
        let store = store_of(cases, &keys);
        let rows = store
            .snapshot()
            .unwrap()
            .scan(b"t", None, Direction::Rising, 1_000)
            .unwrap();
        assert!(rows.len() >= 8, "{}", rows.len());
        rows
    };
    let (few, one) = (postings(&few), postings(&one));
    for ((key, sealed), (other, alone)) in few.iter().zip(&one) {
        assert_eq!(
            (key, sealed.len()),
            (other, alone.len()),
            "one case or seven"
        );
        let open = |sealed: &[u8]| keys.rows.open(key, sealed).unwrap();
        assert_ne!(open(sealed), open(alone));
        assert!(list_keys(2).rows.open(key, sealed).is_err());
    }
    let values: BTreeSet<&Vec<u8>> = few.iter().map(|(_, sealed)| sealed).collect();
    assert_eq!(values.len(), few.len(), "equal sets do not look equal");
}

/// S14, in small: the root key of an epoch is destroyed with every erasure.
#[test]
fn rows_of_an_earlier_epoch_open_with_nothing_and_confirm_no_guess() {
    let (then, now) = (list_keys(1), list_keys(2));
    let made = Made {
        ordinal: 5,
        status: CaseStatus::Open,
        people: vec![4],
        worker: 2,
        unit: 1,
        family: 1,
        opened: Some(3),
    };
    let store = store_of(std::slice::from_ref(&made), &then);
    let rows = store.snapshot().unwrap();
    let kept: BTreeSet<Vec<u8>> = rows
        .scan(&[], None, Direction::Rising, 1_000)
        .unwrap()
        .into_iter()
        .map(|(key, _)| key)
        .collect();
    let opened = |keys: &ListKeys| {
        let all = rows.scan(&[], None, Direction::Rising, 1_000).unwrap();
        all.iter()
            .filter(|(key, sealed)| keys.rows.open(key, sealed).is_ok())
            .count()
    };
    // Head, case, terms and days; the person stands by token.
    assert!(opened(&then) >= 4);
    assert_eq!(opened(&now), 0);
    let guesses = |keys: &ListKeys| {
        let mut tokens = keys.name(NAMES[4]).words;
        tokens.extend([
            keys.person(person_id(4)),
            keys.status(CaseStatus::Open),
            keys.all(),
        ]);
        tokens
            .into_iter()
            .filter(|token| {
                kept.iter()
                    .any(|key| key.windows(16).any(|window| window == token))
            })
            .count()
    };
    assert!(guesses(&then) >= 4);
    assert_eq!(guesses(&now), 0);
    // What a client was given to hand back goes on to be known while the program runs, over one
    // exchange.
    let given = then.digests("a filter").now;
    let knows = |keys: &ListKeys| keys.digests("a filter").all().any(|digest| digest == given);
    let next = then.of_epoch(&root(2));
    assert_eq!(next.digests("a filter").now, now.digests("a filter").now);
    assert_eq!(
        (
            knows(&next),
            knows(&next.of_epoch(&root(2))),
            knows(&next.of_epoch(&root(3))),
            knows(&now)
        ),
        (true, true, false, false)
    );
}
