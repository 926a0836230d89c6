//! Cases evaluated by the law of another day, and the source of the program looked through for law
//! that stands outside the catalogue.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::scenarios::course_of_2019;
use super::story::{CHILD, Story, of, one, person_id, recipient, word};
use crate::obligation::DueAt;
use crate::rule::RuleSet;

/// T-01: a matter of 2023 that was open when *barnets lov* came.
fn over_the_turn() -> Story {
    let mut story = Story::of_child("2012-05-05", "2023-11-20");
    story.add(
        "2023-11-20 12:00",
        "NeedAwarenessEstablished",
        json!({ "aware_at": "2023-11-20" }),
    );
    story.add("2023-12-04 12:00", "AssessmentOpened", json!({}));
    story
}

#[test]
fn under_the_rules_of_one_day_nothing_goes_over() {
    let mut story = over_the_turn();
    let held = story.at("2024-03-21");
    assert_eq!(word(one(&held, "SEL-50-7-4M")), "SUCCEEDED BL-20-3-4M");
    assert_eq!(word(one(&held, "BL-20-3-4M")), "OVERDUE");
    story.circumstances.rules_of = Some("2023-06-01".parse().unwrap());
    let old = story.at("2024-03-21");
    assert_eq!(
        (
            word(one(&old, "SEL-50-7-4M")),
            &one(&old, "SEL-50-7-4M").due
        ),
        ("OVERDUE".into(), &DueAt::Day("2024-03-20".parse().unwrap()))
    );
    assert!(
        old.obligations
            .iter()
            .all(|duty| duty.rule.set != RuleSet::Bl && duty.remarks.is_empty())
    );
    story.circumstances.rules_of = Some("2025-06-01".parse().unwrap());
    let new = story.at("2024-03-21");
    assert!(of(&new, "SEL-50-7-4M").is_empty());
    assert_eq!(word(one(&new, "BL-20-3-4M")), "OVERDUE");
    assert_eq!(
        one(&new, "BL-20-3-4M").remarks,
        [],
        "nothing was carried over"
    );
}

#[test]
fn the_trial_is_laid_over_as_it_stood_on_that_day() {
    let mut story = course_of_2019("0756");
    let set = |evaluation: &crate::obligation::Evaluation<'static>| {
        evaluation
            .obligations
            .iter()
            .map(|duty| duty.rule.set)
            .collect::<BTreeSet<_>>()
    };
    story.circumstances.rules_of = Some("2016-06-01".parse().unwrap());
    let before = story.at("2019-09-01");
    assert!(!set(&before).contains(&RuleSet::Fri));
    assert_eq!(
        word(one(&before, "SEL-50-7-4M")),
        "OVERDUE",
        "no approval yet"
    );
    story.circumstances.rules_of = Some("2020-06-01".parse().unwrap());
    let during = story.at("2019-09-01");
    assert!(set(&during).contains(&RuleSet::Fri));
    assert_eq!(word(one(&during, "SEL-50-7-4M")), "SUPPRESSED FRI-SUPPRESS");
}

#[test]
fn the_age_of_a_party_is_that_of_the_day() {
    // Eleven years old: a party under barnets lov, none under serviceloven.
    let mut story = Story::of_child("2013-01-01", "2024-02-01");
    let decision = story.add("2024-03-01 12:00", "DecisionMade", json!({}));
    let told = recipient(CHILD, "2024-03-02 12:00", json!({}));
    story.add(
        "2024-03-02 12:00",
        "DecisionCommunicated",
        json!({ "decision": decision, "recipients": [told] }),
    );
    let heard = |story: &Story| {
        let evaluation = story.at("2024-04-01");
        of(&evaluation, "ADM-FVL19-HEAR")
            .iter()
            .any(|duty| duty.subject == Some(person_id(CHILD)))
    };
    assert!(heard(&story));
    story.circumstances.rules_of = Some("2023-06-01".parse().unwrap());
    assert!(!heard(&story));
}

/// What a line of the program says, without its comment.
fn code(line: &str) -> &str {
    line.find("//").map_or(line, |at| &line[..at])
}

/// Whether a line holds the number of a year, a section sign or the code of a municipality.
fn holds_law(line: &str, codes: &[String]) -> bool {
    let numbers = line
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| word.len() == 4 && word.bytes().all(|b| b.is_ascii_digit()));
    let year = numbers
        .into_iter()
        .any(|word| (1900..2100).contains(&word.parse::<u16>().unwrap_or(0)));
    year || line.contains('§')
        || codes
            .iter()
            .any(|code| line.contains(&format!("\"{code}\"")))
}

/// The files of the program, in every folder but that of the tests.
fn program_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().unwrap() != "tests" {
            files.extend(program_files(&path));
        } else if path.is_file() && !path.ends_with("section.rs") && !path.ends_with("tests.rs") {
            files.push(path);
        }
    }
    files
}

#[test]
fn no_day_section_or_municipality_stands_in_the_program() {
    let codes: Vec<String> = super::story::CATALOGUE
        .approvals()
        .iter()
        .map(|approval| approval.municipality.clone())
        .collect();
    // How a section is written is the reader's of citations.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut looked_at = 0;
    let mut found = Vec::new();
    for path in program_files(&root) {
        looked_at += 1;
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let program = text.split("#[cfg(test)]").next().unwrap();
        let lines = program
            .lines()
            .map(code)
            .filter(|line| holds_law(line, &codes));
        found.extend(lines.map(|line| format!("{name}: {}", line.trim())));
    }
    assert!(looked_at > 40, "{looked_at}");
    assert_eq!(found, Vec::<String>::new());
    assert!(
        holds_law("date(2024, 1, 1)", &codes)
            && holds_law("\"BL § 3\"", &codes)
            && holds_law("== \"0756\"", &codes)
    );
}
