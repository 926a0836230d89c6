//! The documents of a case: what was filed, not what stands in it.

use events::document::DocumentContent;
use events::event::Event;
use events::ids::{EventId, StreamId};
use events::meta::Journal;
use events::person::PersonRef;
use events::personal::Personal;
use events::text::{FileName, Line};
use events::time::Occurred;
use jiff::Timestamp;

use crate::reading::Reading;

/// One document.
#[derive(Debug, Clone, PartialEq)]
pub struct FiledDocument {
    /// The event, which is the document's id.
    pub event: EventId,
    /// The stream that it stands in; not the case's own where a notification brought it.
    pub stream: StreamId,
    /// When it was written, received or sent, as its filing says.
    pub occurred: Occurred,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Its title.
    pub title: Line,
    /// The one person that it is about.
    pub about: Option<PersonRef>,
    /// Name of the file as it was received.
    pub file_name: Option<Personal<FileName>>,
    /// Its journal entry.
    pub journal: Option<Journal>,
    /// Size, type and hash; gone when the document is.
    pub content: Personal<DocumentContent>,
}

/// Folds the view: documents in the order in which they took place.
#[must_use]
pub fn documents(reading: &Reading) -> Vec<FiledDocument> {
    let mut documents = Vec::new();
    for (event, shown) in reading.by_occurrence() {
        if let Event::DocumentFiled(facts) = &shown.facts {
            // What the chunks are and whose key they lie under is told by the filing itself, and
            // by no correction.
            let fixed = match event.original.as_deref().map(|original| &original.facts) {
                Some(Event::DocumentFiled(original)) => original,
                _ => facts,
            };
            documents.push(FiledDocument {
                event: event.event,
                stream: event.stream,
                occurred: shown.meta.occurred,
                recorded_at: event.recorded_at,
                title: facts.title.clone(),
                about: fixed.about,
                file_name: facts.file_name.clone(),
                journal: shown.meta.journal.clone(),
                content: fixed.content.clone(),
            });
        }
    }
    documents
}

#[cfg(test)]
mod tests {
    use events::personal::Gap;
    use serde_json::{Value, json};

    use super::*;
    use crate::reading::ReadingPoint;
    use crate::reading_tests::{child, event, opened, recorded, stream};
    use crate::recorded::Recorded;

    fn filed(number: u64, title: &str) -> Recorded {
        let content = json!({ "blobs": [2, 3], "size": 9_000_000, "media_type": "application/pdf", "sha256": "A".repeat(43) });
        recorded(
            number,
            "DocumentFiled",
            json!({ "title": title, "about": child(), "file_name": "a.pdf", "content": content }),
        )
    }

    fn corrected(number: u64, field: &str, old: &str, new: Value) -> Recorded {
        let target = json!({ "stream": stream(1), "event": event(1) });
        recorded(
            number,
            "EventCorrected",
            json!({ "target": target, "part": 0, "field": field, "replaces": [format!("{old:_<43}")], "values": [new], "reason": ["r"] }),
        )
    }

    fn read(records: Vec<Recorded>) -> Vec<FiledDocument> {
        documents(&Reading::new(records, ReadingPoint::default()).unwrap())
    }

    #[test]
    fn a_document_is_listed_with_its_corrected_title_and_its_own_content() {
        let records = vec![
            opened(),
            filed(1, "Old"),
            filed(2, "Second"),
            corrected(3, "title", "1-0-title-0", json!("New")),
            corrected(
                4,
                "about",
                "1-0-about-0",
                json!({ "person": "00000000-0000-0000-0000-00000000000d", "role": "PARENT" }),
            ),
        ];
        let listed = read(records);
        assert_eq!(
            listed
                .iter()
                .map(|document| document.title.as_str())
                .collect::<Vec<_>>(),
            ["New", "Second"]
        );
        assert_eq!(
            serde_json::to_value(listed[0].about).unwrap(),
            child(),
            "the chunks stay where they are"
        );
        assert_eq!(
            listed[0]
                .content
                .known()
                .map(|content| content.blobs.clone()),
            Some(vec![2, 3])
        );
    }

    #[test]
    fn an_erased_document_stays_listed_and_an_annulled_one_does_not() {
        let mut gone = filed(1, "Gone");
        for elements in gone.raw.as_mut().unwrap().parts[1].fields.values_mut() {
            elements[0].value = Err(Gap::Erased);
        }
        let target = json!({ "stream": stream(1), "event": event(2) });
        let annulment = json!({ "target": target, "reason": "WRONG_STREAM", "explanation": ["e"] });
        let listed = read(vec![
            opened(),
            gone,
            filed(2, "Wrong"),
            recorded(3, "EventAnnulled", annulment),
        ]);
        assert_eq!(listed.len(), 1);
        assert_eq!(
            (&listed[0].content, &listed[0].file_name),
            (&Personal::Erased, &Some(Personal::Erased))
        );
    }
}
