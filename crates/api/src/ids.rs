//! Global ids: opaque to clients, and carrying the municipality from the first day.

use async_graphql::ID;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use events::ids::StreamId;

/// What a global id can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A case.
    Case,
    /// A notification.
    Notification,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Case => "Case",
            Self::Notification => "Notification",
        }
    }
}

/// Writes a global id.
#[must_use]
pub fn global(municipality: &str, kind: Kind, stream: StreamId) -> ID {
    ID(URL_SAFE_NO_PAD.encode(format!("{municipality}:{}:{stream}", kind.name())))
}

/// Reads a global id, or a bare stream id; null when it is neither, or of another municipality.
#[must_use]
pub fn stream(municipality: &str, id: &str, kind: Kind) -> Option<StreamId> {
    if let Ok(stream) = id.parse() {
        return Some(stream);
    }
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(id).ok()?).ok()?;
    let mut fields = text.splitn(3, ':');
    let (code, name, stream) = (fields.next()?, fields.next()?, fields.next()?);
    if code == municipality && name == kind.name() {
        stream.parse().ok()
    } else {
        None
    }
}
