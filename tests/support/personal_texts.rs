//! The personal texts of a dossier. No file may hold one of them in clear.

use serde_json::Value;

use crate::world::ALMA;

/// Every personal text of the dossier: numbers, names, and free text.
pub fn needles() -> Vec<String> {
    fn collect(value: &Value, name: &str, found: &mut Vec<String>) {
        const PERSONAL: &[&str] = &[
            "name",
            "idNumber",
            "birthDate",
            "ownWords",
            "text",
            "wording",
            "reason",
            "reasons",
            "words",
            "content",
            "conclusion",
            "purpose",
            "scope",
            "ground",
            "notifierName",
            "notifierContact",
            "notifierRelation",
            "wellbeingJudgement",
            "dialogueFeedback",
            "from",
            "title",
        ];
        match value {
            Value::String(text) if PERSONAL.contains(&name) && text.len() > 5 => {
                found.extend(text.split("\n\n").map(str::to_owned))
            }
            Value::Object(members) => members
                .iter()
                .for_each(|(name, member)| collect(member, name, found)),
            Value::Array(items) => items.iter().for_each(|item| collect(item, name, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    for line in ALMA.lines() {
        collect(
            &serde_json::from_str::<Value>(line).unwrap()["input"],
            "",
            &mut found,
        );
    }
    found.retain(|text| !text.contains("202"));
    found.push("2016-05-14".to_owned());
    found.push("1413160003".to_owned());
    found.push("Prøve".to_owned());
    found
}
