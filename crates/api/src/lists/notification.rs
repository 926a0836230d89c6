//! A notification of concern as clients see it.

use std::sync::Arc;

use app::session::Session;
use async_graphql::{Context, ID, Object, Result, SimpleObject};
use domain::reading::Reading;
use domain::views::documents::{self, documents};
use domain::views::inbox::{self, Notification as Row};
use events::ids::StreamId;
use events::notification::{
    Concern, FeedbackOutcome, NoReceiptReason, NotifierKind, RunningMeasure, Suspicion,
};
use events::spec::StreamKind;
use events::time::Occurred;
use jiff::Timestamp;
use record::positions::StreamVersion;

use crate::case::document::FiledDocument;
use crate::error::read_error;
use crate::ids::{Kind, global};
use crate::read::StreamView;

/// What the sender was told.
#[derive(Debug, Clone, Copy, SimpleObject)]
pub struct Feedback {
    /// When.
    pub occurred: Occurred,
    /// What.
    pub outcome: FeedbackOutcome,
}

/// A notification of concern (V1).
pub struct Notification(pub(crate) Row, Vec<documents::FiledDocument>);

impl StreamView for Notification {
    const KIND: StreamKind = StreamKind::Notification;

    fn fold(reading: Arc<Reading>, stream: StreamId) -> Option<Self> {
        let own = documents(&reading)
            .into_iter()
            .filter(|document| document.stream == stream)
            .collect();
        inbox::notification(&reading, stream).map(|row| Self(row, own))
    }
}

#[Object]
impl Notification {
    /// Global id.
    ///
    /// # Errors
    /// Only when the server was put together wrongly.
    pub async fn id(&self, ctx: &Context<'_>) -> Result<ID> {
        let log = ctx.data::<Session>()?.public_log();
        Ok(global(
            log.municipality(),
            Kind::Notification,
            self.0.stream,
        ))
    }

    /// The notification's stream.
    async fn stream(&self) -> StreamId {
        self.0.stream
    }

    /// Version of its stream now, for `expectedVersion`.
    async fn version(&self, ctx: &Context<'_>) -> Result<Option<u64>> {
        ctx.data::<Session>()?
            .version(self.0.stream)
            .map(|version| version.map(StreamVersion::get))
            .map_err(|error| read_error(&error))
    }

    /// Documents, in the order in which they took place.
    async fn documents(&self) -> Vec<FiledDocument> {
        self.1.iter().cloned().map(Into::into).collect()
    }

    /// When it was received; null when that was erased.
    async fn received(&self) -> Option<Occurred> {
        self.0.received
    }

    /// When it was first recorded.
    async fn recorded_at(&self) -> Timestamp {
        self.0.recorded_at
    }

    /// In which capacity the sender notified.
    async fn notifier_kind(&self) -> Option<NotifierKind> {
        self.0.notifier_kind
    }

    /// What it worries about.
    async fn concerns(&self) -> Vec<Concern> {
        self.0.concerns.clone()
    }

    /// Suspicions that change the procedure.
    async fn suspicions(&self) -> Vec<Suspicion> {
        self.0.suspicions.clone()
    }

    /// Whether it is about an unborn child.
    async fn unborn(&self) -> bool {
        self.0.unborn
    }

    /// The notification that this one repeats.
    async fn duplicate_of(&self) -> Option<StreamId> {
        self.0.duplicate_of
    }

    /// When the acute assessment was made (BL § 136(2)).
    async fn assessed(&self) -> Option<Occurred> {
        self.0.assessed
    }

    /// When it is due: 24 hours after the notification was received.
    async fn assessment_due(&self) -> Option<Timestamp> {
        self.0.assessment_due()
    }

    /// Minutes from receipt to acute assessment, where both are known to the instant.
    async fn assessed_after_minutes(&self) -> Option<i64> {
        self.0.assessed_after().map(|time| time.as_mins())
    }

    /// Whether an acute measure was found to be needed.
    async fn acute(&self) -> Option<bool> {
        self.0.acute
    }

    /// When the receipt was sent, or the reason why not was recorded (BL § 138(1)).
    async fn receipt(&self) -> Option<Occurred> {
        self.0.receipt
    }

    /// Why there was no receipt.
    async fn no_receipt(&self) -> Option<NoReceiptReason> {
        self.0.no_receipt
    }

    /// The cases that it was matched to.
    async fn cases(&self) -> Vec<StreamId> {
        self.0.cases.clone()
    }

    /// What ran for the child already.
    async fn running_measure(&self) -> Option<RunningMeasure> {
        self.0.running_measure
    }

    /// When the case was judged again because of it.
    async fn reassessed(&self) -> Option<Occurred> {
        self.0.reassessed
    }

    /// What the sender was told (BL § 138(2)).
    async fn feedback(&self) -> Vec<Feedback> {
        self.0
            .feedback
            .iter()
            .map(|(occurred, outcome)| Feedback {
                occurred: *occurred,
                outcome: *outcome,
            })
            .collect()
    }
}
