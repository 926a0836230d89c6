//! What is often withheld, as clients see it.

use app::evidence::dossier::Suggestion;
use app::session::Session;
use async_graphql::{Context, Result, SimpleObject};
use events::access::RedactionClass;
use events::ids::{EventId, StreamId};
use events::person::PersonRef;

use crate::error::read_error;

/// Something that is often withheld. Nothing is withheld by itself: a person decides on each, and names
/// the section and the reason.
#[derive(Debug, Clone, SimpleObject)]
pub struct WithholdingSuggestion {
    /// The stream of the event: that of the case, of a notification or of a person.
    pub stream: StreamId,
    /// The event.
    pub event: EventId,
    /// Event type.
    pub name: String,
    /// Whose part of it; null for the whole event, or for a field of the matter's own part.
    pub subject: Option<PersonRef>,
    /// The field, by stored name; null for the whole part or event.
    pub field: Option<String>,
    /// What kind of thing.
    pub class: RedactionClass,
}

impl From<Suggestion> for WithholdingSuggestion {
    fn from(found: Suggestion) -> Self {
        Self {
            stream: found.stream,
            event: found.event,
            name: found.name,
            subject: found.subject,
            field: found.field,
            class: found.class,
        }
    }
}

/// Reads what could be withheld of a case.
pub(crate) async fn suggestions(
    ctx: &Context<'_>,
    case: StreamId,
) -> Result<Vec<WithholdingSuggestion>> {
    let found = ctx.data::<Session>()?.suggest_withholding(case);
    Ok(found
        .map_err(|error| read_error(&error))?
        .into_iter()
        .map(Into::into)
        .collect())
}
