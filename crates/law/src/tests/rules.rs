//! Every rule at its edges, from a table that people can read (`rules.txt`), and the golden list of
//! what the table covers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use events::ids::EventId;
use events::meta::EventRef;
use serde_json::{Value, json};

use super::story::{
    CASE, CATALOGUE, CHILD, FATHER, MOTHER, NOTICE, NOTIFIER, SIBLING, Story, instant, occurred, of, outcome, recipient, stream, who, word,
};
use crate::catalogue::{Due, Rule};
use crate::fact::{LocalDeadline, StatisticsReport, assumed_approvals};

const TABLE: &str = include_str!("rules.txt");

/// One line of the table that claims something.
struct Claim {
    rule: &'static str,
    line: usize,
    statuses: Vec<String>,
    given: Vec<String>,
    as_of: String,
    also: Vec<(String, Vec<String>)>,
}

fn split_statuses(text: &str) -> Vec<String> {
    if text == "NONE" { Vec::new() } else { text.split(", ").map(str::to_owned).collect() }
}

/// Reads the table: each claim with the stage and events that it stands on.
fn claims() -> Vec<Claim> {
    let mut claims = Vec::new();
    let mut rules: Vec<(&'static str, i16)> = Vec::new();
    let mut stage: Vec<&'static str> = Vec::new();
    for (number, line) in TABLE.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
        if let Some(names) = line.strip_prefix("== ") {
            rules = names.split(' ').map(|name| name.split_once('@').unwrap()).map(|(rule, year)| (rule, year.parse().unwrap())).collect();
            stage.clear();
        } else if line.starts_with(char::is_uppercase) {
            for (rule, year) in &rules {
                claims.push(claim(rule, *year, number + 1, line, &stage));
            }
        } else {
            stage.push(line);
        }
    }
    claims
}

fn claim(rule: &'static str, year: i16, line: usize, text: &str, stage: &[&str]) -> Claim {
    let dated = |text: &str| {
        let mut text = text.to_owned();
        for (letter, year) in [('W', year - 1), ('Y', year), ('Z', year + 1)] {
            text = text.replace(&format!("{letter}-"), &format!("{year}-"));
        }
        text.replace("$18-", &format!("{}-", year - 18))
    };
    let mut parts = text.split(" | ");
    let (statuses, as_of) = parts.next().unwrap().split_once(" @").unwrap();
    let mut given: Vec<String> = stage.iter().map(|line| dated(line)).collect();
    let mut also = Vec::new();
    for part in parts {
        match part.strip_prefix("also ").and_then(|part| part.split_once(' ')) {
            Some((rule, statuses)) => also.push((rule.to_owned(), split_statuses(statuses))),
            None => given.push(dated(part)),
        }
    }
    Claim { rule, line, statuses: split_statuses(statuses), given, as_of: dated(as_of), also }
}

/// A person by the name that the table uses.
fn named(name: &str) -> Option<u128> {
    [("CHILD", CHILD), ("SIBLING", SIBLING), ("MOTHER", MOTHER), ("FATHER", FATHER), ("NOTIFIER", NOTIFIER)]
        .into_iter()
        .find_map(|(known, number)| (known == name).then_some(number))
}

/// What `$word` stands for.
fn token(text: &str, labels: &BTreeMap<String, EventId>) -> Value {
    let parts: Vec<&str> = text.split(':').collect();
    let time = |from: usize| parts[from..].join(":").replace('T', " ");
    match parts[0] {
        "t" => json!(instant(&time(1))),
        "to" => recipient(named(parts[1]).unwrap(), &time(2), json!({})),
        "oral" => recipient(named(parts[1]).unwrap(), &time(2), json!({ "oral": true })),
        "bare" => recipient(named(parts[1]).unwrap(), &time(2), json!({ "guidance": [] })),
        "out" => outcome(parts[1], parts.get(2).map_or(json!({}), |day| json!({ "valid_to": day }))),
        "not" => outcome(parts[1], json!({ "outcome": "NOT_ADOPTED", "votes_for": 3, "votes_against": 2 })),
        "issue" => {
            let mut issue = json!({ "child": who(CHILD), "section": parts[1].replace('_', " "), "outcome": parts[2] });
            if let Some(day) = parts.get(3) {
                issue["deadline"] = json!(day);
            }
            issue
        }
        name => named(name).map_or_else(|| json!(labels.get(name).unwrap_or_else(|| panic!("no event is labelled {name}"))), who),
    }
}

fn facts(text: &str, labels: &BTreeMap<String, EventId>) -> Value {
    let mut json = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        json.push_str(before);
        let end = after.find([',', ' ', ']', '}']).unwrap_or(after.len());
        json.push_str(&token(&after[..end], labels).to_string());
        rest = &after[end..];
    }
    json.push_str(rest);
    serde_json::from_str(&json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

fn event(story: &mut Story, line: &str, labels: &mut BTreeMap<String, EventId>) {
    let (head, says) = line.split_once(" {").map_or((line, "{}".to_owned()), |(head, says)| (head, format!("{{{says}")));
    let mut words = head.split(' ');
    let stream_of = |name| match name {
        "n" => NOTICE,
        "m" => NOTICE + 1,
        "c" => CASE,
        "a" => 0xad1ce,
        "p" => CHILD,
        other => panic!("no stream is called {other}: {line}"),
    };
    let number = stream_of(words.next().unwrap());
    let mut when = words.next().unwrap().to_owned();
    let mut word = words.next().unwrap();
    if word.contains(':') {
        when = format!("{when} {word}");
        word = words.next().unwrap();
    }
    let (kind, label) = word.split_once('=').map_or((word, None), |(kind, label)| (kind, Some(label)));
    let id = story.on(number, &when, kind, facts(&says, labels));
    labels.extend(label.map(|label| (label.to_owned(), id)));
    for word in words {
        if let Some(section) = word.strip_prefix('#') {
            story.citing(&section.replace('_', " "));
        } else if let Some(when) = word.strip_prefix("rec=") {
            story.recorded(&when.replace('T', " "));
        } else if let Some(label) = word.strip_prefix("cause=") {
            let cause = EventRef { stream: stream(CASE), event: labels[label] };
            story.meta(|meta| meta.causation = Some(cause));
        } else {
            panic!("{word} means nothing: {line}");
        }
    }
}

fn stage(story: &mut Story, line: &str) {
    let words: Vec<&str> = line.split(' ').collect();
    match words[0] {
        "@family" => {}
        "@sibling" => story.sibling(),
        "@opened" => {
            story.add(words[1], "CaseOpened", json!({}));
        }
        "@trial" => {
            story.circumstances.municipality = words[1].to_owned();
            story.circumstances.approvals = assumed_approvals().unwrap();
        }
        "@published" => {
            let period = LocalDeadline { from: "2000-01-01".parse().unwrap(), days: words[1].parse().unwrap() };
            story.circumstances.local_deadlines.insert("ADM-RSL3A-REMIT".to_owned(), vec![period]);
        }
        "@sent" => {
            let report = StatisticsReport { period_end: words[1].parse().unwrap(), sent_at: occurred(words[2]).earliest() };
            story.circumstances.statistics.push(report);
        }
        other => panic!("{other} sets no stage"),
    }
}

fn told(claim: &Claim) -> Story {
    let mut story = Story::new();
    let mut labels = BTreeMap::new();
    match claim.given.iter().find_map(|line| line.strip_prefix("@family ")) {
        Some("none") => {}
        born => story.family(born.unwrap_or("2015-05-05")),
    }
    for line in &claim.given {
        if line.starts_with('@') { stage(&mut story, line) } else { event(&mut story, line, &mut labels) }
    }
    story
}

/// Whether a status is the one that the table claims; a claim may leave its details out.
fn fits(status: &str, claimed: &str) -> bool {
    status == claimed
        || (claimed == "MET late" && status.starts_with("MET late"))
        || status.split_once(' ').is_some_and(|(word, _)| word == claimed && claimed != "MET")
}

#[test]
fn every_claim_of_the_table_holds() {
    let mut wrong = String::new();
    for claim in claims() {
        let story = told(&claim);
        let evaluation = story.at(&claim.as_of);
        let expected = [(claim.rule.to_owned(), claim.statuses.clone())].into_iter().chain(claim.also.clone());
        for (rule, statuses) in expected {
            let found: Vec<String> = of(&evaluation, &rule).iter().map(|duty| word(duty)).collect();
            let holds = found.len() == statuses.len() && found.iter().zip(&statuses).all(|(found, claimed)| fits(found, claimed));
            if !holds {
                writeln!(wrong, "line {}: {rule} is {found:?}, the table says {statuses:?}", claim.line).unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// What can become of a duty, as the columns of the golden list.
const OUTCOMES: [&str; 9] = ["open", "met", "late", "missed", "waived", "succeeded", "suppressed", "moot", "not raised"];

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

/// Why a rule cannot have an outcome; none where it can.
fn impossible(rule: &Rule, outcome: &str) -> Option<&'static str> {
    let at_trigger = matches!(rule.due, Due::AtTrigger | Due::BeforeTrigger);
    let carried = rule.id == "BL-95-3-RHYTHM";
    let lifted = CATALOGUE.rules().iter().any(|other| other.suppresses.contains(&rule.id) || other.replaces.as_ref() == Some(&rule.id));
    let number = !matches!(rule.due, Due::None);
    match outcome {
        _ if rule.id == "FRI-SUPPRESS" && outcome != "not raised" => Some("it raises no duty, it lifts those of other rules"),
        "open" if SELF_MET.contains(&rule.id.as_str()) => Some("the fact that raises it meets it"),
        "open" if matches!(rule.due, Due::AtRule(_)) => Some("it arises when its day has passed"),
        "open" if at_trigger && !carried => Some("it is settled when its trigger is recorded"),
        "late" if !number => Some("the law gives no number"),
        "late" if matches!(rule.due, Due::AtTrigger) && !carried => Some("it is a part of its trigger"),
        "late" if LATE_NEEDS_A_NEW_DECISION.contains(&rule.id.as_str()) => Some("what comes after the decision does not make up for it"),
        "missed" if !number => Some("the law gives no number: its age is shown"),
        "missed" if SELF_MET.contains(&rule.id.as_str()) => Some("the fact that raises it meets it"),
        "waived" if rule.waived_by.is_none() => Some("the rule knows no waiver"),
        "succeeded" if rule.successors.is_empty() => Some("no rule takes over from it"),
        "succeeded" if at_trigger => Some("it is settled when its trigger is recorded"),
        "suppressed" if !lifted => Some("the trial did not lift it"),
        "moot" if rule.ends_with.is_empty() => Some("nothing takes it away"),
        "moot" if SELF_MET.contains(&rule.id.as_str()) => Some("the fact that raises it meets it"),
        "not raised" if rule.condition.is_none() => Some("its trigger is its only condition"),
        "not raised" if UNCONDITIONAL.contains(&rule.id.as_str()) => Some("its condition only sets the day"),
        _ => None,
    }
}

/// Duties before a decision that nothing afterwards can meet: the decision stands.
const LATE_NEEDS_A_NEW_DECISION: &[&str] = &["SEL-48-TALK", "FRI-10-7-INVOLVE", "BL-5-3-VIEWS", "BL-100-2-STATEMENT", "ADM-FVL19-HEAR"];

/// Conditions that say how, not whether.
const UNCONDITIONAL: &[&str] = &["ADM-RSL3A-REMIT", "LOC-NETMEET-6-8W"];

#[test]
fn golden_coverage_of_the_rules() {
    let mut covered: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for claim in claims() {
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
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), text, "run with UPDATE_GOLDEN=1");
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
            let has = covered.get(rule.id.as_str()).is_some_and(|outcomes| outcomes.contains(outcome));
            match impossible(rule, outcome) {
                Some(reason) if !has => {
                    let place = reasons.iter().position(|known| *known == reason).unwrap_or_else(|| {
                        reasons.push(reason);
                        reasons.len() - 1
                    });
                    (place + 1).to_string()
                }
                Some(reason) if outcome != "not raised" => panic!("{} is covered for {outcome}, although {reason}", rule.id),
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
    let rules: BTreeSet<&str> = claims().iter().map(|claim| claim.rule).collect();
    let missing: Vec<&str> = CATALOGUE.rules().iter().map(|rule| rule.id.as_str()).filter(|rule| !rules.contains(rule)).collect();
    assert_eq!(missing, Vec::<&str>::new());
}
