//! The log as anybody may see it: no content.

use app::evidence::receipt;
use app::public_log::PublicLog;
use app::queries::witnessing::Standing;
use app::session::Session;
use app::witnessing::client::WitnessStatus;
use app::witnessing::time_stamp::StampStatus;
use async_graphql::{Enum, Object, Result, SimpleObject};
use domain::views::integrity::Check;
use events::ids::{EventId, StreamId};
use jiff::Timestamp;
use record::positions::{LogIndex, Size};

use crate::case::integrity::SafeguardOverride;
use crate::error::read_error;

/// A signed checkpoint.
#[derive(Debug, Clone, SimpleObject)]
pub struct Checkpoint {
    /// Number of entries that it vouches for.
    pub size: u64,
    /// The signed note (C2SP tlog-checkpoint).
    pub note: String,
}

/// An entry.
#[derive(Debug, Clone, SimpleObject)]
pub struct LogEntry {
    /// Index in the log, from 0.
    pub position: u64,
    /// The signed entry, a compact JWS without any content.
    pub jws: String,
    /// Leaf hash (RFC 6962), hexadecimal.
    pub leaf_hash: String,
}

/// Proof that an entry stands in the checkpointed log (RFC 6962 section 2.1.1).
#[derive(Debug, Clone, SimpleObject)]
pub struct InclusionProof {
    /// Index in the log.
    pub position: u64,
    /// Leaf hash, hexadecimal.
    pub leaf_hash: String,
    /// Size of the checkpoint.
    pub size: u64,
    /// Hashes from the leaf's sibling upwards, hexadecimal.
    pub path: Vec<String>,
}

/// How well an entry is vouched for; each step includes those before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum StandingWord {
    /// Durable in the log.
    Recorded,
    /// Covered by a checkpoint that the log has signed.
    Checkpointed,
    /// Covered by a checkpoint that enough witnesses have cosigned.
    Witnessed,
    /// Covered by a checkpoint that a time stamping authority has stamped as well.
    TimeStamped,
}

/// How it stands with one witness.
#[derive(Debug, Clone, SimpleObject)]
pub struct Witness {
    /// Its name in the policy.
    pub name: String,
    /// Whether it is asked before the others, which are shown nothing that it has not cosigned.
    pub asked_first: bool,
    /// Size of the last checkpoint that it cosigned since the server began.
    pub size: Option<u64>,
    /// The time that this cosignature states.
    pub time: Option<Timestamp>,
    /// Why the last attempt failed; null when it did not.
    pub error: Option<String>,
    /// When it failed.
    pub failed_at: Option<Timestamp>,
}

/// How it stands with the witnesses of the log.
#[derive(Debug, Clone, SimpleObject)]
pub struct Witnessing {
    /// Each witness that is asked.
    pub witnesses: Vec<Witness>,
    /// Names of those that are asked first and have not cosigned the newest checkpoint yet: no other is
    /// shown it before.
    pub waiting_for: Vec<String>,
    /// Size of the newest checkpoint that enough of them have cosigned.
    pub quorum_size: Option<u64>,
    /// When that was.
    pub quorum_at: Option<Timestamp>,
    /// What a person must look at: a witness knows another past or more entries than this log.
    pub alarm: Option<String>,
}

/// How it stands with time stamps.
#[derive(Debug, Clone, SimpleObject)]
pub struct Stamping {
    /// Size of the last checkpoint that was stamped since the server began.
    pub size: Option<u64>,
    /// The time that this stamp states.
    pub time: Option<Timestamp>,
    /// Why the last attempt failed; null when it did not.
    pub error: Option<String>,
    /// Since when attempts have failed.
    pub failing_since: Option<Timestamp>,
}

/// A log: what everybody may see of it, and what its entries show to a viewer.
pub struct Log {
    public: PublicLog,
    session: Session,
}

impl Log {
    /// The log that a session is on.
    pub(crate) fn new(session: Session) -> Self {
        Self {
            public: session.public_log(),
            session,
        }
    }
}

impl From<Standing> for StandingWord {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Recorded => Self::Recorded,
            Standing::Checkpointed => Self::Checkpointed,
            Standing::Witnessed => Self::Witnessed,
            Standing::TimeStamped => Self::TimeStamped,
        }
    }
}

/// What goes out with a letter: whoever holds it can prove any later rewriting of the case.
#[derive(Debug, Clone, SimpleObject)]
pub struct LetterReceipt {
    /// The line: origin, stream, sequence, leaf hash and size, separated by bars.
    pub text: String,
    /// The same as a QR code, a picture in SVG.
    pub svg: String,
    /// How well the event is vouched for so far.
    pub standing: StandingWord,
}

#[Object]
impl Log {
    /// Name of the log.
    async fn origin(&self) -> Result<String> {
        Ok(self.public.origin())
    }

    /// Verifier key of the log's checkpoints.
    async fn verifier_key(&self) -> Result<String> {
        Ok(self.public.verifier_key())
    }

    /// Post-quantum verifier key of the log's checkpoints (ML-DSA-44).
    async fn post_quantum_verifier_key(&self) -> Result<String> {
        let keys = self.public.verifier_keys();
        keys.map(|keys| keys.ml_dsa_44)
            .map_err(|_| async_graphql::Error::new("the keys could not be read"))
    }

    /// How it stands with the witnesses; null when none are asked.
    async fn witnessing(&self) -> Result<Option<Witnessing>> {
        let status = self.public.witness_status();
        Ok(status.map(|status| Witnessing {
            witnesses: status
                .witnesses
                .into_iter()
                .map(
                    |WitnessStatus {
                         name,
                         first,
                         size,
                         time,
                         error,
                         failed_at,
                         url: _,
                     }| Witness {
                        name,
                        asked_first: first,
                        size: size.map(Size::get),
                        time,
                        error,
                        failed_at,
                    },
                )
                .collect(),
            waiting_for: status.waiting_for,
            quorum_size: status.quorum_size.map(Size::get),
            quorum_at: status.quorum_at,
            alarm: status.alarm,
        }))
    }

    /// How it stands with time stamps; null when no authority is asked.
    async fn time_stamps(&self) -> Result<Option<Stamping>> {
        let status = self.public.stamp_status();
        Ok(status.map(
            |StampStatus {
                 size,
                 time,
                 error,
                 failing_since,
                 url: _,
             }| Stamping {
                size: size.map(Size::get),
                time,
                error,
                failing_since,
            },
        ))
    }

    /// How well the entry at a position is vouched for; none beyond the end.
    async fn standing(
        &self,
        #[graphql(desc = "Index in the log, from 0.")] position: u64,
    ) -> Result<Option<StandingWord>> {
        let standing = self
            .session
            .standing(LogIndex::new(position))
            .map_err(|error| read_error(&error))?;
        Ok(standing.map(Into::into))
    }

    /// The receipt of an event, as it goes out with a letter or a decision; null when the stream does
    /// not hold the event.
    async fn receipt(
        &self,
        #[graphql(desc = "The case, notification or person.")] stream: StreamId,
        #[graphql(desc = "The event.")] event: EventId,
    ) -> Result<Option<LetterReceipt>> {
        let receipt = self
            .session
            .letter_receipt(stream, event)
            .map_err(|error| read_error(&error))?;
        let view = |receipt: receipt::LetterReceipt| {
            let svg = receipt
                .svg()
                .map_err(|_| async_graphql::Error::new("the receipt is too long for a QR code"))?;
            Ok(LetterReceipt {
                text: receipt.text(),
                svg,
                standing: receipt.standing.into(),
            })
        };
        receipt.map(view).transpose()
    }

    /// Number of entries.
    async fn size(&self) -> Result<u64> {
        Ok(self.public.size().get())
    }

    /// The latest checkpoint.
    async fn checkpoint(&self) -> Result<Option<Checkpoint>> {
        let checkpoint = self
            .public
            .checkpoint_note()
            .map_err(|error| read_error(&error))?;
        Ok(checkpoint.map(|(size, note)| Checkpoint {
            size: size.get(),
            note,
        }))
    }

    /// Checks of the log against its checkpoint that were recorded (V17).
    async fn integrity_checks(&self) -> Result<Vec<Check>> {
        let checks = self.session.integrity_checks();
        checks.map_err(|error| read_error(&error))
    }

    /// Safeguards that an operator set aside: when, why, and what was known then (V17).
    async fn safeguard_overrides(&self) -> Result<Vec<SafeguardOverride>> {
        let session = self.session.clone();
        let found = tokio::task::spawn_blocking(move || session.safeguard_overrides()).await?;
        Ok(found
            .map_err(|error| read_error(&error))?
            .iter()
            .map(Into::into)
            .collect())
    }

    /// One entry; none beyond the end.
    async fn entry(
        &self,
        #[graphql(desc = "Index in the log, from 0.")] position: u64,
    ) -> Result<Option<LogEntry>> {
        let entry = self
            .session
            .entry(LogIndex::new(position))
            .map_err(|error| read_error(&error))?;
        Ok(entry.map(|entry| LogEntry {
            position: entry.position.get(),
            jws: String::from_utf8_lossy(&entry.bytes).into_owned(),
            leaf_hash: entry.leaf.to_hex(),
        }))
    }

    /// Proof that an entry stands in the latest checkpoint; null when none covers it yet.
    async fn inclusion_proof(
        &self,
        #[graphql(desc = "Index in the log, from 0.")] position: u64,
    ) -> Result<Option<InclusionProof>> {
        let proof = self
            .session
            .inclusion_proof(LogIndex::new(position))
            .map_err(|error| read_error(&error))?;
        Ok(proof.map(|proof| InclusionProof {
            position: proof.position.get(),
            leaf_hash: proof.leaf.to_hex(),
            size: proof.size.get(),
            path: proof.path.iter().map(ToString::to_string).collect(),
        }))
    }
}
