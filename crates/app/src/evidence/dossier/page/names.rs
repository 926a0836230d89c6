//! What the page says for structures and people. It escapes nothing: its texts go through
//! the markup like all others.

use std::collections::BTreeMap;

use events::ids::PersonId;
use events::labels::{self, Language};
use events::parts::person_of;
use events::spec::StreamKind;
use serde_json::Value;

use super::Page;

/// Names of people, as far as the dossier discloses them.
pub(super) struct Names(BTreeMap<PersonId, String>);

impl Names {
    pub(super) fn of(page: &Page<'_>) -> Self {
        let mut names = BTreeMap::new();
        for event in page
            .events
            .iter()
            .filter(|event| event.kind == StreamKind::Person && !page.whole(event))
        {
            for part in event.raw.iter().flat_map(|raw| &raw.parts) {
                let Some(person) = person_of(&part.who).map(|named| named.person) else {
                    continue;
                };
                let element = part
                    .fields
                    .get("name")
                    .and_then(|elements| elements.first());
                if let Some(name) = element
                    .filter(|element| !page.hides(event, element))
                    .and_then(|element| element.value.as_ref().ok())
                {
                    names.insert(person, plain(name));
                }
            }
        }
        Self(names)
    }

    /// The person's name and role; the first digits of the id where no name is disclosed.
    pub(super) fn person(&self, language: Language, role: &str, person: PersonId) -> String {
        let role = match language {
            Language::Danish => labels::value(language, "PersonRole", role),
            Language::English => role.to_lowercase(),
        };
        let id = person.to_string();
        let short = id.get(..8).unwrap_or(&id);
        self.0.get(&person).map_or_else(
            || format!("{role} ({short})"),
            |name| format!("{name} ({role})"),
        )
    }
}

/// A value without its structure: what stands in it, joined.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(members) => members.values().map(plain).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}
