//! One field name has one type in all answers of the schema, so that a reader who knows it once knows
//! it everywhere. The exceptions stand here, each with its reason; arguments and inputs are not looked at.

use std::collections::{BTreeMap, BTreeSet};

/// Names that mean different things in different answers, and why that is no fault.
const SEVERAL: &[(&str, &str)] = &[
    (
        "appeals",
        "the view, its complaints, and what came of one complaint",
    ),
    (
        "basis",
        "the law under a duty; the ground of a request or a meeting, each with its own values",
    ),
    (
        "capacity",
        "of who complains, and of who consents: the law names other capacities",
    ),
    (
        "case",
        "the case, or only its stream where the reader may not read it",
    ),
    ("cases", "a list of cases, or their streams"),
    (
        "change",
        "what became of a goal, and the difference of two scores",
    ),
    ("changes", "of a goal, and of how the record reads"),
    ("children", "the persons, or the persons with their cases"),
    (
        "edges",
        "each connection has its own, as the specification of connections asks",
    ),
    ("ended", "when help ended, and how a consent ended"),
    (
        "erasures",
        "the erasures, or their ids where they are shown whole elsewhere",
    ),
    ("event", "an event in full, and the id of one"),
    ("family", "its id, or the cases of it"),
    ("form", "each fact has its own values"),
    ("from", "a first day, and the first of two persons"),
    ("goals", "the goals, or their ids in a plan"),
    ("ground", "each fact has its own values"),
    ("hearings", "of a child, and of a party"),
    ("held", "whether something is held, and what is"),
    ("id", "a global id, and the id of a rule"),
    ("kind", "each fact has its own values"),
    (
        "manifest",
        "events that were given, and things that were sent",
    ),
    ("members", "of the committee, and of a family"),
    ("milestones", "of a case, and of an age"),
    (
        "name",
        "of a person, which may be gone; of a witness or an event type, which may not",
    ),
    ("node", "each connection has its own"),
    ("nodes", "each connection has its own"),
    (
        "notifications",
        "a list of them, and what statistics count of them",
    ),
    ("occasion", "each fact has its own values"),
    ("outcome", "each authority has its own values"),
    ("outcomes", "of an appeal, and of the committee"),
    ("parties", "of a case, and those that a decision names"),
    ("period", "a first day, and a published period in words"),
    ("person", "a person in a role, or the id inside of one"),
    ("purpose", "each fact has its own values"),
    (
        "reason",
        "free text that may be gone, a line that may not, and the values of an annulment",
    ),
    ("reassessed", "what came of it, and when"),
    (
        "receipt",
        "of a command, of a letter, and when a notifier got one",
    ),
    ("result", "each fact has its own values"),
    ("rules", "the rules, and how many"),
    ("sections", "of law, and of a text"),
    (
        "since",
        "a time that is claimed, and a day of the catalogue",
    ),
    ("standing", "of a person, and of the log"),
    ("status", "of a case, a goal, a duty and a representation"),
    ("steps", "of a family, and of the support ladder"),
    (
        "subject",
        "a person in a role, and a person's id on the board",
    ),
    ("text", "plain text, and free text that may be gone"),
    ("to", "a last day, and the second of two persons"),
    (
        "told",
        "what an event says, and the decisions that a party was told",
    ),
    ("unit", "of a municipality, and of a figure"),
    ("version", "of a stream or a plan, and of a catalogue"),
    (
        "waivedBy",
        "the event that removed a duty, and what removes one by the rule",
    ),
];

/// The types of each field name over all object types of the schema, without lists and nulls.
fn types_by_name(schema: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let (mut inside, mut described, mut open) = (false, false, "");
    for line in schema.lines() {
        if line.trim() == "\"\"\"" {
            described = !described;
        } else if described {
        } else if !line.starts_with('\t') {
            inside = line.starts_with("type ") && !line.starts_with("type Mutation");
        } else if inside && !line.starts_with("\t\t") {
            let line = line.trim_start();
            let Some((head, kind)) = line.rsplit_once(": ") else {
                // The arguments stand on lines of their own, and the type behind the last of them.
                open = line.trim_end_matches('(');
                continue;
            };
            let name = if head == ")" {
                open
            } else {
                head.split('(').next().unwrap()
            };
            let kind = kind.split(' ').next().unwrap().replace(['[', ']', '!'], "");
            found.entry(name.to_owned()).or_default().insert(kind);
        }
    }
    assert!(found.len() > 300, "{} names", found.len());
    found
}

#[test]
fn one_field_name_has_one_type_or_a_reason() {
    let several: BTreeSet<String> = types_by_name(&api::sdl::sdl())
        .into_iter()
        .filter(|(_, types)| types.len() > 1)
        .map(|(name, _)| name)
        .collect();
    let known: BTreeSet<String> = SEVERAL.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(several, known);
    assert!(SEVERAL.iter().all(|(_, reason)| !reason.is_empty()));
}

/// The same values under two names are one enumeration that a client has to know twice.
#[test]
fn one_enumeration_stands_once() {
    let schema = api::sdl::sdl();
    let mut seen: BTreeMap<Vec<&str>, &str> = BTreeMap::new();
    for block in schema.split("\nenum ").skip(1) {
        let (name, body) = block.split_once(" {").unwrap();
        let body = body.split_once("\n}").unwrap().0;
        let mut values: Vec<&str> = Vec::new();
        let mut described = false;
        for line in body.lines().map(str::trim) {
            if line.starts_with("\"\"\"") {
                described = !described;
            } else if !described && !line.is_empty() {
                values.push(line);
            }
        }
        values.sort_unstable();
        assert!(!values.is_empty(), "{name}");
        if let Some(other) = seen.insert(values, name) {
            panic!("{name} and {other} have the same values");
        }
    }
    assert!(seen.len() > 90);
}
