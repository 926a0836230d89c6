//! The words around what was recorded, in two languages.

/// Language of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Danish.
    Danish,
    /// English.
    English,
}

impl Language {
    /// Code of the language, also the name of its page.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Danish => "da",
            Self::English => "en",
        }
    }

    /// A text in this language.
    pub(super) const fn pick(self, danish: &'static str, english: &'static str) -> &'static str {
        match self {
            Self::Danish => danish,
            Self::English => english,
        }
    }

    /// Name of a field.
    pub(super) fn field(self, stored: &str) -> String {
        let danish = match self {
            Self::Danish => LABELS
                .lines()
                .filter_map(|line| line.split_once(' '))
                .find(|(name, _)| *name == stored),
            Self::English => None,
        };
        danish.map_or_else(|| stored.replace('_', " "), |(_, label)| label.to_owned())
    }

    /// Name of the office that somebody recorded in, from its code.
    pub(super) fn office(self, code: &str) -> String {
        let danish = match code {
            "INTAKE" => "modtagelsen",
            "ONCALL" => "vagten",
            "CASEWORKER" => "sagsbehandler",
            "LEADER" => "leder",
            "LAWYER" => "jurist",
            "COMMITTEE_CHAIR" => "formanden for børne- og ungeudvalget",
            "COMMITTEE_SEC" => "udvalgets sekretariat",
            "RECORDS" => "journalen",
            "PROVIDER" => "leverandør",
            "CHILD" => "barnet selv",
            "PARENT" => "en forælder",
            "BOARD" => "Ankestyrelsen",
            "AUDITOR" => "revisor",
            "DPO" => "databeskyttelsesrådgiver",
            "SYSTEM" => "systemet",
            _ => "",
        };
        if self == Self::Danish && !danish.is_empty() {
            danish.to_owned()
        } else {
            code.replace('_', " ").to_lowercase()
        }
    }

    /// Name of a role.
    pub(super) fn role(self, role: &str) -> String {
        let danish = match role {
            "child" => "barnet",
            "parent" => "forælder",
            "sibling" => "søskende",
            "notifier" => "underretter",
            "relative" => "pårørende",
            "professional" => "fagperson",
            _ => "anden person",
        };
        if self == Self::Danish {
            danish.to_owned()
        } else {
            role.to_owned()
        }
    }
}

/// Danish names of fields: stored name, a space, the name.
const LABELS: &str = include_str!("labels.da.txt");

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_office_has_a_danish_name() {
        for role in events::meta::Role::ALL {
            let code = role.stored();
            assert_ne!(
                Language::Danish.office(&code),
                code.replace('_', " ").to_lowercase(),
                "{code}"
            );
        }
    }

    #[test]
    fn every_field_of_every_event_has_a_danish_name_and_no_other_does() {
        let mut fields = BTreeSet::new();
        let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/events");
        for file in std::fs::read_dir(dir).unwrap() {
            let schema: serde_json::Value =
                serde_json::from_slice(&std::fs::read(file.unwrap().path()).unwrap()).unwrap();
            let definitions = schema["$defs"]
                .as_object()
                .into_iter()
                .flat_map(|all| all.values());
            for object in std::iter::once(&schema).chain(definitions) {
                fields.extend(
                    object["properties"]
                        .as_object()
                        .into_iter()
                        .flat_map(|all| all.keys().cloned()),
                );
            }
        }
        let labels: BTreeSet<String> = LABELS
            .lines()
            .map(|line| line.split(' ').next().unwrap().to_owned())
            .collect();
        assert_eq!(labels.len(), LABELS.lines().count(), "each field once");
        assert_eq!(
            fields.difference(&labels).collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "without a name"
        );
        assert_eq!(
            labels.difference(&fields).collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "names of nothing"
        );
    }
}
