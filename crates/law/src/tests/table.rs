//! Reads tables of claims: a stage, events, and what must be the answer at a moment.
//!
//! How a table is written stands at the top of `rules.txt`.

use std::collections::BTreeMap;

use events::ids::EventId;
use events::meta::EventRef;
use serde_json::{Value, json};

use super::story::{
    CASE, CATALOGUE, CHILD, FATHER, MOTHER, NOTICE, NOTIFIER, SIBLING, Story, instant, occurred,
    outcome, recipient, stream, who,
};
use crate::fact::StatisticsReport;

/// One line of the table that claims something.
pub(crate) struct Claim {
    pub(crate) rule: &'static str,
    pub(crate) line: usize,
    pub(crate) statuses: Vec<String>,
    pub(crate) given: Vec<String>,
    pub(crate) as_of: String,
    pub(crate) also: Vec<(String, Vec<String>)>,
}

fn split_statuses(text: &str) -> Vec<String> {
    if text == "NONE" {
        Vec::new()
    } else {
        text.split(", ").map(str::to_owned).collect()
    }
}

/// Reads the table: each claim with the stage and events that it stands on.
pub(crate) fn claims(table: &'static str) -> Vec<Claim> {
    let mut claims = Vec::new();
    let mut rules: Vec<(&'static str, i16)> = Vec::new();
    let mut stage: Vec<&'static str> = Vec::new();
    for (number, line) in table
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
    {
        if let Some(names) = line.strip_prefix("== ") {
            rules = names
                .split(' ')
                .map(|name| name.split_once('@').unwrap())
                .map(|(rule, year)| (rule, year.parse().unwrap()))
                .collect();
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
        match part
            .strip_prefix("also ")
            .and_then(|part| part.split_once(' '))
        {
            Some((rule, statuses)) => also.push((rule.to_owned(), split_statuses(statuses))),
            None => given.push(dated(part)),
        }
    }
    Claim {
        rule,
        line,
        statuses: split_statuses(statuses),
        given,
        as_of: dated(as_of),
        also,
    }
}

/// A person by the name that the table uses.
fn named(name: &str) -> Option<u128> {
    [
        ("CHILD", CHILD),
        ("SIBLING", SIBLING),
        ("MOTHER", MOTHER),
        ("FATHER", FATHER),
        ("NOTIFIER", NOTIFIER),
    ]
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
        "bare" => recipient(
            named(parts[1]).unwrap(),
            &time(2),
            json!({ "guidance": [] }),
        ),
        "out" => outcome(
            parts[1],
            parts
                .get(2)
                .map_or(json!({}), |day| json!({ "valid_to": day })),
        ),
        "not" => outcome(
            parts[1],
            json!({ "outcome": "NOT_ADOPTED", "votes_for": 3, "votes_against": 2 }),
        ),
        "issue" => {
            let mut issue = json!({ "child": who(CHILD), "section": parts[1].replace('_', " "), "outcome": parts[2] });
            if let Some(day) = parts.get(3) {
                issue["deadline"] = json!(day);
            }
            issue
        }
        name => named(name).map_or_else(
            || {
                json!(
                    labels
                        .get(name)
                        .unwrap_or_else(|| panic!("no event is labelled {name}"))
                )
            },
            who,
        ),
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
    let (head, says) = line
        .split_once(" {")
        .map_or((line, "{}".to_owned()), |(head, says)| {
            (head, format!("{{{says}"))
        });
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
    let (kind, label) = word
        .split_once('=')
        .map_or((word, None), |(kind, label)| (kind, Some(label)));
    let id = story.on(number, &when, kind, facts(&says, labels));
    labels.extend(label.map(|label| (label.to_owned(), id)));
    for word in words {
        if let Some(section) = word.strip_prefix('#') {
            story.citing(&section.replace('_', " "));
        } else if let Some(when) = word.strip_prefix("rec=") {
            story.recorded(&when.replace('T', " "));
        } else if let Some(label) = word.strip_prefix("cause=") {
            let cause = EventRef {
                stream: stream(CASE),
                event: labels[label],
            };
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
            story.circumstances.approvals = CATALOGUE.approvals().to_vec();
        }
        "@published" => {
            story.publishes(words[1].parse().unwrap());
        }
        "@sent" => {
            let report = StatisticsReport {
                period_end: words[1].parse().unwrap(),
                sent_at: occurred(words[2]).earliest(),
            };
            story.circumstances.statistics.push(report);
        }
        other => panic!("{other} sets no stage"),
    }
}

pub(crate) fn told(claim: &Claim) -> Story {
    let mut story = Story::new();
    let mut labels = BTreeMap::new();
    match claim
        .given
        .iter()
        .find_map(|line| line.strip_prefix("@family "))
    {
        Some("none") => {}
        born => story.family(born.unwrap_or("2015-05-05")),
    }
    for line in &claim.given {
        if line.starts_with('@') {
            stage(&mut story, line)
        } else {
            event(&mut story, line, &mut labels)
        }
    }
    story
}
