//! Every rule at its edges, from a table that people can read (`rules.txt`), and the golden list of
//! what the table covers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use super::story::{CATALOGUE, of, word};
use super::table::{claims, told};
use crate::rule::{Due, Rule};

const TABLE: &str = include_str!("rules.txt");

/// Whether a status is the one that the table claims; a claim may leave its details out.
fn fits(status: &str, claimed: &str) -> bool {
    status == claimed
        || (claimed == "MET late" && status.starts_with("MET late"))
        || status
            .split_once(' ')
            .is_some_and(|(word, _)| word == claimed && claimed != "MET")
}

#[test]
fn every_claim_of_the_table_holds() {
    let mut wrong = String::new();
    for claim in claims(TABLE) {
        let story = told(&claim);
        let evaluation = story.at(&claim.as_of);
        let expected = [(claim.rule.to_owned(), claim.statuses.clone())]
            .into_iter()
            .chain(claim.also.clone());
        for (rule, statuses) in expected {
            let found: Vec<String> = of(&evaluation, &rule)
                .iter()
                .map(|duty| word(duty))
                .collect();
            let holds = found.len() == statuses.len()
                && found
                    .iter()
                    .zip(&statuses)
                    .all(|(found, claimed)| fits(found, claimed));
            if !holds {
                writeln!(
                    wrong,
                    "line {}: {rule} is {found:?}, the table says {statuses:?}",
                    claim.line
                )
                .unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// What can become of a duty, as the columns of the golden list.
const OUTCOMES: [&str; 9] = [
    "open",
    "met",
    "late",
    "missed",
    "waived",
    "succeeded",
    "suppressed",
    "moot",
    "not raised",
];

fn outcome_of(status: &str) -> &'static str {
    match status.split(' ').collect::<Vec<_>>().as_slice() {
        ["MET", "late", ..] => "late",
        ["MET", ..] => "met",
        ["OPEN"] => "open",
        ["OVERDUE" | "LAPSED"] => "missed",
        ["WAIVED"] => "waived",
        ["SUCCEEDED", ..] => "succeeded",
        ["SUPPRESSED", ..] => "suppressed",
        ["MOOT"] => "moot",
        other => panic!("{other:?} is no status"),
    }
}

/// Rules whose fact meets them by itself.
const SELF_MET: &[&str] = &["ADM-OFL13-NOTE", "LOC-SHORTDOC", "LOC-NOTE-LAG-3A"];

/// Why a rule cannot have an outcome; null where it can.
fn impossible(rule: &Rule, outcome: &str) -> Option<&'static str> {
    let at_trigger = matches!(rule.due, Due::AtTrigger | Due::BeforeTrigger);
    let carried = rule.id == "BL-95-3-RHYTHM";
    let lifted = CATALOGUE.rules().iter().any(|other| {
        other.suppresses.contains(&rule.id) || other.replaces.as_ref() == Some(&rule.id)
    });
    let number = !matches!(rule.due, Due::None);
    match outcome {
        _ if rule.id == "FRI-SUPPRESS" && outcome != "not raised" => {
            Some("it raises no duty, it lifts those of other rules")
        }
        "open" if SELF_MET.contains(&rule.id.as_str()) => Some("the fact that raises it meets it"),
        "open" if matches!(rule.due, Due::AtRule(_)) => Some("it arises when its day has passed"),
        "open" if at_trigger && !carried => Some("it is settled when its trigger is recorded"),
        "late" if !number => Some("the law gives no number"),
        "late" if matches!(rule.due, Due::AtTrigger) && !carried => {
            Some("it is a part of its trigger")
        }
        "late" if LATE_NEEDS_A_NEW_DECISION.contains(&rule.id.as_str()) => {
            Some("what comes after the decision does not make up for it")
        }
        "missed" if !number => Some("the law gives no number: its age is shown"),
        "missed" if SELF_MET.contains(&rule.id.as_str()) => {
            Some("the fact that raises it meets it")
        }
        "waived" if rule.waived_by.is_none() => Some("the rule knows no waiver"),
        "succeeded" if rule.successors.is_empty() => Some("no rule takes over from it"),
        "succeeded" if at_trigger => Some("it is settled when its trigger is recorded"),
        "suppressed" if !lifted => Some("the trial did not lift it"),
        "moot" if rule.ends_with.is_empty() => Some("nothing takes it away"),
        "moot" if SELF_MET.contains(&rule.id.as_str()) => Some("the fact that raises it meets it"),
        "not raised" if rule.condition.is_none() => Some("its trigger is its only condition"),
        "not raised" if UNCONDITIONAL.contains(&rule.id.as_str()) => {
            Some("its condition only sets the day")
        }
        _ => None,
    }
}

/// Duties before a decision that nothing afterwards can meet: the decision stands.
const LATE_NEEDS_A_NEW_DECISION: &[&str] = &[
    "SEL-48-TALK",
    "FRI-10-7-INVOLVE",
    "BL-5-3-VIEWS",
    "BL-100-2-STATEMENT",
    "ADM-FVL19-HEAR",
];

/// Conditions that say how, not whether.
const UNCONDITIONAL: &[&str] = &["ADM-RSL3A-REMIT", "LOC-NETMEET-6-8W"];

#[test]
fn golden_coverage_of_the_rules() {
    let mut covered: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for claim in claims(TABLE) {
        let outcomes = covered.entry(claim.rule).or_default();
        if claim.statuses.is_empty() {
            outcomes.insert("not raised");
        }
        outcomes.extend(claim.statuses.iter().map(|status| outcome_of(status)));
    }
    let text = coverage(&covered);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema/rules/coverage.md");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(&path).unwrap_or_default(),
        text,
        "run with UPDATE_GOLDEN=1"
    );
    assert!(!text.contains("UNCOVERED"), "{text}");
}

fn coverage(covered: &BTreeMap<&str, BTreeSet<&str>>) -> String {
    let mut text = String::from(
        "# What the tests of the rules cover\n\nMade from `crates/law/src/tests/rules.txt`. `x` is covered by a test; a number is a reason below why \
         it cannot be.\n\n",
    );
    writeln!(text, "| rule | {} |", OUTCOMES.join(" | ")).unwrap();
    writeln!(text, "|---|{}", "---|".repeat(OUTCOMES.len())).unwrap();
    let mut reasons: Vec<&str> = Vec::new();
    for rule in CATALOGUE.rules() {
        let cells = OUTCOMES.map(|outcome| {
            let has = covered
                .get(rule.id.as_str())
                .is_some_and(|outcomes| outcomes.contains(outcome));
            match impossible(rule, outcome) {
                Some(reason) if !has => {
                    let place = reasons
                        .iter()
                        .position(|known| *known == reason)
                        .unwrap_or_else(|| {
                            reasons.push(reason);
                            reasons.len() - 1
                        });
                    (place + 1).to_string()
                }
                Some(reason) if outcome != "not raised" => {
                    panic!("{} is covered for {outcome}, although {reason}", rule.id)
                }
                _ if has => "x".to_owned(),
                _ => "UNCOVERED".to_owned(),
            }
        });
        writeln!(text, "| {} | {} |", rule.id, cells.join(" | ")).unwrap();
    }
    text.push_str("\nReasons:\n\n");
    for (place, reason) in reasons.iter().enumerate() {
        writeln!(text, "{}. {reason}", place + 1).unwrap();
    }
    text
}

#[test]
fn every_rule_has_a_block() {
    let rules: BTreeSet<&str> = claims(TABLE).iter().map(|claim| claim.rule).collect();
    let missing: Vec<&str> = CATALOGUE
        .rules()
        .iter()
        .map(|rule| rule.id.as_str())
        .filter(|rule| !rules.contains(rule))
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}
