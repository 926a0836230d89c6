//! What a mutation answers: the receipt and the changed view, or why nothing was recorded.

use app::commands::record::Recording;
use app::error::RecordError;
use app::log::sequencer::Receipt as LogReceipt;
use async_graphql::{Context, Object, Result, SimpleObject};
use domain::reading::ReadingPoint;
use domain::refusal::RefusalCode;
use events::ids::{EventId, StreamId};
use events::labels::{self, Language};
use events::spec::EventSpec;
use jiff::Timestamp;

use crate::case::Case;
use crate::error::{UserError, user_error};
use crate::lists::notification::Notification;
use crate::read::{StreamView, read};
use crate::user_error_code::UserErrorCode;

/// Proof that an event was recorded.
#[derive(Debug, Clone, SimpleObject)]
pub struct Receipt {
    /// Index in the log.
    pub position: u64,
    /// Leaf hash of the entry, hexadecimal.
    pub leaf_hash: String,
    /// The stream.
    pub stream: StreamId,
    /// The stream's version with this event.
    pub version: u64,
    /// The event.
    pub event: EventId,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

impl From<&LogReceipt> for Receipt {
    fn from(receipt: &LogReceipt) -> Self {
        Self {
            position: receipt.index.get(),
            leaf_hash: receipt.leaf.to_hex(),
            stream: receipt.stream,
            version: receipt.version.get(),
            event: receipt.event,
            recorded_at: receipt.instant(),
        }
    }
}

/// What became of a command.
pub struct RecordPayload(std::result::Result<Recording, UserError>);

impl RecordPayload {
    /// Sorts refusals from faults.
    ///
    /// # Errors
    /// The top-level error of a fault.
    pub fn of(outcome: std::result::Result<Recording, RecordError>) -> Result<Self> {
        match outcome {
            Ok(recording) => Ok(Self(Ok(recording))),
            Err(error) => Ok(Self(Err(user_error(error)?))),
        }
    }

    /// Where the role was refused, says which roles may record events of that type.
    #[must_use]
    pub fn naming_roles(mut self, spec: &EventSpec) -> Self {
        if let Err(refused) = &mut self.0
            && refused.code == UserErrorCode::Refused(RefusalCode::RoleNotAllowed)
        {
            let named = |language| {
                let roles = spec.roles.iter();
                let roles = roles.map(|role| labels::value(language, "Role", &role.stored()));
                roles.collect::<Vec<_>>().join(", ")
            };
            refused.message += &format!(" It may be recorded by: {}.", named(Language::English));
            refused.message_danish += &format!(" Det må: {}.", named(Language::Danish));
        }
        self
    }

    /// The view of the stream that changed, where it is one of that kind.
    async fn changed<T: StreamView>(&self, ctx: &Context<'_>) -> Result<Option<T>> {
        match self.first() {
            Some(receipt) => read(ctx, receipt.stream, ReadingPoint::default()).await,
            None => Ok(None),
        }
    }

    fn first(&self) -> Option<&LogReceipt> {
        self.0
            .as_ref()
            .ok()
            .and_then(|recording| recording.receipts.first())
    }
}

#[Object]
impl RecordPayload {
    /// Why nothing was recorded; empty when it was.
    async fn user_errors(&self) -> Vec<UserError> {
        self.0.as_ref().err().cloned().into_iter().collect()
    }

    /// Receipt of the fact.
    async fn receipt(&self) -> Option<Receipt> {
        self.first().map(Into::into)
    }

    /// Receipts of everything that was recorded with it.
    async fn receipts(&self) -> Vec<Receipt> {
        self.0
            .as_ref()
            .map(|recording| recording.receipts.iter().map(Into::into).collect())
            .unwrap_or_default()
    }

    /// Whether the command had been carried out before, so that nothing was recorded now.
    async fn repeated(&self) -> bool {
        self.0.as_ref().is_ok_and(|recording| recording.repeated)
    }

    /// The case that changed.
    async fn case(&self, ctx: &Context<'_>) -> Result<Option<Case>> {
        self.changed(ctx).await
    }

    /// The notification that changed.
    async fn notification(&self, ctx: &Context<'_>) -> Result<Option<Notification>> {
        self.changed(ctx).await
    }
}
