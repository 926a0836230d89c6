//! Key figures: definitions, what a case contributes, and sums that anybody can work out by hand.

use proptest::prelude::*;

use events::assessment::CaseWeight;

use super::story::{CATALOGUE, instant, person_id};
use crate::fact::Circumstances;
use crate::key_figures::KeyFigures;
use crate::key_figures::contribution::{Contribution, Slice, contributions};
use crate::key_figures::count::Value;
use crate::key_figures::summary::{Dimension, Key, Length, Numbers, Sum, summarise};
use crate::rule::RuleSet;

fn figures() -> KeyFigures {
    KeyFigures::built_in().unwrap()
}

#[test]
fn bent_definitions_are_refused_by_name() {
    let file = include_str!("../../../../schema/rules/key-figures.json");
    let bent = |from: &str, to: &str| {
        KeyFigures::parse(&file.replacen(from, to, 1))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        bent("\"id\": \"K-LENGTH\"", "\"id\": \"K-BREADTH\""),
        "key figure K-BREADTH: nothing counts it"
    );
    assert_eq!(
        bent("\"figure\": \"K-ACUTE\"", "\"figure\": \"K-CHRONIC\""),
        "national share for K-CHRONIC: no such key figure"
    );
    assert_eq!(
        bent("\"version\"", "\"edition\""),
        "the key figures cannot be read"
    );
    let mut without: serde_json::Value = serde_json::from_str(file).unwrap();
    without["figures"]
        .as_array_mut()
        .unwrap()
        .retain(|figure| figure["id"] != "K-LENGTH");
    assert_eq!(
        KeyFigures::parse(&without.to_string())
            .unwrap_err()
            .to_string(),
        "key figure K-LENGTH: it is counted and not defined"
    );
}

#[test]
fn national_shares_carry_their_source_and_period() {
    let figures = figures();
    let shares: Vec<_> = figures
        .national("K-HEARD")
        .map(|national| (national.period.as_str(), national.share_tenths))
        .collect();
    assert_eq!(
        shares,
        [
            ("2019", 560),
            ("2021", 610),
            ("2020-2022", 570),
            ("2024", 650)
        ]
    );
    assert!(
        figures
            .national
            .iter()
            .all(|national| !national.source.is_empty() && national.point.starts_with("MP-"))
    );
}

#[test]
fn the_light_history_contributes_what_its_dates_say() {
    let story = super::history_a::story();
    let circumstances = Circumstances {
        as_of: instant("2024-11-06"),
        district: Some("Øst".into()),
        ..story.circumstances.clone()
    };
    let all = contributions(&figures(), &CATALOGUE, &story.facts(), &circumstances);
    let values = |id: &str| {
        all.iter()
            .filter(|own| own.figure == id)
            .map(|own| own.value)
            .collect::<Vec<_>>()
    };
    let (number, was) = (Value::Number, Value::Was);
    let expected = [
        ("K-HELP", vec![number(33)]),
        ("K-DECISION", vec![number(29)]),
        ("K-START", vec![number(4)]),
        ("K-ACUTE", vec![was(true), was(true)]),
        ("K-RECEIPT", vec![was(true)]),
        ("K-FEEDBACK", vec![was(true)]),
        ("K-HEARD", vec![was(true), was(true)]),
        ("K-EXAMINED", vec![]),
        ("K-FOLLOWED-UP", vec![was(true)]),
        ("K-NETWORK", vec![was(true)]),
        ("K-NOTE-DELAY", vec![number(0)]),
        ("K-LADDER", vec![number(-1)]),
        ("K-WELLBEING", vec![number(119)]),
        ("K-RELIABLE", vec![was(true)]),
        ("K-COMPLAINTS", vec![]),
        ("K-COERCION", vec![]),
        ("K-LENGTH", vec![number(1050)]),
    ];
    for (id, expected) in expected {
        assert_eq!(values(id), expected, "{id}");
    }
    let slice = &all[0].slice;
    assert_eq!(
        (slice.district.as_deref(), slice.rule_set, slice.weight),
        (Some("Øst"), RuleSet::Bl, Some(CaseWeight::Light))
    );
    assert!(
        !format!("{all:?}").contains(&person_id(super::story::CHILD).to_string()),
        "a contribution names nobody"
    );
}

fn contribution(figure: &str, value: Value, day: &str, unit: &str) -> Contribution {
    Contribution {
        figure: figure.to_owned(),
        value,
        day: day.parse().unwrap(),
        event: events::ids::EventId::new(uuid::Uuid::from_u128(1)).unwrap(),
        slice: Slice {
            municipality: "9901".into(),
            unit: Some(unit.to_owned()),
            district: None,
            rule_set: RuleSet::Bl,
            weight: Some(CaseWeight::Light),
        },
    }
}

fn days(unit: &str, days: &[i32]) -> Vec<Contribution> {
    days.iter()
        .map(|number| contribution("K-HELP", Value::Number(*number), "2024-05-10", unit))
        .collect()
}

#[test]
fn numbers_are_summed_up_as_by_hand() {
    let sums = summarise(
        &figures(),
        &days("a", &[10, 20, 30, 42, 43, 100]),
        Length::Quarter,
        &[],
    );
    assert_eq!(sums.len(), 1);
    assert_eq!(sums[0].period, "2024-04-01".parse().unwrap());
    let expected = Numbers {
        count: 6,
        mean_tenths: 408,
        median_tenths: 360,
        percentiles_tenths: [100, 200, 430, 1000],
        within_share_tenths: Some(667),
    };
    assert_eq!(sums[0].sum, Sum::Numbers(expected));
}

#[test]
fn shares_and_counts_are_summed_up_as_by_hand() {
    let was = |yes: bool| contribution("K-ACUTE", Value::Was(yes), "2024-05-10", "a");
    let mut all: Vec<Contribution> = [true, true, false, true, true, true, false]
        .map(was)
        .to_vec();
    all.extend((0..5).map(|_| contribution("K-COMPLAINTS", Value::Number(1), "2023-12-31", "a")));
    let sums = summarise(&figures(), &all, Length::Year, &[]);
    let found: Vec<_> = sums
        .iter()
        .map(|group| (group.figure.as_str(), group.period.year(), &group.sum))
        .collect();
    let share = Sum::Share {
        count: 7,
        yes: 5,
        share_tenths: 714,
    };
    assert_eq!(
        found,
        [
            ("K-ACUTE", 2024, &share),
            ("K-COMPLAINTS", 2023, &Sum::Count(5))
        ]
    );
}

#[test]
fn a_small_group_takes_the_next_smallest_with_it() {
    let mut all = days("a", &[1; 4]);
    all.extend(days("b", &[2; 7]));
    all.extend(days("c", &[3; 9]));
    let sums = summarise(&figures(), &all, Length::Month, &[Dimension::Unit]);
    let shown: Vec<_> = sums
        .iter()
        .map(|group| {
            (
                group.key.unit.as_deref().unwrap(),
                group.sum != Sum::Suppressed,
            )
        })
        .collect();
    assert_eq!(
        shown,
        [("a", false), ("b", false), ("c", true)],
        "b could be subtracted from the total"
    );
    let two = [days("a", &[1; 4]), days("b", &[2; 3]), days("c", &[3; 9])].concat();
    let sums = summarise(&figures(), &two, Length::Month, &[Dimension::Unit]);
    assert_eq!(
        sums.iter()
            .filter(|group| group.sum == Sum::Suppressed)
            .count(),
        2
    );
}

#[test]
fn groups_are_told_apart_by_what_is_asked_for() {
    let mut all = days("a", &[1; 6]);
    all.extend(days("b", &[2; 6]));
    let by_all = summarise(
        &figures(),
        &all,
        Length::Year,
        &[
            Dimension::Unit,
            Dimension::District,
            Dimension::RuleSet,
            Dimension::Weight,
        ],
    );
    let key = |unit: &str| Key {
        unit: Some(unit.into()),
        district: None,
        rule_set: Some(RuleSet::Bl),
        weight: Some(CaseWeight::Light),
    };
    assert_eq!(
        by_all
            .iter()
            .map(|group| group.key.clone())
            .collect::<Vec<_>>(),
        [key("a"), key("b")]
    );
    assert_eq!(summarise(&figures(), &all, Length::Year, &[]).len(), 1);
}

proptest! {
    #[test]
    fn sums_do_not_depend_on_the_order_and_never_show_small_groups(
        draws in prop::collection::vec((0_i32..400, 0_usize..4), 0..60),
        turn in any::<usize>(),
    ) {
        let units = ["a", "b", "c", "d"];
        let mut all: Vec<Contribution> = draws.iter().flat_map(|(number, unit)| days(units[*unit], &[*number])).collect();
        let sums = summarise(&figures(), &all, Length::Year, &[Dimension::Unit]);
        for group in &sums {
            if let Sum::Numbers(numbers) = &group.sum {
                prop_assert!(numbers.count >= 5);
                let [low, .., high] = numbers.percentiles_tenths;
                prop_assert!(low <= numbers.median_tenths && numbers.median_tenths <= high);
                prop_assert!(low <= high && numbers.within_share_tenths.is_some_and(|share| share <= 1000));
            }
        }
        prop_assert!(sums.iter().filter(|group| group.sum == Sum::Suppressed).count() != 1 || sums.len() == 1);
        let turn = turn % all.len().max(1);
        all.rotate_left(turn);
        prop_assert_eq!(summarise(&figures(), &all, Length::Year, &[Dimension::Unit]), sums);
    }
}
