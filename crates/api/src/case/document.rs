//! Documents as clients see them; their bytes are asked for by HTTP (`/documents`).

use async_graphql::SimpleObject;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::views::documents;
use events::answer::{PersonalState, PersonalText};
use events::ids::{EventId, StreamId};
use events::meta::Direction;
use events::person::PersonRef;
use events::text::Digest;
use events::time::Occurred;
use jiff::Timestamp;
use jiff::civil::Date;

/// A document that was filed. `GET /documents/{stream}/{event}` answers its bytes.
#[derive(Debug, Clone, SimpleObject)]
pub struct FiledDocument {
    /// The event, which is the document's id.
    pub event: EventId,
    /// The stream that it stands in; not the case's own where a notification brought it.
    pub stream: StreamId,
    /// Its title.
    pub title: String,
    /// When it took place, as its filing says.
    pub occurred: Occurred,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Received, sent or internal, where it is journalised.
    pub direction: Option<Direction>,
    /// Date of receipt or dispatch, where it is journalised.
    pub doc_date: Option<Date>,
    /// The one person that it is about.
    pub about: Option<PersonRef>,
    /// Name of the file as it was received.
    pub file_name: Option<PersonalText>,
    /// Whether its content can be read.
    pub state: PersonalState,
    /// Media type, found by looking at the content.
    pub media_type: Option<String>,
    /// Size in bytes.
    pub size: Option<u64>,
    /// SHA-256 of the content, hexadecimal.
    pub sha256: Option<String>,
}

fn hexadecimal(digest: &Digest) -> String {
    let bytes = URL_SAFE_NO_PAD.decode(digest.as_str()).unwrap_or_default();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl From<documents::FiledDocument> for FiledDocument {
    fn from(document: documents::FiledDocument) -> Self {
        let state = (&document.content).into();
        let content = document.content.known();
        Self {
            event: document.event,
            stream: document.stream,
            title: document.title.as_str().to_owned(),
            occurred: document.occurred,
            recorded_at: document.recorded_at,
            direction: document.journal.as_ref().map(|journal| journal.direction),
            doc_date: document.journal.as_ref().map(|journal| journal.doc_date),
            about: document.about,
            file_name: document.file_name.as_ref().map(Into::into),
            state,
            media_type: content.map(|content| content.media_type.as_str().to_owned()),
            size: content.map(|content| content.size),
            sha256: content.map(|content| hexadecimal(&content.sha256)),
        }
    }
}
