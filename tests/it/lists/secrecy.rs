//! No personal data in clear on disk.

use serde_json::Value;
use tests::world::{ALMA, World, files};

/// Every personal text of the dossier: numbers, names, and free text.
pub(crate) fn needles() -> Vec<String> {
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

#[tokio::test(flavor = "multi_thread")]
async fn nothing_personal_lies_in_clear_in_any_file() {
    let needles = needles();
    assert!(needles.len() > 60 && needles.iter().any(|needle| needle == "141316-0003"));
    let (dir, _) = World::with_alma().await.stop();
    let files = files(dir.path());
    assert!(files.len() > 6);
    for path in files {
        let bytes = std::fs::read(&path).unwrap();
        let clear = String::from_utf8_lossy(&bytes);
        for needle in &needles {
            assert!(
                !clear.contains(needle.as_str()),
                "{needle:?} stands in {}",
                path.display()
            );
            assert!(!path.display().to_string().contains(needle.as_str()));
        }
    }
}
