//! A request to file a document, beside GraphQL: which order its parameters mean, and how the outcome is
//! told. `server/documents.rs` moves the bytes, `app/commands/document.rs` files them.
//!
//! It does not know how the bytes travel.

use std::collections::BTreeMap;

use app::commands::document::DocumentOrder;
use app::commands::record::Recording;
use app::error::RecordError;
use domain::refusal::{Refusal, RefusalCode};
use events::document::DocumentFiled;
use events::ids::StreamId;
use events::meta::{Direction, Journal, Meta};
use events::person::{PersonRef, PersonRole};
use events::text::{FileName, Line};
use serde_json::{Value, json};

use crate::error::{UserError, user_error};
use crate::fault::FaultCode;
use crate::ids::{self, Kind};
use crate::rest::outcome::{Answer, Outcome, failed, receipt_json, refused};

/// The parameters that a request may have.
const PARAMETERS: &[&str] = &[
    "commandId",
    "eventId",
    "title",
    "occurred",
    "fileName",
    "about",
    "direction",
    "docDate",
];

struct Parameters<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Parameters<'a> {
    fn read(given: &'a [(String, String)]) -> Result<Self, UserError> {
        let mut read = BTreeMap::new();
        for (name, value) in given {
            if !PARAMETERS.contains(&name.as_str()) {
                return Err(UserError::misfit(
                    name,
                    &format!("must be one of {}", PARAMETERS.join(", ")),
                ));
            }
            if read.insert(name.as_str(), value.as_str()).is_some() {
                return Err(UserError::misfit(name, "must not stand twice"));
            }
        }
        Ok(Self(read))
    }

    fn optional<T, E: std::fmt::Display>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, UserError> {
        let given = self.0.get(name).map(|text| parse(text));
        given
            .transpose()
            .map_err(|error| UserError::misfit(name, &error.to_string()))
    }

    fn required<T, E: std::fmt::Display>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, UserError> {
        self.optional(name, parse)?
            .ok_or_else(|| UserError::misfit(name, "is needed"))
    }
}

/// The case or the notification that a text names: by global id, or by the id of its stream.
#[must_use]
pub fn stream(municipality: &str, text: &str) -> Option<StreamId> {
    ids::stream(municipality, text, Kind::Case)
        .or_else(|| ids::stream(municipality, text, Kind::Notification))
}

fn person(text: &str) -> Result<PersonRef, String> {
    let form =
        || "must be a role and an id, like CHILD:9e2d1c7a-6f0b-4c57-8c0e-6b4f5a1f2d3e".to_owned();
    let (role, person) = text.split_once(':').ok_or_else(form)?;
    let role = PersonRole::ALL
        .iter()
        .copied()
        .find(|known| known.stored() == role);
    Ok(PersonRef {
        role: role.ok_or_else(form)?,
        person: person.parse().map_err(|_| form())?,
    })
}

fn direction(text: &str) -> Result<Direction, String> {
    let names = || {
        Direction::ALL
            .iter()
            .map(|known| known.stored())
            .collect::<Vec<_>>()
            .join(", ")
    };
    Direction::ALL
        .iter()
        .copied()
        .find(|known| known.stored() == text)
        .ok_or_else(|| format!("must be one of {}", names()))
}

/// The order that a request means.
///
/// # Errors
/// The first parameter that does not fit.
pub fn order(
    stream: StreamId,
    parameters: &[(String, String)],
    stated: Option<String>,
    bytes_max: u64,
) -> Result<DocumentOrder, UserError> {
    let given = Parameters::read(parameters)?;
    let title = given.required("title", |text| Line::new(text))?;
    let mut meta = Meta::at(given.required("occurred", str::parse)?);
    let doc_date = given.optional("docDate", str::parse)?;
    meta.journal = match (given.optional("direction", direction)?, doc_date) {
        (None, None) => None,
        (Some(direction), Some(doc_date)) => Some(Journal {
            title: title.clone(),
            direction,
            doc_date,
        }),
        (None, Some(_)) => return Err(UserError::misfit("direction", "is needed with docDate")),
        (Some(_), None) => return Err(UserError::misfit("docDate", "is needed with direction")),
    };
    Ok(DocumentOrder {
        command: given.required("commandId", str::parse)?,
        event: given.optional("eventId", str::parse)?,
        stream,
        meta,
        title,
        about: given.optional("about", person)?,
        file_name: given.optional("fileName", |text| FileName::new(text))?,
        stated,
        bytes_max,
    })
}

fn refusal(code: RefusalCode) -> Answer {
    refused(
        Refusal {
            code,
            field: Some(DocumentFiled::CONTENT.to_owned()),
        }
        .into(),
    )
}

/// The answer to a document whose headers say that it is too large.
#[must_use]
pub fn too_large() -> Answer {
    refusal(RefusalCode::DocumentTooLarge)
}

/// The answer to a document whose headers say that it comes in a form that is not taken.
#[must_use]
pub fn not_allowed() -> Answer {
    refusal(RefusalCode::MediaTypeNotAllowed)
}

/// The answer to a document that was filed, or was not.
#[must_use]
pub fn answer(outcome: Result<Recording, RecordError>) -> Answer {
    let recording = match outcome.map_err(user_error) {
        Ok(recording) => recording,
        Err(Ok(error)) => return refused(error),
        Err(Err(fault)) => return fault.into(),
    };
    let receipts: Vec<Value> = recording.receipts.iter().map(receipt_json).collect();
    let Some(first) = recording.receipts.first().cloned() else {
        return failed("there is no receipt", FaultCode::Internal);
    };
    let body = json!({ "receipt": receipt_json(&first), "receipts": receipts, "repeated": recording.repeated, "userErrors": [] });
    Answer {
        outcome: if recording.repeated {
            Outcome::Repeated(first)
        } else {
            Outcome::Recorded(first)
        },
        body,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(changes: &[(&str, Option<&str>)]) -> Result<DocumentOrder, (String, String)> {
        let mut given = BTreeMap::from([
            ("commandId", "00000000-0000-0000-0000-000000000001"),
            ("title", "Erklæring fra skolen"),
            ("occurred", "2024-11-05"),
        ]);
        for (name, value) in changes {
            match value {
                Some(value) => given.insert(name, value),
                None => given.remove(name),
            };
        }
        let given: Vec<(String, String)> = given
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let stream = "00000000-0000-0000-0000-000000000002".parse().unwrap();
        order(stream, &given, None, 9).map_err(|error| (error.path.join("."), error.message))
    }

    #[test]
    fn a_request_becomes_an_order() {
        let full = read(&[
            ("about", Some("CHILD:00000000-0000-0000-0000-000000000003")),
            ("direction", Some("IN")),
            ("docDate", Some("2024-11-04")),
            ("fileName", Some("brev.pdf")),
        ])
        .unwrap();
        let journal = full.meta.journal.unwrap();
        assert_eq!(
            (
                journal.title.as_str(),
                journal.doc_date.to_string().as_str()
            ),
            ("Erklæring fra skolen", "2024-11-04")
        );
        assert_eq!(full.about.map(|about| about.role), Some(PersonRole::Child));
        assert!(read(&[]).unwrap().meta.journal.is_none());
    }

    #[test]
    fn the_parameter_that_does_not_fit_is_named() {
        for (change, named) in [
            (("title", None), "title"),
            (("title", Some(" ")), "title"),
            (("occurred", Some("yesterday")), "occurred"),
            (("commandId", None), "commandId"),
            (("commandId", Some("x")), "commandId"),
            (
                ("eventId", Some("00000000-0000-0000-0000-000000000000")),
                "eventId",
            ),
            (("about", Some("CHILD")), "about"),
            (
                ("about", Some("child:00000000-0000-0000-0000-000000000003")),
                "about",
            ),
            (("direction", Some("SIDEWAYS")), "direction"),
            (("direction", Some("IN")), "docDate"),
            (("docDate", Some("2024-11-04")), "direction"),
            (("docDate", Some("2024-13-04")), "docDate"),
            (("fileName", Some("a\u{202e}b")), "fileName"),
            (("mood", Some("x")), "mood"),
        ] {
            let (path, rule) = read(&[change]).unwrap_err();
            assert_eq!(path, named, "{change:?}");
            assert!(!rule.is_empty());
        }
        let twice = [
            ("title".to_owned(), "a".to_owned()),
            ("title".to_owned(), "b".to_owned()),
        ];
        assert!(Parameters::read(&twice).is_err());
    }
}
