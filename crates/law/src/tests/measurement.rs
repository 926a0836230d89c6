//! The points of review, from a table and over the light history.

use std::fmt::Write as _;

use super::story::{CATALOGUE, instant};
use super::table::{claims, told};
use crate::fact::Circumstances;
use crate::measurement::review::Answer;
use crate::measurement::{Measured, measure};

fn word(answer: Answer) -> &'static str {
    match answer {
        Answer::Yes => "YES",
        Answer::No => "NO",
        Answer::NotApplicable => "NA",
        Answer::NotEvident => "NOT_EVIDENT",
    }
}

fn point<'m>(measured: &'m [Measured], id: &str) -> &'m Measured {
    measured
        .iter()
        .find(|measured| measured.point == id)
        .unwrap()
}

#[test]
fn every_point_answers_as_the_table_says_and_names_its_events() {
    let mut wrong = String::new();
    for claim in claims(include_str!("measurement.txt")) {
        let story = told(&claim);
        let circumstances = Circumstances {
            as_of: instant(&claim.as_of),
            ..story.circumstances.clone()
        };
        let measured = measure(&CATALOGUE, &story.facts(), &circumstances);
        let point = point(&measured, claim.rule);
        if claim.statuses != [word(point.answer)] {
            writeln!(
                wrong,
                "line {}: {} is {}, the table says {:?}",
                claim.line,
                claim.rule,
                word(point.answer),
                claim.statuses
            )
            .unwrap();
        }
        assert_eq!(
            point.events.is_empty(),
            point.answer == Answer::NotApplicable,
            "line {}: an answer has its events",
            claim.line
        );
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn the_light_history_answers_the_points() {
    let story = super::history_a::story();
    let circumstances = Circumstances {
        as_of: instant("2024-11-06"),
        ..story.circumstances.clone()
    };
    let measured = measure(&CATALOGUE, &story.facts(), &circumstances);
    let answers: Vec<(&str, &str)> = measured
        .iter()
        .map(|measured| (measured.point, word(measured.answer)))
        .collect();
    let expected = [
        ("MP-01", "YES"),
        ("MP-02", "NA"),
        ("MP-03", "YES"),
        ("MP-04", "YES"),
        ("MP-05", "YES"),
        ("MP-06", "NA"),
        ("MP-07", "NA"),
        ("MP-08", "NA"),
        ("MP-09", "NA"),
        ("MP-10", "YES"),
        ("MP-11", "YES"),
        ("MP-12", "YES"),
        ("MP-13", "YES"),
        ("MP-14", "YES"),
        // The own rhythm was missed once, by seven days.
        ("MP-15", "NO"),
    ];
    assert_eq!(answers, expected);
}
