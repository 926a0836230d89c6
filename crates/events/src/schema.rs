//! The event language as files for other programs: a JSON Schema for each type, and the
//! catalogue as a page.

use serde_json::{Map, Value, json};

use crate::event::{CATALOGUE, field_schemas};
use crate::spec::{EventSpec, Subject};

/// A file and its text.
pub type File = (String, String);

fn subject(subject: Subject) -> String {
    match subject {
        Subject::Matter => "the matter".to_owned(),
        Subject::Person(field) => format!("the person in `{field}`"),
        Subject::EachPerson => "each person named in it".to_owned(),
    }
}

fn roles(spec: &EventSpec) -> String {
    spec.roles
        .iter()
        .map(|role| role.stored())
        .collect::<Vec<_>>()
        .join(", ")
}

/// `ChildHeard.v2.json` and so on, with the text of each file.
#[must_use]
pub fn schema_files() -> Vec<File> {
    field_schemas()
        .into_iter()
        .map(|(spec, schema)| {
            let mut schema = schema.to_value();
            if let Value::Object(members) = &mut schema {
                let subjects: Map<String, Value> = spec
                    .fields
                    .iter()
                    .map(|field| (field.name.to_owned(), json!(subject(field.subject))))
                    .collect();
                members.insert("x-danish".to_owned(), json!(spec.danish));
                members.insert("x-law".to_owned(), json!(spec.law));
                members.insert("x-subjects".to_owned(), Value::Object(subjects));
                members.insert(
                    "x-streams".to_owned(),
                    spec.streams
                        .iter()
                        .map(|stream| json!(stream.who()))
                        .collect(),
                );
            }
            let text = serde_json::to_string_pretty(&schema).unwrap_or_default();
            (
                format!("{}.v{}.json", spec.name, spec.version),
                format!("{text}\n"),
            )
        })
        .collect()
}

/// The catalogue page.
#[must_use]
pub fn catalogue_page() -> String {
    let mut page = String::from(
        "# The events\n\nMade from the code; `UPDATE_GOLDEN=1 cargo nextest run -p tests golden` writes it anew.\n\n\
         Every event carries besides its fields: when it occurred, through which channel, on what law, who recorded it. \
         The last column says about whom a field is, which decides the key that it lies under.\n",
    );
    for spec in CATALOGUE {
        page.push_str(&format!(
            "\n## {} (version {})\n\n{}\n\n",
            spec.name,
            spec.version,
            spec.doc.trim()
        ));
        page.push_str(&format!("*{}*", spec.danish));
        if !spec.law.is_empty() {
            page.push_str(&format!(" · {}", spec.law));
        }
        let streams: Vec<&str> = spec.streams.iter().map(|stream| stream.who()).collect();
        page.push_str(&format!(
            " · stream: {} · recorded by: {}",
            streams.join(", "),
            roles(spec)
        ));
        page.push_str(&spec.order.map_or_else(
            || " · written by the system or a special order".to_owned(),
            |order| format!(" · order: `{order}`"),
        ));
        let views: Vec<String> = spec
            .views
            .iter()
            .map(|view| view.names())
            .map(|(number, name, _)| format!("{number} {name}"))
            .collect();
        page.push_str(&format!(
            " · shown in: {}\n\n| field | list | about |\n|---|---|---|\n",
            views.join(", ")
        ));
        for field in spec.fields {
            page.push_str(&format!(
                "| `{}` | {} | {} |\n",
                field.name,
                if field.list { "yes" } else { "" },
                subject(field.subject)
            ));
        }
    }
    page
}
